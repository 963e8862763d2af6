"""Parses the bytes of a feed into entries: RSS 0.9x to 2.0, RSS 1.0, Atom, JSON Feed 1.x, sitemaps.

The encoding is settled first. A document that is well-formed is read fast (`strict.py`), and so is
one that can be made well-formed (`mending.py`, `balancing.py`); any other, as far as it can be, by
the best reader of broken feeds (`lenient.py`). All yield the same entries. A document that is not a
feed is a ParseError that says what it looks like. HTML stays HTML and dates stay as written:
`draft.py` turns them into text and times.

A hostile document may take long or need much memory all the same, so this is called in a process
with limits (`reader_processes.py`).
"""

from dataclasses import replace

from onrecord.errors import ParseError
from onrecord.feeds.parsing.balancing import balanced
from onrecord.feeds.parsing.encoding import charset_of, settled_text, without_lone_surrogates
from onrecord.feeds.parsing.ending import DocumentEnd, ending_of
from onrecord.feeds.parsing.entry import ParsedFeed
from onrecord.feeds.parsing.hints import with_deleted, with_hints, with_hub
from onrecord.feeds.parsing.jsonfeed import read_json_feed
from onrecord.feeds.parsing.lenient import read_leniently
from onrecord.feeds.parsing.mending import mended
from onrecord.feeds.parsing.not_a_feed import (
    html_in_words,
    is_html,
    looks_like_a_feed,
    root_of,
    what_it_looks_like,
)
from onrecord.feeds.parsing.sitemap import ROOTS, read_sitemap
from onrecord.feeds.parsing.strict import read_strictly


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """The feed in `body`. `url` is where it came from: relative links are resolved against it.

    Raises ParseError when it is not a feed.
    """
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise ParseError(url, "the answer is empty")
    if start.startswith(b"{"):
        return read_json_feed(body, url)
    if is_html(start):
        raise ParseError(url, html_in_words(body, content_type, url=url))
    if root_of(start) in ROOTS:
        return read_sitemap(body, content_type, url)
    if not looks_like_a_feed(body) and b"\0" not in start:  # UTF-16 is full of zeros
        raise ParseError(url, what_it_looks_like(body, url))
    text = settled_text(body, content_type)
    parsed = _read_bytes(body, url, content_type) if text is None else _read_text(text, url)
    if parsed is None:
        raise ParseError(url, what_it_looks_like(body, url))
    head = text if text is not None else body[:200_000].decode("latin-1")
    parsed = with_deleted(parsed, head)
    return with_hints(with_hub(parsed, head, url), head)


def _read_bytes(body: bytes, url: str, content_type: str | None) -> ParsedFeed | None:
    """The feed in a document whose encoding is doubtful: feedparser guesses best."""
    charset = charset_of(content_type)
    kind = f"application/xml; charset={charset}" if charset else "application/xml"
    if b"\0" in body[:4096]:  # in UTF-16 no tag stands as it is looked for
        return read_leniently(body, url=url, content_type=kind)
    ending = ending_of(body.decode("latin-1"))
    parsed = read_leniently(ending.text.encode("latin-1"), url=url, content_type=kind)
    return _as_it_ends(parsed, ending, url)


def _read_text(text: str, url: str) -> ParsedFeed | None:
    ending = ending_of(text)
    text = ending.text
    parsed = read_strictly(text, url=url)
    if parsed is None:
        text = without_lone_surrogates(text)
        better = mended(text)
        parsed = read_strictly(better, url=url) if better != text else None
        if parsed is None and (closed := balanced(better)) != better:
            parsed = read_strictly(closed, url=url)  # else the lenient reader has the text unclosed
        if parsed is None:
            kind = "application/xml; charset=utf-8"
            settled = better.encode("utf-8", "replace")
            parsed = read_leniently(settled, url=url, content_type=kind)
    return _as_it_ends(parsed, ending, url)


def _as_it_ends(parsed: ParsedFeed | None, ending: DocumentEnd, url: str) -> ParsedFeed | None:
    """The feed, with a note if its document breaks off. Raises ParseError without an entry."""
    if parsed is None or ending.is_whole:
        return parsed
    if not parsed.entries:
        raise ParseError(url, "the document breaks off before the end of its first entry")
    return replace(parsed, is_whole=False, is_last_cut=ending.is_last_cut)
