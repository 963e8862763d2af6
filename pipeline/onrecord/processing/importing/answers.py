"""The body of an HTTP answer as an archive has it: taken out of its chunks and its compression.

Archives hold answers as they came over the wire; but many crawlers decode them and keep the
headers, so what cannot be decoded and is plainly a page or a feed is taken as it is. One that was
cut short is refused: half an article is not what was published.
"""

import re
import zlib
from collections.abc import Callable

import brotli
import zstandard

_SIZE = re.compile(rb"([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n", re.IGNORECASE)
_TEXT = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*[<{]")
# A compressed answer may be compressed again; more often than so, somebody is playing.
_MOST_CODINGS = 3

# The library unpacks all that it is given: so many bytes become at most 16 MB.
_ZSTD_STEP = 512
# What RFC 9659 allows on the web.
_ZSTD_WINDOW = 8 * 1024 * 1024

# Takes what is packed and how much of it is wanted at most. Raises ValueError.
Unpack = Callable[[bytes, int], bytes]


def decoded(body: bytes, *, transfer: str, encodings: str, most: int) -> bytes:
    """The body, `most` bytes of it at most. Raises ValueError for what cannot be decoded."""
    if "chunked" in transfer.lower():
        body = _joined(body)
    codings = [coding.strip().lower() for coding in encodings.split(",") if coding.strip()]
    if len(codings) > _MOST_CODINGS:
        raise ValueError(f"it is encoded {len(codings)} times")
    for coding in reversed(codings):
        body = _unpacked(body, coding, most)
    return body[:most]


def _joined(body: bytes) -> bytes:
    """The chunks without their sizes; as it is where it does not begin with a size."""
    parts: list[bytes] = []
    at = 0
    while found := _SIZE.match(body, at):
        begin, size = found.end(), int(found.group(1), 16)
        if not size:
            return b"".join(parts)
        if begin + size > len(body):
            raise ValueError("it ends within a chunk")
        parts.append(body[begin : begin + size])
        at = begin + size
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    if not parts:
        return body
    if at >= len(body):
        raise ValueError("it ends without its last chunk")
    raise ValueError(f"there is no chunk at byte {at}")


def _unpacked(body: bytes, coding: str, most: int) -> bytes:
    if coding == "identity":
        return body
    unpack = _UNPACK.get(coding)
    if unpack is None and not _TEXT.match(body):
        raise ValueError(f"its encoding, {coding[:40]}, is not known")
    try:
        return unpack(body, most) if unpack else body
    except ValueError:
        if _TEXT.match(body):
            return body
        raise


def _gunzip(packed: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    while packed and most > 0:
        unpacking = zlib.decompressobj(wbits=31)
        parts.append(_inflated(unpacking, packed, most))
        most -= len(parts[-1])
        packed = unpacking.unused_data
        if not packed.startswith(b"\x1f\x8b"):
            break  # some servers send a few bytes too many
    return b"".join(parts)


def _inflate(packed: bytes, most: int) -> bytes:
    """Deflate, with the frame that the standard asks for, or without it as some servers send it."""
    try:
        return _inflated(zlib.decompressobj(), packed, most)
    except ValueError:
        return _inflated(zlib.decompressobj(wbits=-zlib.MAX_WBITS), packed, most)


def _inflated(unpacking: "zlib._Decompress", packed: bytes, most: int) -> bytes:
    try:
        found = unpacking.decompress(packed, most)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacking.eof and len(found) < most:
        raise ValueError("it ends within what is compressed")
    return found


def _unbrotli(packed: bytes, most: int) -> bytes:
    unpacking = brotli.Decompressor()
    parts: list[bytes] = []
    size, more = 0, packed
    try:
        while size < most and not unpacking.is_finished():
            part = unpacking.process(more, output_buffer_limit=most - size)
            if not part and not more:
                raise ValueError("it ends within what is compressed")
            parts.append(part)
            size, more = size + len(part), b""
    except brotli.error as error:
        raise ValueError(str(error)) from error
    return b"".join(parts)


def _unzstd(packed: bytes, most: int) -> bytes:
    unpacking = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    parts: list[bytes] = []
    try:
        for at in range(0, len(packed), _ZSTD_STEP):
            parts.append(unpacking.decompress(packed[at : at + _ZSTD_STEP]))
            most -= len(parts[-1])
            if most <= 0 or unpacking.eof:
                return b"".join(parts)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error
    raise ValueError("it ends within what is compressed")


_UNPACK: dict[str, Unpack] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
