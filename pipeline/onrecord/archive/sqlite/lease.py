"""Locks beside an archive's file: who writes it, and who puts another file in its place.

They are advisory locks of the operating system, so a killed process leaves none behind.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onrecord.errors import ArchiveUnavailable


class Lease:
    """The right to write an archive, until it is closed or the process is gone."""

    def __init__(self, path: Path) -> None:
        """Raises ArchiveUnavailable while another process, or another writer of ours, has it."""
        self._descriptor = os.open(beside(path, "writer"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise ArchiveUnavailable(f"{path} is being written by another process") from error

    def close(self) -> None:
        """Give the right back. Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def door(path: Path, *, is_to_swap: bool = False) -> Iterator[None]:
    """Keep the file in its place while it is opened, or everybody out while it is replaced."""
    name = beside(path, "door")
    try:
        descriptor = os.open(name, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        # A folder that cannot be written: nobody replaces files there.
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if is_to_swap else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def beside(path: Path, what: str) -> Path:
    """The file beside an archive's file that is for this."""
    return path.with_name(f"{path.name}-{what}")
