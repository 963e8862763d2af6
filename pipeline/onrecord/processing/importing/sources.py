"""Splits a source, as named by the user, into pieces, in an order that never changes.

A piece is a line, a record of a web archive, or a saved document. Its mark is the position after
it: the file, by its path within the source, and the decompressed byte offset in that file. An
import resumes from a mark without reading the earlier part of the file again, unless the file is
compressed.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, cast

from msgspec import Struct

from onrecord.errors import Mistake, ParseError, ReaderNotStarted, RecordError
from onrecord.feeds.articles.draft import not_in_future
from onrecord.feeds.from_documents import is_feed
from onrecord.processing.importing import warc
from onrecord.processing.importing.lines import check_url
from onrecord.processing.importing.ready import ReadyArticle
from onrecord.processing.importing.streams import DAMAGED, Peekable, Stream, open_file

Kind = Literal["lines", "warc", "document"]

# Reads a document in a separate process: body, URL, content type, time of fetching.
ReadDocument = Callable[[bytes, str | None, str | None, datetime], Sequence[ReadyArticle]]
# Reads lines, each of which has an article or a reason why it has none.
ReadLines = Callable[[Sequence[bytes], datetime], Sequence[ReadyArticle | str]]

STANDARD_INPUT = "-"
REJECTED = ".rejected.jsonl"

# A line longer than the largest article cannot be an article; it is skipped, not read into memory.
_MOST_LINE = 16 * 1024 * 1024
# From so many bytes on, other processes read lines: it takes them half a second to start.
_MANY_BYTES = 32 * 1024
_REASON_CHARS = 300
# An offset beyond the end of any file: the file has been read completely.
_ALL = 2**62


class Mark(NamedTuple):
    """The position to resume from. `number` counts the lines, or records, before it."""

    file: str = ""
    offset: int = 0
    number: int = 0


class PieceOutcome(Struct, frozen=True, gc=False):
    """What was read at one place: an article, or the reason why there is none.

    `place` describes the position, for people. `original` is the input, where a person could
    repair it.
    """

    place: str
    found: ReadyArticle | str
    original: bytes | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One unit of reading, of `count` lines, records or documents.

    `read` raises RecordError or ParseError when none of it can be read; `place` is then its
    position. `is_slow` marks pieces that are better read in parallel. A piece of nothing is a
    pause: the source has nothing more at present, and the pieces before it need not wait.
    """

    place: str
    after: Mark
    read: Callable[[], Sequence[PieceOutcome]]
    count: int = 1
    is_slow: bool = False

    @property
    def is_pause(self) -> bool:
        return self.count == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceReading:
    """The options for reading pieces. `many_lines` reads lines in a separate process.

    The lines of `chunk_bytes` are one piece; fewer where they are short, or arrive slowly. Between
    two pieces a reader waits for the importing process, which has other work.
    """

    lines: ReadLines
    many_lines: ReadLines
    document: ReadDocument
    clock: Callable[[], datetime]
    most_document_bytes: int
    chunk_bytes: int = 512 * 1024


