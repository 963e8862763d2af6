"""Converts HTML to plain text: paragraphs separated by an empty line, without markup.

Nearly all markup in feeds is simple, and is read with a few regular expressions. Scripts,
comments, frames, captions and broken tags are left to an HTML parser. Both give the same result
for correct markup. All pure; nothing here raises on broken markup.
"""

import html
import re
from collections.abc import Mapping
from html.entities import name2codepoint
from typing import Any

from lxml import etree

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details",
    "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))  # fmt: skip
# Dropped with all that is in them: those that stand within a line, and those between lines.
_DROPPED_INLINE = frozenset((
    "script", "style", "noscript", "template", "svg", "math", "button", "select", "title", "head",
))  # fmt: skip
_DROPPED_BLOCKS = frozenset((
    "iframe", "figcaption", "object", "audio", "video", "canvas", "textarea",
))  # fmt: skip
_DROPPED = _DROPPED_INLINE | _DROPPED_BLOCKS

# Looks like a tag: "a < b", "a <b" and "<3" do not.
_MARKUP = re.compile(r"<(?:/?[A-Za-z][^<>]*>|!--)")
# Markup in what should be text: the publisher escaped all of it twice. A closing tag, a line
# break, an image or a link is proof enough; an article that speaks of "<p hidden>" is left alone.
_LEFTOVER_MARKUP = re.compile(
    r"</(?:p|div|a|b|i|em|strong|span|li|ul|h[1-6]|blockquote|figure|td)\s*>"
    r"|^\s*<(?:p|div)(?:\s[^<>]*)?>|<br\s*/?>"
    r"|<(?:img|a)\s[^<>]*=[^<>]*>",
    re.IGNORECASE,
)
# A paragraph that is markup from its first character to its last, in markup that is not.
_ESCAPED_PARAGRAPH = re.compile(
    r"\s*<(p|div)(?:\s[^<>]*)?>.*</\1\s*>\s*", re.IGNORECASE | re.DOTALL
)
_LEFTOVER_REFERENCE = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}"
    r"|amp|quot|apos|nbsp|hellip|[lr][sd]quo|[nm]dash|[lr]aquo|pound|euro"
    r"|[a-z](?:acute|grave|uml));"
)
_REFERENCE = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}"
    r"|quot|apos|nbsp|hellip|[lr][sd]quo|[nm]dash|[lr]aquo|pound|euro|[a-z](?:acute|grave|uml));"
)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BLOCK_TAG = re.compile(r"<(?:p|div|br|li|td|h[1-6]|blockquote|section)\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n\s*")
# XHTML closes these at once; an HTML parser takes all following text for their content.
_SELF_CLOSED = re.compile(
    r"<(?:script|style|iframe|noscript|textarea|title|object|video|audio|svg)\b[^<>]*/>",
    re.IGNORECASE,
)
# Elements that an unclosed tag would make of all the text that follows it.
_SWALLOWING = re.compile(
    r"<(/?)(title|textarea|iframe|noscript|object|video|audio|canvas|select|button|svg|math"
    r"|template|figcaption|head)\b[^<>]*>",
    re.IGNORECASE,
)
_WHOLE_PAGE = re.compile(r"<(?:html|head|body)\b", re.IGNORECASE)
# A CDATA section within a text: its marks are none of it. "]]>" alone may be.
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|$)|\]\]>\s*$", re.DOTALL)


def html_to_text(markup: str) -> str:
    """Plain text with paragraphs separated by an empty line; plain text passes unharmed.

    Entities are decoded, scripts, styles, frames and captions gone, whitespace folded, and
    nothing is left that a terminal or JSON would choke on. What was escaped twice is unescaped
    twice. Never raises.
    """
    cleaned = clean(markup)
    paragraphs = _paragraphs(cleaned)
    if any("<" in paragraph for paragraph in paragraphs):
        paragraphs = _unescaped(paragraphs, has_markup=_MARKUP.search(cleaned) is not None)
    together = "\n".join(paragraphs)
    # All at once: most texts need neither.
    if _LEFTOVER_REFERENCE.search(together) or _UNCLEAN.search(together):
        paragraphs = [clean(_LEFTOVER_REFERENCE.sub(_decode, each)) for each in paragraphs]
    return "\n\n".join(filter(None, map(folded, paragraphs)))


