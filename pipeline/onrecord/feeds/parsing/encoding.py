"""Which characters the bytes of a document stand for."""

import codecs
import contextlib
import re

_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,200}\?>")
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def settled_text(body: bytes, content_type: str | None) -> str | None:
    """The document as text without its XML declaration; None when its encoding is doubtful.

    A byte order mark settles it. Bytes above 127 that are valid UTF-8 are UTF-8, whatever they
    are declared to be: publishers change the encoding of their pages and forget the declaration.
    Else it is what HTTP says, or the document.
    """
    encoding = _encoding_of(body, content_type)
    text = None
    with contextlib.suppress(UnicodeError, LookupError):
        text = body.decode(encoding, "cp1252-here-and-there") if encoding else None
    if text is None:
        return None
    text = text.removeprefix("\ufeff")
    declaration = _DECLARATION.match(text)
    return text[declaration.end() if declaration else 0 :].lstrip()


def _encoding_of(body: bytes, content_type: str | None) -> str | None:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding
    if b"\0" in body[:4096] or b"\x1b" in body:
        return None  # UTF-16 without its mark, ISO-2022: only guessing helps
    with contextlib.suppress(UnicodeDecodeError):
        body.decode("utf-8")
        return "utf-8"
    declared = _DECLARED.match(body)
    named = charset_of(content_type) or (declared.group(1).decode("ascii") if declared else "")
    if named.lower() in ("", "utf-8", "utf8") and _is_mostly_utf8(body):
        return "utf-8"
    # What calls itself Latin-1 is what Windows makes of it, as in every browser.
    known = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "utf-8": None}
    return known.get(named.lower(), named) or None


_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def _is_mostly_utf8(body: bytes) -> bool:
    """Whether a document is UTF-8 into which a few bytes of another encoding were pasted."""
    above = len(body) - len(body.translate(None, bytes(range(0x80, 0x100))))
    valid = sum(map(len, _UTF8_SEQUENCE.findall(body)))
    return valid > above / 2


def _as_windows_has_it(error: UnicodeError) -> tuple[str, int]:
    """The bytes that are no UTF-8, as Windows means them: a pasted “ or é."""
    if not isinstance(error, UnicodeDecodeError) or error.encoding != "utf-8":
        raise error
    pasted = error.object[error.start : error.end]
    return pasted.decode("cp1252", "replace"), error.end


codecs.register_error("cp1252-here-and-there", _as_windows_has_it)


_REFERENCES = re.compile(r"(?:&#(?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,8});)+")
_REFERENCE = re.compile(r"&#([xX]?)([0-9a-fA-F]+);")


def without_lone_surrogates(text: str) -> str:
    """The text with characters that were written as two halves of UTF-16: &#55357;&#56832; is one.

    Half a character alone, or a number that is no character's, goes: feedparser fails on them.
    """
    return _REFERENCES.sub(_joined, text)


def _joined(run: re.Match[str]) -> str:
    numbers = [int(n, 16 if x else 10) for x, n in _REFERENCE.findall(run.group())]
    if all(n < 0xD800 or 0xDFFF < n < 0x110000 for n in numbers):
        return run.group()
    halves = "".join(chr(n) for n in numbers if n < 0x110000)
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def charset_of(content_type: str | None) -> str | None:
    """The charset that a Content-Type header declares."""
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    return found.group(1) if found else None
