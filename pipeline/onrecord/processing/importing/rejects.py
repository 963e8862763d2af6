"""The file of pieces that could not be read: one JSON line each, with reason and position.

It is written while importing, and cut back to the committed length when an import resumes after
a kill, so that each rejected piece is in it once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from onrecord.errors import Mistake

_encoder = msgspec.json.Encoder()


class Rejected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is no article. `record` is what was read, where a person could mend it."""

    source: str
    place: str
    reason: str
    record: str | None = None


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class RejectFile:
    """Appends to a file that the first line creates. A context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def write(self, rejected: Rejected) -> None:
        """Add a line. Raises Mistake when the file cannot be written."""
        with self._writing():
            self._file = self._file or open(self.path, "ab", opener=_for_us_alone)  # noqa: SIM115
            self._file.write(_encoder.encode(rejected) + b"\n")

    def size(self) -> int:
        """The file's length in bytes, with every added line. Raises as `write`."""
        if self._file is None:
            return self.path.stat().st_size if self.path.exists() else 0
        with self._writing():
            self._file.flush()
        return self._file.tell()

    def cut_back(self, size: int) -> None:
        """Truncate the file to this length. Raises as `write`."""
        if self.path.exists() and self.path.stat().st_size > size:
            with self._writing(), self.path.open("r+b") as file:
                file.truncate(size)

    def close(self) -> None:
        """Close the file. Raises as `write`."""
        file, self._file = self._file, None
        if file is not None:
            with self._writing():
                file.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Mistake(f"{self.path}: cannot be written: {error.strerror}") from None
