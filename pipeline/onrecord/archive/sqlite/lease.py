"""Locks beside an archive's file: who writes it, and who puts another file in its place.

They are advisory locks of the operating system, so a killed process leaves none behind.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from onrecord.errors import ArchiveUnavailable

_LOOK_S = 0.02


class Lease:
    """The right to write an archive, until it is closed or the process is gone.

    Whoever waits for it holds the lock of the queue, by which the writer sees that it is wanted.
    """

    def __init__(self, path: Path, *, wait_s: float = 0.0) -> None:
        """Raises ArchiveUnavailable while another process, or another writer of ours, has it."""
        self._path = path
        self._descriptor = _open(path, "writer")
        if not _is_locked(self._descriptor) and not (wait_s and self._wait(wait_s)):
            self.close()
            raise ArchiveUnavailable(f"{path} is being written by another process")

    def _wait(self, wait_s: float) -> bool:
        until = monotonic() + wait_s
        queue = _open(self._path, "queue")
        try:
            while monotonic() < until:
                if _is_locked(queue) and _is_locked(self._descriptor):
                    return True
                sleep(_LOOK_S)
            return False
        finally:
            os.close(queue)

    def is_wanted(self) -> bool:
        """Whether somebody waits."""
        queue = _open(self._path, "queue")
        try:
            return not _is_locked(queue)
        finally:
            os.close(queue)

    def close(self) -> None:
        """Give the right back. Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _open(path: Path, what: str) -> int:
    return os.open(beside(path, what), os.O_CREAT | os.O_RDWR, 0o600)


def _is_locked(descriptor: int) -> bool:
    """Whether the lock is ours now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
