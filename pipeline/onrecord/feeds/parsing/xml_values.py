"""Elements of a feed's XML: their usual names, their texts, their base and their language."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urljoin

from lxml import etree

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
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://prismstandard.org/namespaces/basic/2.0/": "prism:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
}
XML = "{http://www.w3.org/XML/1998/namespace}"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


# RSS says the same things in several vocabularies.
SUMMARIES = ("description", "dc:description", "itunes:summary", "summary", "abstract")
# Names of the same thing. More than one of a line in an item is unclear: which of them the
# lenient reader takes depends on their order.
_ALIKE = (
    ("title", "dc:title"),
    ("link",),
    ("feedburner:origlink",),
    ("guid",),
    SUMMARIES,
    ("content:encoded",),
    ("pubdate", "dcterms:issued", "published"),
    ("dc:date", "dcterms:modified", "lastbuilddate", "updated"),
    ("dcterms:created",),
    ("source",),
)
THING: Mapping[str, str] = {name: names[0] for names in _ALIKE for name in names}
# What an entry is filed under; any number of them.
CATEGORIES = ("category", "dc:subject", "prism:section")
AUTHORS = ("author", "dc:creator", "itunes:author")


class Unclear(Exception):
    """The document is well-formed, but its meaning is open to interpretation."""


def only_child(parent: Element, name: str) -> Element:
    """The one child of a name. Raises Unclear when there is none, or another one."""
    found = [child for child in parent if name_of(child) == name]
    if len(found) != 1:
        raise Unclear
    return found[0]


def name_of(element: Element) -> str:
    """The element's name in lower case with the usual prefix; "?" for one we do not know."""
    return _usual_name(str(element.tag))


@lru_cache(maxsize=4096)
def _usual_name(tag: str) -> str:
    space, _, local = tag.rpartition("}")
    prefix = _PREFIXES.get(space[1:] if space else "")
    if prefix is None:
        prefix = _PREFIXES.get(space[1:].lower(), "?")
    return prefix + local.lower()


def text_of(element: Element) -> str:
    """The text of an element without children. Raises Unclear when it has some."""
    if len(element):
        raise Unclear
    return _undoubled((element.text or "").strip())


def _undoubled(text: str) -> str:
    """The text with one double encoding undone: UTF-8 read as Latin-1 and encoded again."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def value_of(fields: Mapping[str, Element], name: str) -> str:
    """The text of a field; empty when there is none of the name."""
    return text_of(fields[name]) if name in fields else ""


def first_of(fields: Mapping[str, Element], *names: str) -> str:
    """The text of the first of some fields that has any."""
    return next(filter(None, (value_of(fields, name) for name in names)), "")


def filed_in(element: Element) -> tuple[str, str]:
    """A category of RSS and its domain; that of a section says so itself."""
    name = "" if len(element) else (element.text or "").strip()
    scheme = "section" if name_of(element) == "prism:section" else element.get("domain") or ""
    return name, scheme


def base_of(element: Element, outer: str) -> str:
    """The xml:base in effect in an element, given the outer one."""
    return urljoin(outer, element.get(f"{XML}base") or "")


def lang_of(element: Element) -> str | None:
    """The language declared by the element itself."""
    return element.get(f"{XML}lang") or None


def language_of(element: Element | None) -> str | None:
    """The declared language of a text, from its element or an enclosing one."""
    if element is None:
        return None
    above = (element, *element.iterancestors())
    return next((each.get(f"{XML}lang") for each in above if f"{XML}lang" in each.attrib), None)


def media_text(item: Element, name: str) -> str:
    """A media element's text, wherever it stands in the item."""
    found = [
        child
        for child in item.iter(
            "{http://search.yahoo.com/mrss/}*", "{http://search.yahoo.com/mrss}*"
        )
        if name_of(child) == name
    ]
    if len(found) > 1:
        raise Unclear
    return text_of(found[0]) if found else ""


def is_page_link(link: Element) -> bool:
    """Whether a link leads to the page that the entry is about."""
    kind = (link.get("type") or "text/html").lower()
    return (
        bool(link.get("href") or (link.text or "").strip())
        and (link.get("rel") or "alternate").lower() == "alternate"
        and kind in ("text/html", "application/xhtml+xml", "html", "xhtml")
    )
