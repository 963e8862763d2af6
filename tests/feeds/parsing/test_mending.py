"""Feeds that are broken in ways that feeds are broken, read as they were meant."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onrecord.errors import ParseError
from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.draft import to_drafts
from onrecord.feeds.parsing.entry import ParsedFeed, author_name
from onrecord.feeds.parsing.mending import mended
from onrecord.feeds.parsing.not_a_feed import html_in_words, root_of
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.feeds.parsing.strict import read_strictly
from onrecord.feeds.text.html import html_to_line, html_to_text
from onrecord.records import Feed
from tests.builders import NOON
from tests.steps import growth

URL = "https://harrow.example/feed"
START = '<rss version="2.0"><channel><title>Gazette</title>'
END = "</channel></rss>"


URL = "https://a.example/"


def parse(document: str) -> ParsedFeed:
    return parse_feed(document.encode("utf-8", "surrogatepass"), url=URL)


def item(inner: str) -> str:
    return f"{START}<item>{inner}</item>{END}"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&T and B&Q lead the S&P 500", "AT&T and B&Q lead the S&P 500"),
        ("Fish & chips &amp; peas", "Fish & chips & peas"),
        ("caf&eacute; &nbsp;&mdash; R&D;", "café — R&D;"),
        ("Re&colon; &copy; 2026 &not; x", "Re: © 2026 ¬ x"),
        ("5 < 6 & 7 > 6", "5 < 6 & 7 > 6"),
        ("a \x0b\x1b b &#0; &#x1F; c &", "a b c &"),
        ("halves &#55357;&#56832; &#55357;", "halves 😀"),
        ("<![CDATA[Q&amp;A &copy; & more]]> &", "Q&A © & more &"),
        ("<![CDATA[a ]]]]><![CDATA[> b]]> &", "a ]]> b &"),
        ("x ]]> y &", "x ]]> y &"),
        ("<!-- a & b -->c & d", "c & d"),
    ],
)
def test_what_is_not_well_formed_is_read_as_meant(written: str, title: str) -> None:
    (entry,) = parse(item(f"<title>{written}</title>")).entries
    assert html_to_line(entry.title_html) == title


def test_a_split_cdata_section_of_a_good_feed_is_read_as_meant() -> None:
    body = "<![CDATA[<p>if (a[b[0]]]]><![CDATA[>1) then</p>]]>"
    (entry,) = parse(item(f"<description>{body}</description>")).entries
    assert html_to_text(entry.content_html) == "if (a[b[0]]>1) then"


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/a.php?id=5&lang=en",
        "https://h.example/a?x=1&image=3&not=4&order=asc&copy=1&reg=2&times=3&para=4&sect=5",
        "https://h.example/a?a=1&amp=2",
    ],
)
def test_ampersands_in_links_and_guids_are_kept(url: str) -> None:
    written = f"<title>R&D</title><link>{url}</link><guid isPermaLink='false'>{url}</guid>"
    (entry,) = parse(item(written)).entries
    assert (entry.link, entry.guid) == (url, url)
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>a & b</title><entry><id>{url}</id>'
        f'<title>t</title><link href="{url}"/></entry></feed>'
    )
    (entry,) = parse(atom).entries
    assert (entry.link, entry.guid) == (url, url)


@pytest.mark.parametrize(
    "start",
    [
        "<!DOCTYPE html>",
        '<?xml version="1.0"?>\n<!DOCTYPE html>',
        "<!-- <html> --><!doctype HTML>",
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/x.dtd">',
    ],
)
def test_the_root_tells_a_feed_and_not_the_document_type(start: str) -> None:
    (entry,) = parse(start + item("<title>t</title>")).entries
    assert entry.title_html == "t"
    with pytest.raises(ParseError, match="HTML page"):
        parse("<!DOCTYPE html><html><title>no</title><rss>")


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_of_a_document_that_breaks_off_no_half_entry_is_read(cut: int) -> None:
    whole = (
        f"{START}<item><title>One</title><description>Whole.</description></item>"
        f"<item><title>Two & three</title><description>This one has {'words ' * 20}"
    )
    parsed = parse(whole[:-cut])
    assert [entry.title_html for entry in parsed.entries] == ["One"]
    assert (parsed.is_whole, parsed.is_last_cut) == (False, True)


def test_an_atom_feed_that_breaks_off_after_a_short_entry_is_not_whole() -> None:
    entry = "<entry><id>tag:{0}</id><title>{0}</title></entry>"
    start = '<feed xmlns="http://www.w3.org/2005/Atom">'
    parsed = parse(start + entry.format("a") + entry.format("b") + "<entry><id>tag:c</id><tit")
    assert [entry.title_html for entry in parsed.entries] == ["a", "b"]
    assert parsed.is_last_cut
    assert parse(f"{start[:-1]}>{entry.format('a')}</feed>").is_whole


def test_brackets_in_a_guid_lose_no_entry() -> None:
    guids = ["http://[draft]/post-17", "http://e.com/2"]
    titled = (f"<item><title>{guid}</title><guid>{guid}</guid></item>" for guid in guids)
    parsed = parse(f"{START}{''.join(titled)}{END}")
    assert [entry.guid for entry in parsed.entries] == guids
    assert len(to_drafts(Feed(url=URL), parsed, NOON, EVERYTHING)) == 2


def test_an_entry_of_two_megabytes_is_whole() -> None:
    text = "word " * 400_000
    parsed = parse(item(f"<title>t</title><description>{text}</description>"))
    (draft,) = to_drafts(Feed(url=URL), parsed, NOON, EVERYTHING)
    assert len(draft.article.text) == len(text.strip())


def test_the_title_of_a_page_is_told_in_its_own_characters() -> None:
    page = "<!doctype html><html><head><meta charset=gbk><title>和讯网</title></head></html>"
    assert (
        html_in_words(page.encode("gbk"), url=URL) == 'this is an HTML page, not a feed: "和讯网"'
    )


# ── foreign input ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "piece",
    [
        "&",
        "&a",
        "<",
        "<![CDATA[",
        "<![CDATA[x]]>",
        "<!--",
        "<!-- x -->",
        "<!DOCTYPE ",
        "]]>",
        "&#1;",
    ],
)
def test_mending_takes_time_by_length(piece: str) -> None:
    assert growth(lambda n: mended(piece * n), 200, 1_600) < 1.5


@pytest.mark.parametrize("piece", ["<title", "<title>", "<!-- ", "<?x", "<!x>", "a", "a@"])
def test_looking_at_what_is_no_feed_takes_time_by_length(piece: str) -> None:
    assert growth(lambda n: html_in_words((piece * n).encode(), url=URL), 200, 1_600) < 1.5
    assert growth(lambda n: root_of((piece * n).encode()), 200, 1_600) < 1.5
    assert growth(lambda n: author_name(piece * n), 200, 1_600) < 1.5


_PIECES = st.sampled_from([
    "<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "http://[",
    "<guid>", "</guid>", "&", "&amp;", "&lang", "]]>", "<![CDATA[", "<!--", "-->", "<feed>",
    "<!DOCTYPE html>", "<entry>", "</entry>", "</feed>", "</rss>", "\0", "\ud800", "&#xD800;",
    "<link rel=hub href='http://[x'>", "<?xml version='1.0' encoding='utf-7'?>", "<pubDate>",
    "9" * 30, "xmlns:a='b'", "<a:b>", '{"version": "https://jsonfeed.org/version/1", "items": [',
    "{", "[" * 3000, '"id": 1}', "<html>",
])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(_PIECES | st.text(max_size=8), max_size=30).map("".join),
    st.sampled_from([None, "text/xml", "text/xml; charset=utf-7", "x; charset=unicode_escape"]),
)
@example('{"a":' + "[" * 200_000, None)
@example("<rss><channel><item><title>\x1b$B</title>", "text/xml; charset=iso-2022-jp")
def test_no_document_raises_anything_but_that_it_cannot_be_read(
    document: str, content_type: str | None
) -> None:
    body = document.encode("utf-8", "surrogatepass")
    with suppress(ParseError):
        parsed = parse_feed(body, url=URL, content_type=content_type)
        to_drafts(Feed(url=URL), parsed, NOON, EVERYTHING)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=8), max_size=30).map("".join))
def test_mending_leaves_a_well_formed_document_as_it_was(inner: str) -> None:
    document = f"{START}<item><title>t</title><description>{inner}</description></item>{END}"
    strict = read_strictly(document, url=URL)
    if strict is not None:
        assert read_strictly(mended(document), url=URL) == strict
