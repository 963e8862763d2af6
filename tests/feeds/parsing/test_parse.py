"""Feeds as files, each beside the articles expected of it; and what is no feed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onrecord.errors import ParseError
from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.draft import feed_title, to_drafts
from onrecord.feeds.parsing.entry import ParsedFeed, absolute_url
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.records import Feed, to_json

FILES = Path(__file__).parents[2] / "data" / "feeds"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://harbour.example/feeds/news.xml"
START = '<rss version="2.0"><channel><title>t</title>'
END = "</channel></rss>"
ITEM = f"{START}<item><title>“ü”</title></item>{END}"


def parse(text: str | bytes, content_type: str | None = None) -> ParsedFeed:
    body = text.encode() if isinstance(text, str) else text
    return parse_feed(body, url=URL, content_type=content_type)


@pytest.mark.parametrize("name", sorted(path.stem for path in FILES.glob("*.feed")))
def test_a_feed_becomes_the_articles_beside_it(name: str) -> None:
    parsed = parse((FILES / f"{name}.feed").read_bytes(), "text/xml")
    expected = json.loads((FILES / f"{name}.json").read_text("utf-8"))
    drafts = to_drafts(Feed(url=URL), parsed, NOW, EVERYTHING)
    found: list[dict[str, Any]] = [json.loads(to_json(draft.article)) for draft in drafts]
    fields = expected["articles"][0].keys()
    assert [{field: one[field] for field in fields} for one in found] == expected["articles"]
    assert {
        "title": feed_title(parsed),
        "language": parsed.language,
        "ttl_s": parsed.ttl_s,
    } == {field: expected[field] for field in ("title", "language", "ttl_s")}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the answer is empty"),
        (b" \r\n", "the answer is empty"),
        (
            b"<!DOCTYPE html><title>Ours &amp; yours</title>",
            'this is an HTML page, not a feed: "Ours & yours"',
        ),
        (b"<!-- x --><html><input type='password'></html>", "this is a login page, not a feed"),
        (
            b"<html><head><title>Just a moment...</title>",
            'this is a challenge page against robots, not a feed: "Just a moment..."',
        ),
        (b"\n<div>sorry</div>", "this is XML with a root of <div>, not a feed"),
        (
            b"<?xml version='1.0'?><opml version='2.0'><body/></opml>",
            "this is a list of feeds (OPML), not a feed",
        ),
        (b"<urlset></urlset>", "this is a sitemap without news (no news:news in it), not a feed"),
        (b"[1, 2]", "this is JSON, but not a JSON Feed"),
        (b'{"items": []}', "it is JSON, but not a JSON Feed 1.x: its version is ''"),
        (
            b'{"version": "2", "items": []}',
            "it is JSON, but not a JSON Feed 1.x: its version is '2'",
        ),
        (b"%PDF-1.7 \x00", "this is binary data, not a feed"),
        (
            b"Service temporarily unavailable",
            "this is not a feed; it begins with 'Service temporarily unavailable'",
        ),
        (b"<" * 500_000, "this is not a feed; it begins with '" + "<" * 60 + "'"),
    ],
)
def test_what_is_no_feed_says_what_it_looks_like(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body, "application/rss+xml")
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ITEM.encode(), None),
        (ITEM.encode(), "text/xml; charset=iso-8859-1"),
        (
            f'<?xml version="1.0" encoding="cp1252"?>{ITEM}'.encode("cp1252"),
            "text/xml",
        ),
        (
            f'<?xml version="1.0" encoding="utf-8"?>{ITEM}'.encode("cp1252"),
            "text/xml",
        ),
        (ITEM.encode("utf-16"), None),
        (b"\xef\xbb\xbf" + ITEM.encode(), "text/plain"),
        (
            ITEM.encode("cp1252"),
            "text/xml; charset=windows-1252",
        ),
    ],
)
def test_the_encoding_is_found(body: bytes, content_type: str | None) -> None:
    assert [entry.title_html for entry in parse(body, content_type).entries] == ["“ü”"]


def test_entities_reach_no_file_and_do_not_grow(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("stolen")
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY a0 "ha">{laughs}]>'
    parsed = parse(f"<?xml version='1.0'?>{doctype}{START}<item><title>&x;&a9;</title></item>{END}")
    assert "stolen" not in str(parsed)
    assert len(str(parsed)) < 10_000


def test_no_feed_has_more_entries_than_any_archive_has() -> None:
    items = ",".join(f'{{"id": "{number}"}}' for number in range(21_000))
    feed = '{"version": "https://jsonfeed.org/version/1", "title": "", "items": [' + items + "]}"
    guids = [entry.guid for entry in parse(feed).entries]
    assert guids == [str(number) for number in range(20_000)]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "mailto:a@b.example",
        "http://[::1",
        "https://" + "a" * 5000 + ".example/",
    ],
)
def test_a_link_that_is_none_is_left_out(link: str) -> None:
    assert (
        parse(f"{START}<item><title>t</title><link>{link}</link></item>{END}").entries[0].link
        is None
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("“ü” caf".encode() + b"\xe9 \x93x\x94", "“ü” café “x”"),
        (b"caf\xe9 \x93x\x94", "café “x”"),
    ],
)
def test_bytes_pasted_from_windows_spoil_nothing_around_them(body: bytes, text: str) -> None:
    document = f"{START}<item><title>".encode() + body + f"</title></item>{END}".encode()
    for declared in (b'<?xml version="1.0" encoding="utf-8"?>', b""):
        assert parse(declared + document).entries[0].title_html == text


@pytest.mark.parametrize(
    ("written", "text"),
    [("a&#xD83D;&#xDE00;b", "a😀b"), ("a&#55357;&#56832;b", "a😀b"), ("a&#xD800;b", "ab"),
     ("a&#x110000;&#233;b", "aéb")],
)  # fmt: skip
def test_characters_written_in_halves_are_joined(written: str, text: str) -> None:
    document = f"{START}<item><title>{written}</title></item>{END}"
    assert parse(document).entries[0].title_html == text


@pytest.mark.parametrize(
    ("text", "is_whole", "is_last_cut"),
    [
        (ITEM, True, False),
        (f"{ITEM}<!-- {'x' * 900} -->", True, False),
        (ITEM[: -len(END)], False, False),
        (f"{ITEM[: -len(END)]}<item><title>Half", False, True),
        (f"{ITEM[: -len(END)]}<item", False, False),
    ],
)
def test_a_document_that_breaks_off_says_so(text: str, is_whole: bool, is_last_cut: bool) -> None:
    parsed = parse(text)
    assert (parsed.is_whole, parsed.is_last_cut) == (is_whole, is_last_cut)
    assert [entry.title_html for entry in parsed.entries] == ["“ü”"]


def test_a_document_that_breaks_off_before_any_entry_cannot_be_read() -> None:
    with pytest.raises(ParseError, match="breaks off before the end of its first entry"):
        parse("<rss version='2.0'><channel><title>T</titl")


def test_a_json_feed_with_fields_of_wrong_types_is_read_without_them() -> None:
    item = '{"id": 7, "title": null, "authors": {}, "date_published": 5, "content_text": "a < b"}'
    version = '"version": "https://jsonfeed.org/version/1.1"'
    parsed = parse(f'{{{version}, "title": null, "items": [3, {item}]}}')
    (entry,) = parsed.entries
    assert (entry.guid, entry.title_html, entry.content_html) == ("7", "", "a &lt; b")
    assert (entry.authors, entry.published_raw) == ((), "5")


@pytest.mark.parametrize(
    "document",
    [
        f"{START}<item><author>ann@post.media (Ann Li)</author></item>{END}",
        f"{START}<item><author>ann@post.media (Ann Li)</author><b></item>{END}",
    ],
)
def test_an_authors_address_is_no_part_of_the_name(document: str) -> None:
    assert parse(document).entries[0].authors == ("Ann Li",)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://e.com/a b", "https://e.com/a%20b"),
        ("https://e.com/a\n  b", "https://e.com/a%20%20b"),
        ("\n https://e.com/x \n", "https://e.com/x"),
        ("HTTPS://E.com/?#", "HTTPS://E.com/?#"),
        ("//e.com/x", "https://e.com/x"),
        ("www.e.com/x", "https://www.e.com/x"),
        ("www.pdf", "https://harbour.example/feeds/www.pdf"),
        ("harbour.example/x", "https://harbour.example/x"),
        ("https://e.com/?a=1&amp;amp;b=2", "https://e.com/?a=1&b=2"),
        ("https://e.com/?a=1&amp;amp;amp;b=2", "https://e.com/?a=1&b=2"),
        ("https://e.com/?a=1&amp;#038;b=2", "https://e.com/?a=1&b=2"),
        ("<![CDATA[https://e.com/?a=1&#x26;b=2]]>", "https://e.com/?a=1&b=2"),
        ("x y", None),
        ("mailto:a@e.com", None),
    ],
)
def test_links_are_as_published_and_read_as_browsers_do(link: str, url: str | None) -> None:
    document = f"{START}<item><title>t</title><link>{link}</link></item>{END}"
    assert parse(document).entries[0].link == url


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fb="{}">{}<entry><id>x:1</id>{}</entry></feed>'
)
RSS = '<rss version="2.0" xmlns:fb="{}"><channel>{}<item><title>t</title>{}</item></channel></rss>'
FEEDBURNER = "http://rssnamespace.org/feedburner/ext/1.0"
ORIGINAL = "<fb:origLink>https://a.example/1</fb:origLink>"


@pytest.mark.parametrize(
    ("document", "links"),
    [
        (  # the same page in two languages
            ATOM,
            (
                "<link rel='alternate' hreflang='en' href='https://a.example/1'/>"
                "<link rel='alternate' hreflang='fr' href='https://a.example/fr/1'/>"
            ),
        ),
        (  # the entry in another format
            ATOM,
            (
                "<link rel='alternate' type='application/json' href='https://a.example/1.json'/>"
                "<link rel='alternate' type='text/html' href='https://a.example/1'/>"
            ),
        ),
        (ATOM, "<link>https://a.example/1</link>"),
        (ATOM, "<link rel='alternate'> /1 </link>"),
        (ATOM, f"<link href='https://feeds.example/~r/1'/>{ORIGINAL}"),
        (RSS, f"<link>https://feeds.example/~r/1</link>{ORIGINAL}"),
        (RSS, f"{ORIGINAL}<link>https://feeds.example/~r/1</link><guid>https://b.example/</guid>"),
    ],
)
@pytest.mark.parametrize("broken", ["", "<b>"])
def test_an_entrys_link_is_the_first_to_its_own_page(
    document: str, links: str, broken: str
) -> None:
    text = document.format(FEEDBURNER, f"<title>t</title>{broken}", links)
    parsed = parse_feed(text.encode(), url="https://a.example/feed")
    assert [entry.link for entry in parsed.entries] == ["https://a.example/1"]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["a.example", "www.a.example", "a.example:8080"])
def test_a_host_without_a_scheme_has_the_one_of_its_base(scheme: str, host: str) -> None:
    assert absolute_url(f"{host}/x", f"{scheme}://{host}/feed") == f"{scheme}://{host}/x"
