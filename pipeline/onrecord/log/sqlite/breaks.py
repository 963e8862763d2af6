"""Breaks between the steps of long work on a file, in which waiting writers get their turn.

SQLite has no queue of writers. Whoever waits looks again, at first after milliseconds and later
every tenth of a second; steps that follow one another at once can keep it waiting for as long as
they go on.
"""

import time
from collections.abc import Callable

# With a step of some milliseconds and the wait of a tenth of a second, far below one second.
_LONGEST_STRETCH_S = 0.4
# Longer than a waiting writer sleeps.
_BREAK_S = 0.12


class Interrupted(Exception):
    """The process is ending: the rest of the steps is done another time."""


class Breaks:
    """Says when a connection that writes step after step must leave the file to others."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._began = self._ended = -_BREAK_S
        self._is_hurried = False

    def hurry(self) -> None:
        """Let no further step begin."""
        self._is_hurried = True

    def check_hurry(self) -> None:
        """Raise Interrupted once the process is ending."""
        if self._is_hurried:
            raise Interrupted

    def before_step(self) -> None:
        """Note the beginning of a step; the first one after a break begins a new stretch.

        Raises Interrupted once the process is ending.
        """
        self.check_hurry()
        now = self._clock()
        if now - self._ended >= _BREAK_S:
            self._began = now

    def after_step(self) -> None:
        """Sleep if steps have followed one another for too long."""
        self._ended = self._clock()
        if self._ended - self._began >= _LONGEST_STRETCH_S:
            self._sleep(_BREAK_S)
            self._began = self._ended = self._clock()
