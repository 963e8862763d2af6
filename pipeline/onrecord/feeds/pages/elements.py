"""The blocks of text in a page's tree: paragraphs, headings, list items, rows of tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from lxml import etree

from onrecord.feeds.text.html import clean, folded

# Of a page's markup, and of the body that trafilatura makes of it.
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section",
    "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    "doc", "head", "item", "lb", "list", "quote", "row",
))  # fmt: skip
_CELLS = frozenset(("cell", "td", "th"))
_LINKS = frozenset(("a", "ref"))
_NO_TEXT = frozenset((
    "audio", "button", "canvas", "datalist", "graphic", "iframe", "input", "math", "noscript",
    "object", "option", "script", "select", "style", "svg", "template", "textarea", "title",
    "video",
))  # fmt: skip
_DEPTH = 200
_BETWEEN_CELLS = " | "
_LONGEST_CELL = 100  # a longer one holds prose: the table only arranges the page


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text without a break in it, and the innermost element around all of it.

    `linked` is the share of it that is links.
    """

    text: str
    element: Any
    linked: float = 0.0


def blocks_of(root: Any) -> list[Block]:
    """The blocks of text in an element, in the order of the page."""
    return _Blocks(root).found


@dataclass(slots=True)
class _Blocks:
    """Walks a tree once, and ends a block wherever a browser would begin a new line."""

    root: Any
    found: list[Block] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _linked: int = 0
    _in_links: int = 0

    def __post_init__(self) -> None:
        self._walk()

    def _walk(self) -> None:
        walker = etree.iterwalk(self.root, events=("start", "end", "comment", "pi"))
        around = self.root
        for event, each in walker:
            if event == "start":
                if self._is_skipped(each):
                    walker.skip_subtree()
                    continue
                if self._breaks(each):
                    self._end(around)
                    around = each
                self._in_links += each.tag in _LINKS
                self._add(each.text)
                continue
            if event == "end" and not self._is_skipped(each):
                self._in_links -= each.tag in _LINKS
                if self._breaks(each):
                    self._end(each)
                    around = each.getparent()
                elif each.tag in _CELLS:
                    self._add(_BETWEEN_CELLS)
            if each is not self.root:
                self._add(each.tail)
        self._end(self.root)

    @staticmethod
    def _is_skipped(element: Any) -> bool:
        return element.tag in _NO_TEXT

    @staticmethod
    def _breaks(element: Any) -> bool:
        if element.tag in _CELLS:
            return len("".join(element.itertext())) > _LONGEST_CELL
        return element.tag in _BLOCKS

    def _add(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            self._linked += len(text.strip()) if self._in_links else 0

    def _end(self, around: Any) -> None:
        text = folded(clean("".join(self._pieces))).strip("| ")
        if text:
            self.found.append(Block(text, around, min(1.0, self._linked / len(text))))
        self._pieces.clear()
        self._linked = 0


def ancestors(element: Any) -> Iterator[Any]:
    """The element and those around it, from the inside out: as many as pages by people have."""
    return islice(chain((element,), element.iterancestors()), _DEPTH)
