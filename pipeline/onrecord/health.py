"""Whether a process does its work: its parts show signs of life, and the log answers.

*Live* means that no part hangs: a supervisor should restart a process that is not. *Ready* means
that it is live, that every part has begun and none was ended by an error, and that the log answers:
work that waits for a broker is live and not ready, and restarting it would not help.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What a process says of itself. `problems` are in words, by part; empty when it is ready."""

    is_live: bool
    is_ready: bool
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Part:
    late_s: float
    seen_at: float
    has_begun: bool = False


class Health:
    """The signs of life of one process. Thread-safe. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._parts: dict[str, _Part] = {}
        self._failed: dict[str, str] = {}
        self._outage: str | None = None

    def part(self, name: str, *, late_s: float) -> Callable[[], None]:
        """Expect signs of life of a part at least every `late_s`: what to call for each.

        Until the first of them the part has not begun, which is given as much time.
        """
        part = _Part(late_s, self._clock())
        with self._lock:
            self._parts[name] = part

        def alive() -> None:
            part.seen_at = self._clock()
            part.has_begun = True

        return alive

    def ended(self, name: str) -> None:
        """A part has done its work: no more signs of life are expected of it."""
        with self._lock:
            self._parts.pop(name, None)

    def failed(self, name: str, why: str) -> None:
        """A part was ended by an error and stays so: the rest of the process works on."""
        with self._lock:
            self._parts.pop(name, None)
            self._failed[name] = why

    def log_answers(self, why_not: str | None) -> None:
        """The log answers (None), or why it does not."""
        self._outage = why_not

    def late(self) -> int:
        """How many parts are late."""
        now = self._clock()
        with self._lock:
            return sum(now - part.seen_at > part.late_s for part in self._parts.values())

    def report(self) -> HealthReport:
        """How the process is doing now."""
        now, is_live = self._clock(), True
        with self._lock:
            problems = dict(self._failed)
            for name, part in self._parts.items():
                silent_s = now - part.seen_at
                if silent_s > part.late_s:
                    is_live = False
                    problems[name] = f"no sign of life for {silent_s:.0f} s"
                elif not part.has_begun:
                    problems[name] = "has not begun"
        if self._outage is not None:
            problems["log"] = self._outage
        return HealthReport(is_live=is_live, is_ready=not problems, problems=problems)
