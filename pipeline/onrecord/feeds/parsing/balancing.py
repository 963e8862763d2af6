"""Closes the fields of entries whose end tag is misspelt or missing.

Readers of XML stop there, and feedparser takes all entries that follow for a part of the field.
Linear in the document.
"""

import re
from bisect import bisect_right
from collections import defaultdict
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
    marks = _Marks(text)
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if field is not None and _ends_unclosed(field.lower(), tag, marks):
            pieces += [text[at : tag.start()], f"</{field}>"]
            at, field = tag.start(), None
        if field is None and name in _ENTRIES:
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


class _Marks:
    """Where the tags of fields and entries stand."""

    def __init__(self, text: str) -> None:
        self._at: dict[str, list[int]] = defaultdict(list)
        self._ends: set[int] = set()
        for tag in _TAG.finditer(text):
            name = tag["name"].lower()
            if name in _FIELDS or name in _ENTRIES:
                self._at["entry" if name in _ENTRIES else name].append(tag.start())
                if tag["end"]:
                    self._ends.add(tag.start())

    def is_closed_after(self, field: str, at: int) -> bool:
        """Whether the field's own end tag comes before its next start tag and the next entry's."""
        own = self._next(field, at)
        entry = self._next("entry", at)
        return own is not None and own in self._ends and (entry is None or own < entry)

    def _next(self, name: str, at: int) -> int | None:
        places = self._at[name]
        found = bisect_right(places, at)
        return places[found] if found < len(places) else None


def _ends_unclosed(field: str, tag: re.Match[str], marks: _Marks) -> bool:
    """Whether a tag cannot stand in an open field, which has no end tag then."""
    name = tag["name"].lower()
    if tag["end"]:
        return name in _ENTRIES
    if name == field or name not in (_RSS_ALONE if field in _BODIES else _FIELDS) | _ENTRIES:
        return False
    return not marks.is_closed_after(field, tag.start())


@lru_cache(maxsize=1_000)
def _are_alike(name: str, field: str) -> bool:
    """Whether a name is a misspelt one: "descripton", "encoded" for "content:encoded"."""
    if name == field.rpartition(":")[2]:
        return True
    return SequenceMatcher(None, name, field).ratio() >= _ALIKE
