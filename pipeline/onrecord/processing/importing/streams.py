"""The bytes of a file, whatever it is compressed with, and how far they were read."""

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard

# What reading raises when the bytes are not what they should be.
DAMAGED = (EOFError, OSError, zlib.error, zstandard.ZstdError)

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_BUFFER = 256 * 1024
# The library unpacks all that it is given: so many bytes become at most 128 MB.
_ZSTD_STEP = 4 * 1024
# Large dumps are packed with windows of 2 GB; the memory is taken only by those that are.
_LARGEST_WINDOW = 2**31


class Peekable(Protocol):
    """A buffered binary file."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, size: int = -1, /) -> bytes: ...

    def peek(self, size: int = 0, /) -> bytes: ...


class Stream:
    """Bytes in order, and `offset`, how many of them were read, decompressed.

    `raw_offset` tells how far the file itself was read, for a progress bar.
    """

    def __init__(self, raw: Peekable, *, tell: Callable[[], int] | None, seekable: bool) -> None:
        start = raw.peek(len(_ZSTD))
        self._is_plain = not start.startswith((_GZIP, _ZSTD))
        self._bytes = raw if self._is_plain else _decompressed(raw, start)
        self._seek = cast("BinaryIO", raw).seek if seekable and self._is_plain else None
        self._tell = tell
        self._given_back = io.BytesIO()
        self.offset = 0

    def read(self, size: int) -> bytes:
        """The next bytes: fewer than `size` only at the end."""
        data = self._given_back.read(size)
        if len(data) < size:
            data += self._bytes.read(size - len(data))
        self.offset += len(data)
        return data

    def readline(self, limit: int) -> bytes:
        """The bytes to the end of the line, that included; `limit` at most."""
        data = self._given_back.readline(limit)
        if len(data) < limit and not data.endswith(b"\n"):
            data += self._bytes.readline(limit - len(data))
        self.offset += len(data)
        return data

    def give_back(self, data: bytes) -> None:
        """Have these, the last bytes that were read, read once more."""
        self._given_back = io.BytesIO(data + self._given_back.read())
        self.offset -= len(data)

    def peek(self) -> bytes:
        """Some of the next bytes, without reading them."""
        return self._bytes.peek(_BUFFER)

    def skip_to(self, offset: int) -> None:
        """Go on at an offset further on; at the end when there is less."""
        if self._seek is not None:
            self._seek(offset)
            self.offset = offset
            return
        while self.offset < offset and self.read(min(_BUFFER, offset - self.offset)):
            pass

    @property
    def raw_offset(self) -> int:
        return self._tell() if self._tell else self.offset


def open_file(path: Path) -> tuple[BinaryIO, Stream]:
    """A file, to be closed by the caller, and its bytes. Raises OSError, and those of DAMAGED."""
    raw = path.open("rb", buffering=_BUFFER)
    try:
        return raw, Stream(cast("Peekable", raw), tell=raw.tell, seekable=True)
    except BaseException:
        raw.close()
        raise


def _decompressed(raw: Peekable, start: bytes) -> Peekable:
    if start.startswith(_GZIP):
        return cast(
            "Peekable", io.BufferedReader(gzip.GzipFile(fileobj=cast("BinaryIO", raw)), _BUFFER)
        )
    return cast("Peekable", io.BufferedReader(_Zstd(raw), _BUFFER))


class _Zstd(io.RawIOBase):
    """Frames of zstd as bytes. The library's own reader takes a cut file for a whole one."""

    def __init__(self, raw: Peekable) -> None:
        self._raw = raw
        self._frames = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._packed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what it is given
        while not self._ready:
            if not self._unpack():
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpack(self) -> bool:
        """Unpack some more; whether there was more."""
        packed = self._packed or self._raw.read(_ZSTD_STEP)
        if not packed:
            if self._frame is not None:
                raise EOFError("compressed file ended before its end was reached")
            return False
        self._frame = self._frame or self._frames.decompressobj()
        self._ready = memoryview(self._frame.decompress(packed))
        self._packed = b""
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None
        return True