@dataclass(slots=True)
class Source:
    """A source named by the user: a file, a folder, or standard input (`root` is None).

    `left_out` counts content that is not news, such as pictures and error responses.
    """

    name: str
    root: Path | None
    stdin: BinaryIO | None = None
    left_out: int = field(default=0, init=False)
    _bytes_before: int = field(default=0, init=False)
    _stream: Stream | None = field(default=None, init=False)

    @property
    def key(self) -> str | None:
        """The source's key in every attempt; None when it cannot be read a second time."""
        return None if self.root is None else str(self.root.resolve())

    def version_of(self, name: str) -> str:
        """A version string that changes with the file of this name in the source."""
        path = self._path(name)
        if path is None or not path.exists():
            return ""
        stat = path.stat()
        return f"{stat.st_size}-{stat.st_mtime_ns}"

    def _path(self, name: str) -> Path | None:
        return self.root / name if self.root and name else self.root

    @property
    def total_bytes(self) -> int | None:
        """The size on disk; None when it cannot be determined."""
        if self.root is None:
            return None
        return sum(path.stat().st_size for _, path in self._files())

    @property
    def read_bytes(self) -> int:
        """The bytes on disk that were read, or skipped because they were read before."""
        return self._bytes_before + (self._stream.raw_offset if self._stream else 0)

    def pieces(self, reading: PieceReading, start: Mark) -> Iterator[Piece]:
        """Every piece from a mark onwards."""
        if self.root is None:
            stream = Stream(cast("Peekable", self.stdin), tell=None, seekable=False)
            yield from self._pieces_of("", stream, reading, start)
        for name, path in self._files():
            at = start if name == start.file else Mark(name)
            if _order(name) >= _order(start.file) and at.offset < _ALL:
                yield from self._pieces_of_file(name, path, reading, at)
            self._bytes_before += path.stat().st_size

    def _files(self) -> Iterator[tuple[str, Path]]:
        """The files by name, in order; "" for a file that is the source itself."""
        if self.root is None:
            return
        if not self.root.is_dir():
            yield "", self.root
            return
        for path in _walk(self.root):
            yield path.relative_to(self.root).as_posix(), path

    def _pieces_of_file(
        self, name: str, path: Path, reading: PieceReading, start: Mark
    ) -> Iterator[Piece]:
        try:
            raw, stream = open_file(path)
        except DAMAGED as error:
            yield _refused(name, f"it cannot be read: {error}", Mark(name, _ALL, start.number))
            return
        with raw:
            yield from self._pieces_of(name, stream, reading, start)
        self._stream = None

    def _pieces_of(
        self, name: str, stream: Stream, reading: PieceReading, start: Mark
    ) -> Iterator[Piece]:
        """The file's pieces from a mark onwards; damage becomes the last piece."""
        self._stream = stream
        number = start.number
        try:
            kind = kind_of(name or self.name, stream.peek())
            stream.skip_to(start.offset)
            for piece in self._pieces_of_kind(kind, name, stream, reading, start):
                number = piece.after.number
                yield piece
        except DAMAGED as error:
            reason = f"damaged after byte {stream.offset}, the rest cannot be read: {error}"
            yield _refused(name, reason, Mark(name, _ALL, number))

    def _pieces_of_kind(
        self, kind: Kind | None, name: str, stream: Stream, reading: PieceReading, start: Mark
    ) -> Iterator[Piece]:
        if kind == "lines":
            yield from _lines(name, stream, reading, start)
        elif kind == "warc":
            yield from self._captures(name, stream, reading, start)
        elif kind == "document":
            yield from _document(name, stream, reading, start)
        elif stream.peek():
            self.left_out += 1

    def _captures(
        self, name: str, stream: Stream, reading: PieceReading, start: Mark
    ) -> Iterator[Piece]:
        number = start.number
        for record in warc.read_records(stream, most_bytes=reading.most_document_bytes):
            number += 1
            if not record.is_news:
                self.left_out += 1
                continue
            where = f"byte {record.offset}" + (f", {record.url}" if record.url else "")
            place = _place(name, where)
            yield Piece(
                place=place,
                after=Mark(name, record.after, number),
                read=partial(_read_capture, place, record, reading),
                is_slow=True,
            )


