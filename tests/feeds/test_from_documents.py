"""A document that somebody saved is read as one that we fetched: a feed, or an article's page."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from onrecord.errors import ParseError
from onrecord.feeds.from_documents import is_feed, read_saved
from onrecord.feeds.pages.metadata import PageMetadata, read_metadata

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "pipeline/onrecord/cli/sample/round-1"
TEXT = (
    "<p>The report on the pier was read in the town hall on Monday, and many came to hear it.</p>"
    "<p>“The pier will open in May,” said Mara Lind, the harbour master, who has waited long.</p>"
)


def page(head: str = "", body: str = TEXT, *, lang: str = "en") -> bytes:
    return (
        f"<!doctype html><html lang='{lang}'><head>{head}</head><body><nav>Home News</nav>"
        f"<article><h1>Pier to open</h1>{body}</article></body></html>"
    ).encode()


def linked(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(fields)}</script>'


def test_a_page_is_an_article_with_the_text_that_a_reader_sees() -> None:
    head = (
        "<title>Pier to open | Harbour Post</title>"
        "<link rel=canonical href='https://post.example/pier?utm_source=x'>"
        "<meta property='og:site_name' content='Harbour Post'>"
        "<meta property='article:published_time' content='1998-05-01T08:00:00+01:00'>"
        "<meta name='author' content='By Ann Li and Bo Diaz'>"
    )
    (article,) = read_saved(page(head), None, None, NOW)
    assert article.text.startswith("The report on the pier was read")
    assert article.text.endswith("who has waited long.")
    assert "\n\n“The pier will open in May,” said" in article.text
    assert article.title == "Pier to open"
    assert article.canonical_url == "https://post.example/pier"
    assert article.publisher == "Harbour Post"
    assert article.authors == ("Ann Li", "Bo Diaz")
    assert article.published_at == datetime(1998, 5, 1, 7, tzinfo=UTC)
    assert (article.language, article.text_from, article.fetched_at) == ("en", "page", NOW)


def test_where_a_page_came_from_counts_more_than_what_it_says() -> None:
    head = "<link rel=canonical href='https://post.example/'>"
    (article,) = read_saved(page(head), "https://post.example/pier", "text/html", NOW)
    assert article.url == "https://post.example/pier"
    assert article.publisher == "post.example"


def test_a_page_saved_by_a_browser_says_where_it_is_from() -> None:
    note = b"<!-- saved from url=(0025)https://post.example/pier -->\n"
    (article,) = read_saved(note + page(), None, None, NOW)
    assert article.url == "https://post.example/pier"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            linked(
                **{"@type": "NewsArticle", "headline": "Pier &amp; harbour"},
                datePublished="1994-05-01T08:00:00Z",
                dateModified="1994-05-02T08:00:00Z",
                author=[{"@type": "Person", "name": "Ann Li"}, "Bo Diaz"],
                publisher={"name": "Harbour Post"},
                inLanguage="en-GB",
            ),
            PageMetadata(
                title="Pier & harbour",
                publisher="Harbour Post",
                authors=("Ann Li", "Bo Diaz"),
                published=datetime(1994, 5, 1, 8, tzinfo=UTC),
                updated=datetime(1994, 5, 2, 8, tzinfo=UTC),
                language="en-GB",
            ),
        ),
        (
            linked(**{"@graph": [{"@type": "WebSite"}, {"@type": ["ReportageNewsArticle"]}]}),
            PageMetadata(title="Only one"),
        ),
        (
            "<meta name='DC.date' content='1999-12-31'><meta property=og:title content=Pier>",
            PageMetadata(title="Pier", published=datetime(1999, 12, 31, tzinfo=UTC)),
        ),
        ("<script type='application/ld+json'>{broken</script>", PageMetadata(title="Only one")),
        (
            "<script type='application/ld+json'>" + "[" * 100_000 + "</script>",
            PageMetadata(title="Only one"),
        ),
        ("<meta name=date content='last week'>", PageMetadata(title="Only one")),
        ("<link rel=canonical href='javascript:alert(1)'>", PageMetadata(title="Only one")),
        (
            "<link rel=canonical href='/pier'>",
            PageMetadata(title="Only one", url="https://post.example/pier"),
        ),
    ],
)
def test_what_a_page_says_of_itself(head: str, expected: PageMetadata) -> None:
    markup = f"<html><head>{head}</head><body><h1>Only <i>one</i></h1></body></html>"
    assert read_metadata(markup, "https://post.example/a") == expected


@pytest.mark.parametrize(
    "markup", ["", " ", "\0", "<", "<html", "no markup at all", "<h1>a</h1>" * 3]
)
def test_broken_markup_says_nothing_and_raises_nothing(markup: str) -> None:
    assert isinstance(read_metadata(markup, ""), PageMetadata)


def test_a_saved_feed_gives_the_articles_that_a_poll_gives() -> None:
    body = (SAMPLE / "harbour-post.xml").read_bytes()
    known = read_saved(body, "https://harbourpost.example/feed.xml", None, NOW)
    found = read_saved(body, None, None, NOW)
    assert found == known
    assert len(found) == 7
    assert {article.feed for article in found} == {"https://harbourpost.example/feed.xml"}


def test_a_saved_feed_that_does_not_say_its_address_is_of_no_feed() -> None:
    item = b"<item><title>Pier</title></item>"
    body = b"<rss version='2.0'><channel><title>Post</title>%s</channel></rss>" % item
    (article,) = read_saved(body, None, None, NOW)
    assert (article.feed, article.publisher, article.title) == (None, "Post", "Pier")


def test_a_json_feed_says_its_address_too() -> None:
    body = (SAMPLE / "ledger-and-line.json").read_bytes()
    assert read_saved(body, None, None, NOW)[0].publisher == "Ledger & Line"


@pytest.mark.parametrize(
    ("body", "is_it"),
    [
        (b"<?xml version='1.0'?><rss>", True),
        (b"<!-- made by a feed generator --><atom:feed xmlns:atom='x'>", True),
        (b"<?xml version='1.0'?><!DOCTYPE html><html>", False),
        (b"<!doctype html><html><head><link type='application/rss+xml'>", False),
        (b"<!-- <rss> --><html>", False),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', True),
        (b"<urlset>", False),
        (b"", False),
    ],
)
def test_a_feed_and_a_page_are_told_apart(body: bytes, *, is_it: bool) -> None:
    assert is_feed(body) is is_it


@pytest.mark.parametrize(
    ("body", "content_type", "says"),
    [
        (page(body=""), None, "no article's text"),
        (b"<rss version='2.0'><channel></channel></rss>", None, "no entries"),
        (b"%PDF-1.7", "application/pdf", "application/pdf, not HTML"),
        (b"", None, "no article's text"),
    ],
)
def test_what_holds_no_article_says_why(body: bytes, content_type: str | None, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        read_saved(body, "https://post.example/x", content_type, NOW)
