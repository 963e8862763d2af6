"""The committed counts of one run of a replay, published with its results."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import msgspec

from onrecord.log.interface import Partition, Transaction
from onrecord.processing.worker import BatchReport
from onrecord.records import ReplayProgress, event_headers, to_json

EVENT_SOURCE = "/onrecord/replay"

_RATE_OVER_S = 30.0


@dataclass(slots=True, kw_only=True)
class ReplayTally:
    """The counts that this run has committed, published with each of its transactions.

    Create it when the work begins: its time and rate count from there.

    A commit with an unknown outcome ends the run. Its record holds the committed counts, with or
    without that last step, and counting continues under a new run.
    """

    name: str
    topic: str
    clock: Callable[[], datetime]
    new_run: Callable[[], str]
    elapsed: Callable[[], float] = monotonic
    _kept: ReplayProgress | None = None
    _tried: ReplayProgress | None = None
    _began: float = field(init=False)
    _recent: deque[tuple[float, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._began = self.elapsed()

    def add(self, tx: Transaction, report: BatchReport, positions: Mapping[Partition, int]) -> None:
        """Publish the counts, including those of a transaction about to be committed."""
        if self._tried is not None:
            self._began = self.elapsed()
            self._kept = None
        if self._kept is None:
            self._begin_run()
        self._tried = self._after(report, positions)
        tx.publish(
            self.topic,
            key=progress_key(self._tried),
            value=to_json(self._tried),
            headers=event_headers(
                self._tried, event_id=self.new_run(), source=EVENT_SOURCE, time=self._tried.at
            ),
        )

    def confirm(self) -> None:
        """Note that the transaction of the last `add` was committed."""
        self._kept, self._tried = self._tried, None

    @property
    def positions(self) -> Mapping[int, int]:
        """The positions that this run committed, by partition."""
        return self._kept.positions if self._kept else {}

    @property
    def rate(self) -> float | None:
        """Articles a second, recently."""
        return self._kept.rate if self._kept else None

    def _begin_run(self) -> None:
        self._kept = ReplayProgress(name=self.name, run=self.new_run(), at=self.clock())
        self._recent.clear()
        self._recent.append((self._began, 0))

    def _after(self, report: BatchReport, positions: Mapping[Partition, int]) -> ReplayProgress:
        before = self._kept or ReplayProgress(name=self.name, run="", at=self.clock())
        articles = before.articles + len(report.extractions)
        letters = before.dead_letters + len(report.dead_letters)
        return msgspec.structs.replace(
            before,
            articles=articles,
            dead_letters=letters,
            positions=before.positions | {p.number: offset for p, offset in positions.items()},
            seconds=round(self.elapsed() - self._began, 3),
            rate=self._rate(articles + letters),
            at=self.clock(),
        )

    def _rate(self, done: int) -> float | None:
        now = self.elapsed()
        self._recent.append((now, done))
        while len(self._recent) > 2 and self._recent[1][0] < now - _RATE_OVER_S:
            self._recent.popleft()
        then, before = self._recent[0]
        return round((done - before) / (now - then), 2) if now > then else None


def progress_key(progress: ReplayProgress) -> bytes:
    """The key of a run's own record; names of replays contain no blanks."""
    return f"{progress.name} {progress.run}".encode()
