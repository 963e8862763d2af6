"""Distinguishes feeds from other documents, and describes those in words."""

import html
import re
from itertools import islice

from onrecord.feeds.parsing.encoding import page_text
from onrecord.feeds.parsing.page_links import feed_links

_FEED_TAG = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_DOCTYPE_HTML = re.compile(rb"<!doctype\s+html\b", re.IGNORECASE)
_NAME = re.compile(rb"<(?:[\w.-]{1,60}:)?([A-Za-z][\w.-]{0,60})")
_FEED_ROOTS = (b"rss", b"feed", b"rdf", b"channel", b"entry")
_PAGE_ROOTS = (b"html", b"head", b"body")
_ENDS = ((b"<!--", b"-->"), (b"<?", b">"), (b"<!", b">"))
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,300})</title", re.IGNORECASE)
_HEAD_BYTES = 100_000
_MOST_NAMED = 5
_CHALLENGE_SIGNS = (b"captcha", b"cf-challenge", b"challenge-platform", b"just a moment")
_LOGIN_SIGNS = (b'type="password"', b"type='password'", b"type=password")


def root_of(start: bytes) -> bytes:
    """The name of a document's first element, in lower case without its prefix; empty for none."""
    start, at = start[:4096], 0
    while True:
        at = len(start) - len(start[at:].lstrip())
        end = next((end for mark, end in _ENDS if start.startswith(mark, at)), None)
        if end is None:
            name = _NAME.match(start, at)
            return name.group(1).lower() if name else b""
        close = start.find(end, at)
        if close < 0:
            return b""
        at = close + len(end)


def is_html(start: bytes) -> bool:
    """Whether a document's start is an HTML page's: by its root, whatever its document type."""
    root = root_of(start)
    return root in _PAGE_ROOTS or (
        root not in _FEED_ROOTS and _DOCTYPE_HTML.search(start) is not None
    )


def looks_like_a_feed(body: bytes) -> bool:
    """Whether any element of a feed begins anywhere in a document."""
    return _FEED_TAG.search(body) is not None


def html_in_words(body: bytes, content_type: str | None = None, *, url: str) -> str:
    """A description of an HTML page: its kind, its title and the feeds that it names."""
    start = body[:200_000].lower()
    if any(sign in start for sign in _CHALLENGE_SIGNS):
        kind = "a challenge page against robots"
    elif any(sign in start for sign in _LOGIN_SIGNS):
        kind = "a login page"
    else:
        kind = "an HTML page"
    head = body[: body.rfind(b">", 0, _HEAD_BYTES) + 1]
    text = page_text(head, content_type)
    found = _TITLE.search(text)
    title = html.unescape(" ".join(found.group(1).split()))[:80] if found else ""
    called = f': "{title}"' if title else ""
    named = list(islice(dict.fromkeys(feed_links(text, url)), _MOST_NAMED))
    feeds = f"; its feeds: {' '.join(named)}" if named else ""
    return f"this is {kind}, not a feed{called}{feeds}"


def what_it_looks_like(body: bytes, url: str) -> str:
    """A description of a document without a feed in it."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    root = re.search(rb"<([A-Za-z][\w:.-]{0,60})", re.sub(rb"<[?!][^>]*>", b"", start))
    if root and start.startswith(b"<"):
        name = root.group(1).decode("ascii").rpartition(":")[2].lower()
        known = {
            "opml": "a list of feeds (OPML)",
        }
        return f"this is {known.get(name, f'XML with a root of <{name}>')}, not a feed"
    if re.search(rb"<(?:html|head|body|div)\b", start, re.IGNORECASE):
        return html_in_words(body, url=url)
    if start.startswith(b"["):
        return "this is JSON, but not a JSON Feed"
    if (
        start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"PK\x03\x04"))
        or b"\0" in start
    ):
        return "this is binary data, not a feed"
    return f"this is not a feed; it begins with {_first_words(start)!r}"


def _first_words(start: bytes) -> str:
    return " ".join(start[:200].decode("utf-8", "replace").split())[:60]
