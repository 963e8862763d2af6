"""From the bytes of a feed to its entries: RSS 0.9x to 2.0, RSS 1.0, Atom and JSON Feed 1.x.

The encoding is settled first. A document that is strictly well-formed is read fast
(`strict.py`); any other, as far as it can be, by the best reader of broken feeds (`lenient.py`).
Both yield the same entries. What is no feed at all is a ParseError that says what it looks like.
HTML stays HTML here: `article.py` turns it into text.

A hostile document may take long or need much memory all the same, so this is called where that
hurts nobody: see `readers.py`.
"""

import codecs
import contextlib
import html
import re
from dataclasses import replace

from onrecord.errors import ParseError
from onrecord.feeds.parsing.entry import Entry, ParsedFeed, absolute_url, parse_date
from onrecord.feeds.parsing.jsonfeed import read_json_feed
from onrecord.feeds.parsing.lenient import read_leniently
from onrecord.feeds.parsing.strict import read_strictly

__all__ = ["Entry", "ParsedFeed", "parse_date", "parse_feed"]


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """The feed in `body`. `url` is where it came from: relative links are resolved against it.

    Raises ParseError when it is no feed.
    """
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise ParseError(url, "the answer is empty")
    if start.startswith(b"{"):
        return read_json_feed(body, url)
    if _HTML_START.match(start):
        raise ParseError(url, _html_in_words(body))
    if not _FEED_TAG.search(body) and b"\0" not in start:  # UTF-16 is full of zeros
        raise ParseError(url, _what_it_looks_like(body))
    text = settled_text(body, content_type)
    parsed = read_strictly(text, url=url) if text is not None else None
    if parsed is None:
        charset = "utf-8" if text is not None else _charset(content_type)
        settled = body if text is None else _without_halves(text).encode("utf-8", "replace")
        kind = f"application/xml; charset={charset}" if charset else "application/xml"
        parsed = read_leniently(settled, url=url, content_type=kind)
    if parsed is None:
        raise ParseError(url, _what_it_looks_like(body))
    written = text if text is not None else body.decode("latin-1")
    parsed = _with_hub(parsed, written, url)
    is_utf_16 = b"\0" in start
    return _with_hints(parsed if is_utf_16 else _with_end(parsed, written, url), written)


_END_TAG = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel|entry)\s*>", re.IGNORECASE)
_ENTRY_TAG = re.compile(r"<(/?)(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)


def _with_end(parsed: ParsedFeed, text: str, url: str) -> ParsedFeed:
    """With whether the document breaks off. Raises ParseError when it does before any entry."""
    if _END_TAG.search(text, max(0, len(text) - 2_000)):
        return parsed
    if not parsed.entries:
        raise ParseError(url, "the document breaks off before its first entry")
    tags = _ENTRY_TAG.findall(text)
    return replace(parsed, is_whole=False, is_last_cut=bool(tags) and tags[-1] == "")


# ── the encoding ─────────────────────────────────────────────────────────────────────────────

_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,200}\?>")
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def settled_text(body: bytes, content_type: str | None) -> str | None:
    """The document as text without its XML declaration; None when its encoding is doubtful.

    A byte order mark settles it. Bytes above 127 that are valid UTF-8 are UTF-8, whatever they
    are declared to be: publishers change the encoding of their pages and forget the declaration.
    Else it is what HTTP says, or the document.
    """
    encoding = _encoding_of(body, content_type)
    text = None
    with contextlib.suppress(UnicodeError, LookupError):
        text = body.decode(encoding, "cp1252-here-and-there") if encoding else None
    if text is None:
        return None
    text = text.removeprefix("\ufeff")
    declaration = _DECLARATION.match(text)
    return text[declaration.end() if declaration else 0 :].lstrip()


def _encoding_of(body: bytes, content_type: str | None) -> str | None:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding
    if b"\0" in body[:4096] or b"\x1b" in body:
        return None  # UTF-16 without its mark, ISO-2022: only guessing helps
    with contextlib.suppress(UnicodeDecodeError):
        body.decode("utf-8")
        return "utf-8"
    declared = _DECLARED.match(body)
    named = _charset(content_type) or (declared.group(1).decode("ascii") if declared else "")
    if named.lower() in ("", "utf-8", "utf8") and _is_mostly_utf8(body):
        return "utf-8"
    # What calls itself Latin-1 is what Windows makes of it, as in every browser.
    known = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "utf-8": None}
    return known.get(named.lower(), named) or None


