"""Back-off while the log is away, reported once per process.

The stages of a process meet the same outage each in a thread of its own. A person is told when
the first of them meets it, and when the last of them is through it.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic, sleep
from typing import TypeVar

from onrecord.errors import LogUnavailable

T = TypeVar("T")

_SHORTEST_S = 0.25
_LONGEST_S = 15.0
_BLINK_S = 0.1


class Outage:
    """Whether the log is away, as one process sees it. Thread-safe.

    `say` tells a person; `changed` is given why the log is away, and None when it answers again.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        changed: Callable[[str | None], None] = lambda why: None,
    ) -> None:
        self._say = say
        self._changed = changed
        self._lock = Lock()
        self._waiting: set[str] = set()

    def note(self, part: str, why: Exception | None) -> None:
        """Record why a part of the process gets no answer from the log, or None: it gets one."""
        with self._lock:
            was_away = bool(self._waiting)
            if why is None:
                self._waiting.discard(part)
            else:
                self._waiting.add(part)
            if why is not None and not was_away:
                self._changed(str(why))
                self._say(f"the log does not answer, waiting for it: {why}")
            if was_away and not self._waiting:
                self._changed(None)
                self._say("the log answers again")


class Backoff:
    """The waits of one part of a process between its attempts: each twice the one before."""

    def __init__(self, outage: Outage, part: str) -> None:
        self._outage = outage
        self._part = part
        self._next_s = _SHORTEST_S

    def wait(self, why: LogUnavailable, stopped: Callable[[], bool]) -> None:
        """Sleep before the next attempt, or until stopped."""
        self._outage.note(self._part, why)
        until = monotonic() + self._next_s
        self._next_s = min(self._next_s * 2, _LONGEST_S)
        while monotonic() < until and not stopped():
            sleep(_BLINK_S)

    def reset(self) -> None:
        """The log answered."""
        self._outage.note(self._part, None)
        self._next_s = _SHORTEST_S

    def answered(self, ask: Callable[[], T], stopped: Callable[[], bool]) -> T | None:
        """The answer to `ask`, however long the log is away; None when stopped meanwhile."""
        while True:
            try:
                answer = ask()
            except LogUnavailable as error:
                self.wait(error, stopped)
            else:
                self.reset()
                return answer
            if stopped():
                return None
