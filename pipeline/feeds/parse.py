"""From the bytes of a feed to its entries: the one place that knows feed formats.

Reads RSS 0.9x to 2.0, RSS 1.0, Atom and JSON Feed 1.x. Broken feeds are read as far as they can
be; what is no feed at all is a ParseError that says what it looks like. HTML stays HTML here:
`article.py` turns it into text.

feedparser is the best reader of broken feeds and a slow one (20 to 40 ms for a news feed of
150 kB, seconds for hostile ones), so this is called off the event loop.
"""

import calendar
import contextlib
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import msgspec

from pipeline.errors import ParseError

# What is remembered of a feed grows with its document. News feeds have 10 to 300 entries; one
# with more than this is an archive or an attack, and its first entries are its newest.
_MOST_ENTRIES = 5_000
_LONGEST_URL = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item as the feed gave it.

    `title` is HTML as well: "AT&amp;T", "<i>Lusitania</i>". `link` is absolute, http or https.
    `content_html` is the longest of what the feed gives for the text. The dates are aware and
    UTC, None when absent or not to be read; `published_raw` and `updated_raw` are as written.
    """

    guid: str | None = None
    link: str | None = None
    title_html: str = ""
    summary_html: str = ""
    content_html: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    published_raw: str | None = None
    updated_raw: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed's document. `ttl_s` is how long the feed says it may be kept; entries in its order."""

    title_html: str = ""
    language: str | None = None
    ttl_s: float | None = None
    entries: tuple[Entry, ...] = ()


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """The feed in `body`. `url` is where it came from: relative links are resolved against it.

    Raises ParseError when it is no feed.
    """
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise ParseError(url, "the answer is empty")
    if start.startswith(b"{"):
        return _parse_json_feed(body, url)
    if _HTML_START.match(start):
        raise ParseError(url, _html_in_words(body))
    if not _FEED_TAG.search(body) and b"\0" not in start:  # UTF-16 is full of zeros
        raise ParseError(url, _what_it_looks_like(body))
    result = _run_feedparser(body, url, content_type)
    if not result.get("version") and not result.get("entries"):
        raise ParseError(url, _what_it_looks_like(body))
    feed = result["feed"]
    is_atom = str(result.get("version", "")).startswith("atom")
    return ParsedFeed(
        title_html=_html_of(feed, "title"),
        language=_text(feed, "language"),
        ttl_s=_ttl_s(_text(feed, "ttl")),
        entries=tuple(
            _entry(entry, url, is_atom=is_atom) for entry in result["entries"][:_MOST_ENTRIES]
        ),
    )


# ── RSS and Atom ─────────────────────────────────────────────────────────────────────────────