_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def _is_mostly_utf8(body: bytes) -> bool:
    """Whether a document is UTF-8 into which a few bytes of another encoding were pasted."""
    above = len(body) - len(body.translate(None, bytes(range(0x80, 0x100))))
    valid = sum(map(len, _UTF8_SEQUENCE.findall(body)))
    return valid > above / 2


def _as_windows_has_it(error: UnicodeError) -> tuple[str, int]:
    """The bytes that are no UTF-8, as Windows means them: a pasted “ or é."""
    if not isinstance(error, UnicodeDecodeError) or error.encoding != "utf-8":
        raise error
    pasted = error.object[error.start : error.end]
    return pasted.decode("cp1252", "replace"), error.end


codecs.register_error("cp1252-here-and-there", _as_windows_has_it)


_REFERENCES = re.compile(r"(?:&#(?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,8});)+")
_REFERENCE = re.compile(r"&#([xX]?)([0-9a-fA-F]+);")


def _without_halves(text: str) -> str:
    """The text with characters that were written as two halves of UTF-16: &#55357;&#56832; is one.

    Half a character alone, or a number that is no character's, goes: feedparser fails on them.
    """
    return _REFERENCES.sub(_joined, text)


def _joined(run: re.Match[str]) -> str:
    numbers = [int(n, 16 if x else 10) for x, n in _REFERENCE.findall(run.group())]
    if all(n < 0xD800 or 0xDFFF < n < 0x110000 for n in numbers):
        return run.group()
    halves = "".join(chr(n) for n in numbers if n < 0x110000)
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _charset(content_type: str | None) -> str | None:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    return found.group(1) if found else None


# ── what a feed says of itself ───────────────────────────────────────────────────────────────

_FIRST_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)\b", re.IGNORECASE)
_TTL = re.compile(r"<ttl>\s*([0-9]{1,9})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(r"<(?:\w+:)?updatePeriod>\s*(\w+)\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(r"<(?:\w+:)?updateFrequency>\s*([0-9]{1,4})\s*</", re.IGNORECASE)
_HOURS = re.compile(r"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_DAYS = re.compile(r"<skipDays>(.{0,2000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_PERIODS_S = {
    "hourly": 3600.0,
    "daily": 86_400.0,
    "dayly": 86_400.0,  # as some write it
    "weekly": 7 * 86_400.0,
    "monthly": 30 * 86_400.0,
    "yearly": 365 * 86_400.0,
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _with_hints(parsed: ParsedFeed, text: str) -> ParsedFeed:
    """With what the head of the document says about when to ask again."""
    first = _FIRST_ENTRY.search(text)
    head = text[: first.start() if first else None][:100_000]
    ttl, period, times = _TTL.search(head), _PERIOD.search(head), _FREQUENCY.search(head)
    period_s = _PERIODS_S.get(period.group(1).lower()) if period else None
    hours, days = _HOURS.search(head), _DAYS.search(head)
    written = [int(hour) for hour in re.findall(r"[0-9]{1,2}", hours.group(1) if hours else "")]
    named = re.findall(r"[a-z]{6,9}", days.group(1).lower() if days else "")
    return replace(
        parsed,
        ttl_s=float(ttl.group(1)) * 60 if ttl else None,
        update_s=period_s / max(1, int(times.group(1)) if times else 1) if period_s else None,
        skip_hours=frozenset(hour % 24 for hour in written if hour <= 24),
        skip_days=frozenset(_WEEKDAYS.index(day) for day in named if day in _WEEKDAYS),
    )


_HEAD_LINK = re.compile(r"<(?:[\w.-]+:)?link\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(rel|href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def _with_hub(parsed: ParsedFeed, text: str, url: str) -> ParsedFeed:
    """With the hub that the head of the document names, and what it says its own URL is."""
    first = _FIRST_ENTRY.search(text)
    by_rel: dict[str, str | None] = {}
    for link in _HEAD_LINK.findall(text[: first.start() if first else None][:100_000]):
        given = {name.lower(): html.unescape(a or b) for name, a, b in _ATTRIBUTE.findall(link)}
        by_rel.setdefault(given.get("rel", "").lower(), absolute_url(given.get("href", ""), url))
    return replace(parsed, hub=by_rel.get("hub"), itself=by_rel.get("self"))


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
