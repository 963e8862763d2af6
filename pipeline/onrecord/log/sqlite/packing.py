"""The stored form of a record: compressed where that saves space, with a checksum.

An extraction of 22 kB of JSON is compressed to a fifth. The checksum is CRC-32C over key,
headers and value as stored, like Kafka's over batches: every read of a record detects a page
that the disk returned corrupted.
"""

from collections.abc import Iterable
from threading import local
from typing import NamedTuple

import msgspec
import zstandard
from crc32c import crc32c

from onrecord.log.interface import Headers
from onrecord.log.transaction import Outgoing

PLAIN, ZSTD = 0, 1

_LEVEL = 3
# Below this size the frame costs more than it saves; and a value must shrink by a tenth.
_SHORTEST_BYTES = 200
_MOST_OF_SIZE = 0.9
# The largest possible value, whatever size a damaged frame states.
_LONGEST_BYTES = 1 << 31

_of_thread = local()


class DamagedRecord(Exception):
    """A stored record is not as it was written; the message says what is wrong with it."""


class Packed(NamedTuple):
    """The columns of a record that hold its bytes. `codec` is the compression of `value`."""

    key: bytes | None
    headers: bytes | None
    value: bytes | None
    codec: int
    checksum: int | None  # None in records of a version before checksums

    @property
    def size(self) -> int:
        return len(self.key or b"") + len(self.headers or b"") + len(self.value or b"")


def pack_all(records: Iterable[Outgoing], *, compressed: bool) -> list[tuple[Outgoing, Packed]]:
    """Records with their stored form. Slow: call it before the file is locked.

    Not `compressed` in a file that processes of an older version read too.
    """
    return [(record, _pack(record, compressed=compressed)) for record in records]


def _pack(record: Outgoing, *, compressed: bool) -> Packed:
    headers = msgspec.msgpack.encode(record.headers) if record.headers else None
    if not compressed:
        return Packed(record.key, headers, record.value, PLAIN, None)
    return packed(record.key, headers, record.value)


def packed(key: bytes | None, headers: bytes | None, value: bytes | None) -> Packed:
    """The stored form of a record whose headers are already encoded."""
    stored, codec = _compressed(value)
    return Packed(key, headers, stored, codec, checksum_of(key, headers, stored))


def unpack(row: Packed) -> bytes | None:
    """The value of a stored record, checked. Raises DamagedRecord."""
    check(row)
    if row.codec == PLAIN or row.value is None:
        return row.value
    try:
        found: bytes = _decompressor().decompress(row.value, max_output_size=_LONGEST_BYTES)
    except zstandard.ZstdError as error:
        raise DamagedRecord(f"it cannot be decompressed ({error})") from error
    return found


def check(row: Packed) -> None:
    """Raise DamagedRecord unless the stored bytes match their checksum."""
    if row.checksum is not None and row.checksum != checksum_of(row.key, row.headers, row.value):
        raise DamagedRecord("its checksum does not match")


def checksum_of(key: bytes | None, headers: bytes | None, value: bytes | None) -> int:
    """CRC-32C of the stored bytes; a missing column counts as empty."""
    found: int = crc32c(key) if key else 0
    if headers:
        found = crc32c(headers, found)
    return crc32c(value, found) if value else found


def decode_headers(headers: bytes | None) -> Headers:
    """Headers decoded from their stored form."""
    return _headers_decoder.decode(headers) if headers else ()


_headers_decoder = msgspec.msgpack.Decoder(Headers)


def _compressed(value: bytes | None) -> tuple[bytes | None, int]:
    if value is None or len(value) < _SHORTEST_BYTES:
        return value, PLAIN
    found: bytes = _compressor().compress(value)
    return (found, ZSTD) if len(found) < len(value) * _MOST_OF_SIZE else (value, PLAIN)


# zstandard's contexts are expensive to create and belong to one thread at a time.


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_of_thread, "compressor"):
        _of_thread.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    found: zstandard.ZstdCompressor = _of_thread.compressor
    return found


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_of_thread, "decompressor"):
        _of_thread.decompressor = zstandard.ZstdDecompressor()
    found: zstandard.ZstdDecompressor = _of_thread.decompressor
    return found
