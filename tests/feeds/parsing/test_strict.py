"""The fast reader and the lenient one yield the same of every document that both can read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.draft import to_drafts
from onrecord.feeds.parsing.encoding import settled_text
from onrecord.feeds.parsing.entry import ParsedFeed
from onrecord.feeds.parsing.lenient import read_leniently
from onrecord.feeds.parsing.strict import read_strictly
from onrecord.records import Article, Feed
from tests.builders import NOON
from tests.steps import growth

FILES = Path(__file__).parents[2] / "data" / "feeds"
URL = "https://harbour.example/feeds/news.xml"

NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:a="http://www.w3.org/2005/Atom" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:x="urn:other"'
)
DATE = "<pubDate>Fri, 20 Nov 2026 10:00:00 CEST</pubDate>"


def rss(item: str, channel: str = "<title>T</title>", attributes: str = "") -> str:
    return (
        f'<rss version="2.0" {NAMESPACES} {attributes}><channel>{channel}'
        f"<item>{item}</item></channel></rss>"
    )


def atom(entry: str, attributes: str = "") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>T</title>'
        f"<entry><id>tag:a.example,2026:1</id>{entry}</entry></feed>"
    )


def rdf(item: str) -> str:
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<channel rdf:about='x'><title>T</title><items/></channel>"
        f"<item rdf:about='https://a.example/1'>{item}</item></rdf:RDF>"
    )


READ_STRICTLY = [
    rss(f"<title>One</title><link>https://a.example/1</link><guid>7</guid>{DATE}"),
    rss("<title>AT&amp;amp;T &lt;i&gt;wins&lt;/i&gt;</title><description>a &lt; b</description>"),
    rss("<title><![CDATA[“Fish” & chips]]></title><description><![CDATA[<p>x</p>]]></description>"),
    rss("<title>t</title><content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>"
        "<description>Short</description>"),
    rss("<title>t</title><description>Short</description>"
        "<content:encoded>&lt;p&gt;Longer&lt;/p&gt;</content:encoded>"),
    rss("<title>t</title><description>Longer than it</description>"
        "<content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>"),
    rss("<title>t</title><guid>https://a.example/p/1</guid>"),
    rss('<title>t</title><guid isPermaLink="false">https://a.example/p/1</guid>'),
    rss('<title>t</title><guid isPermaLink="false">7</guid><link>/rel?a=1&amp;b=2</link>'),
    rss("<title>t</title><link>javascript:alert(1)</link>"),
    rss("<title>t</title><link/><a:link href='https://a.example/9'/>"),
    rss("<title>t</title><author>desk@a.example (Ann Li)</author>"),
    rss("<title>t</title><dc:creator>Ann Li</dc:creator><dc:creator>Bo Diaz</dc:creator>"),
    rss("<title>t</title><dc:date>2026-11-20T10:00:00+01:00</dc:date>"),
    rss("<title>t</title><link>one</link>", attributes='xml:base="https://b.example/c/"'),
    rss("<title>t</title><description xml:lang='fr'>Bon</description>"),
    rss("<title>t</title><description>x</description>", "<title>T</title><language>de</language>"),
    rss("<title>t</title><x:title>other</x:title><x:y><title>deep</title></x:y>"),
    rss("<media:title>Clip</media:title><media:description>What is seen</media:description>"),
    rss("<title>CafÃ©</title><description>Ã¤rger</description>"),
    rss("<title>t</title><pubDate>soon</pubDate>"),
    rss(""),
    "<rss version='0.91'><channel><title>T</title><item><title>t</title></item></channel></rss>",
    rdf("<title>t</title><link>https://a.example/1?x</link><dc:date>2026-11-20</dc:date>"),
    atom("<title>a &lt; b</title><link href='/1'/><updated>2026-11-20T10:00:00Z</updated>"),
    atom("<title type='html'>a &amp;lt; &lt;b&gt;b&lt;/b&gt;</title><link href='1.html'/>"),
    atom("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <b>b</b></div></title>"),
    atom("<title>t</title><content type='html'>&lt;p&gt;Hi&lt;/p&gt;</content>"
         "<summary>Hello there</summary>"),
    atom("<title>t</title><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
         "<p>One &amp; two</p><p>Three</p></div></content>"),
    atom("<title>t</title><link rel='enclosure' href='https://a.example/x.mp3'/>"
         "<link rel='alternate' type='text/html' href='https://a.example/1'/>"),
    atom("<title>t</title><link rel='alternate' hreflang='en' href='https://a.example/en'/>"
         "<link rel='alternate' hreflang='fr' href='https://a.example/fr'/>"),
    rss("<title>t</title><link>https://feeds.a.example/~r/1</link>"
        "<feedburner:origLink>https://a.example/1</feedburner:origLink>",
        attributes='xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'),
    atom("<title>t</title><link rel='self' href='https://a.example/1.atom'/>"),
    atom("<title>t</title><author><name>Ann Li</name><email>a@a.example</email></author>"
         "<author><name>Bo</name></author>"),
    atom("<title>t</title><source><title>Other</title><id>o</id></source><summary>s</summary>"),
    atom("<title>t</title><link href='1'/>", 'xml:base="https://b.example/c/" xml:lang="fr"'),
    ("<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>T</title><entry><id>1</id>"
     "<title>t</title><link rel='alternate' type='text/html' href='https://a.example/1'/>"
     "<issued>2026-11-20T10:00:00Z</issued><content type='text/html' mode='escaped'>&lt;p&gt;x"
     "</content></entry></feed>"),
]  # fmt: skip


def articles(parsed: ParsedFeed) -> list[Article]:
    return [draft.article for draft in to_drafts(Feed(url=URL), parsed, NOON, EVERYTHING)]


def both(text: str) -> tuple[ParsedFeed, ParsedFeed]:
    strict = read_strictly(text, url=URL)
    lenient = read_leniently(text.encode(), url=URL, content_type="text/xml; charset=utf-8")
    assert strict is not None, "this should be read fast"
    assert lenient is not None
    return strict, lenient


@pytest.mark.parametrize("text", READ_STRICTLY)
def test_both_readers_yield_the_same_articles(text: str) -> None:
    strict, lenient = both(text)
    assert len(strict.entries) == 1
    assert articles(strict) == articles(lenient)
    assert [e.guid for e in strict.entries] == [e.guid for e in lenient.entries]


@pytest.mark.parametrize("name", ["atom", "rss1", "rss2"])
def test_both_readers_yield_the_same_of_feeds_as_they_are_found(name: str) -> None:
    text = settled_text((FILES / f"{name}.feed").read_bytes(), None)
    assert text is not None
    strict, lenient = both(text)
    assert articles(strict) == articles(lenient)


@pytest.mark.parametrize(
    "text",
    [
        rss("<title>Fish & chips</title>"),
        rss("<title>He said &ldquo;no&rdquo;</title>"),
        rss("<title>t</title><description>cut off"),
        rss("<title>one</title><title>two</title>"),
        rss("<title>one</title><dc:title>two</dc:title>"),
        rss("<title>t</title><description>a <b>b</b></description>"),
        "<!DOCTYPE rss [<!ENTITY x 'y'>]>" + rss("<title>&x;</title>"),
        rss("<title>\x08</title>"),
        rss("<y:title>t</y:title>"),
        rss("<title>t</title>" + "<x:n>" * 300 + "</x:n>" * 300),
        "<html><body/></html>",
        "",
    ],
)
def test_what_is_broken_or_unclear_is_left_to_the_lenient_reader(text: str) -> None:
    assert read_strictly(text, url=URL) is None


# ── foreign input ────────────────────────────────────────────────────────────────────────────

ENTRY = f"<title>T</title><link>https://a.example/1</link>{DATE}<description>Words.</description>"


@pytest.mark.parametrize(
    "document",
    [
        lambda n: rss(f"{ENTRY}</item><item>" * n),
        lambda n: rss(ENTRY + "<category>World/Asia</category>" * n),
        lambda n: rss(ENTRY + "<x:other>words</x:other>" * n),
        lambda n: rss(ENTRY + "<dc:creator>Mara Lind</dc:creator>" * n),
        lambda n: rss(ENTRY + "<media:content><media:description>A pier.</media:description>"
                      "</media:content>" * n),
        lambda n: rss(ENTRY, "<a:link rel='hub' href='https://h.example/'/>" * n),
        lambda n: atom("<title>T</title></entry><entry><id>1</id>" * n),
        lambda n: atom("<link rel='alternate' href='https://a.example/1'/>" * n),
        lambda n: atom("<author><name>Mara Lind</name></author>" * n),
        lambda n: atom("<category term='World' label='World'/>" * n),
        lambda n: atom("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
                       + "<p xml:base='a/'>Words.</p>" * n + "</div></content>"),
    ],
)  # fmt: skip
def test_the_work_grows_with_the_document_and_not_with_its_square(
    document: Callable[[int], str],
) -> None:
    assert growth(lambda n: read_strictly(document(n), url=URL), 40, 160) < 1.5
