"""Reads well-formed Atom on behalf of `strict.py`."""

import html
from collections.abc import Mapping
from urllib.parse import urljoin

from lxml import etree

from onrecord.feeds.parsing.entry import (
    MOST_ENTRIES,
    Entry,
    ParsedFeed,
    entry_link,
    longest,
)
from onrecord.feeds.parsing.subjects import categories_of, sections_of
from onrecord.feeds.parsing.xml_values import (
    AUTHORS,
    THING,
    XML,
    Element,
    Unclear,
    base_of,
    first_of,
    is_page_link,
    language_of,
    media_text,
    name_of,
    text_of,
    value_of,
)


def read_atom(root: Element, url: str) -> ParsedFeed:
    """The feed in an Atom document. Raises Unclear."""
    base = base_of(root, "")
    entries = [child for child in root if name_of(child) in ("atom:entry", "atom03:entry")]
    titles = [_markup(child)[0] for child in root if name_of(child) == _like(root, "title")]
    if len(titles) > 1:
        raise Unclear
    return ParsedFeed(
        title_html=next(iter(titles), ""),
        language=root.get(f"{XML}lang") or None,
        entries=tuple(_atom_entry(entry, base, url) for entry in entries[:MOST_ENTRIES]),
    )


def _like(element: Element, local: str) -> str:
    """A name in the same namespace as an element."""
    return f"{name_of(element).partition(':')[0]}:{local}"


_ATOM_ONCE = ("id", "title", "summary", "content", "published", "issued", "updated", "modified")


def _atom_entry(entry: Element, base: str, url: str) -> Entry:
    base = base_of(entry, base)
    prefix = _like(entry, "")
    found: dict[str, Element] = {}
    links: list[str] = []
    authors: list[str] = []
    for child in entry:
        name = name_of(child)
        local = name.removeprefix(prefix)
        if (
            name in THING
            or name in AUTHORS
            or name.startswith(("media:title", "media:description", "content:"))
        ):
            raise Unclear  # another vocabulary says the same things in here
        if local == name:
            continue
        if local in _ATOM_ONCE and local in found:
            raise Unclear
        if local == "link" and is_page_link(child):
            href = child.get("href") or child.text or ""
            links.append(urljoin(base_of(child, base), href.strip()))
        if local == "author":
            authors += [text_of(part) for part in child if name_of(part) == f"{prefix}name"]
        found[local] = child
    guid = urljoin(base, text_of(found["id"])) if "id" in found and base else value_of(found, "id")
    return _atom_fields(entry, found, guid or None, links[0] if links else None, authors, url)


def _atom_fields(
    entry: Element,
    found: Mapping[str, Element],
    guid: str | None,
    link: str | None,
    authors: list[str],
    url: str,
) -> Entry:
    published = first_of(found, "published", "issued") or value_of(found, "created")
    updated = first_of(found, "updated", "modified")
    filed = [_filed(child) for child in entry if name_of(child) == _like(entry, "category")]
    content, kind = _markup(found["content"]) if "content" in found else ("", "")
    contents = [content] if content and _is_text(kind) else []
    summary = _markup(found["summary"])[0] if "summary" in found else ""
    if not summary and not contents:
        summary = html.escape(media_text(entry, "media:description"), quote=False)
    return Entry(
        guid=guid,
        link=entry_link(link, None if link else guid, url),
        title_html=_markup(found["title"])[0]
        if "title" in found
        else html.escape(media_text(entry, "media:title"), quote=False),
        summary_html=summary if summary not in contents else "",
        content_html=longest([*contents, summary]),
        authors=tuple(filter(None, authors)),
        published_raw=published or None,
        updated_raw=updated or None,
        language=language_of(found.get("content", found.get("summary"))),
        source=_source(found.get("source")),
        categories=categories_of(filed),
        sections=sections_of(filed),
    )


def _filed(category: Element) -> tuple[str, str]:
    name = category.get("label") or category.get("term") or category.text or ""
    return name.strip(), category.get("scheme") or ""


def _source(element: Element | None) -> str | None:
    """The title of the feed that an Atom entry was copied from."""
    titles = (
        (text_of(child) for child in element if name_of(child) == "atom:title")
        if element is not None
        else ()
    )
    return next(filter(None, titles), None)


_KINDS = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": "xhtml"}


def _markup(element: Element) -> tuple[str, str]:
    """An Atom text as HTML, and its type."""
    written = (element.get("type") or "text").lower()
    kind = "xhtml" if written == "application/xhtml+xml" else _KINDS.get(written, written)
    if element.get("mode", "").lower() == "base64" or (len(element) and kind != "xhtml"):
        raise Unclear
    if kind == "xhtml":
        return _inner(element), kind
    if not _is_text(kind) and (element.text or "").strip():
        raise Unclear  # perhaps base64
    text = text_of(element)
    return (html.escape(text, quote=False) if kind == "text/plain" else text), kind


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind == "xhtml"


def _inner(element: Element) -> str:
    """The markup within an element, without the <div> that Atom asks for."""
    if any(part.prefix for part in element.iterdescendants()):
        raise Unclear
    children = list(element)
    only = children[0] if len(children) == 1 and not (element.text or "").strip() else None
    if only is not None and only.tag.endswith("}div") and not (only.tail or "").strip():
        element = only
    pieces = [html.escape(element.text or "", quote=False)]
    pieces += [etree.tostring(child, encoding="unicode", with_tail=True) for child in element]
    return "".join(pieces).strip()
