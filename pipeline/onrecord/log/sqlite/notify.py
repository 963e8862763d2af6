"""Commit notification.

Commits through the same log object wake waiting threads at once. Commits of other processes are
found by polling SQLite, which costs microseconds, at growing intervals: the delay is at most
20 ms.
"""

import time
from threading import Condition

from onrecord.log.sqlite.database import Database

_SHORTEST_S = 0.001
_LONGEST_S = 0.02


class Commits:
    """Counts the commits made through one log object, and wakes threads waiting for the next."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._count = 0

    def announce(self) -> None:
        """Announce a commit."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def seen(self, db: Database) -> tuple[int, int]:
        """The state for `wait` to compare with: take it before reading records, not after."""
        return self._count, db.version()

    def wait(self, db: Database, seen: tuple[int, int], until: float) -> None:
        """Wait for a commit later than `seen`, or until `until` on the monotonic clock."""
        pause_s = _SHORTEST_S
        while self.seen(db) == seen and (left_s := until - time.monotonic()) > 0:
            with self._condition:
                if self._count == seen[0]:
                    self._condition.wait(min(pause_s, left_s))
            pause_s = min(pause_s * 1.5, _LONGEST_S)
