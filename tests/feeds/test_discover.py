"""Finding feeds: the page itself, what it names, the usual places."""

import asyncio

import pytest

from onrecord.errors import FetchError
from onrecord.feeds.discover import FoundFeed, Look, discover_feeds, look_at
from onrecord.feeds.fetch import FetchRequest, FetchResponse
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.parsing.page_links import feed_links
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer

FEED = b"<rss version='2.0'><channel><title>News</title><item><title>One</title></item></channel>"
FEED += b"</rss>"


def discover(url: str) -> list[FoundFeed]:
    return asyncio.run(discover_feeds(url, Fetcher(fetch_policy()), ReaderPolicy(readers=1)))


def found(publisher: Publisher, path: str) -> FoundFeed:
    return FoundFeed(url=publisher.url(path), title="News", entries=1)


def test_a_feed_is_found_where_it_is(publisher: Publisher) -> None:
    publisher.answers["/any"] = Answer(FEED)
    assert discover(publisher.url("/any")) == [found(publisher, "/any")]


def test_what_a_page_names_is_asked_and_what_is_no_feed_left_out(publisher: Publisher) -> None:
    links = "".join(
        f"<link rel=alternate type='application/rss+xml' href={path}>" for path in ("a", "/b", "c")
    )
    publisher.answers |= {
        "/site/": Answer(f"<html><head>{links}</head></html>".encode()),
        "/site/a": Answer(FEED),
        "/b": Answer(b"<html>gone</html>"),
        "/site/c": Answer(FEED),
        "/feed": Answer(FEED),
    }
    assert discover(publisher.url("/site/")) == [
        found(publisher, "/site/a"),
        found(publisher, "/site/c"),
    ]


def test_the_usual_places_are_asked_when_a_page_names_none(publisher: Publisher) -> None:
    publisher.answers |= {"/": Answer(b"<html></html>"), "/rss.xml": Answer(FEED)}
    assert discover(publisher.url("/")) == [found(publisher, "/rss.xml")]


def test_a_site_without_feeds_has_none(publisher: Publisher) -> None:
    publisher.answers["/"] = Answer(b"<html></html>")
    assert discover(publisher.url("/")) == []


def test_a_page_that_cannot_be_had_says_so(publisher: Publisher) -> None:
    with pytest.raises(FetchError, match="HTTP 404"):
        discover(publisher.url("/"))


def test_a_site_that_never_answers_is_given_up_in_time() -> None:
    class Stuck(Fetcher):
        async def fetch(self, request: FetchRequest) -> FetchResponse:
            await asyncio.Event().wait()
            raise AssertionError

    urls = ["https://a.example/", "https://b.example/"]
    looks = asyncio.run(
        look_at(urls, Stuck(fetch_policy()), ReaderPolicy(readers=1), within_s=0.01)
    )
    assert looks == [Look(url=url, error="it was not read within 0.01 s") for url in urls]


def test_links_are_read_in_every_way_they_are_written() -> None:
    page = """<base href="https://b.example/x/"><LINK TYPE="application/atom+xml" REL="alternate"
    HREF="f?a=1&amp;b=2"><link rel="stylesheet" href="/s.css"><link rel='alternate' type='text/html'
    href='/en'><link rel="alternate nofollow" type="application/feed+json; charset=utf-8"
    href=//c.example/f.json><link rel=alternate type=application/rss+xml href="javascript:x">"""
    assert list(feed_links(page, "https://a.example/")) == [
        "https://b.example/x/f?a=1&b=2",
        "https://c.example/f.json",
    ]


@pytest.mark.parametrize("base", ["http://[", "http://[::1", "//[x]/", "http://a:b:c/", "\\udcff"])
def test_a_base_that_is_no_url_counts_for_nothing(publisher: Publisher, base: str) -> None:
    link = "<link rel=alternate type='application/rss+xml' href=a>"
    page = f'<html><head><base href="{base}">{link}</head></html>'
    publisher.answers |= {"/site/": Answer(page.encode()), "/site/a": Answer(FEED)}
    assert discover(publisher.url("/site/")) == [found(publisher, "/site/a")]
