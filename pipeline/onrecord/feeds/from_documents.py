"""Reads articles from saved feeds and pages, fetched earlier by another program.

A feed is read as a poll reads it, a page as the page that an entry links to. Pure, and the
arguments and the result are plain values, so that it can be done in a process of its own
(`polling/reader_processes.py`).
"""

import re
from datetime import datetime
from html import unescape

from msgspec.structs import replace

from onrecord.errors import ParseError
from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.document import read_document
from onrecord.feeds.articles.draft import article_id, content_hash, not_in_future
from onrecord.feeds.articles.urls import canonical_url
from onrecord.feeds.feed_urls import site_of
from onrecord.feeds.pages.article_body import main_text
from onrecord.feeds.pages.fulltext import decode_page
from onrecord.feeds.pages.metadata import read_metadata
from onrecord.feeds.parsing.entry import absolute_url
from onrecord.feeds.parsing.not_a_feed import is_html
from onrecord.feeds.text.language import detect_language, normal_language
from onrecord.records import Article, Feed

_FEED = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|RDF)\b|\{\s*\"", re.IGNORECASE)

# What a feed says is its own address, in Atom (and in RSS by Atom's link), and in JSON Feed.
_SELF_LINK = re.compile(r"<(?:\w+:)?link\b[^<>]*\brel\s*=\s*[\"']self[\"'][^<>]*>", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*[\"']([^\"'<>]+)[\"']", re.IGNORECASE)
_FEED_URL = re.compile(r"\"feed_url\"\s*:\s*\"([^\"]+)\"")
# What browsers write on top of a page they save.
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE)


def read_saved(
    body: bytes, url: str | None, content_type: str | None, fetched_at: datetime
) -> tuple[Article, ...]:
    """The articles of a feed, or the one of a page. `url` is where it came from, None if unknown.

    Raises ParseError when it holds none.
    """
    if is_feed(body):
        return _read_feed(body, url, content_type, fetched_at)
    return (article_on_page(body, url, content_type, fetched_at),)


def is_feed(body: bytes) -> bool:
    """Whether a document is to be read as a feed rather than as a page."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return not is_html(start) and _FEED.search(start) is not None


def _read_feed(
    body: bytes, url: str | None, content_type: str | None, fetched_at: datetime
) -> tuple[Article, ...]:
    own = url or _self_url(body) or ""
    document = read_document(Feed(url=own), body, own, content_type, fetched_at, EVERYTHING)
    if not document.drafts:
        raise ParseError(own, "the feed has no entries")
    articles = (draft.article for draft in document.drafts)
    return tuple(
        article if own else replace(article, feed=None, publisher=article.publisher or None)
        for article in articles
    )


def _self_url(body: bytes) -> str | None:
    start = body[:8192].decode("utf-8", "replace")
    link = _SELF_LINK.search(start)
    found = _HREF.search(link.group()) if link else _FEED_URL.search(start)
    return absolute_url(unescape(found.group(1)).replace("\\/", "/"), "") if found else None


def article_on_page(
    body: bytes, url: str | None, content_type: str | None, fetched_at: datetime
) -> Article:
    """The article that a page is made for. Raises ParseError when there is none."""
    markup = decode_page(body, url or "", content_type)
    page = read_metadata(markup, url or "")
    saved_from = _SAVED_FROM.search(markup[:2048])
    own = url or page.url or (absolute_url(saved_from.group(1), "") if saved_from else None)
    text = main_text(markup, own, title=page.title, summary=page.summary)
    if not text:
        raise ParseError(own or "", "the page has no article's text")
    canonical = canonical_url(own) if own else None
    publisher = page.publisher or (site_of(own) if own else None)
    content = content_hash(page.title, text)
    return Article(
        id=article_id(canonical=canonical, guid=None, publisher=publisher or "", content=content),
        url=own,
        canonical_url=canonical,
        publisher=publisher,
        title=page.title,
        authors=page.authors,
        published_at=not_in_future(page.published or page.updated, fetched_at),
        updated_at=not_in_future(page.updated, fetched_at),
        fetched_at=fetched_at,
        language=normal_language(page.language) or detect_language(f"{page.title}\n{text}"),
        text=text,
        text_from="page",
        summary=page.summary,
        content_hash=content,
    )
