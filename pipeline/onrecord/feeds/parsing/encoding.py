"""Determines the character encoding of a feed or a page.

A byte order mark settles it. Bytes above 127 that are valid UTF-8 are read as UTF-8, whatever the
declaration: publishers change the encoding of their pages and forget the declaration. Otherwise
HTTP's and the document's declarations are used, as far as the bytes allow, and last the bytes
alone.
"""

import codecs
import contextlib
import re
import string
from collections.abc import Iterator

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,200}\?>")
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 65_536
_GUESSED_BYTES = 50_000

# Encodings of text; Python has others, such as unicode_escape, that make characters out of nothing.
_TEXT = re.compile(
    r"utf-8|utf-16(-[bl]e)?|utf-32(-[bl]e)?|iso8859-\d+|cp125\d|cp8(50|52|55|58|62|66|74)|cp437"
    r"|cp932|cp949|koi8-[rut]|mac-(roman|cyrillic|latin2|greek|turkish)|gb18030|gbk|gb2312|hz"
    r"|big5(hkscs)?|euc_(jp|kr|jis_2004)|iso2022_(jp|kr)\w*|shift_jis\w*|tis-620|johab|ptcp154|ascii"
)
# Browsers read the first encoding of each pair as the second.
_AS_BROWSERS_READ = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "big5": "big5hkscs", "utf-16": "utf-16-le",
}  # fmt: skip
_OTHER_NAMES = {
    "x-sjis": "cp932", "windows-31j": "cp932", "x-gbk": "gb18030", "x-euc-jp": "euc_jp",
    "windows-874": "cp874", "utf8mb4": "utf-8", "win-1251": "cp1251", "x-cp1251": "cp1251",
    "x-cp1252": "cp1252", "x-mac-cyrillic": "mac-cyrillic", "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso8859-8", "cp-1251": "cp1251",
}  # fmt: skip


def settled_text(body: bytes, content_type: str | None) -> str | None:
    """A feed's document without its XML declaration; None when its encoding is doubtful.

    Half a character at the end, where a document breaks off, is left out.
    """
    encoding = _encoding_of(body, content_type)
    text = None
    with contextlib.suppress(UnicodeError):
        if encoding:
            decoder = codecs.getincrementaldecoder(encoding)("cp1252-here-and-there")
            text = decoder.decode(body)
    if text is None:
        return None
    text = text.removeprefix("\ufeff")
    declaration = _DECLARATION.match(text)
    return text[declaration.end() if declaration else 0 :].lstrip()


def page_text(body: bytes, content_type: str | None) -> str:
    """A page's markup; bytes invalid in its encoding are replaced."""
    settled = _settled(body)
    if settled is not None:
        return body.decode(settled, "replace").removeprefix("\ufeff")
    named = [*_named(charset_of(content_type)), *_declared_in_page(body)]
    # Web servers say ISO-8859-1 of their own accord; what reads as accents alone is another.
    if len(named) > 1 and named[0] == "cp1252" and _is_hardly_western(body):
        named = named[1:]
    for encoding in named:
        if encoding == "utf-8" and _is_mostly_utf8(body):
            return body.decode("utf-8", "cp1252-here-and-there")
        with contextlib.suppress(UnicodeDecodeError):
            return body.decode(encoding)
    others = [encoding for encoding in named if encoding != "utf-8"]
    if not others and _is_mostly_utf8(body, share=_NEARLY_ALL):
        return body.decode("utf-8", "cp1252-here-and-there")
    return body.decode(others[0] if others else _guessed(body), "replace")


def charset_of(content_type: str | None) -> str | None:
    """The charset that a Content-Type header declares."""
    found = _CHARSET.search(content_type or "")
    return found.group(1) if found else None


def _settled(body: bytes) -> str | None:
    """The encoding that the bytes settle by themselves: by their mark, or as valid UTF-8."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding
    if b"\0" in body[:100]:
        return "utf-16-be" if body.startswith(b"\0") else "utf-16-le"
    with contextlib.suppress(UnicodeDecodeError):
        body.decode("utf-8")
        return None if b"\x1b" in body else "utf-8"
    return None


def _encoding_of(body: bytes, content_type: str | None) -> str | None:
    if b"\0" in body[:4096] and not body.startswith(tuple(mark for mark, _ in _BOMS)):
        return None  # UTF-16 without its mark: feedparser guesses best
    if settled := _settled(body):
        return settled
    if b"\x1b" in body:
        return None  # ISO-2022
    declared = _DECLARED.match(body)
    named = charset_of(content_type) or (declared.group(1).decode("ascii") if declared else "")
    if named.lower() in ("", "utf-8", "utf8") and _is_mostly_utf8(body):
        return "utf-8"
    encoding = next(_named(named), None)
    return None if encoding == "utf-8" else encoding


def _declared_in_page(body: bytes) -> Iterator[str]:
    """The encodings that a page declares."""
    head = body[:_HEAD_BYTES]
    for found in (_META.search(head), _DECLARED.match(head)):
        if found:
            yield from _named(found.group(1).decode("ascii", "replace"))


def _named(name: str | None) -> Iterator[str]:
    """Python's name of an encoding of text, as browsers read it; none for a name of no such."""
    if not name:
        return
    lower = name.strip().lower()
    with contextlib.suppress(LookupError, ValueError):
        found = codecs.lookup(_OTHER_NAMES.get(lower, lower)).name
        if _TEXT.fullmatch(found):
            yield _AS_BROWSERS_READ.get(found, found)


def _guessed(body: bytes) -> str:
    """The encoding that the bytes look most like; Windows's for Western Europe when in doubt."""
    # 30 ms to import, for the few pages that declare nothing.
    from charset_normalizer import from_bytes

    best = from_bytes(_without_tags(body)[:_GUESSED_BYTES]).best()
    return next(_named(best.encoding if best else None), "cp1252")


_TAG = re.compile(rb"<[^<>]*>")


def _without_tags(body: bytes) -> bytes:
    """The text without tags, which distinguishes encodings best."""
    return _TAG.sub(b" ", body[: 20 * _GUESSED_BYTES])


_ABOVE_ASCII = bytes(range(0x80, 0x100))
_ACCENTED = bytes(range(0xC0, 0x100))
_ASCII_LETTERS = string.ascii_letters.encode()
_NEARLY_ALL = 0.9
_MOST_ACCENTED = 0.25  # far more than the languages that are written in Latin-1 have
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def _is_mostly_utf8(body: bytes, *, share: float = 0.5) -> bool:
    """Whether a document is UTF-8 into which a few bytes of another encoding were pasted."""
    above = len(body) - len(body.translate(None, _ABOVE_ASCII))
    valid = sum(map(len, _UTF8_SEQUENCE.findall(body)))
    return valid > above * share


def _is_hardly_western(body: bytes) -> bool:
    """Whether more of a text's letters have accents, read as Latin-1, than any language's."""
    text = _without_tags(body)
    accented = len(text) - len(text.translate(None, _ACCENTED))
    plain = len(text) - len(text.translate(None, _ASCII_LETTERS))
    return accented > _MOST_ACCENTED * (accented + plain)


def _as_windows_has_it(error: UnicodeError) -> tuple[str, int]:
    """The bytes that are not UTF-8, read as Windows-1252: a pasted “ or é."""
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
