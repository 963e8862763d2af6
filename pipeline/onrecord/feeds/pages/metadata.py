"""Reads a page's metadata: JSON-LD, OpenGraph, the older meta elements, its markup.

Each is read in the order of how often publishers get it right. All pure; nothing here raises on
broken markup.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from lxml import etree

from onrecord.feeds.articles.authors import author_names
from onrecord.feeds.pages.elements import blocks_of
from onrecord.feeds.parsing.dates import parse_date
from onrecord.feeds.parsing.entry import absolute_url
from onrecord.feeds.text.html import html_to_line, html_to_text

_MOST_LD = 200  # objects of JSON-LD that are looked at: a page has ten

_PUBLISHED = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish-date",
    "publication_date", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued",
    "dc.date", "dcterms.date", "og:pubdate", "date",
)  # fmt: skip
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified")
_AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")

_TITLE = ("og:title", "twitter:title")
_LONGEST_HEADLINE = 500
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n\s*")
_BESIDE_SITE_NAME = re.compile(r"\s+[|•·»–—-]+\s+|\s*\|\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """What a page says of itself. Plain text, dates in UTC; None, or empty, where it says nothing.

    `url` is the address it says is its own.
    """

    url: str | None = None
    title: str = ""
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    summary: str = ""
    language: str | None = None


def read_metadata(markup: str, base: str) -> PageMetadata:
    """What the page in `markup` says of itself; relative links are resolved against `base`."""
    parser = etree.HTMLParser(huge_tree=True, encoding="utf-8", remove_comments=True)
    tree = etree.fromstring(markup.encode("utf-8", "replace") or b" ", parser)
    if tree is None:
        return PageMetadata()
    metas, linked = _metas(tree), _article_of(_linked_data(tree))
    title = _first([*_texts(linked.get("headline")), metas.get("og:title"), *_headings(tree)])
    authors = _names(linked.get("author")) or [metas[name] for name in _AUTHOR if name in metas]
    return PageMetadata(
        url=_own_url(tree, metas, base),
        title=html_to_line(title),
        publisher=html_to_line(
            _first([metas.get("og:site_name"), *_names(linked.get("publisher"))])
        )
        or None,
        authors=author_names(authors[:20]),
        published=_first_date(
            [*_texts(linked.get("datePublished")), *_named(metas, _PUBLISHED), *_times(tree)]
        ),
        updated=_first_date([*_texts(linked.get("dateModified")), *_named(metas, _UPDATED)]),
        summary=html_to_line(_first(_named(metas, ("og:description", "description")))),
        language=tree.get("lang") or _first(_texts(linked.get("inLanguage"))) or None,
    )


def linked_text(tree: Any) -> list[str]:
    """The paragraphs of the article's text in a page's JSON-LD; empty when it has none."""
    bodies = _texts(_article_of(_linked_data(tree)).get("articleBody"))
    if not bodies or not bodies[0].strip():
        return []
    body = bodies[0]
    if "<" in body or "&lt;" in body:
        return html_to_text(body).split("\n\n")
    # Plain text: a line is a paragraph, unless blank lines part them.
    parts = _BLANK_LINE.split(body) if _BLANK_LINE.search(body.strip()) else body.splitlines()
    return [line for part in parts if (line := html_to_line(part))]


def headlines(tree: Any) -> Iterator[str]:
    """The article's headline in each place where a page may have it, as lines of plain text."""
    linked = _texts(_article_of(_linked_data(tree)).get("headline"))
    written = (*islice(_headings(tree), 2), *linked, *_named(_metas(tree), _TITLE))
    for line in (html_to_line(each) for each in written if len(each) <= _LONGEST_HEADLINE):
        yield line
        for between in _BESIDE_SITE_NAME.finditer(line):
            yield line[: between.start()]
            yield line[between.end() :]


def _first(texts: Iterable[str | None]) -> str:
    return next((text.strip() for text in texts if text and text.strip()), "")


def _first_date(texts: Iterable[str]) -> datetime | None:
    return next((date for text in texts if (date := parse_date(text))), None)


# ── meta elements and markup ─────────────────────────────────────────────────────────────────


def _metas(tree: Any) -> dict[str, str]:
    """The contents of meta elements by name, in lower case; the first of a name counts."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        if name and meta.get("content"):
            found.setdefault(name.strip().lower(), meta.get("content"))
    return found


def _named(metas: dict[str, str], names: Iterable[str]) -> Iterator[str]:
    return (metas[name] for name in names if name in metas)


def _headings(tree: Any) -> Iterator[str]:
    """A heading that is the only one of its rank, else the title."""
    headings = list(islice(tree.iter("h1"), 2))
    if len(headings) == 1:
        yield " ".join(block.text for block in blocks_of(headings[0]))
    yield from ("".join(title.itertext()) for title in tree.iter("title"))


def _times(tree: Any) -> Iterator[str]:
    """Times in the text that are said to be its publication's."""
    for time in tree.iter("time"):
        if time.get("datetime") and (
            time.get("itemprop") == "datePublished" or time.get("pubdate") is not None
        ):
            yield time.get("datetime")


def _own_url(tree: Any, metas: dict[str, str], base: str) -> str | None:
    links = [link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical"]
    for link in [*links, metas.get("og:url")]:
        url = absolute_url(link.strip(), base) if link else None
        if url:
            return url
    return None


# ── JSON-LD ──────────────────────────────────────────────────────────────────────────────────


def _linked_data(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, the outer ones first."""
    waiting = [
        _decoded("".join(script.itertext()))
        for script in tree.iter("script")
        if script.get("type") == "application/ld+json"
    ]
    for _ in range(_MOST_LD):
        if not waiting:
            return
        value = waiting.pop(0)
        if isinstance(value, dict):
            yield value
            waiting += [value.get("@graph"), value.get("mainEntity")]
        elif isinstance(value, list):
            waiting += value[:_MOST_LD]


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text.strip())
    except (msgspec.DecodeError, RecursionError):
        return None


def _article_of(objects: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The object that describes the article; an empty one when none does."""
    for found in objects:
        kinds = _texts(found.get("@type"))
        if any(kind.endswith(("Article", "BlogPosting", "Report")) for kind in kinds):
            return found
    return {}


def _texts(value: Any) -> list[str]:
    """The texts in a value that may be one or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def _names(value: Any) -> list[str]:
    """The names in a value that may be a name, an object with one, or a list of either."""
    values = value if isinstance(value, list) else [value]
    named = [one.get("name") if isinstance(one, dict) else one for one in values]
    return [name for one in named for name in _texts(one)]
