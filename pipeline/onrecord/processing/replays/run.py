"""Runs a replay: a worker on a job, until the job is done or is asked to stop."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from time import monotonic
from typing import Protocol
from uuid import uuid4

from onrecord.log.interface import Log, Member, Message, Partition
from onrecord.processing.bounded import BoundedMember
from onrecord.processing.pool import Pool
from onrecord.processing.replays.jobs import Replays
from onrecord.processing.replays.progress import ReplayTally
from onrecord.processing.replays.standing import Standing, bounds_of
from onrecord.processing.worker import Also, BatchReport, Worker
from onrecord.records import ReplayJob

# The interval for committing skipped messages; a killed replay skips the later ones again.
_SETTLE_EVERY_S = 1.0


class Outcome(Enum):
    """Why a replay stopped."""

    DONE = "done"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class MakeWorker(Protocol):
    """Makes a job's worker. `also` publishes additional records with the results."""

    def __call__(
        self, member: Member, *, report: Callable[[BatchReport], None], also: Also
    ) -> Worker: ...


def run_replay(
    log: Log,
    replays: Replays,
    standing: Standing,
    job: ReplayJob,
    pool: Pool,
    make_worker: MakeWorker,
    *,
    name: str,
    wants: Callable[[Message], bool] | None,
    report: Callable[[BatchReport, float | None], None],
    stopped: Callable[[], bool],
    clock: Callable[[], datetime],
) -> Outcome:
    """Extract the rest of a job in a started pool, as a member of its group.

    `standing` is the progress so far, `job` the wanted state. `report` is called with each batch
    and the current rate in articles a second.
    """
    end, group = bounds_of(job).end, replays.group(job.name)
    with replays.watch(job) as watch:

        def has_to_stop() -> bool:
            return stopped() or watch()

        # Read nothing before it can be extracted: the allowed rate would accumulate meanwhile.
        pool.wait_until_ready(has_to_stop)
        tally = ReplayTally(
            name=job.name, topic=replays.topic, clock=clock, new_run=lambda: uuid4().hex
        )

        def count(batch: BatchReport) -> None:
            if not batch.abandoned:
                tally.confirm()
            report(batch, tally.rate)

        with log.join(group, [job.source], name=name) as member:
            bounded = BoundedMember(
                member, end, begin=standing.positions, wants=wants, rate=job.rate
            )
            worker = make_worker(bounded, report=count, also=tally.add)
            worker.run(has_to_stop, Completion(log, group, bounded, end, tally))
        if stopped():
            return Outcome.INTERRUPTED
        return Outcome.DONE if watch.state == "running" else Outcome(watch.state)


class Completion:
    """Checks whether a replay is done. Call it with no work under way.

    It also commits the positions of skipped messages.
    """

    def __init__(
        self,
        log: Log,
        group: str,
        member: BoundedMember,
        end: Mapping[Partition, int],
        tally: ReplayTally,
    ) -> None:
        self._log = log
        self._group = group
        self._member = member
        self._end = end
        self._tally = tally
        self._settle_at = 0.0
        self._ask_at = 0.0

    def __call__(self) -> bool:
        """Whether everything was read and committed, by this process and by others."""
        is_read = self._member.is_read()
        self.settle(now=is_read)
        return is_read and self._others_are_done()

    def settle(self, *, now: bool) -> None:
        """Commit skipped messages, now or if the last commit is some time ago."""
        if not now and monotonic() < self._settle_at:
            return
        self._settle_at = monotonic() + _SETTLE_EVERY_S
        committed = self._tally.positions
        moved = {
            partition: position
            for partition, position in self._member.positions().items()
            if committed.get(partition.number) != position
        }
        if moved:
            with self._member.transaction() as tx:
                tx.commit(moved)
                self._tally.add(tx, BatchReport(), moved)
            self._tally.confirm()

    def _others_are_done(self) -> bool:
        others = self._end.keys() - self._member.partitions()
        if not others:
            return True
        if monotonic() < self._ask_at:
            return False
        self._ask_at = monotonic() + _SETTLE_EVERY_S
        committed = self._log.committed(self._group)
        return all(committed.get(partition, 0) >= self._end[partition] for partition in others)
