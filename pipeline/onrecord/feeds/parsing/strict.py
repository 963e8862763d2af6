"""Reading feeds that are strictly well-formed: one pass of a strict parser, gate and reader in one.

Most feeds are, and are read twenty times faster so. What is not well-formed, and whatever is
written in a way that leaves its meaning open (two titles, elements where text is due, a document
type of its own), is left to `lenient.py`, so that both give the same of every document.

Why not fastfeedparser (0.6.5), which reads a feed of 98 kB and 30 entries in 0.2 ms, where this
takes 1.3 ms and feedparser 34 ms: it does not say whether a document is well-formed, so a strict
parser would have to pass over it first (1 ms), and it loses what identity and text depend on: it
takes every guid for a link whatever isPermaLink says, leaves links relative under xml:base, keeps
the first of several authors, and tells neither plain text from HTML in Atom, nor an entry's
language, nor a date as it was written. What it would save is a sixth of what a changed feed costs;
the rest is turning HTML into text.
"""

import html
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urljoin

from lxml import etree

from onrecord.feeds.parsing.entry import (
    MOST_ENTRIES,
    Entry,
    ParsedFeed,
    author_name,
    entry_link,
    longest,
)

Element = etree._Element  # noqa: SLF001 - lxml names its public class so

# Namespaces by the prefixes they usually have; those of RSS itself have none.
_PREFIXES: Mapping[str, str] = {
    "": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://www.w3.org/2005/Atom": "atom:",
    "http://purl.org/atom/ns#": "atom03:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
}
_XML = "{http://www.w3.org/XML/1998/namespace}"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


class _Unclear(Exception):
    """The document is well-formed, and what it means is a matter of experience."""


def read_strictly(text: str, *, url: str) -> ParsedFeed | None:
    """The feed in a document; None when it is not well-formed, or says things unclearly.

    `url` is where it came from.
    """
    # Nothing outside the document is read, and libxml2's limits on depth and growth hold.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
        if text.lstrip()[:2000].casefold().find("<!doctype") >= 0:
            return None
        parsed = _read(root, url)
    except (etree.XMLSyntaxError, UnicodeEncodeError, _Unclear, ValueError):
        return None
    # Without entries there is nothing that could be read fast, and perhaps they are hidden.
    return parsed if parsed.entries else None


def _read(root: Element, url: str) -> ParsedFeed:
    name = _name(root)
    if name == "rss":
        channel = _only(root, "channel")
        return _rss(root, channel, channel, url)
    if name == "rdf:rdf":
        return _rss(root, _only(root, "channel"), root, url)
    if name in ("atom:feed", "atom03:feed"):
        return _atom(root, url)
    raise _Unclear


def _only(parent: Element, name: str) -> Element:
    found = [child for child in parent if _name(child) == name]
    if len(found) != 1:
        raise _Unclear
    return found[0]


def _name(element: Element) -> str:
    """The element's name in lower case with the usual prefix; "?" for one we do not know."""
    return _usual_name(str(element.tag))


@lru_cache(maxsize=4096)
def _usual_name(tag: str) -> str:
    space, _, local = tag.rpartition("}")
    prefix = _PREFIXES.get(space[1:] if space else "")
    if prefix is None:
        prefix = _PREFIXES.get(space[1:].lower(), "?")
    return prefix + local.lower()


# ── RSS ──────────────────────────────────────────────────────────────────────────────────────

_SUMMARIES = ("description", "dc:description", "itunes:summary", "summary", "abstract")
# Names of the same thing. More than one of a line in an item is unclear: which of them the
# lenient reader takes depends on their order.
_ALIKE = (
    ("title", "dc:title"),
    ("link",),
    ("guid",),
    _SUMMARIES,
    ("content:encoded",),
    ("pubdate", "dcterms:issued", "published"),
    ("dc:date", "dcterms:modified", "lastbuilddate", "updated"),
    ("dcterms:created",),
)
_THING: Mapping[str, str] = {name: names[0] for names in _ALIKE for name in names}
_AUTHORS = ("author", "dc:creator", "itunes:author")
# These mean something to the lenient reader and stand in few feeds.
_RARE = frozenset((
    "content", "body", "fullitem", "xhtml:body", "image", "textinput", "id", "issued", "modified",
    "created", "name",
    "expirationdate", "homepage", "email", "uri", "dc:author", "managingeditor", "atom:id",
    "atom:title", "atom:summary", "atom:content", "atom:author", "atom:published", "tagline",
))  # fmt: skip


