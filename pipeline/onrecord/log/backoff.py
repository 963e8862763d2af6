"""Waiting for a log that is away: ever longer, and said once, however many wait.

The stages of a process, and what shows their results, each meet the same outage in a thread of
its own. A person is told when the first of them does, and when the last is through it.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic, sleep
from typing import TypeVar

from onrecord.errors import LogUnavailable
from onrecord.log.interface import Message, Reader

T = TypeVar("T")

_SHORTEST_S = 0.25
_LONGEST_S = 15.0
_BLINK_S = 0.1


class Outage:
    """Whether the log is away, as one process sees it. `say` tells a person. Thread-safe."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = Lock()
        self._waiting: set[str] = set()

    def note(self, part: str, why: Exception | None) -> None:
        """A part of the process has no answer from the log, and why; or None: it has one."""
        with self._lock:
            was_away = bool(self._waiting)
            if why is None:
                self._waiting.discard(part)
            else:
                self._waiting.add(part)
            if why is not None and not was_away:
                self._say(f"the log does not answer, waiting for it: {why}")
            if was_away and not self._waiting:
                self._say("the log answers again")


class Backoff:
    """The waits of one part of a process between its attempts, doubling."""

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
        """What the log answers, however long it is away before; None when stopped meanwhile."""
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

    def poll(
        self, reader: Reader, *, limit: int, timeout_s: float, stopped: Callable[[], bool]
    ) -> Sequence[Message] | None:
        """What a reader gives; None, after a wait, when the log is away."""
        try:
            messages = reader.poll(limit=limit, timeout_s=timeout_s)
        except LogUnavailable as error:
            self.wait(error, stopped)
            return None
        self.reset()
        return messages
