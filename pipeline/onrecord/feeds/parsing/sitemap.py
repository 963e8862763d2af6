"""Reads news sitemaps: lists of a site's articles of the last days, as it gives them to Google.

They name pages, titles, dates and keywords, and no texts: those come from the pages. Sites
without a good feed often have one.
"""

import html
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from onrecord.errors import ParseError
from onrecord.feeds.parsing.encoding import settled_text
from onrecord.feeds.parsing.entry import MOST_ENTRIES, Entry, ParsedFeed, absolute_url
from onrecord.feeds.parsing.mending import mended
from onrecord.feeds.parsing.xml_values import Element

ROOTS = (b"urlset", b"sitemapindex")
_MOST_NAMED = 5


def read_sitemap(body: bytes, content_type: str | None, url: str) -> ParsedFeed:
    """The feed in a sitemap of news. Raises ParseError, naming those of news in a list of some."""
    root = _root_of(body, content_type)
    if root is None:
        raise ParseError(url, "this is a sitemap that cannot be read as XML")
    if _local(root) == "sitemapindex":
        raise ParseError(url, _index_in_words(root, url))
    found = islice((page for page in root if _local(page) == "url"), MOST_ENTRIES)
    entries = [entry for page in found if (entry := _entry(page, url)) is not None]
    if not entries:
        raise ParseError(url, "this is a sitemap without news (no news:news in it), not a feed")
    names = (_texts(page, "name") for page in root.iter("{*}publication"))
    return ParsedFeed(
        title_html=html.escape(next(filter(None, names), ""), quote=False),
        language=entries[0].language,
        entries=tuple(entries),
    )


def _root_of(body: bytes, content_type: str | None) -> Element | None:
    text = settled_text(body, content_type) or body.decode("latin-1")
    # Nothing outside the document is read, and libxml2's limits on depth and growth hold.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, recover=True
    )
    try:
        return etree.fromstring(mended(text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _local(element: Element) -> str:
    return etree.QName(element).localname.lower()


def _entry(page: Element, url: str) -> Entry | None:
    news = next(page.iterchildren("{*}news"), None)
    link = absolute_url(_texts(page, "loc"), url)
    if news is None or link is None:
        return None
    publication = next(news.iterchildren("{*}publication"), news)
    return Entry(
        guid=None,
        link=link,
        title_html=html.escape(_texts(news, "title"), quote=False),
        published_raw=_texts(news, "publication_date") or None,
        updated_raw=_texts(page, "lastmod") or None,
        language=_texts(publication, "language") or None,
        categories=tuple(_keywords(_texts(news, "keywords"))),
    )


def _texts(parent: Element, name: str) -> str:
    """The text of a child of this name, whatever its namespace."""
    child = next(parent.iterchildren(f"{{*}}{name}"), None)
    return "" if child is None else " ".join("".join(map(str, child.itertext())).split())


def _keywords(text: str) -> Iterator[str]:
    yield from dict.fromkeys(filter(None, (word.strip() for word in text.split(","))))


def _index_in_words(root: Element, url: str) -> str:
    """A description of a list of sitemaps, with those in it that are of news by their names."""
    named = (absolute_url(_texts(each, "loc"), url) for each in root)
    of_news = islice((each for each in named if each and "news" in each.lower()), _MOST_NAMED)
    found = " ".join(of_news)
    return "this is a list of sitemaps, not a feed" + (f"; its news: {found}" if found else "")
