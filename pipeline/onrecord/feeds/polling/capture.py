"""Archives feeds' responses byte for byte, so that a better parser can read them again.

New documents are appended to a web archive (WARC 1.1), one for each day and process. `onrecord
import` reads the same articles from it.
"""

import gzip
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from onrecord.feeds.fetch import FetchResponse

# Takes a feed's URL, the response and its time; raises OSError when it cannot be stored.
Keep = Callable[[str, FetchResponse, datetime], None]

# Headers of the connection, or of the body before it was decoded.
_NOT_KEPT = frozenset((
    "content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Capture:
    """A folder of web archives."""

    folder: Path

    def keep(self, url: str, response: FetchResponse, at: datetime) -> None:
        """Append a response. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"feeds-{at:%Y-%m-%d}-{os.getpid()}.warc.gz"
        # One write of a whole gzip member: a process that is killed leaves at most one in halves.
        with path.open("ab") as archive:
            archive.write(gzip.compress(to_record(url, response, at), mtime=0))


def to_record(url: str, response: FetchResponse, at: datetime) -> bytes:
    """A response as a record of a web archive, under the URL of its feed."""
    kept = [(name, value) for name, value in response.headers if name.lower() not in _NOT_KEPT]
    length = ("Content-Length", str(len(response.body)))
    answer = _head(f"HTTP/1.1 {response.status} OK", [*kept, length]) + response.body
    head = [
        ("WARC-Type", "response"),
        ("WARC-Target-URI", url),
        ("WARC-Date", at.astimezone(UTC).isoformat().replace("+00:00", "Z")),
        ("WARC-Record-ID", f"<urn:uuid:{uuid4()}>"),
        ("Content-Type", "application/http; msgtype=response"),
        ("Content-Length", str(len(answer))),
    ]
    return _head("WARC/1.1", head) + answer + b"\r\n\r\n"


def _head(first: str, headers: list[tuple[str, str]]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    # Bytes of headers that are no text come as surrogates, and go as they came.
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")
