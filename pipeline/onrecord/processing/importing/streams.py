"""The decompressed bytes of a file, with the read position."""

import gzip
import io
import select
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard

# Raised when reading damaged data.
DAMAGED = (EOFError, OSError, zlib.error, zstandard.ZstdError)

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_BUFFER = 256 * 1024
# Short lines are given in smaller portions: each is published in one transaction.
_MOST_LINES = 1_000
# The library decompresses all its input at once: this many bytes become at most 128 MB.
_ZSTD_STEP = 4 * 1024
# Large dumps use windows of 2 GB; only files with such windows take the memory.
_LARGEST_WINDOW = 2**31
# A pipe that stays empty for so long is quiet; a command that fills it needs less.
_QUIET_S = 0.2


class Peekable(Protocol):
    """A buffered binary file."""

    def read(self, size: int = -1, /) -> bytes: ...

    def read1(self, size: int = -1, /) -> bytes: ...

    def readline(self, size: int = -1, /) -> bytes: ...

    def peek(self, size: int = 0, /) -> bytes: ...

    def fileno(self) -> int: ...


class Stream:
    """Bytes in order; `offset` is the number of decompressed bytes read.

    `raw_offset` is the position in the file itself, for a progress bar.
    """

    def __init__(self, raw: Peekable, *, tell: Callable[[], int] | None, seekable: bool) -> None:
        start = raw.peek(len(_ZSTD))
        self._is_plain = not start.startswith((_GZIP, _ZSTD))
        self._bytes = raw if self._is_plain else _decompressed(raw, start)
        self._seek = cast("BinaryIO", raw).seek if seekable and self._is_plain else None
        self._tell = tell
        self._given_back = io.BytesIO()
        self._is_buffer_empty = False
        self.offset = 0

    def read(self, size: int) -> bytes:
        """The next bytes: fewer than `size` only at the end."""
        data = self._given_back.read(size)
        if len(data) < size:
            data += self._bytes.read(size - len(data))
        self.offset += len(data)
        return data

    def readline(self, limit: int) -> bytes:
        """The bytes to the end of the line, including the line break; at most `limit`."""
        data = self._given_back.readline(limit)
        if len(data) < limit and not data.endswith(b"\n"):
            data += self._bytes.readline(limit - len(data))
        self.offset += len(data)
        return data

    def read_lines(self, size: int, *, most: int) -> Iterator[list[bytes]]:
        """All lines from here on, without their line breaks: a portion at a time.

        A portion has about `size` bytes, or a thousand lines where these are short.
        A line of `most` bytes or more is cut there. `offset` is after the lines given last. An
        empty list comes from time to time while nothing arrives: other lines have their turn.
        """
        data, rest = self._given_back.read(), b""
        while True:
            while not data and self._is_quiet():
                yield []
            data = data or self._next(size)
            if not data:
                break
            first, *more = data.split(b"\n")
            *lines, rest = rest + first, *more
            data = b""
            for at in range(0, len(lines), _MOST_LINES):
                some = lines[at : at + _MOST_LINES]
                self.offset += sum(map(len, some)) + len(some)
                yield some
            if len(rest) >= most:
                cut = rest[:most]
                self.offset += len(rest)
                data, rest = self._after_line(size), b""
                yield [cut]
        if rest:
            self.offset += len(rest)
            yield [rest]

    def _next(self, size: int) -> bytes:
        """Up to `size` bytes: as many as there are now where they arrive slowly."""
        if self._tell is not None:
            return self._bytes.read(size)
        data = self._bytes.read1(size)
        # `read1` gives all that is buffered before it asks for more.
        self._is_buffer_empty = len(data) < size
        return data

    def _is_quiet(self) -> bool:
        """Whether nothing arrives at present, as far as that can be told without reading.

        It cannot be told of packed bytes, some of which may be read and not yet unpacked.
        """
        if self._tell is not None or not self._is_plain or not self._is_buffer_empty:
            return False
        try:
            readable, _, _ = select.select([self._bytes], [], [], _QUIET_S)
        except (OSError, ValueError):  # no file of the system, or no pipe on Windows
            return False
        return not readable

    def _after_line(self, size: int) -> bytes:
        """What was read beyond the end of a line whose beginning is read."""
        while data := self._next(size):
            end = data.find(b"\n") + 1
            self.offset += end or len(data)
            if end:
                return data[end:]
        return b""

    def give_back(self, data: bytes) -> None:
        """Push back the bytes read last, to be read once more."""
        self._given_back = io.BytesIO(data + self._given_back.read())
        self.offset -= len(data)

    def peek(self) -> bytes:
        """Some of the next bytes, without reading them."""
        return self._bytes.peek(_BUFFER)

    def skip_to(self, offset: int) -> None:
        """Skip forward to an offset, or to the end when there are fewer bytes."""
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
    """An open file, which the caller closes, and its bytes. Raises OSError and any of DAMAGED."""
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
    """A zstd reader that detects truncation; the library's own takes a cut file for a whole one."""

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
        """Decompress the next part; whether there was more."""
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
