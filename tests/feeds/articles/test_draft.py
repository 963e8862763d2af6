"""From entries to articles: URLs, ids, text, names; never a control character, never a raise."""

import unicodedata
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onrecord.feeds.articles.authors import author_names
from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.draft import article_id, content_hash, to_drafts
from onrecord.feeds.articles.urls import canonical_url
from onrecord.feeds.parsing.entry import Entry, ParsedFeed
from onrecord.feeds.text.boilerplate import lasting
from onrecord.feeds.text.html import (
    _parsed_paragraphs,
    _simple_paragraphs,
    folded,
    html_to_line,
    html_to_text,
)
from onrecord.feeds.text.language import normal_language
from onrecord.records import Article, Feed, id_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FEED = Feed(url="https://www.harbour.example/feed", publisher="Harbour Post")


def articles(*entries: Entry, feed: Feed = FEED) -> list[Article]:
    return [
        draft.article for draft in to_drafts(feed, ParsedFeed(entries=entries), NOW, EVERYTHING)
    ]


def identities(*entries: Entry) -> list[str]:
    return [
        draft.identity for draft in to_drafts(FEED, ParsedFeed(entries=entries), NOW, EVERYTHING)
    ]


# ── what a feed says of its entries ──────────────────────────────────────────────────────────


def test_of_a_content_that_is_only_captions_the_summary_is_the_text() -> None:
    gallery = "<figure><img><figcaption>A caption, longer than the summary.</figcaption></figure>"
    (article,) = articles(Entry(title_html="t", summary_html="In short.", content_html=gallery))
    assert article.text == "In short."


def test_an_aggregators_entry_is_its_sources() -> None:
    entry = Entry(
        title_html="Pier to open - Harrow Gazette",
        link="https://news.example/x",
        content_html="Pier to open",
        source="Harrow Gazette",
        source_url="https://gazette.example",
    )
    (article,) = articles(entry, feed=Feed(url="https://news.example/rss"))
    assert (article.title, article.publisher) == ("Pier to open", "Harrow Gazette")
    (own,) = articles(entry, feed=Feed(url="https://www.gazette.example/rss"))
    assert own.title == "Pier to open - Harrow Gazette"
    (named,) = articles(entry, feed=FEED)
    assert named.publisher == "Harbour Post"


def test_an_odd_guid_is_only_a_name() -> None:
    (article,) = articles(Entry(guid="http://[draft]/post-17", title_html="t"))
    assert article.raw["guid"] == "http://[draft]/post-17"


def test_entries_with_one_guid_and_one_link_are_told_apart_by_their_titles() -> None:
    entries = [Entry(guid="g", link="https://e.com/board", title_html=f"No. {n}") for n in range(3)]
    assert len({article.id for article in articles(*entries)}) == 3
    assert len(set(identities(*entries))) == 3


