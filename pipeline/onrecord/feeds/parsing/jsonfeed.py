"""Reads JSON Feed 1.x and near variants: a field of a wrong type is ignored."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from onrecord.errors import ParseError
from onrecord.feeds.parsing.entry import (
    MOST_ENTRIES,
    Entry,
    ParsedFeed,
    absolute_url,
    entry_link,
    longest,
)
from onrecord.feeds.parsing.subjects import categories_of

_JSON_FEED_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1")


def read_json_feed(body: bytes, url: str) -> ParsedFeed:
    """The feed in a JSON document. Raises ParseError when the document is not a feed."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return _feed_of(msgspec.json.decode(body), url)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if (broken := _read_as_far_as_whole(body, url)) is not None:
            return broken
        raise ParseError(url, f"it is JSON, but not a JSON Feed: {error}") from error


def _feed_of(feed: Any, url: str) -> ParsedFeed:
    version, items = _text(feed, "version"), _value(feed, "items")
    if not isinstance(items, list):
        raise ParseError(url, "it is JSON, but not a JSON Feed: it has no items")
    if not _JSON_FEED_VERSION.match(version):
        raise ParseError(
            url, f"it is JSON, but not a JSON Feed 1.x: its version is {version[:80]!r}"
        )
    return ParsedFeed(
        title_html=html.escape(_text(feed, "title"), quote=False),
        language=_text(feed, "language") or None,
        entries=tuple(
            _json_entry(item, url) for item in items[:MOST_ENTRIES] if isinstance(item, dict)
        ),
        hub=_hub(feed, url),
        itself=absolute_url(_text(feed, "feed_url"), url),
        older=absolute_url(_text(feed, "next_url"), url) if _text(feed, "next_url") else None,
    )


# ── documents that break off ─────────────────────────────────────────────────────────────────

_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
_IN_ITEMS = 2  # the document's own bracket, and that of its items


def _read_as_far_as_whole(body: bytes, url: str) -> ParsedFeed | None:
    """The feed up to its last whole item; None when no item is whole, or none is missing."""
    depth = whole = 0
    for found in _STRING_OR_BRACKET.finditer(body):
        if found.group() in (b"{", b"["):
            depth += 1
        elif found.group() in (b"}", b"]"):
            depth -= 1
            if depth == _IN_ITEMS:
                whole = found.end()
    if depth < 1 or not whole:
        return None
    try:
        parsed = _feed_of(msgspec.json.decode(body[:whole] + b"]}"), url)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ParseError):
        return None
    return replace(parsed, is_whole=False, is_last_cut=depth > _IN_ITEMS)


# ── entries ──────────────────────────────────────────────────────────────────────────────────


def _json_entry(item: Mapping[str, Any], feed_url: str) -> Entry:
    content = html.escape(_text(item, "content_text"), quote=False)
    summary = html.escape(_text(item, "summary"), quote=False)
    published, updated = _scalar(item, "date_published"), _scalar(item, "date_modified")
    guid = _scalar(item, "id")  # numbers were allowed once
    return Entry(
        guid=guid,
        link=entry_link(_text(item, "url"), guid, feed_url)
        or entry_link(_text(item, "external_url"), None, feed_url),
        title_html=html.escape(_text(item, "title"), quote=False),
        summary_html=summary,
        content_html=longest([_text(item, "content_html"), content, summary]),
        authors=tuple(filter(None, _author_names(item))),
        published_raw=published,
        updated_raw=updated,
        language=_text(item, "language") or None,
        categories=categories_of((tag.strip(), "") for tag in _tags(item)),
    )


def _tags(item: Mapping[str, Any]) -> Iterator[str]:
    tags = _value(item, "tags")
    return (tag for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str))


def _hub(feed: Mapping[str, Any], url: str) -> str | None:
    hubs = _value(feed, "hubs")
    named = [
        _text(hub, "url")
        for hub in (hubs if isinstance(hubs, list) else ())
        if _text(hub, "type").lower() == "websub"
    ]
    return absolute_url(named[0], url) if named else None


def _scalar(item: Mapping[str, Any], key: str) -> str | None:
    """A text, or a number as text."""
    value = _value(item, key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else _text(item, key) or None


def _author_names(item: Mapping[str, Any]) -> Iterator[str]:
    authors = _value(item, "authors")
    for author in authors if isinstance(authors, list) else [_value(item, "author")]:
        yield _text(author, "name")


def _value(part: Any, key: str) -> Any:
    return part.get(key) if isinstance(part, dict) else None


def _text(part: Any, key: str) -> str:
    value = _value(part, key)
    return value.strip() if isinstance(value, str) else ""
