"""Closes the fields of entries whose end tag is misspelt or missing.

Readers of XML stop there, and feedparser takes all entries that follow for a part of the field.
Linear in the document.
"""

import re
from difflib import SequenceMatcher
from functools import lru_cache

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z_][\w:.-]{0,40})(?P<rest>[^<>]*)>")
_ENTRIES = frozenset(("item", "entry"))
_BODIES = frozenset(("description", "summary", "content", "content:encoded"))
# Fields that no markup within a text has the name of.
_RSS_ALONE = frozenset((
    "description", "content:encoded", "guid", "pubdate", "dc:creator", "dc:date", "published",
    "updated",
))  # fmt: skip
_FIELDS = _RSS_ALONE | _BODIES | {"title", "link", "id", "comments"}
_ALIKE = 0.75


def balanced(text: str) -> str:
    """The document in which each field of an entry ends before the next one, or with its entry.

    CDATA sections must have become text before (`mended`).
    """
    pieces: list[str] = []
    at = 0
    field: str | None = None
    inside: set[str] = set()
    is_entry = False
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if field is not None and _ends_unclosed(field.lower(), name, is_end=bool(tag["end"])):
            pieces += [text[at : tag.start()], f"</{field}>"]
            at, field = tag.start(), None
        if name in _ENTRIES:
            is_entry = not tag["end"]
        elif field is None:
            if is_entry and name in _FIELDS and not tag["end"] and not tag["rest"].endswith("/"):
                field = tag["name"]
                inside.clear()
        elif not tag["end"]:
            inside.add(name)
        elif name == field.lower() or (name not in inside and _are_alike(name, field.lower())):
            pieces += [text[at : tag.start()], f"</{field}>"]
            at, field = tag.end(), None
    return "".join((*pieces, text[at:]))


def _ends_unclosed(field: str, name: str, *, is_end: bool) -> bool:
    """Whether a tag cannot stand in an open field, which has no end tag then."""
    if name in _ENTRIES:
        return True
    return not is_end and name != field and name in (_RSS_ALONE if field in _BODIES else _FIELDS)


@lru_cache(maxsize=1_000)
def _are_alike(name: str, field: str) -> bool:
    """Whether a name is a misspelt one: "descripton", "encoded" for "content:encoded"."""
    if name == field.rpartition(":")[2]:
        return True
    return SequenceMatcher(None, name, field).ratio() >= _ALIKE
