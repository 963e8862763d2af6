"""The stored states of feeds on disk: a state is read once a poll, and most wait an hour for it."""

import logging
import os
from contextlib import suppress
from errno import ENOSPC
from tempfile import TemporaryFile
from threading import local
from typing import IO

import zstandard

from onrecord.errors import StateLost
from onrecord.processing.feeds.free_blocks import FreeBlocks

_logger = logging.getLogger(__name__)

# States grow and shrink by some bytes at each poll: most fit into their old place again.
_BLOCK_BYTES = 256
_LENGTH_BITS = 32

# The place of some bytes: their first block and their length in one number; or the bytes
# themselves, where the disk did not take them.
Place = int | bytes


class _Compression(local):
    """One for each thread: it takes longer to make than to use, and belongs to one at a time."""

    def __init__(self) -> None:
        # Most of a state are hashes: higher levels make it no smaller.
        self.compress = zstandard.ZstdCompressor(level=1, write_checksum=True).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_zstd = _Compression()


class StateFile:
    """A temporary file of compressed states, which ends with the process.

    It holds nothing that is not in the log. States that the disk does not take stay in memory, and
    so do all new ones once the disk has lost one.
    Belongs to one thread at a time.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._blocks = FreeBlocks()
        self._is_warned = False
        self._is_lossy = False

    @property
    def size_bytes(self) -> int:
        """The size of the file."""
        return self._blocks.end * _BLOCK_BYTES

    def put(self, data: bytes) -> Place:
        """Store some bytes; their place."""
        compressed = _zstd.compress(data)
        if self._is_lossy:
            return _copied(compressed)
        blocks = _blocks(len(compressed))
        block = self._blocks.take(blocks)
        try:
            self._write(compressed, block)
        except OSError as error:
            self._blocks.give(block, blocks)
            self._warn(error)
            return _copied(compressed)
        return block << _LENGTH_BITS | len(compressed)

    def get(self, place: Place) -> bytes:
        """The bytes that were put there. Raises StateLost."""
        if isinstance(place, bytes):
            return _zstd.decompress(place)
        try:
            return _zstd.decompress(self._read(place))
        except (OSError, zstandard.ZstdError) as error:
            self._is_lossy = True
            self._warn(error)
            raise StateLost(f"a state cannot be read from its temporary file: {error}") from error

    def remove(self, place: Place) -> None:
        """Give a place up to others."""
        if isinstance(place, int):
            block, length = _parts(place)
            end = self._blocks.end
            self._blocks.give(block, _blocks(length))
            if self._blocks.end < end:
                self._shorten()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, data: bytes, block: int) -> None:
        if os.pwrite(self._opened(), data, block * _BLOCK_BYTES) < len(data):
            raise OSError(ENOSPC, os.strerror(ENOSPC))

    def _read(self, place: int) -> bytes:
        block, length = _parts(place)
        return os.pread(self._opened(), length, block * _BLOCK_BYTES)

    def _shorten(self) -> None:
        with suppress(OSError):
            os.ftruncate(self._opened(), self.size_bytes)

    def _opened(self) -> int:
        if self._file is None:
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115  `close` closes it
        return self._file.fileno()

    def _warn(self, error: OSError | zstandard.ZstdError) -> None:
        if not self._is_warned:
            self._is_warned = True
            reason = error.strerror if isinstance(error, OSError) else error
            _logger.warning("the states of feeds stay in memory, not in a file: %s", reason)


def _copied(compressed: bytes) -> bytes:
    """The same bytes: the library's result keeps the memory that it took for the worst case."""
    return bytes(memoryview(compressed))


def _parts(place: int) -> tuple[int, int]:
    """The first block of a place, and the length in bytes."""
    return place >> _LENGTH_BITS, place & (1 << _LENGTH_BITS) - 1


def _blocks(length: int) -> int:
    return -(-length // _BLOCK_BYTES)
