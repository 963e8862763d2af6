"""Decodes content codings: gzip, deflate, br and zstd, alone or in layers.

Servers get the labels wrong. Data labelled gzip may be deflate or plain, deflate comes in two
forms, precompressed files are served without a label, and padding follows the end. So the bytes
have the last word, and whatever can be read is read. Truncated data is never taken for whole.
Time and memory are linear in the body's length and bounded by the limit asked for. All pure.
"""

import sys
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

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
# Publishers that compress in pieces send some hundreds; empty members by the million are an attack.
_MOST_MEMBERS = 10_000
_FIRST_BLOCK = 512
_LARGEST_BLOCK = 64 * 1024
# A window of 8 MB at most, as RFC 9659 wants of what is sent over HTTP.
_ZSTD_OPTIONS: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


class BodyError(Exception):
    """A body that cannot be decoded, and why in words."""


class _Cut(Exception):
    """The compressed data is truncated."""


class _Corrupt(Exception):
    """The data is not in this format, or it is damaged."""


class _TooMany(Exception):
    """More members than any legitimate sender uses."""


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


def is_as_sent(body: bytes, content_encoding: str) -> bool:
    """Whether `decoded` returns this very body, without any work."""
    return not content_encoding and not body.startswith(_GZIP)


def _without(name: str, body: bytes, most: int) -> bytes:
    decode = _DECODERS.get(name)
    if decode is None and _is_plain(body):
        return body
    if decode is None:
        raise BodyError(f"the body is encoded as {name[:40]!r}, which we did not ask for")
    try:
        return decode(body, most) if body else body
    except _TooMany as error:
        raise BodyError(f"the body is compressed in more than {_MOST_MEMBERS} pieces") from error
    except (_Cut, _Corrupt) as error:
        if _is_plain(body):
            return body
        if isinstance(error, _Cut):
            raise BodyError("the answer broke off: its compressed data has no end") from error
        raise BodyError(f"the body is badly compressed, or is no {name}") from error


def _unlabelled(body: bytes, most: int) -> bytes:
    """The content of a gzip file that is served without a label."""
    if not body.startswith(_GZIP):
        return body
    try:
        return _gunzipped(body, most)
    except (_Cut, _Corrupt, _TooMany):
        return body


def _is_plain(body: bytes) -> bool:
    """Whether a body is a document as it stands."""
    return body[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{"))


# ── what each encoding is ────────────────────────────────────────────────────────────────────


def _inflated(body: bytes, most: int) -> bytes:
    """The content of zlib data in any of its three wrappings."""
    if body.startswith(_GZIP):
        return _gunzipped(body, most)
    has_header = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    window_bits = zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
    unpacked = bytearray()
    _unpack_member(body, 0, most, zlib.decompressobj(window_bits), unpacked)
    return bytes(unpacked)


def _gunzipped(body: bytes, most: int) -> bytes:
    """All members of a gzip file; anything else after a member is padding."""
    return _joined(body, most, partial(zlib.decompressobj, zlib.MAX_WBITS | 16), _GZIP)


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
    return _joined(body, most, partial(zstd.ZstdDecompressor, options=_ZSTD_OPTIONS), None)


# ── members ──────────────────────────────────────────────────────────────────────────────────


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _joined(
    body: bytes, most: int, make: Callable[[], _Decompressor], magic: bytes | None
) -> bytes:
    """The contents of the members (gzip) or frames (zstd) of a body, one after the other.

    The body is handed over in blocks, so that the bytes after a member, which a decompressor
    returns as a copy, are never more than one block: the time is linear in the body's length,
    however many members there are.
    """
    unpacked = bytearray()
    place, members = 0, 0
    while place < len(body) and len(unpacked) <= most and members < _MOST_MEMBERS:
        if magic is not None and members and not body.startswith(magic, place):
            break
        try:
            place = _unpack_member(body, place, most, make(), unpacked)
        except _Corrupt:
            if members:
                break  # padding
            raise
        members += 1
    if members == _MOST_MEMBERS and place < len(body):
        raise _TooMany
    return bytes(unpacked[: most + 1])


def _unpack_member(
    body: bytes, place: int, most: int, decompressor: _Decompressor, unpacked: bytearray
) -> int:
    """Unpack the member that begins at `place`; where it ends."""
    # Small at first: a body of many tiny members would otherwise copy a block for each.
    block = _FIRST_BLOCK
    while not decompressor.eof and len(unpacked) <= most:
        if place >= len(body):
            raise _Cut
        data = body[place : place + block]
        place += len(data)
        try:
            unpacked += decompressor.decompress(data, most + 1 - len(unpacked))
        except (zlib.error, zstd.ZstdError) as error:
            raise _Corrupt from error
        block = min(2 * block, _LARGEST_BLOCK)
    return place - len(decompressor.unused_data)


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _inflated,
    "x-gzip": _inflated,
    "deflate": _inflated,
    "br": _unbrotlied,
    "zstd": _unzstandarded,
}