def _rss(root: Element, channel: Element, parent: Element, url: str) -> ParsedFeed:
    items = [child for child in parent if _name(child) == "item"]
    if parent is channel and any(_name(child) == "item" for child in root):
        raise _Unclear
    titles = [_text(child) for child in channel if _name(child) in ("title", "dc:title")]
    languages = [_text(child) for child in channel if _name(child) in ("language", "dc:language")]
    base = _base(parent, _base(root, ""))
    return ParsedFeed(
        title_html=next(filter(None, titles), ""),
        language=next(filter(None, (*languages, channel.get(f"{_XML}lang"), _lang(root))), None),
        entries=tuple(_item(item, base, url) for item in items[:MOST_ENTRIES]),
    )


def _item(item: Element, base: str, url: str) -> Entry:
    fields, authors, linked = _fields_of(item)
    base = _base(item, base)
    guid = _guid(fields.get("guid"), item, base)
    link = _value(fields, "link") or linked
    permalink = guid if not link and _is_permalink(fields.get("guid")) else None
    contents = [_value(fields, "content:encoded")] if "content:encoded" in fields else []
    summary = _first(fields, *_SUMMARIES)
    title = _first(fields, "title", "dc:title")
    if not summary and not contents:
        summary = _media(item, "media:description")
    published = _first(fields, "pubdate", "dcterms:issued", "published") or _value(
        fields, "dcterms:created"
    )
    updated = _first(fields, "dc:date", "dcterms:modified", "lastbuilddate", "updated")
    return Entry(
        guid=guid,
        link=entry_link(urljoin(base, link) if link else None, permalink, url),
        title_html=title or _media(item, "media:title"),
        summary_html=summary if summary not in contents else "",
        content_html=longest([*contents, summary]),
        authors=authors,
        published_raw=published or None,
        updated_raw=updated or None,
        language=_language_of(
            next(
                (fields[name] for name in ("content:encoded", *_SUMMARIES) if name in fields), None
            )
        ),
    )


def _fields_of(item: Element) -> tuple[dict[str, Element], tuple[str, ...], str]:
    """The fields of an item, its authors, and where an Atom link in it leads."""
    fields: dict[str, Element] = {}
    authors: list[str] = []
    linked = ""
    things: set[str] = set()
    for child in item:
        name = _name(child)
        if name == "atom:link" and _is_page(child):
            linked = (child.get("href") or "").strip()
        if name in _AUTHORS:
            authors.append(author_name(_text(child)))
        thing = _THING.get(name)
        if name in _RARE or thing in things:
            raise _Unclear
        if thing is None:
            continue
        if len(child) or (child.get("type") or "").lower() not in _PLAIN_TYPES:
            raise _Unclear
        things.add(thing)
        if (child.text or "").strip():
            fields[name] = child
    return fields, tuple(filter(None, authors)), linked


_PLAIN_TYPES = ("", "text/html", "html", "text/plain", "text", "plain")


def _guid(element: Element | None, item: Element, base: str) -> str | None:
    if element is None:
        return (item.get(_RDF_ABOUT) or "").strip() or None
    guid = _text(element)
    if guid and base and _is_permalink(element):
        guid = urljoin(base, guid)
    return guid or None


def _is_permalink(guid: Element | None) -> bool:
    """Whether a guid is said to be the page's URL; RSS 1.0's identifier always is."""
    return guid is None or guid.get("isPermaLink", "true").lower() == "true"


def _media(item: Element, name: str) -> str:
    """A media element's text, wherever it stands in the item."""
    found = [
        child
        for child in item.iter(
            "{http://search.yahoo.com/mrss/}*", "{http://search.yahoo.com/mrss}*"
        )
        if _name(child) == name
    ]
    if len(found) > 1:
        raise _Unclear
    return _text(found[0]) if found else ""


# ── Atom ─────────────────────────────────────────────────────────────────────────────────────


def _atom(root: Element, url: str) -> ParsedFeed:
    base = _base(root, "")
    entries = [child for child in root if _name(child) in ("atom:entry", "atom03:entry")]
    titles = [_markup(child)[0] for child in root if _name(child) == _like(root, "title")]
    if len(titles) > 1:
        raise _Unclear
    return ParsedFeed(
        title_html=next(iter(titles), ""),
        language=root.get(f"{_XML}lang") or None,
        entries=tuple(_atom_entry(entry, base, url) for entry in entries[:MOST_ENTRIES]),
    )


def _like(element: Element, local: str) -> str:
    """Another name in the namespace of an element."""
    return f"{_name(element).partition(':')[0]}:{local}"


_ATOM_ONCE = ("id", "title", "summary", "content", "published", "issued", "updated", "modified")