# ── text ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("One<br>two<br/>three", "One\n\ntwo\n\nthree"),
        ("<div>One<div>two</div>three</div>", "One\n\ntwo\n\nthree"),
        (
            "<h2>Head</h2><ul><li>a</li><li>b</li></ul><blockquote>c</blockquote>",
            "Head\n\na\n\nb\n\nc",
        ),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\n\nb"),
        ("wo<b>r</b>d and <em>ano</em>ther", "word and another"),
        ("<p>She said <script>ad('<p>')</script>that.</p>", "She said that."),
        ("<p>a</p><style>p {}</style><noscript><img></noscript><p>b</p>", "a\n\nb"),
        ("a<iframe src='x'/>b", "a b"),  # XHTML closes it at once; HTML would swallow the rest
        ("a<iframe>frames?</iframe>b", "a\n\nb"),
        ("<figure><img><figcaption>Caption <i>x</i></figcaption></figure><p>Text</p>", "Text"),
        ("<!-- <p>no</p> --><p>yes</p>", "yes"),
        ("<![CDATA[<p>yes</p>]]>", "yes"),
        ('<p>“Yes,” she said. ‘No’ — it\'s "fine"</p>', '“Yes,” she said. ‘No’ — it\'s "fine"'),
        ("<p><q>Yes</q>, she said</p>", "“Yes”, she said"),
        ("&ldquo;Yes&rdquo; &#8217;s &#x2014; &pound;5 &nbsp; x", "“Yes” ’s — £5 x"),
        ("AT&amp;T &amp;lt;b&amp;gt;", "AT&T &lt;b&gt;"),  # decoded once
        ("AT&T, R&D; a < b > c, <3", "AT&T, R&D; a < b > c, <3"),
        ("use the &lt;b&gt; tag", "use the <b> tag"),
        ("&lt;p&gt;Twice &amp;amp; over&lt;/p&gt;&lt;p&gt;b&lt;/p&gt;", "Twice & over\n\nb"),
        ("<p>&lt;p&gt;Twice&lt;/p&gt;&lt;p&gt;over&lt;/p&gt;</p>", "Twice\n\nover"),
        ("&amp;#8220;Twice&amp;rdquo;", "“Twice”"),
        (
            "Plain.\nOne  line.\r\n\r\nNext\tparagraph.\n \n\nLast.",
            "Plain. One line.\n\nNext paragraph.\n\nLast.",
        ),
        ("One\n\n<b>two</b>\n\nthree", "One\n\ntwo\n\nthree"),
        ("a\u00a0b\u2003c\u2028d", "a b c d"),
        ("a\u200bb\ufeffc\u00add\u2060e \u202eok\u202c", "abcde ok"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 x\u200cy",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 xy",
        ),
        ("\x93Yes,\x94 it\x92s \x85", "“Yes,” it’s …"),  # cp1252 that was called Latin-1
        ("a\x00b\x07c\x7fd\x9f\ud800", "abcdŸ"),
        ("&#146;s &#0; &#xD800;", "’s \ufffd \ufffd"),
        ("<script>x = '<'</script><figure>What the pier saw</figure>", "What the pier saw"),
        ("<p", "<p"),
        ("</p></div>", ""),
        ("", ""),
    ],
)
def test_html_becomes_text(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


def test_a_line_is_one_line() -> None:
    assert html_to_line("<p>One</p><p>two<br>three</p>") == "One two three"


def test_a_hundred_thousand_tags_are_nothing_special() -> None:
    assert html_to_text("<div><i>" * 50_000 + "deep") == "deep"


def within(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag.partition(' ')[0]}>"


simple = st.recursive(
    st.sampled_from([
        "words", " ", ".", "1 < 2", "\n\n", "a & b", "AT&T", "&lt;", "&amp;", "&#8220;", "&rdquo;",
        "&nbsp;", "&#146;", "&hearts;", "&copy", "&apos;", "<br/>", "<BR>", "<hr class='x'>",
        '<img src=x alt="a > b">', "<img src='/?a=1&amp;b' alt=it's>", "<!-- a comment -->",
        "<script>x = 1</script>", "<style>p { }</style>", "<iframe src='/x'></iframe>",
        "<figcaption>A <i>pier</i></figcaption>", "<q>words</q>",
    ]),
    lambda inner: st.lists(inner, max_size=4).map("".join)
    | st.builds(within, st.sampled_from([
        "p", "b", "li", "div class='x y'", 'a href="/?a=1&amp;b"', "h2 id=1", "figure", "span",
        "table", "td", "time datetime=2026", "P", "blockquote", "ul",
    ]), inner),
)  # fmt: skip


@given(simple)
def test_simple_markup_is_read_as_the_parser_reads_it(markup: str) -> None:
    read = _simple_paragraphs(markup)
    if read is not None:
        assert list(map(folded, read)) == list(map(folded, _parsed_paragraphs(markup)))


@pytest.mark.parametrize(
    "markup",
    ["<p>a<!-- -->b</p>", "<figure><img src='x'><figcaption>c <b>d</b></figcaption></figure>",
     "<p class='a'>b<br>c &amp; d</p><script>e</script><ul><li>f</ul>"],
)  # fmt: skip
def test_what_feeds_carry_is_simple(markup: str) -> None:
    assert _simple_paragraphs(markup) is not None


markup = st.lists(
    st.sampled_from([
        "<p>", "</p>", "<b>", "</b>", "<br/>", "<script>", "</script>", "<q>", "<![CDATA[", "]]>",
        "<!--", "-->", "&lt;", "&amp;", "&#8220;", "&#xD800;", "<", ">", "\n\n", "</", "<a href='",
        "<iframe/>", "<title>", "<meta charset=utf-16>", "<?php", "<!DOCTYPE", "\ud800", "\x00",
    ]) | st.text(max_size=8),
    max_size=30,
).map("".join)  # fmt: skip


@given(markup)
@example("&lt;\x00/p&gt;")
def test_whatever_comes_in_what_comes_out_is_text(given_markup: str) -> None:
    text = html_to_text(given_markup)
    assert text == text.strip()
    assert "\n\n\n" not in text
    assert all(
        unicodedata.category(character) not in ("Cc", "Cs") or character == "\n"
        for character in text
    )
    assert msgspec.json.decode(msgspec.json.encode(text)) == text


paragraph = st.text(st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="<&]"))