def _unescaped(paragraphs: list[str], *, has_markup: bool) -> list[str]:
    """The paragraphs, with double-escaped markup read as markup.

    What stands in markup of its own is text about markup, and stays.
    """
    if not has_markup:
        whole = "\n\n".join(paragraphs)
        return _paragraphs(whole) if _LEFTOVER_MARKUP.search(whole) else paragraphs
    parted: list[str] = []
    for paragraph in paragraphs:
        is_markup = "<" in paragraph and _ESCAPED_PARAGRAPH.fullmatch(paragraph)
        parted += _paragraphs(paragraph) if is_markup else [paragraph]
    return parted


def html_to_line(markup: str) -> str:
    """The plain text on one line, for titles and names."""
    return folded(html_to_text(markup))


def folded(text: str) -> str:
    """The text with one space where there is any white space."""
    line = text.replace("\n\n", " ")
    # Of all white space, the space alone is printable. Splitting takes twice the time.
    if line.isprintable() and "  " not in line and line == line.strip():
        return line
    return " ".join(text.split())


def _paragraphs(markup: str) -> list[str]:
    if "CDATA[" in markup or "]]>" in markup:
        markup = _CDATA.sub(r"\1", markup).replace("<![CDATA[", "")
    if not _MARKUP.search(markup):
        return _EMPTY_LINE.split(_REFERENCE.sub(_decode, markup))
    if not _BLOCK_TAG.search(markup):
        markup = _EMPTY_LINE.sub("<p>", markup)  # paragraphs written as plain text has them
    simple = _simple_paragraphs(markup)
    return _parsed_paragraphs(markup) if simple is None else simple


def _decode(reference: re.Match[str]) -> str:
    return html.unescape(reference.group())


# ── markup that is simple ────────────────────────────────────────────────────────────────────

_BETWEEN = "\0"  # in no text that is clean
# A tag with attributes as they should be: quotes that are closed, nothing but white space around.
_REST = r"""(?:\s(?:[^<>"'=]++|=\s*+(?:"[^"<]*+"|'[^'<]*+')?+)*+)?+/?>"""
_SIMPLE_BLOCK = re.compile(
    r"</?(?:article|aside|blockquote|br|center|dd|div|dl|dt|figure|footer|h[1-6]|header|hr|li|main"
    rf"|ol|p|pre|section|table|tbody|td|th|thead|tr|ul){_REST}",
    re.IGNORECASE,
)
_SIMPLE_INLINE = re.compile(
    r"</?(?:abbr|a|big|b|cite|code|em|font|img|ins|i|mark|small|span|strike|strong|sub|sup|s|time"
    rf"|tt|u|wbr){_REST}",
    re.IGNORECASE,
)
# What is dropped, as long as nothing of its kind or raw stands within it: captions, comments, …
_SIMPLE_DROPPED = re.compile(
    rf"<(figcaption|iframe|audio|video){_REST}(?:[^<]++|<(?!/?(?:\1|script|style|!)))*+</\1\s*>"
    rf"|<(?:script|style){_REST}[^<]*+</(?:script|style)\s*>"
    r"|<!--(?!>|->)(?:[^-]++|-(?!-))*+-->",
    re.IGNORECASE,
)
_WITHIN_A_LINE = ("<s", "<S", "<!")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*+);")
# Not a reference, nor an ampersand on its own; or one to a character that there is not.
_ODD_REFERENCE = re.compile(
    r"&(?!\s|[A-Za-z][A-Za-z0-9]*+;|#(?!0)[0-9]{2,4};|#[xX](?!0|[dD][89A-Fa-f])[0-9A-Fa-f]{2,4};)"
)


def _simple_paragraphs(markup: str) -> list[str] | None:
    """The paragraphs of simple markup; None when it is not."""
    text = _SIMPLE_INLINE.sub("", _SIMPLE_BLOCK.sub(_BETWEEN, markup))
    if "<" in text:
        # Their content first, and so from the start: it may be blocks.
        text = _SIMPLE_DROPPED.sub(_dropped, markup)
        text = _SIMPLE_INLINE.sub("", _SIMPLE_BLOCK.sub(_BETWEEN, text))
    if "<" in text:
        return None
    if "&" in text:
        if _ODD_REFERENCE.search(text) or not name2codepoint.keys() >= set(_NAMED.findall(text)):
            return None
        text = html.unescape(text)
    return [part for part in text.split(_BETWEEN) if part and not part.isspace()]