def open_source(name: str, stdin: BinaryIO) -> Source:
    """The source named by the user. Raises Mistake when nothing readable is there."""
    if name == STANDARD_INPUT:
        return Source("standard input", None, stdin)
    root = Path(name)
    if root.is_dir():
        return Source(name, root)
    if not root.exists():
        raise Mistake(f"{name}: no such file")
    try:
        raw, stream = open_file(root)
        with raw:
            start = stream.peek()
    except DAMAGED as error:
        raise Mistake(
            f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    if start and kind_of(name, start) is None:
        raise Mistake(f"{name}: neither JSON lines, nor a web archive (WARC), a feed or a page")
    return Source(name, root)


# ── what a file is ───────────────────────────────────────────────────────────────────────────

_PACKED = re.compile(r"\.(?:gz|zst)$", re.IGNORECASE)
_LINES = (".jsonl", ".ndjson")
_DOCUMENT = (".html", ".htm", ".xhtml", ".xml", ".rss", ".atom", ".rdf")
_JSON_FEED = re.compile(rb"\"version\"\s*:\s*\"https?:\\?/\\?/(?:www\.)?jsonfeed\.org")


def kind_of(name: str, start: bytes) -> Kind | None:
    """The kind of a file, by its name or first decompressed bytes; None for non-news content."""
    suffix = Path(_PACKED.sub("", name)).suffix.lower()
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if suffix in _LINES:
        return "lines"
    if text.startswith(b"WARC/"):
        return "warc"
    if suffix in _DOCUMENT:
        return "document"
    if text.startswith((b"{", b"[")):
        return "document" if _JSON_FEED.search(text) else "lines"
    looks_like_one = text.startswith(b"<") and (is_feed(text) or b"<html" in text.lower())
    return "document" if looks_like_one else None


def _order(name: str) -> tuple[str, ...]:
    return tuple(name.split("/"))


def _walk(folder: Path) -> Iterator[Path]:
    """Every file in a folder and below, in the order of their paths, part by part."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        elif entry.is_file() and not entry.name.endswith(REJECTED):
            yield Path(entry.path)


# ── pieces ───────────────────────────────────────────────────────────────────────────────────


def _place(name: str, where: str) -> str:
    return f"{name}, {where}" if name and where else name or where


def _refused(name: str, reason: str, after: Mark) -> Piece:
    return Piece(_place(name, ""), after, partial(_refuse, reason))


def _refuse(reason: str) -> Sequence[PieceOutcome]:
    raise RecordError(reason)


def _lines(name: str, stream: Stream, reading: PieceReading, start: Mark) -> Iterator[Piece]:
    """Pieces of many lines each. From the first large one on they are read in parallel."""
    number, is_long = start.number, False
    for lines in stream.read_lines(reading.chunk_bytes, most=_MOST_LINE):
        if not lines:
            yield Piece("", Mark(name, stream.offset, number), read=tuple, count=0)
            continue
        is_long = is_long or sum(map(len, lines)) >= _MANY_BYTES
        chunk = LineChunk(name, number + 1, lines, reading.clock())
        number += len(lines)
        yield Piece(
            place=chunk.place_of(0),
            after=Mark(name, stream.offset, number),
            read=partial(chunk.read, reading.many_lines if is_long else reading.lines),
            count=len(lines),
            is_slow=is_long,
        )


@dataclass(frozen=True, slots=True)
class LineChunk:
    """Successive lines of a file; `first` is the number of the first one."""

    name: str
    first: int
    lines: Sequence[bytes]
    now: datetime

    def place_of(self, index: int) -> str:
        return _place(self.name, f"line {self.first + index}")

    def read(self, read_lines: ReadLines) -> list[PieceOutcome]:
        """The outcomes of all lines but the empty ones."""
        wanted = [index for index, line in enumerate(self.lines) if line.strip()]
        whole = [index for index in wanted if len(self.lines[index]) < _MOST_LINE]
        read = _read_each(read_lines, [self.lines[index] for index in whole], self.now)
        found = dict(zip(whole, read, strict=True))
        return [self._outcome(index, found.get(index)) for index in wanted]

    def _outcome(self, index: int, found: ReadyArticle | str | None) -> PieceOutcome:
        if found is None:
            return PieceOutcome(self.place_of(index), f"longer than {_MOST_LINE} bytes", b"")
        return PieceOutcome(self.place_of(index), found, self.lines[index])


def _read_each(
    read_lines: ReadLines, lines: Sequence[bytes], now: datetime
) -> Sequence[ReadyArticle | str]:
    """What lines hold; each is read alone if they cannot be read together.

    Raises ReaderNotStarted, which is not the fault of any line.
    """
    try:
        return read_lines(lines, now)
    except ReaderNotStarted:
        raise
    # Libraries can raise any error on foreign input; the other lines are still read.
    except Exception as error:  # noqa: BLE001
        if len(lines) == 1:
            return [reason_of(error)]
    return [one for line in lines for one in _read_each(read_lines, [line], now)]


def reason_of(error: Exception) -> str:
    """Why a piece has no article, for people."""
    if isinstance(error, ParseError):
        return error.reason
    if isinstance(error, RecordError):
        return str(error)
    return f"it cannot be read ({type(error).__name__}: {error})"[:_REASON_CHARS]


def _read_capture(
    place: str, record: warc.WarcRecord, reading: PieceReading
) -> Sequence[PieceOutcome]:
    capture = record.open()
    check_url(capture.url)
    now = reading.clock()
    fetched_at = not_in_future(capture.date, now) or now
    found = reading.document(capture.body, capture.url, capture.content_type, fetched_at)
    return [PieceOutcome(place, article) for article in found]


def _read_document(place: str, body: bytes, reading: PieceReading) -> Sequence[PieceOutcome]:
    found = reading.document(body, None, None, reading.clock())
    return [PieceOutcome(place, article) for article in found]


def _document(name: str, stream: Stream, reading: PieceReading, start: Mark) -> Iterator[Piece]:
    body = stream.read(reading.most_document_bytes + 1)
    if len(body) > reading.most_document_bytes:
        read = partial(_refuse, f"larger than {reading.most_document_bytes} bytes")
    else:
        read = partial(_read_document, name, body, reading)
    yield Piece(
        place=name,
        after=Mark(name, _ALL, start.number + 1),
        read=read,
        is_slow=True,
    )
