"""Reading JSON Feed 1.x."""

import html
import re

import msgspec

from pipeline.errors import ParseError
from pipeline.feeds.entry import MOST_ENTRIES, Entry, ParsedFeed, entry_link, longest, parse_date


class _JsonAuthor(msgspec.Struct):
    name: str | None = None


class _JsonItem(msgspec.Struct):
    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    author: _JsonAuthor | None = None
    authors: list[_JsonAuthor] | None = None
    language: str | None = None


class _JsonFeed(msgspec.Struct):
    version: str
    items: list[_JsonItem]
    title: str = ""
    language: str | None = None


_JSON_FEED_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1")


def read_json_feed(body: bytes, url: str) -> ParsedFeed:
    """The feed in a JSON document. Raises ParseError when it is none."""
    try:
        feed = msgspec.json.decode(body.lstrip(b"\xef\xbb\xbf"), type=_JsonFeed)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ParseError(url, f"it is JSON, but no JSON Feed: {error}") from error
    if not _JSON_FEED_VERSION.match(feed.version):
        raise ParseError(
            url, f"it is JSON, but no JSON Feed 1.x: its version is {feed.version[:80]!r}"
        )
    return ParsedFeed(
        title_html=html.escape(feed.title, quote=False),
        language=feed.language,
        entries=tuple(_json_entry(item, url) for item in feed.items[:MOST_ENTRIES]),
    )


def _json_entry(item: _JsonItem, feed_url: str) -> Entry:
    contents = [item.content_html or "", html.escape(item.content_text or "", quote=False)]
    summary = html.escape(item.summary or "", quote=False)
    authors = item.authors if item.authors is not None else [item.author or _JsonAuthor()]
    guid = None if item.id is None else str(item.id).strip() or None
    return Entry(
        guid=guid,
        link=entry_link((item.url or "").strip(), guid, feed_url)
        or entry_link((item.external_url or "").strip(), None, feed_url),
        title_html=html.escape(item.title or "", quote=False),
        summary_html=summary,
        content_html=longest([*contents, summary]),
        authors=tuple(author.name for author in authors if author.name),
        published=parse_date(item.date_published),
        updated=parse_date(item.date_modified),
        published_raw=item.date_published,
        updated_raw=item.date_modified,
        language=item.language,
    )
