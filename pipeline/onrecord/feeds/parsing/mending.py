"""Repairs the most frequent errors that keep a feed from being well-formed.

These are bare ampersands, HTML's references, characters that XML forbids, a document type, and
`]]>` in text. Repaired documents are read by the strict reader; feedparser would change names,
links and identifiers ("AT&T;", "?id=5〈=en" for "?id=5&lang=en"). Every pass is linear in the
document.
"""

import html
import re
from html.entities import html5

_SECTION = re.compile(r"<!\[CDATA\[|<!--")
_DOCTYPE = re.compile(r"<!doctype\b[^<>\[\]]{0,1000}>", re.IGNORECASE)
# A reference, or an ampersand that begins none.
_AMPERSAND = re.compile(
    r"&(?:#(?:(?P<decimal>[0-9]{1,7})|[xX](?P<hexadecimal>[0-9a-fA-F]{1,6}));"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]{1,31});)?"
)
_BARE_LESS_THAN = re.compile(r"<(?![A-Za-z_/!?])")
_IN_XML = ("amp", "lt", "gt", "quot", "apos")
# Characters that no XML document may hold, not even as references.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def mended(text: str) -> str:
    """The document with its repairable errors repaired; a well-formed document keeps its meaning.

    CDATA sections become escaped text, and comments are removed.
    """
    text = _FORBIDDEN.sub("", text)
    pieces: list[str] = []
    at = 0
    while found := _SECTION.search(text, at):
        pieces.append(_mended_markup(text[at : found.start()]))
        is_comment = found.group() == "<!--"
        end = text.find("-->" if is_comment else "]]>", found.end())
        if end < 0:  # it is never closed: what follows it cannot be told
            return "".join((*pieces, text[found.start() :]))
        if not is_comment:
            pieces.append(html.escape(text[found.end() : end], quote=False))
        at = end + 3
    return "".join((*pieces, _mended_markup(text[at:])))


def _mended_markup(text: str) -> str:
    if "<!" in text:
        text = _DOCTYPE.sub("", text)
    text = _BARE_LESS_THAN.sub("&lt;", text.replace("]]>", "]]&gt;"))
    return _AMPERSAND.sub(_mended_reference, text) if "&" in text else text


def _mended_reference(found: re.Match[str]) -> str:
    """The reference as XML knows it; an ampersand where it is one to nothing."""
    written, name = found.group(), found["name"]
    if name in _IN_XML:
        return written
    if name is not None:
        meant = html5.get(f"{name};")
        return html.escape(meant) if meant else f"&amp;{name};"
    if found["decimal"] or found["hexadecimal"]:
        code = int(found["decimal"] or found["hexadecimal"], 10 if found["decimal"] else 16)
        is_character = code < 0x110000 and not _FORBIDDEN.match(chr(code))
        return written if is_character else ""
    return "&amp;"