@given(st.lists(paragraph, max_size=5).map("\n\n".join))
def test_plain_text_passes_unharmed(text: str) -> None:
    once = html_to_text(text)
    assert once.split() == html_to_text(once).split()
    assert html_to_text(once) == once


@given(st.text(st.characters(categories=("L", "N")), min_size=1))
def test_words_are_neither_glued_nor_split(word: str) -> None:
    expected = html_to_text(f"{word} {word}")
    assert html_to_text(f"<p>{word} <b>{word}</b></p>") == expected
    assert html_to_text(f"<p>{word}</p><p>{word}</p>").replace("\n\n", " ") == expected


# ── URLs and ids ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://News.Example:80/a/../b?b=2&a=1#top", "http://news.example/b?a=1&b=2"),
        ("https://news.example:443", "https://news.example/"),
        ("https://news.example:8443/x", "https://news.example:8443/x"),
        (
            "https://e.com/a?utm_source=x&UTM_Medium=y&id=3&fbclid=9&mc_cid=1",
            "https://e.com/a?id=3",
        ),
        ("https://e.com/a?at_medium=RSS&at_campaign=KARANGA", "https://e.com/a"),
        ("https://e.com/a?traffic_source=rss", "https://e.com/a"),
        ("https://e.com/a?ref=rss&source=twitter", "https://e.com/a"),
        (
            "https://e.com/a?ref=v2.0&source=annual-report",
            "https://e.com/a?ref=v2.0&source=annual-report",
        ),
        ("https://e.com/a?id=1&amp=1", "https://e.com/a?amp=1&id=1"),
        ("https://e.com/%7euser/%c3%bc", "https://e.com/~user/%C3%BC"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        (" https://e.com/a \n", "https://e.com/a"),
        ("ftp://e.com/a", None),
        ("mailto:a@e.com", None),
        ("//e.com/a", None),
        ("https:///a", None),
        ("https://ex ample.com/", None),
        ("https://e.com:99999/", None),
        ("https://[::1/", None),
        ("", None),
    ],
)
def test_canonical_urls(url: str, canonical: str | None) -> None:
    assert canonical_url(url) == canonical


@given(st.text(max_size=50).map("https://e.com/".__add__))
def test_a_canonical_url_is_its_own(url: str) -> None:
    once = canonical_url(url)
    assert once is None or canonical_url(once) == once


def an_id(canonical: str | None = None, guid: str | None = None, **more: str) -> str:
    return article_id(
        canonical=canonical,
        guid=guid,
        publisher=more.get("publisher", "P"),
        content=more.get("content", "c"),
    )


def test_an_id_comes_from_the_url_whoever_carries_it() -> None:
    expected = an_id("https://e.com/a")
    assert an_id("http://e.com/a", "guid", publisher="Q", content="d") == expected
    assert an_id("https://e.com/b") != expected


def test_feeds_of_one_host_that_count_their_entries_from_1_are_told_apart() -> None:
    def an_article(feed: str, guid: str, title: str) -> str:
        parsed = ParsedFeed(entries=(Entry(guid=guid, title_html=title),))
        return to_drafts(Feed(url=f"https://e.com/{feed}"), parsed, NOW, EVERYTHING)[0].article.id

    assert an_article("a", "1", "One") == an_article("b", "1", "One")
    assert an_article("a", "1", "One") != an_article("b", "1", "Another")
    for guid in ("tag:e.com,2026:1234", "https://e.com/?p=1", "urn:uuid:1b2c3d4e-0000-4000"):
        assert an_article("a", guid, "One") == an_article("b", guid, "Edited")


def test_entries_that_link_to_the_front_page_are_told_apart_by_their_guids() -> None:
    parsed = [ParsedFeed(entries=(Entry(guid=g, link="https://e.com/"),)) for g in ("1a", "2b")]
    ids = {
        to_drafts(Feed(url="https://e.com/f"), each, NOW, EVERYTHING)[0].article.id
        for each in parsed
    }
    assert len(ids) == 2


