"""Finds whether a feed's document is complete, or breaks off between or within entries.

A document that breaks off is read up to the end of its last whole entry. Tags inside CDATA
sections and comments are text: an article about feeds must not end the entry that it stands in.
Every pass is linear in the document.
"""

import re
from collections import deque
from dataclasses import dataclass

_TAIL_CHARS = 2_000  # comments and blank lines may follow the end tag
_END_TAGS = {
    "rdf": re.compile(r"</(?:[\w.-]+:)?rdf\s*>", re.IGNORECASE),  # its channel ends before items
    "": re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE),
}
_ROOT = re.compile(
    r"(?:<[?!][^<>]{0,1000}>\s*)*<((?:[\w.-]{1,40}:)?(?:rss|feed|rdf|entry))[\s>]", re.IGNORECASE
)
_SECTION_OR_ENTRY_TAG = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    r"|(?P<begin><(?:[\w.-]+:)?(?:item|entry)[\s>])"
    r"|(?P<end></(?:[\w.-]+:)?(?:item|entry)(?=[\s>]|\Z)[^<>]{0,100}>?)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class DocumentEnd:
    """A document up to the end of its last whole entry, closed again if it breaks off there.

    `is_last_cut` says that it breaks off within an entry, which is not in `text`.
    """

    text: str
    is_whole: bool = True
    is_last_cut: bool = False


def ending_of(text: str) -> DocumentEnd:
    """The ending of an RSS, RDF or Atom document."""
    root = _ROOT.match(text)
    name = root.group(1) if root else ""
    kind = name.rpartition(":")[2].lower()
    if _is_closed(text, kind):
        return DocumentEnd(text)
    tags = (tag for tag in _SECTION_OR_ENTRY_TAG.finditer(text) if tag.lastgroup)
    last = next(iter(deque(tags, maxlen=1)), None)
    if last is None:
        return DocumentEnd(text, is_whole=False)
    is_last_cut = last.lastgroup == "begin"
    if kind == "entry" and not is_last_cut:
        return DocumentEnd(text)
    kept = text[: last.start()] if is_last_cut else f"{text[: last.end()].removesuffix('>')}>"
    channel = "</channel>" if kind == "rss" else ""
    return DocumentEnd(f"{kept}{channel}</{name}>" if name else kept, False, is_last_cut)


def _is_closed(text: str, kind: str) -> bool:
    """Whether the root's end tag stands near the end of a document, as a tag and not as text."""
    end_tag = _END_TAGS.get(kind, _END_TAGS[""])
    ends = list(end_tag.finditer(text, max(0, len(text) - _TAIL_CHARS)))
    if not ends:
        return False
    if not text[ends[-1].end() :].strip():
        return True
    opened = text.rfind("<![CDATA[", 0, ends[-1].start())
    return opened < 0 or text.find("]]>", opened, ends[-1].start()) >= 0