def _run_feedparser(body: bytes, url: str, content_type: str | None) -> Mapping[str, Any]:
    headers = {
        "content-type": _settled_content_type(body, content_type),
        "content-location": url,
    }
    try:
        # HTML is turned into text by us, so it need not be sanitised nor its links resolved:
        # that is two thirds of feedparser's time.
        result: Mapping[str, Any] = feedparser.parse(
            body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    # feedparser raises whatever its parts raise (LookupError, AssertionError, RecursionError, …)
    # when a document is hostile enough; whichever it is, this document cannot be read.
    except Exception as error:
        raise ParseError(url, f"the feed cannot be read ({type(error).__name__})") from error
    return result


def _settled_content_type(body: bytes, content_type: str | None) -> str:
    """The content type with the charset we know better.

    Text with bytes above 127 that is valid UTF-8 is UTF-8, whatever it is declared to be:
    publishers change the encoding of their pages and forget the declaration.
    """
    if not body.isascii() and b"\0" not in body:
        with contextlib.suppress(UnicodeDecodeError):
            body.decode("utf-8")
            return "application/xml; charset=utf-8"
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    # As application/xml the declaration in the document counts; as text/xml it would not.
    return "application/xml" + (f"; charset={charset.group(1)}" if charset else "")


def _entry(entry: Mapping[str, Any], feed_url: str, *, is_atom: bool) -> Entry:
    published_raw = _text(entry, "published") or _text(entry, "created")
    updated_raw = _text(entry, "updated")
    contents = list(_contents(entry, is_atom=is_atom))
    summary = _html_of(entry, "summary", is_atom=is_atom)
    return Entry(
        guid=_text(entry, "id"),
        link=_link(entry, feed_url),
        title_html=_html_of(entry, "title", is_atom=is_atom),
        # Where Atom gives no summary, feedparser takes the content for it.
        summary_html=summary if summary not in contents else "",
        content_html=max([*contents, summary], key=_visible_length),
        authors=tuple(_author_names(entry)),
        published=parse_date(published_raw) or _as_feedparser_has_it(entry, "published_parsed"),
        updated=parse_date(updated_raw) or _as_feedparser_has_it(entry, "updated_parsed"),
        published_raw=published_raw,
        updated_raw=updated_raw,
        language=_entry_language(entry),
    )


def _get(part: Mapping[str, Any], key: str) -> Any:
    # feedparser's own lookup maps keys onto one another and warns of it; this one does neither.
    return dict.get(part, key) if isinstance(part, dict) else None


def _text(part: Mapping[str, Any], key: str) -> str | None:
    value = _get(part, key)
    return (value.strip() or None) if isinstance(value, str) else None


def _html_of(part: Mapping[str, Any], key: str, *, is_atom: bool = False) -> str:
    detail = _get(part, f"{key}_detail") or {}
    return _as_html(_get(part, key), _get(detail, "type"), is_atom=is_atom)


def _contents(entry: Mapping[str, Any], *, is_atom: bool) -> Iterator[str]:
    for content in _get(entry, "content") or ():
        kind = str(_get(content, "type") or "")
        if kind.startswith("text/") or "html" in kind or "xml" in kind or not kind:
            yield _as_html(_get(content, "value"), kind, is_atom=is_atom)


def _as_html(value: Any, kind: str | None, *, is_atom: bool) -> str:
    """The value as HTML. Only Atom says what it means by plain text; RSS leaves it open."""
    if not isinstance(value, str):
        return ""
    return html.escape(value, quote=False) if is_atom and kind == "text/plain" else value


_TAG = re.compile(r"<[^<>]*>")


def _visible_length(markup: str) -> int:
    return len(_TAG.sub("", markup))


def _link(entry: Mapping[str, Any], feed_url: str) -> str | None:
    """The entry's page: its link, else its permanent guid."""
    for text in (_text(entry, "link"), _text(entry, "id")):
        if text and (link := absolute_url(text, feed_url)):
            return link
    return None


def absolute_url(text: str, base: str) -> str | None:
    """The http(s) URL that `text` means on a page at `base`; None when it means none."""
    try:
        url = urljoin(base, text) if _looks_like_reference(text) else text
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return url if usable and len(url) <= _LONGEST_URL and not re.search(r"\s", url) else None


def _looks_like_reference(text: str) -> bool:
    return text.startswith(("/", "./", "../", "?")) or "://" in text[:12]


def _author_names(entry: Mapping[str, Any]) -> Iterator[str]:
    for author in _get(entry, "authors") or ():
        name = _text(author, "name")
        if name:
            yield name


def _entry_language(entry: Mapping[str, Any]) -> str | None:
    details = [*(_get(entry, "content") or ()), _get(entry, "summary_detail") or {}]
    return next((language for part in details if (language := _text(part, "language"))), None)


def _ttl_s(minutes: str | None) -> float | None:
    """RSS's ttl is in minutes. Ten digits are enough for anyone."""
    return float(minutes[:10]) * 60 if minutes and re.fullmatch(r"[0-9]+", minutes) else None


# ── JSON Feed ────────────────────────────────────────────────────────────────────────────────


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


def _parse_json_feed(body: bytes, url: str) -> ParsedFeed:
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
        entries=tuple(_json_entry(item, url) for item in feed.items[:_MOST_ENTRIES]),
    )


def _json_entry(item: _JsonItem, feed_url: str) -> Entry:
    contents = [item.content_html or "", html.escape(item.content_text or "", quote=False)]
    summary = html.escape(item.summary or "", quote=False)
    authors = item.authors if item.authors is not None else [item.author or _JsonAuthor()]
    link = item.url or (item.id if isinstance(item.id, str) else None) or item.external_url
    return Entry(
        guid=None if item.id is None else str(item.id).strip() or None,
        link=absolute_url(link.strip(), feed_url) if link else None,
        title_html=html.escape(item.title or "", quote=False),
        summary_html=summary,
        content_html=max([*contents, summary], key=_visible_length),
        authors=tuple(author.name for author in authors if author.name),
        published=parse_date(item.date_published),
        updated=parse_date(item.date_modified),
        published_raw=item.date_published,
        updated_raw=item.date_modified,
        language=item.language,
    )


# ── dates ────────────────────────────────────────────────────────────────────────────────────

