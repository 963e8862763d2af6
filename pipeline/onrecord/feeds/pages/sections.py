"""Finds the sections that a page says its article is in. All pure.

It is read from the markup as it stands: another parse would cost as much as the article's text.
"""

import html
import re
from collections.abc import Iterator
from itertools import islice

from onrecord.feeds.text.html import html_to_line

_META = re.compile(r"<meta\b[^<>]{0,500}>", re.IGNORECASE)
_PROPERTY = re.compile(r"""(?:property|name)\s*=\s*["']?article:section["'\s/>]""", re.IGNORECASE)
_CONTENT = re.compile(r"""content\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_LINKED = re.compile(r'"articleSection"\s*:\s*(\[[^\[\]{}]{0,1000}\]|"(?:[^"\\]|\\.){0,200}")')
_STRING = re.compile(r'"((?:[^"\\]|\\.){0,200})"')
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)")
_MOST = 5
_MOST_CHARS = 100
_HEAD_CHARS = 300_000


def sections_in(markup: str) -> tuple[str, ...]:
    """The sections of a page: its article:section, else the articleSection of its linked data."""
    head = markup[:_HEAD_CHARS]
    named = list(islice(_named(head), _MOST)) or list(islice(_linked(head), _MOST))
    lines = (html_to_line(each) for each in named)
    return tuple(dict.fromkeys(line for line in lines if 0 < len(line) <= _MOST_CHARS))


def _named(head: str) -> Iterator[str]:
    for meta in _META.finditer(head):
        content = _CONTENT.search(meta.group()) if _PROPERTY.search(meta.group()) else None
        if content:
            yield html.unescape(content[1] or content[2] or "")


def _linked(head: str) -> Iterator[str]:
    found = _LINKED.search(head)
    for string in _STRING.finditer(found[1] if found else ""):
        yield _ESCAPE.sub(lambda e: chr(int(e[1], 16)) if e[1] else e[2], string[1])