def _dropped(element: re.Match[str]) -> str:
    return "" if element.group().startswith(_WITHIN_A_LINE) else _BETWEEN


# ── markup that is not ───────────────────────────────────────────────────────────────────────


def _parsed_paragraphs(markup: str) -> list[str]:
    paragraphs = _Paragraphs()
    reader = etree.HTMLParser(target=paragraphs, huge_tree=True, encoding="utf-8")
    # Else a script at the start opens a head, and elements newer than the parser fall into it.
    start = "" if _WHOLE_PAGE.search(markup) else "<body>"
    reader.feed(start + _without_unclosed(_SELF_CLOSED.sub(" ", markup)))
    reader.close()
    return paragraphs.done


def _without_unclosed(markup: str) -> str:
    """The markup without tags that are never closed and would hide the text after them."""
    opened: dict[str, list[tuple[int, int]]] = {}
    for tag in _SWALLOWING.finditer(markup):
        places = opened.setdefault(tag.group(2).lower(), [])
        if not tag.group(1):
            places.append(tag.span())
        elif places:
            places.pop()
    unclosed = sorted(span for places in opened.values() for span in places)
    kept, at = [], 0
    for start, end in unclosed:
        kept.append(markup[at:start])
        at = end
    return " ".join((*kept, markup[at:])) if unclosed else markup


class _Paragraphs:
    """The event target of lxml's parser: collects text, block by block.

    Events instead of a tree, so that a hundred thousand nested tags are nothing special.
    """

    def __init__(self) -> None:
        self.done: list[str] = []
        self._pieces: list[str] = []
        self._dropping = 0

    def start(self, tag: str | bytes, attrib: Mapping[Any, Any]) -> None:  # noqa: ARG002
        if tag in _DROPPED:
            self._dropping += 1
        if tag in _BLOCKS or tag in _DROPPED_BLOCKS:
            self._end_paragraph()
        elif tag == "q":
            self.data("“")  # browsers show the marks that <q> stands for

    def end(self, tag: str | bytes) -> None:
        if tag in _DROPPED:
            self._dropping = max(0, self._dropping - 1)
        if tag in _BLOCKS or tag in _DROPPED_BLOCKS:
            self._end_paragraph()
        elif tag == "q":
            self.data("”")

    def data(self, data: str | bytes) -> None:
        if not self._dropping:
            self._pieces.append(str(data))

    def comment(self, text: str | bytes) -> None:
        """Ignore comments."""

    def close(self) -> None:
        self._end_paragraph()

    def _end_paragraph(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        if text and not text.isspace():
            self.done.append(text)


# ── characters that are no text ──────────────────────────────────────────────────────────────


def _cleaning() -> dict[int, str | None]:
    """The translation table for characters that are not text."""
    table: dict[int, str | None] = dict.fromkeys(range(0x20))
    for space in "\t\n\r":
        del table[ord(space)]
    table[0x7F] = None
    # Windows's “quotes” and ‘apostrophes’ in a document that calls itself Latin-1.
    for code in range(0x80, 0xA0):
        table[code] = bytes([code]).decode("cp1252", "ignore") or None
    table[0x85] = "…"
    invisible = (
        "\u00ad\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb"
    )
    directions = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    table |= dict.fromkeys(map(ord, invisible + directions))
    table |= dict.fromkeys(range(0xD800, 0xE000))
    return table | {0xFFFE: None, 0xFFFF: None}


_CLEANING = _cleaning()
_UNCLEAN = re.compile(f"[\u200c\u200d{re.escape(''.join(map(chr, _CLEANING)))}]")
# Joiners shape words in Persian and Hindi; anywhere else they only split what looks whole.
_IDLE_JOINER = re.compile(
    "(?<![\u0590-\u0dff\u2190-\u2bff\U0001f000-\U0001faff\ufe0f])[\u200c\u200d]"
)


def clean(text: str) -> str:
    """The text without control, zero-width and direction characters and lone surrogates."""
    if not _UNCLEAN.search(text):
        return text
    return _IDLE_JOINER.sub("", text.translate(_CLEANING))
