"""How a record rests in the file: compressed where that pays, with a checksum of what is stored.

An extraction of 22 kB of JSON takes a fifth of that. The checksum is CRC-32C over key, headers
and value as stored, as Kafka has it over its batches: a page that the disk gave back wrong is
noticed by whoever reads the record, not believed.
"""

from collections.abc import Iterable
from threading import local
from typing import NamedTuple

import msgspec
import zstandard
from crc32c import crc32c

from onrecord.errors import LogBroken
from onrecord.log.interface import Headers
from onrecord.log.transaction import Outgoing

PLAIN, ZSTD = 0, 1

_LEVEL = 3
# Below this, what a frame costs eats what it saves; and a value must shrink by a tenth.
_SHORTEST_BYTES = 200
_MOST_OF_SIZE = 0.9
# No value is larger, whatever a damaged frame says.
_LONGEST_BYTES = 1 << 31

_of_thread = local()


class Packed(NamedTuple):
    """The columns of a record that hold its bytes. `codec` says how `value` is stored."""

    key: bytes | None
    headers: bytes | None
    value: bytes | None
    codec: int
    checksum: int | None  # None in what a version before checksums wrote

    @property
    def size(self) -> int:
        return sum(len(column or b"") for column in self[:3])


def pack_all(records: Iterable[Outgoing], *, compressed: bool) -> list[tuple[Outgoing, Packed]]:
    """Records with what is stored of them. Do it before the file is locked: it takes the time.

    Not `compressed` in a file that processes of an older version read as well.
    """
    return [(record, _pack(record, compressed=compressed)) for record in records]


def _pack(record: Outgoing, *, compressed: bool) -> Packed:
    headers = msgspec.msgpack.encode(record.headers) if record.headers else None
    if not compressed:
        return Packed(record.key, headers, record.value, PLAIN, None)
    return packed(record.key, headers, record.value)


def packed(key: bytes | None, headers: bytes | None, value: bytes | None) -> Packed:
    """A record as it is stored, its headers encoded already."""
    stored, codec = _compressed(value)
    return Packed(key, headers, stored, codec, checksum_of(key, headers, stored))


def unpack(value: bytes | None, codec: int, *, where: str) -> bytes | None:
    """The value that was stored. Raises LogBroken, naming `where`, for one that is damaged."""
    if codec == PLAIN or value is None:
        return value
    try:
        found: bytes = _decompressor().decompress(value, max_output_size=_LONGEST_BYTES)
    except zstandard.ZstdError as error:
        raise LogBroken(f"{where} is damaged: it cannot be decompressed ({error})") from error
    return found


def check(row: Packed, *, where: str) -> None:
    """Raise LogBroken, naming `where`, unless what is stored is what was written."""
    if row.checksum not in {None, checksum_of(row.key, row.headers, row.value)}:
        raise LogBroken(f"{where} is damaged: its checksum does not match")


def checksum_of(key: bytes | None, headers: bytes | None, value: bytes | None) -> int:
    """CRC-32C of what is stored; a missing column counts as an empty one."""
    found = crc32c(value or b"", crc32c(headers or b"", crc32c(key or b"")))
    return int(found)


def decode_headers(headers: bytes | None) -> Headers:
    """Headers from how they are stored."""
    return _headers_decoder.decode(headers) if headers else ()


_headers_decoder = msgspec.msgpack.Decoder(Headers)


def _compressed(value: bytes | None) -> tuple[bytes | None, int]:
    if value is None or len(value) < _SHORTEST_BYTES:
        return value, PLAIN
    found: bytes = _compressor().compress(value)
    return (found, ZSTD) if len(found) < len(value) * _MOST_OF_SIZE else (value, PLAIN)


# zstandard's contexts are dear to make and belong to one thread at a time.


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
