"""Bodies as they were before servers compressed them: gzip, deflate, br, zstd, one over another.

Servers get the labels wrong. What says gzip may be deflate or nothing at all, deflate comes in two
kinds, a file compressed once and for all is served as if it were not, and padding follows the
end. So the bytes have the last word, and whatever can be read is. What ends before its end is
never taken for whole. All pure.
"""

import sys
import zlib
from collections.abc import Callable, Mapping

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_GZIP = b"\x1f\x8b\x08"
_AS_IS = frozenset(("", "identity", "none", "utf-8", "utf8", "8bit", "binary"))
# As many as a server and a proxy before it may apply; more are an attack.
_MOST_LAYERS = 4


class BodyError(Exception):
    """A body that cannot be had back, and why in words."""


class _Cut(Exception):
    """The compressed data ends before its end."""


class _Corrupt(Exception):
    """This is no such data, or it is damaged."""


def decoded(body: bytes, content_encoding: str, most: int) -> bytes:
    """The body without the encodings that a Content-Encoding header names, the last one first.

    Stops once there are more than `most` bytes, and gives what there is by then. Raises BodyError.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in _AS_IS]
    if len(names) > _MOST_LAYERS:
        raise BodyError(f"the body is encoded {len(names)} times over")
    for name in reversed(names):
        body = _without(name, body, most)
        if len(body) > most:
            return body
    return _unlabelled(body, most)


def _without(name: str, body: bytes, most: int) -> bytes:
    decode = _DECODERS.get(name)
    if decode is None and _is_plain(body):
        return body
    if decode is None:
        raise BodyError(f"the body is encoded as {name[:40]!r}, which we did not ask for")
    try:
        return decode(body, most) if body else body
    except (_Cut, _Corrupt) as error:
        if _is_plain(body):
            return body
        if isinstance(error, _Cut):
            raise BodyError("the answer broke off: its compressed data has no end") from error
        raise BodyError(f"the body is badly compressed, or is no {name}") from error


def _unlabelled(body: bytes, most: int) -> bytes:
    """What a gzip file holds that is served as if it were none."""
    if not body.startswith(_GZIP):
        return body
    try:
        return _gunzipped(body, most)
    except (_Cut, _Corrupt):
        return body


def _is_plain(body: bytes) -> bool:
    """Whether a body is a document as it stands."""
    return body[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{"))


# ── what each encoding is ────────────────────────────────────────────────────────────────────


def _inflated(body: bytes, most: int) -> bytes:
    """What was made with zlib, in whichever of its three wrappings it came."""
    if body.startswith(_GZIP):
        return _gunzipped(body, most)
    has_header = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    unpacked, _ = _unzipped(body, zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS, most)
    return unpacked


def _gunzipped(body: bytes, most: int) -> bytes:
    """All members of a gzip file; what follows and is none is padding."""
    unpacked, rest = _unzipped(body, zlib.MAX_WBITS | 16, most)
    while rest.startswith(_GZIP) and len(unpacked) <= most:
        try:
            more, rest = _unzipped(rest, zlib.MAX_WBITS | 16, most - len(unpacked))
        except _Corrupt:
            break
        unpacked += more
    return unpacked


def _unzipped(body: bytes, window_bits: int, most: int) -> tuple[bytes, bytes]:
    """What was compressed, and what follows it."""
    decompressor = zlib.decompressobj(window_bits)
    try:
        unpacked = decompressor.decompress(body, most + 1)
    except zlib.error as error:
        raise _Corrupt from error
    if not decompressor.eof and len(unpacked) <= most:
        raise _Cut
    return unpacked, decompressor.unused_data


def _unbrotlied(body: bytes, most: int) -> bytes:
    decompressor = brotli.Decompressor()
    unpacked = bytearray()
    try:
        unpacked += decompressor.process(body, output_buffer_limit=most + 1)
        while not decompressor.can_accept_more_data() and len(unpacked) <= most:
            unpacked += decompressor.process(b"", output_buffer_limit=most + 1 - len(unpacked))
    except brotli.error as error:
        raise _Corrupt from error
    if not decompressor.is_finished() and len(unpacked) <= most:
        raise _Cut
    return bytes(unpacked[: most + 1])  # brotli may give a little more than it is asked for


def _unzstandarded(body: bytes, most: int) -> bytes:
    unpacked = bytearray()
    while body and len(unpacked) <= most:
        decompressor = zstd.ZstdDecompressor()
        try:
            unpacked += decompressor.decompress(body, most + 1 - len(unpacked))
        except zstd.ZstdError as error:
            if unpacked:
                break  # padding
            raise _Corrupt from error
        if not decompressor.eof and len(unpacked) <= most:
            raise _Cut
        body = decompressor.unused_data
    return bytes(unpacked)


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _inflated,
    "x-gzip": _inflated,
    "deflate": _inflated,
    "br": _unbrotlied,
    "zstd": _unzstandarded,
}
