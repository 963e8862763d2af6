"""A replay and its progress."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from onrecord.log.interface import Partition
from onrecord.processing.replays.bounds import Bounds
from onrecord.records import ReplayJob, ReplayProgress

# A run without a record for this long counts as over; a slow run can commit this rarely.
_FRESH = timedelta(seconds=30)

State = Literal["running", "stopped", "paused", "cancelled", "done"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A job and its progress."""

    job: ReplayJob
    runs: tuple[ReplayProgress, ...] = ()

    @property
    def articles(self) -> int:
        """Articles extracted."""
        return sum(run.articles for run in self.runs)

    @property
    def dead_letters(self) -> int:
        """Articles that became dead letters."""
        return sum(run.dead_letters for run in self.runs)

    @property
    def seconds(self) -> float:
        """The total working time of its runs, in seconds."""
        return sum(run.seconds for run in self.runs)

    @property
    def positions(self) -> dict[Partition, int]:
        """The next offset to read in each partition."""
        return {
            partition: max([begin, *(run.positions.get(partition.number, 0) for run in self.runs)])
            for partition, begin in bounds_of(self.job).begin.items()
        }

    @property
    def is_done(self) -> bool:
        """Whether everything was read and its results committed."""
        end = bounds_of(self.job).end
        return all(position >= end[partition] for partition, position in self.positions.items())

    @property
    def share(self) -> float:
        """The completed share, from 0 to 1."""
        if self.is_done:
            return 1.0
        done = self.articles + self.dead_letters
        return min(done / self.job.articles, 0.999) if self.job.articles else 0.0

    def state(self, members: int) -> State:
        """The state, given the number of processes at work."""
        if self.is_done:
            return "done"
        if self.job.state != "running":
            return self.job.state
        return "running" if members else "stopped"

    def rate(self, now: datetime) -> float | None:
        """Recent articles a second over all its processes; None without a running process."""
        rates = [run.rate for run in self.runs if run.rate and run.at >= now - _FRESH]
        return sum(rates) if rates else None

    def left_s(self, rate: float | None) -> float | None:
        """The remaining seconds at a rate."""
        if self.is_done:
            return 0.0
        left = self.job.articles - self.articles - self.dead_letters
        return max(0, left) / rate if rate else None


def bounds_of(job: ReplayJob) -> Bounds:
    """The stretch that a job reads."""
    begin = {Partition(job.source, number): part.begin for number, part in job.stretch.items()}
    end = {Partition(job.source, number): part.end for number, part in job.stretch.items()}
    return Bounds(begin, end)


def with_state(job: ReplayJob, state: Literal["running", "paused", "cancelled"]) -> ReplayJob:
    """The job with another wanted state."""
    return msgspec.structs.replace(job, state=state)


def with_pace(job: ReplayJob, rate: float | None, workers: int | None) -> ReplayJob:
    """The job at another rate or with other workers, where they are given."""
    return msgspec.structs.replace(job, rate=rate or job.rate, workers=workers or job.workers)
