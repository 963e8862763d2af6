"""Waiting for a log that is away: ever longer, said once."""

from collections.abc import Callable
from time import monotonic, sleep

_SHORTEST_S = 0.25
_LONGEST_S = 15.0
_BLINK_S = 0.1


class Backoff:
    """Waits between attempts, doubling; says so when it begins and when it is over."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._next_s = _SHORTEST_S
        self._away = False

    def wait(self, why: Exception, stopped: Callable[[], bool]) -> None:
        """Sleep before the next attempt, or until stopped."""
        if not self._away:
            self._say(f"the log does not answer, waiting for it: {why}")
        self._away = True
        until = monotonic() + self._next_s
        self._next_s = min(self._next_s * 2, _LONGEST_S)
        while monotonic() < until and not stopped():
            sleep(_BLINK_S)

    def reset(self) -> None:
        """The log answered."""
        if self._away:
            self._say("the log answers again")
        self._away = False
        self._next_s = _SHORTEST_S
