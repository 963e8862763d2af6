"""Back-off while the log is unavailable, reported once per process.

Each stage of a process meets the same outage in its own thread. The outage is reported when the
first stage meets it, and its end when the last stage has recovered.
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
    """Whether the log is unavailable, as seen by one process. Thread-safe.

    `say` informs the user; `changed` receives the reason for an outage, and None at its end.
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
        """Record why the log does not answer a part of the process; None once it answers."""
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
    """The waits of one part of a process between attempts: each wait doubles the previous."""

    def __init__(self, outage: Outage, part: str) -> None:
        self._outage = outage
        self._part = part
        self._next_s = _SHORTEST_S

    def wait(self, why: LogUnavailable, stopped: Callable[[], bool]) -> None:
        """Sleep before the next attempt, or until stopped; then the outage concerns nobody."""
        if stopped():
            return
        self._outage.note(self._part, why)
        until = monotonic() + self._next_s
        self._next_s = min(self._next_s * 2, _LONGEST_S)
        while monotonic() < until and not stopped():
            sleep(_BLINK_S)

    def reset(self) -> None:
        """Record that the log answered."""
        self._outage.note(self._part, None)
        self._next_s = _SHORTEST_S

    def answered(self, ask: Callable[[], T], stopped: Callable[[], bool]) -> T | None:
        """The answer to `ask`, however long the outage lasts; None when stopped meanwhile."""
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
