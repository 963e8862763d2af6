"""Reads feeds that are broken or unusual; the only module that uses feedparser.

feedparser is the best reader of broken feeds, but slow: 20 to 40 ms for a news feed of 150 kB,
seconds for hostile ones. Strictly well-formed feeds are read by `strict.py`.
"""

import html
from collections.abc import Iterator, Mapping
from typing import Any

from onrecord.errors import ParseError
from onrecord.feeds.parsing.entry import (
    MOST_ENTRIES,
    Entry,
    ParsedFeed,
    author_name,
    entry_link,
    longest,
)
from onrecord.feeds.parsing.subjects import categories_of, sections_of


def read_leniently(body: bytes, *, url: str, content_type: str | None) -> ParsedFeed | None:
    """The feed in a document, as far as it is readable; None when there is none.

    `url` is where it came from. Raises ParseError when reading it fails altogether.
    """
    result = _run_feedparser(body, url, content_type)
    if not result.get("version") and not result.get("entries"):
        return None
    feed = result["feed"]
    is_atom = str(result.get("version", "")).startswith("atom")
    return ParsedFeed(
        title_html=_html_of(feed, "title"),
        language=_text(feed, "language"),
        entries=tuple(
            _entry(entry, url, is_atom=is_atom) for entry in result["entries"][:MOST_ENTRIES]
        ),
    )


def _run_feedparser(body: bytes, url: str, content_type: str | None) -> Mapping[str, Any]:
    import feedparser  # a tenth of a reader's imports, and most feeds are well-formed

    # No location: guids stay as they are written, and links are made absolute by us.
    headers = {"content-type": content_type} if content_type else {}
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


def _entry(entry: Mapping[str, Any], feed_url: str, *, is_atom: bool) -> Entry:
    published_raw = _text(entry, "published") or _text(entry, "created")
    updated_raw = _text(entry, "updated")
    contents = list(_contents(entry, is_atom=is_atom))
    filed = list(_filed(entry))
    summary = _html_of(entry, "summary", is_atom=is_atom)
    return Entry(
        guid=_text(entry, "id"),
        link=_link(entry, feed_url, is_atom=is_atom),
        title_html=_html_of(entry, "title", is_atom=is_atom),
        # Where Atom gives no summary, feedparser takes the content for it.
        summary_html=summary if not _is_content(entry) and summary not in contents else "",
        content_html=longest([*contents, summary]),
        authors=tuple(_author_names(entry)),
        published_raw=published_raw,
        updated_raw=updated_raw,
        language=_entry_language(entry),
        source=_text(_get(entry, "source") or {}, "title"),
        source_url=_text(_get(entry, "source") or {}, "href"),
        categories=categories_of(filed),
        sections=sections_of(filed),
    )


def _link(entry: Mapping[str, Any], feed_url: str, *, is_atom: bool) -> str | None:
    """The entry's page; its guid only without a link, and if the guid is declared a permalink."""
    link, guid = _text(entry, "link"), _text(entry, "id")
    if is_atom:
        link = next(_pages(entry), link)  # the first of several; feedparser has the last
    link = _text(entry, "feedburner_origlink") or link
    is_permalink = _get(entry, "guidislink") is not False
    if link is not None and not (link == guid and is_permalink):
        return entry_link(link, None, feed_url)
    return entry_link(None, guid if is_permalink else None, feed_url)


def _pages(entry: Mapping[str, Any]) -> Iterator[str]:
    for link in _get(entry, "links") or ():
        kind, href = str(_get(link, "type") or "text/html"), _text(link, "href")
        if href and _get(link, "rel") == "alternate" and "html" in kind:
            yield href


def _is_content(entry: Mapping[str, Any]) -> bool:
    """Whether the summary is a content, as it was before it became HTML."""
    values = [_get(content, "value") for content in _get(entry, "content") or ()]
    return _get(entry, "summary") in values


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


def _filed(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for tag in _get(entry, "tags") or ():
        yield _text(tag, "label") or _text(tag, "term") or "", _text(tag, "scheme") or ""
    if section := _text(entry, "prism_section"):
        yield section, "section"


def _author_names(entry: Mapping[str, Any]) -> Iterator[str]:
    authors: list[Mapping[str, Any]] = _get(entry, "authors") or []
    for author in authors:
        # feedparser cuts e-mail addresses short, and leaves the rest of "ann@post.media (Ann Li)"
        # before the name.
        written = _text(entry, "author") if author is authors[-1] and "email" in author else None
        name = author_name(written) if written and "@" in written else _text(author, "name")
        if name:
            yield name


def _entry_language(entry: Mapping[str, Any]) -> str | None:
    details = [*(_get(entry, "content") or ()), _get(entry, "summary_detail") or {}]
    return next((language for part in details if (language := _text(part, "language"))), None)
