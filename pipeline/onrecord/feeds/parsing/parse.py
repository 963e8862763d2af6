"""From the bytes of a feed to its entries: RSS 0.9x to 2.0, RSS 1.0, Atom and JSON Feed 1.x.

The encoding is settled first. A document that is strictly well-formed is read fast
(`strict.py`); any other, as far as it can be, by the best reader of broken feeds (`lenient.py`).
Both yield the same entries. What is no feed at all is a ParseError that says what it looks like.
HTML stays HTML here: `article.py` turns it into text.

A hostile document may take long or need much memory all the same, so this is called where that
hurts nobody: see `readers.py`.
"""

import re
from dataclasses import replace

from onrecord.errors import ParseError
from onrecord.feeds.parsing.encoding import charset_of, settled_text, without_lone_surrogates
from onrecord.feeds.parsing.entry import ParsedFeed
from onrecord.feeds.parsing.hints import with_hints, with_hub
from onrecord.feeds.parsing.jsonfeed import read_json_feed
from onrecord.feeds.parsing.lenient import read_leniently
from onrecord.feeds.parsing.not_a_feed import (
    HTML_START,
    html_in_words,
    looks_like_a_feed,
    what_it_looks_like,
)
from onrecord.feeds.parsing.strict import read_strictly


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """The feed in `body`. `url` is where it came from: relative links are resolved against it.

    Raises ParseError when it is no feed.
    """
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise ParseError(url, "the answer is empty")
    if start.startswith(b"{"):
        return read_json_feed(body, url)
    if HTML_START.match(start):
        raise ParseError(url, html_in_words(body))
    if not looks_like_a_feed(body) and b"\0" not in start:  # UTF-16 is full of zeros
        raise ParseError(url, what_it_looks_like(body))
    text = settled_text(body, content_type)
    parsed = read_strictly(text, url=url) if text is not None else None
    if parsed is None:
        charset = "utf-8" if text is not None else charset_of(content_type)
        settled = body if text is None else without_lone_surrogates(text).encode("utf-8", "replace")
        kind = f"application/xml; charset={charset}" if charset else "application/xml"
        parsed = read_leniently(settled, url=url, content_type=kind)
    if parsed is None:
        raise ParseError(url, what_it_looks_like(body))
    written = text if text is not None else body.decode("latin-1")
    parsed = with_hub(parsed, written, url)
    is_utf_16 = b"\0" in start
    return with_hints(parsed if is_utf_16 else _with_end(parsed, written, url), written)


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