# Names of zones that publishers write and no standard lists, in hours from UTC. The ambiguous
# ones mean what they mean in the feeds we know: IST is India's, CST and EST America's.
_ZONES: Mapping[str, float] = {
    "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1,
    "MSK": 3, "TRT": 3, "SAST": 2, "CAT": 2, "EAT": 3, "WAT": 1, "GST": 4, "PKT": 5, "IST": 5.5,
    "NPT": 5.75, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "JST": 9,
    "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "BRT": -3, "ART": -3, "NST": -3.5, "AST": -4, "ADT": -3, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
_ZONE_NAME = re.compile(r"\b([A-Z]{2,5})$")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: an epoch or a blunder, no date


def parse_date(text: str | None) -> datetime | None:
    """The time a feed's date means, in UTC; None when it means none.

    Without a zone it is taken as UTC (RFC 822 feeds leave it out more often than not).
    """
    if not text:
        return None
    text = " ".join(text.split())[:100]
    try:
        date = _parse_iso(text) or _parse_rfc822(text)
        date = date.astimezone(UTC) if date else None
    except (ValueError, OverflowError, IndexError):
        return None
    return date if date and date >= _EARLIEST else None


def _as_feedparser_has_it(entry: Mapping[str, Any], key: str) -> datetime | None:
    """The date as feedparser reads it: more kinds of them, Greek ones too, but zones less well."""
    parsed = _get(entry, key)
    try:
        date = datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError):
        return None
    return date if date and date >= _EARLIEST else None


def _parse_iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}|\d{8}T\d{4}", text):
        return None
    padded = f"{text}-01" if re.fullmatch(r"\d{4}-\d{2}", text) else text
    # A space before the zone, or its name, is no ISO 8601 and written all the same.
    padded = re.sub(r"\s*(?:UTC|GMT|Z)$", "+00:00", padded, flags=re.IGNORECASE)
    date = datetime.fromisoformat(re.sub(r"\s+([+-]\d)", r"\1", padded))
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _parse_rfc822(text: str) -> datetime | None:
    parts = parsedate_tz(re.sub(r"([+-]\d{2}):(\d{2})$", r"\1\2", text))
    if parts is None:
        return None
    zone = _ZONE_NAME.search(text)
    offset_s = parts[9] or 0
    if zone and zone.group(1) in _ZONES:
        offset_s = int(_ZONES[zone.group(1)] * 3600)
    there = timezone(timedelta(seconds=offset_s))
    return datetime(*parts[:5], min(parts[5], 59), tzinfo=there)


# ── what is no feed ──────────────────────────────────────────────────────────────────────────

_FEED_TAG = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_HTML_START = re.compile(
    rb"(?:<\?xml[^>]*>\s*|<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html\b)", re.DOTALL
)
_TITLE = re.compile(rb"<title[^>]*>(.{0,300}?)</title", re.IGNORECASE | re.DOTALL)
_CHALLENGE_SIGNS = (b"captcha", b"cf-challenge", b"challenge-platform", b"just a moment")
_LOGIN_SIGNS = (b'type="password"', b"type='password'", b"type=password")


def _html_in_words(body: bytes) -> str:
    start = body[:200_000].lower()
    if any(sign in start for sign in _CHALLENGE_SIGNS):
        kind = "a challenge page against robots"
    elif any(sign in start for sign in _LOGIN_SIGNS):
        kind = "a login page"
    else:
        kind = "an HTML page"
    found = _TITLE.search(body[:200_000])
    title = " ".join(found.group(1).decode("utf-8", "replace").split())[:80] if found else ""
    return f"this is {kind}, not a feed" + (f': "{html.unescape(title)}"' if title else "")


def _what_it_looks_like(body: bytes) -> str:
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    root = re.search(rb"<([A-Za-z][\w:.-]{0,60})", re.sub(rb"<[?!][^>]*>", b"", start))
    if root and start.startswith(b"<"):
        name = root.group(1).decode("ascii").rpartition(":")[2].lower()
        known = {
            "opml": "a list of feeds (OPML)",
            "urlset": "a sitemap",
            "sitemapindex": "a list of sitemaps",
        }
        return f"this is {known.get(name, f'XML with a root of <{name}>')}, not a feed"
    if re.search(rb"<(?:html|head|body|div)\b", start, re.IGNORECASE):
        return _html_in_words(body)
    if start.startswith(b"["):
        return "this is JSON, but no JSON Feed"
    if (
        start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"PK\x03\x04"))
        or b"\0" in start
    ):
        return "this is binary data, not a feed"
    return f"this is no feed; it begins with {_first_words(start)!r}"


def _first_words(start: bytes) -> str:
    return " ".join(start[:200].decode("utf-8", "replace").split())[:60]