def _atom_entry(entry: Element, base: str, url: str) -> Entry:
    base = _base(entry, base)
    prefix = _like(entry, "")
    found: dict[str, Element] = {}
    links: list[str] = []
    authors: list[str] = []
    for child in entry:
        name = _name(child)
        local = name.removeprefix(prefix)
        if (
            name in _THING
            or name in _AUTHORS
            or name.startswith(("media:title", "media:description", "content:"))
        ):
            raise _Unclear  # another vocabulary says the same things in here
        if local == name:
            continue
        if local in _ATOM_ONCE and local in found:
            raise _Unclear
        if local == "link" and _is_page(child):
            links.append(urljoin(_base(child, base), (child.get("href") or "").strip()))
        if local == "author":
            authors += [_text(part) for part in child if _name(part) == f"{prefix}name"]
        found[local] = child
    guid = urljoin(base, _text(found["id"])) if "id" in found and base else _value(found, "id")
    return _atom_fields(entry, found, guid or None, links[-1] if links else None, authors, url)


def _atom_fields(
    entry: Element,
    found: Mapping[str, Element],
    guid: str | None,
    link: str | None,
    authors: list[str],
    url: str,
) -> Entry:
    published = _first(found, "published", "issued") or _value(found, "created")
    updated = _first(found, "updated", "modified")
    content, kind = _markup(found["content"]) if "content" in found else ("", "")
    contents = [content] if content and _is_text(kind) else []
    summary = _markup(found["summary"])[0] if "summary" in found else ""
    if not summary and not contents:
        summary = html.escape(_media(entry, "media:description"), quote=False)
    return Entry(
        guid=guid,
        link=entry_link(link, None if link else guid, url),
        title_html=_markup(found["title"])[0]
        if "title" in found
        else html.escape(_media(entry, "media:title"), quote=False),
        summary_html=summary if summary not in contents else "",
        content_html=longest([*contents, summary]),
        authors=tuple(filter(None, authors)),
        published_raw=published or None,
        updated_raw=updated or None,
        language=_language_of(found.get("content", found.get("summary"))),
    )


def _is_page(link: Element) -> bool:
    """Whether a link leads to the page that the entry is about."""
    kind = (link.get("type") or "text/html").lower()
    return (
        bool(link.get("href"))
        and (link.get("rel") or "alternate").lower() == "alternate"
        and kind in ("text/html", "application/xhtml+xml", "html", "xhtml")
    )


_KINDS = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": "xhtml"}


def _markup(element: Element) -> tuple[str, str]:
    """An Atom text as HTML, and its type."""
    written = (element.get("type") or "text").lower()
    kind = "xhtml" if written == "application/xhtml+xml" else _KINDS.get(written, written)
    if element.get("mode", "").lower() == "base64" or (len(element) and kind != "xhtml"):
        raise _Unclear
    if kind == "xhtml":
        return _inner(element), kind
    if not _is_text(kind) and (element.text or "").strip():
        raise _Unclear  # perhaps base64
    text = _text(element)
    return (html.escape(text, quote=False) if kind == "text/plain" else text), kind


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind == "xhtml"


def _inner(element: Element) -> str:
    """The markup within an element, without the <div> that Atom asks for."""
    if any(part.prefix for part in element.iterdescendants()):
        raise _Unclear
    children = list(element)
    only = children[0] if len(children) == 1 and not (element.text or "").strip() else None
    if only is not None and only.tag.endswith("}div") and not (only.tail or "").strip():
        element = only
    pieces = [html.escape(element.text or "", quote=False)]
    pieces += [etree.tostring(child, encoding="unicode", with_tail=True) for child in element]
    return "".join(pieces).strip()


# ── values ───────────────────────────────────────────────────────────────────────────────────


def _text(element: Element) -> str:
    if len(element):
        raise _Unclear
    return _undoubled((element.text or "").strip())


def _undoubled(text: str) -> str:
    """The text as it was before somebody took its UTF-8 for Latin-1 and encoded it once more."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _value(fields: Mapping[str, Element], name: str) -> str:
    return _text(fields[name]) if name in fields else ""


def _first(fields: Mapping[str, Element], *names: str) -> str:
    return next(filter(None, (_value(fields, name) for name in names)), "")


def _base(element: Element, outer: str) -> str:
    """The xml:base that holds in an element, given the one `outer` to it."""
    return urljoin(outer, element.get(f"{_XML}base") or "")


def _lang(element: Element) -> str | None:
    return element.get(f"{_XML}lang") or None


def _language_of(element: Element | None) -> str | None:
    """The language that a text is said to be in, by itself or by what it stands in."""
    if element is None:
        return None
    above = (element, *element.iterancestors())
    return next((each.get(f"{_XML}lang") for each in above if f"{_XML}lang" in each.attrib), None)