def test_without_a_url_an_id_comes_from_publisher_and_guid_then_content() -> None:
    assert an_id(guid="1", content="c") == an_id(guid="1", content="d")
    assert len({an_id(guid="1"), an_id(guid="2"), an_id(guid="1", publisher="Q"), an_id()}) == 4
    assert an_id(content="c") != an_id(content="d")


def test_the_content_hash_ignores_spacing_alone() -> None:
    assert content_hash("A  b", "c\n\nd") == content_hash("A b", "c d")
    assert content_hash("A b", "c d") != content_hash("A b c", "d")


@given(st.text("a\n\t\u2029 ”.1:", max_size=60).map(lambda text: text + ". Updated 12:30 today."))
@example("One.\n\n\n3 comments\n\nTwo.")
@example("\n\n3 comments\n\n")
def test_the_content_hash_is_of_the_lasting_words_with_single_spaces(text: str) -> None:
    assert content_hash("A", text) == id_of("A", " ".join(lasting(text).split()))


# ── articles ─────────────────────────────────────────────────────────────────────────────────


def test_the_text_repeats_neither_title_nor_summary() -> None:
    content = "<h1>The  Title</h1><p>In short.</p><p>More.</p><p>In short.</p>"
    entry = Entry(title_html="The title", summary_html="In short.", content_html=content)
    (article,) = articles(entry)
    assert (article.title, article.summary) == ("The title", "In short.")
    assert article.text == "In short.\n\nMore."


def test_a_date_in_the_future_is_none_and_one_of_a_clock_a_little_ahead_is_now() -> None:
    ahead, wrong = "2026-11-20T12:04:00Z", "2026-11-20T13:00:00Z"
    (first, second) = articles(
        Entry(guid="1", title_html="a", published_raw=ahead, updated_raw=wrong),
        Entry(guid="2", title_html="b", published_raw=wrong),
    )
    assert (first.published_at, first.updated_at) == (NOW, None)
    assert second.published_at is None


def test_the_publisher_is_the_subscriptions_else_the_feeds_title_else_its_host() -> None:
    bare = Feed(url="https://www.harbour.example/feed")

    def publisher_of(feed: Feed, title: str) -> str | None:
        return to_drafts(
            feed, ParsedFeed(title_html=title, entries=(Entry(title_html="t"),)), NOW, EVERYTHING
        )[0].article.publisher

    assert publisher_of(FEED, "Ours") == "Harbour Post"
    assert publisher_of(bare, "Ours &amp; Co") == "Ours & Co"
    assert publisher_of(bare, "") == "harbour.example"


def test_a_feeds_title_may_change_without_changing_ids() -> None:
    bare = Feed(url="https://www.harbour.example/feed")
    entry = Entry(guid="1", title_html="t")
    parsed = [ParsedFeed(title_html=title, entries=(entry,)) for title in ("Old", "New")]
    ids = {to_drafts(bare, each, NOW, EVERYTHING)[0].article.id for each in parsed}
    assert len(ids) == 1


def test_a_text_of_two_megabytes_is_whole_and_what_stands_beside_it_is_bounded() -> None:
    huge = "<p>" + "word " * 400_000 + "</p>"
    (article,) = articles(
        Entry(guid=huge, title_html=huge, summary_html=huge, content_html=huge, authors=(huge,))
    )
    assert article.text == ("word " * 400_000).strip()
    assert len(msgspec.json.encode(article)) < len(article.text) + 100_000


def test_what_json_cannot_carry_is_gone_from_every_field() -> None:
    bad = "x\ud800\x00"
    entry = Entry(guid=bad, link="https://e.com/" + bad, title_html=bad, content_html=bad,
                  summary_html=bad, authors=(bad,), published_raw=bad, language=bad)  # fmt: skip
    (article,) = articles(entry)
    assert b"\\u0000" not in msgspec.json.encode(article)


# ── identity ─────────────────────────────────────────────────────────────────────────────────


def linked(guid: str | None, link: str | None, title: str = "t") -> Entry:
    return Entry(guid=guid, link=link and f"https://e.com/{link}", title_html=title)


def test_a_guid_identifies_an_entry_whatever_its_link() -> None:
    assert identities(linked("1", "a")) == identities(linked("1", "b"))


