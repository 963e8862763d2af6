"""The records of a web archive (WARC 1.0 and 1.1); the only module that uses warcio.

Records are framed here, one by one, so that a damaged record affects only itself and a large one
takes no memory. Parsing the content of a record is left to warcio.
"""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from onrecord.errors import RecordError
from onrecord.feeds.fetch.content_coding import BodyError, decoded
from onrecord.feeds.parsing.dates import parse_date
from onrecord.processing.importing.lines import check_url
from onrecord.processing.importing.streams import Stream

# warcio logs content of hostile archives unescaped, to terminals as well.
logging.getLogger("warcio").setLevel(logging.ERROR)

_VERSION = re.compile(rb"WARC/\d\.\d+\s*$")
_NEXT = re.compile(rb"(\r?\n)WARC/\d\.\d[ \t]*\r?\nWARC-", re.IGNORECASE)
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d{1,18})\s*$", re.IGNORECASE | re.MULTILINE)
_CHUNK_SIZE = re.compile(rb"([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n", re.IGNORECASE)
_MOST_HEADERS = 64 * 1024
_MOST_LINE = 16 * 1024
_STEP = 256 * 1024

# Content types of news articles and feeds.
_NEWS = re.compile(
    r"(?:text/html|application/xhtml\+xml|(?:text|application)/(?:(?:rss|atom|rdf)\+)?xml"
    r"|application/(?:feed\+)?json)\s*(?:;|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedAnswer:
    """A server's decoded response, and the time of the request if known."""

    url: str | None
    date: datetime | None
    content_type: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord:
    """One record, with its start and end in decompressed bytes.

    `loaded` is None when the record cannot be read; `damage` is then the reason. When `is_cut`,
    only the beginning was kept.
    """

    offset: int
    after: int
    most_bytes: int
    loaded: Any = None
    damage: str | None = None
    is_cut: bool = False

    @property
    def url(self) -> str | None:
        """The requested URL."""
        return self.loaded.rec_headers.get_header("WARC-Target-URI") if self.loaded else None

    @property
    def is_news(self) -> bool:
        """Whether the record can hold a feed or a page; a damaged record can."""
        if self.loaded is None:
            return True
        http = self.loaded.http_headers
        if self.loaded.rec_type not in ("response", "resource"):
            return False
        if http is not None and http.get_statuscode() != "200":
            return False
        return _NEWS.match(self._content_type or "") is not None

    @property
    def _content_type(self) -> str | None:
        http = self.loaded.http_headers
        found = http.get_header("Content-Type") if http else self.loaded.content_type
        return str(found).strip() if found else None

    def open(self) -> ArchivedAnswer:
        """The response in the record. Raises RecordError. Call it only once."""
        if self.damage:
            raise RecordError(self.damage)
        check_url(self.url, field="WARC-Target-URI")
        if cut := self.loaded.rec_headers.get_header("WARC-Truncated"):
            raise RecordError(f"the archive has only a part of it (WARC-Truncated: {cut[:40]})")
        try:
            body = b"" if self.is_cut else _body(self.loaded, self.most_bytes + 1)
        except (BodyError, ValueError) as error:
            raise RecordError(f"the answer cannot be decoded: {error}") from error
        if self.is_cut or len(body) > self.most_bytes:
            raise RecordError(f"the answer has more than {self.most_bytes} bytes")
        if not body:
            raise RecordError("the answer is empty")
        return ArchivedAnswer(
            url=self.url,
            date=parse_date(self.loaded.rec_headers.get_header("WARC-Date")),
            content_type=self._content_type,
            body=body,
        )


def read_records(stream: Stream, *, most_bytes: int) -> Iterator[WarcRecord]:
    """Every record from the stream's position. Bodies over `most_bytes` are not kept.

    Data that is not a record is skipped up to the next record, and reported once.
    """
    gap: int | None = None
    while True:
        offset = stream.offset
        line = stream.readline(_MOST_LINE)
        if gap is not None and (not line or _VERSION.match(line)):
            damage = f"bytes {gap} to {offset} are no WARC record"
            yield WarcRecord(offset=gap, after=offset, most_bytes=most_bytes, damage=damage)
            gap = None
        if not line:
            return
        if _VERSION.match(line):
            yield _read_record(line, offset, stream, most_bytes)
        elif line.strip() and gap is None:
            gap = offset


def _read_record(version: bytes, offset: int, stream: Stream, most_bytes: int) -> WarcRecord:
    headers = _headers(stream)
    found = _LENGTH.search(headers)
    length = int(found.group(1)) if found else 0
    end = stream.offset + length
    block = stream.read(min(length, most_bytes + _MOST_HEADERS))
    while stream.offset < end and stream.read(min(_STEP, end - stream.offset)):
        pass
    damage = None
    if not found:
        damage = "a record without its length"
    elif stream.offset < end:
        damage = "the file ends within the record"
    elif not _is_ended(stream):
        damage = "its length is wrong: the record does not end there"
    loaded = None
    if damage is None:
        try:
            loaded = _load(version + headers + block)
        except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError) as error:
            damage = f"the record cannot be read: {error}"
        except AttributeError:  # warcio, of an answer that does not say to what
            damage = "a record without its address"
    elif len(block) == stream.offset - (end - length):
        _give_back_the_next(stream, block)
    return WarcRecord(
        offset=offset,
        after=stream.offset,
        most_bytes=most_bytes,
        loaded=loaded,
        damage=damage,
        is_cut=len(block) < length,
    )


def _is_ended(stream: Stream) -> bool:
    """Whether a record can end here: a blank line, the next record or the end follows."""
    line = stream.readline(_MOST_LINE)
    stream.give_back(line)
    return not line.strip() or _VERSION.match(line) is not None


def _give_back_the_next(stream: Stream, block: bytes) -> None:
    """Resume at a following record that an overlong length made part of this one, if any."""
    found = _NEXT.search(block)
    if found is not None:
        stream.give_back(block[found.end(1) :])


def _headers(stream: Stream) -> bytes:
    lines: list[bytes] = []
    size = 0
    while (line := stream.readline(_MOST_LINE)).strip() and size < _MOST_HEADERS:
        lines.append(line)
        size += len(line)
    return b"".join([*lines, b"\r\n"])


def _load(record: bytes) -> Any:
    # The HTTP version is not verified: current archives also hold HTTP/2 responses.
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
    return loader.parse_record_stream(io.BytesIO(record), known_format="warc")


def _body(loaded: Any, most: int) -> bytes:
    """The decoded body, cut soon after `most` bytes. Raises BodyError, ValueError.

    Many crawlers decode a response and keep its headers. A body that does not begin with a
    chunk size is therefore taken as it is; `decoded` does the same for content codings.
    """
    body: bytes = loaded.raw_stream.read()
    http = loaded.http_headers
    if http is None:
        return body
    if "chunked" in (http.get_header("Transfer-Encoding") or "").lower():
        body = _dechunked(body)
    return decoded(body, http.get_header("Content-Encoding") or "", most)


def _dechunked(body: bytes) -> bytes:
    """The body without the chunked transfer coding. Raises ValueError when it is incomplete."""
    parts: list[bytes] = []
    at = 0
    while found := _CHUNK_SIZE.match(body, at):
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