def test_one_guid_for_all_entries_identifies_none_of_them() -> None:
    entries = linked("same", "a"), linked("same", "b"), linked("same", "c")
    assert len(set(identities(*entries))) == 3
    assert len({article.id for article in articles(*entries)}) == 3


def test_one_guid_for_all_and_no_links() -> None:
    entries = linked("same", None, "one"), linked("same", None, "two")
    assert len(set(identities(*entries))) == 2
    assert len({article.id for article in articles(*entries)}) == 2


def test_one_link_for_all_entries_identifies_none_of_them() -> None:
    entries = linked("1", "", "one"), linked("2", "", "two"), linked("3", "", "three")
    assert len({article.id for article in articles(*entries)}) == 3


def test_one_link_and_one_guid_for_all_entries() -> None:
    entries = linked("same", "", "one"), linked("same", "", "two")
    assert len({article.id for article in articles(*entries)}) == 2


@pytest.mark.parametrize("link", ["https://e.com/", "https://e.com/live", "https://e.com/live#7"])
def test_entries_without_guids_that_share_a_link_are_told_apart_by_their_titles(link: str) -> None:
    entries = [Entry(link=link, title_html=f"No. {n}", content_html="Same.") for n in range(3)]
    assert len(set(identities(*entries))) == 3
    assert len({article.id for article in articles(*entries)}) == 3
    assert identities(*entries[1:])[0] == identities(*entries)[1]


def test_a_front_page_is_no_entrys_own_where_each_document_has_one_entry() -> None:
    one, two = (Entry(link="https://e.com/", title_html=title) for title in ("One", "Two"))
    assert identities(one) != identities(two)
    assert articles(one)[0].id != articles(two)[0].id


def test_an_entry_that_is_listed_twice_is_one() -> None:
    assert len(set(identities(linked("1", "a"), linked("1", "a?utm_source=x")))) == 1
    twice = articles(linked("1", "a"), linked("2", "a?utm_source=x"))
    assert len({article.id for article in twice}) == 1


# ── names and languages ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (("By Ann Li and Bo Diaz",), ("Ann Li", "Bo Diaz")),
        (("Ann Li, Bo Diaz, and José O’Neil-Ruiz",), ("Ann Li", "Bo Diaz", "José O’Neil-Ruiz")),
        (("Ann Li", "Ann Li", "Bo"), ("Ann Li", "Bo")),
        (("Jane Roe, Political Editor",), ("Jane Roe",)),
        (("Staff and wires",), ("Staff and wires",)),
        (("desk@e.com", "https://e.com/ann", " "), ()),
        (("O&#8217;Neil &amp; Sons",), ("O’Neil & Sons",)),
    ],
)
def test_author_names(written: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert author_names(written) == names


@pytest.mark.parametrize(
    ("tag", "normal"),
    [
        ("en", "en"), ("EN-us", "en-US"), ("en_gb", "en-GB"), ("zh-hans-cn", "zh-Hans-CN"),
        ("en-", "en"), ("english", None), ("*", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_languages(tag: str | None, normal: str | None) -> None:
    assert normal_language(tag) == normal


def test_an_entry_that_says_nothing_is_no_article() -> None:
    empty = Entry(), Entry(guid="1"), Entry(title_html=" ", content_html="<p></p>")
    assert [a.title for a in articles(*empty, Entry(title_html="t"))] == ["t"]


def test_captions_are_the_text_of_an_entry_that_has_no_other() -> None:
    pictures = "<figure><img src=a><figcaption>A wet dog at the fair.</figcaption></figure>"
    one, two = articles(
        Entry(guid="1", title_html="The week", content_html=pictures * 2),
        Entry(guid="2", title_html="The day", content_html=f"{pictures}<p>It rained.</p>"),
    )
    assert one.text == "A wet dog at the fair.\n\nA wet dog at the fair."
    assert two.text == "It rained."


def test_entries_of_a_notice_board_are_told_apart_by_their_titles() -> None:
    board = [
        Entry(guid="https://e.com/board", link="https://e.com/board", title_html=f"Notice {n}")
        for n in range(3)
    ]
    assert len(set(identities(*board))) == 3
    assert len({article.id for article in articles(*board)}) == 3
    assert identities(*board[1:])[0] == identities(*board)[1]


def test_a_guid_in_brackets_is_a_guid_like_any_other() -> None:
    assert len(identities(Entry(guid="http://[draft]/post-17", title_html="Pier"))) == 1
