"""Replays by name: what was asked for, how far each came, and what people want of it now.

All of it stands in one compacted topic of the log: a record for each job, and one for each run
of it that was published with the run's results. So nothing but the log needs to be kept, moved
or repaired, and a replay can be seen and steered from wherever the log can be reached.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Literal, Self, TypeVar
from uuid import uuid4

import msgspec

from onrecord.errors import Fenced, LogUnavailable, Mistake, RecordError, UnknownTopic
from onrecord.log.interface import Log, Message, Partition, TopicSettings, Transaction, Writer
from onrecord.log.read_to_end import everything, read_to_end
from onrecord.processing.replay import EVENT_SOURCE, Bounds, progress_key
from onrecord.records import (
    Record,
    ReplayJob,
    ReplayProgress,
    event_headers,
    from_json,
    to_json,
)

_logger = logging.getLogger(__name__)

# One partition: what is written of a job, by whomever, stands in the order it was written.
_SETTINGS = TopicSettings(partitions=1, compacted=True)
# How soon a running replay hears that it should stop.
_LISTEN_EVERY_S = 0.5
# How long a transaction that a killed process left open may hide what was written after it.
_PATIENCE_S = 90.0
# A run that was not heard of for so long is over; while it is slow it may commit this rarely.
_FRESH = timedelta(seconds=30)

State = Literal["running", "stopped", "paused", "cancelled", "done"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A job and how far it came."""

    job: ReplayJob
    runs: tuple[ReplayProgress, ...] = ()

    @property
    def articles(self) -> int:
        """Articles extracted."""
        return sum(run.articles for run in self.runs)

    @property
    def dead_letters(self) -> int:
        """Articles that could not be."""
        return sum(run.dead_letters for run in self.runs)

    @property
    def seconds(self) -> float:
        """How long its runs were at work, all together."""
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
        """The share that is done, from 0 to 1."""
        if self.is_done:
            return 1.0
        done = self.articles + self.dead_letters
        return min(done / self.job.articles, 0.999) if self.job.articles else 0.0

    def state(self, members: int) -> State:
        """What it is doing, given how many processes are at it."""
        if self.is_done:
            return "done"
        if self.job.state != "running":
            return self.job.state
        return "running" if members else "stopped"

    def rate(self, now: datetime) -> float | None:
        """Articles a second of late, over all processes that are at it; None when none is."""
        rates = [run.rate for run in self.runs if run.rate and run.at >= now - _FRESH]
        return sum(rates) if rates else None

    def left_s(self, rate: float | None) -> float | None:
        """Seconds it still takes at a rate."""
        if self.is_done:
            return 0.0
        left = self.job.articles - self.articles - self.dead_letters
        return max(0, left) / rate if rate else None


def bounds_of(job: ReplayJob) -> Bounds:
    """The stretch that a job reads."""
    begin = {Partition(job.source, number): part.begin for number, part in job.stretch.items()}
    end = {Partition(job.source, number): part.end for number, part in job.stretch.items()}
    return Bounds(begin, end)


class Replays:
    """The jobs of a log. `prefix` begins the names of their groups."""

    def __init__(self, log: Log, topic: str, *, prefix: str) -> None:
        self._log = log
        self._topic = topic
        self._prefix = prefix

    @property
    def topic(self) -> str:
        """Where they are kept."""
        return self._topic

    def all(self) -> dict[str, Standing]:
        """Every job by name, the oldest first."""
        try:
            table = _read(everything(self._log, self._topic))
        except UnknownTopic:
            return {}  # nobody has replayed anything yet
        return _standings(table)

    def find(self, name: str) -> Standing:
        """A job by its name, or that of its topic. Raises Mistake."""
        known = self.all()
        if name in known:
            return known[name]
        for standing in known.values():
            if standing.job.into == name:
                return standing
        names = ", ".join(known) or "none yet"
        raise Mistake(f"no replay {name!r}; there are: {names}")

    def make(self, job: ReplayJob, *, now: datetime) -> Standing:
        """The job of this name: this one now, or the one that was made before it.

        Of several that are made at once only one comes to be: who takes over the name under
        which jobs are made sees all that others made before, and they make nothing after it.
        Raises Mistake for one that was overtaken so.
        """
        self._log.create_topic(self._topic, _SETTINGS)
        try:
            with self._log.writer(self.group(job.name)) as writer:
                known = self._all_before_now(writer, job.name)
                if job.name not in known:
                    with writer.transaction() as tx:
                        self._publish(tx, job, now)
                return known.get(job.name) or Standing(job)
        except Fenced as error:
            raise Mistake(
                f"another process makes a replay {job.name!r} at this moment: choose another "
                f"--into, or see what it is by `onrecord replay show {job.name}`"
            ) from error

    def _all_before_now(self, writer: Writer, name: str) -> dict[str, Standing]:
        """Every job that was made before, also where a reader is held up for a moment.

        On Kafka nothing can be read past a transaction that somebody left open, though what
        follows it was committed; so a record of our own must be seen first.
        """
        mark = f"{name} {uuid4().hex}".encode()
        with writer.transaction() as tx:
            tx.publish(self._topic, key=mark, value=None)
        until = monotonic() + _PATIENCE_S
        while monotonic() < until:
            messages = list(everything(self._log, self._topic))
            if any(message.key == mark for message in messages):
                return _standings(_read(messages))
            sleep(_LISTEN_EVERY_S)
        raise LogUnavailable(f"{self._topic}: what was just written cannot be read yet")

    def write(self, job: ReplayJob, *, now: datetime) -> None:
        """Change what is wanted of a job."""
        with self._log.writer(f"replays-{uuid4().hex}") as writer, writer.transaction() as tx:
            self._publish(tx, job, now)

    def _publish(self, tx: Transaction, job: ReplayJob, now: datetime) -> None:
        headers = event_headers(job, event_id=uuid4().hex, source=EVENT_SOURCE, time=now)
        tx.publish(self._topic, key=job.name.encode(), value=to_json(job), headers=headers)

    def forget(self, standing: Standing) -> None:
        """Take a job and its progress out of the list."""
        keys = [standing.job.name.encode(), *map(progress_key, standing.runs)]
        with self._log.writer(f"replays-{uuid4().hex}") as writer, writer.transaction() as tx:
            for key in keys:
                tx.publish(self._topic, key=key, value=None)

    def group(self, name: str) -> str:
        """The consumer group of a job."""
        return f"{self._prefix}.replay.{name}"

    def members(self, names: Iterable[str]) -> dict[str, int]:
        """How many processes are at each job."""
        return {name: len(self._log.members(self.group(name))) for name in names}

    def watch(self, job: ReplayJob) -> "Watch":
        """Hear what is wanted of a job from now on."""
        return Watch(self._log, self._topic, job)


class Watch:
    """Whether people want a running job to stop; asks the log now and then."""

    def __init__(self, log: Log, topic: str, job: ReplayJob) -> None:
        self._log = log
        self._job = job
        ends = {partition: end for partition, (_, end) in log.bounds(topic).items()}
        self._reader = log.reader([topic], start=ends)
        self._next = 0.0
        self.state: Literal["running", "paused", "cancelled"] = "running"

    def __call__(self) -> bool:
        """Whether to stop."""
        if self.state == "running" and monotonic() >= self._next:
            self._next = monotonic() + _LISTEN_EVERY_S
            try:
                self._listen()
            except LogUnavailable:
                return False  # the worker waits for it, and says so
        return self.state != "running"

    def _listen(self) -> None:
        for message in read_to_end(self._log, self._reader):
            if message.key != self._job.name.encode():
                continue
            job = _decoded(message, ReplayJob)
            if job is None or job.created_at != self._job.created_at:
                # Forgotten while it runs, and its topic is gone as well; or even made anew.
                self.state = "cancelled"
                return
            self.state = job.state

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._reader.close()


@dataclass(slots=True)
class _Table:
    """The newest record of each job and run."""

    jobs: dict[str, ReplayJob]
    progress: dict[bytes, ReplayProgress]

    def runs_of(self, name: str) -> tuple[ReplayProgress, ...]:
        return tuple(run for run in self.progress.values() if run.name == name)


def _standings(table: _Table) -> dict[str, Standing]:
    jobs = sorted(table.jobs.values(), key=lambda job: (job.created_at, job.name))
    return {job.name: Standing(job, table.runs_of(job.name)) for job in jobs}


def _read(messages: Iterable[Message]) -> _Table:
    table = _Table({}, {})
    for message in messages:
        key = message.key or b""
        if b" " in key:
            _put(table.progress, key, _decoded(message, ReplayProgress))
        else:
            _put(table.jobs, key.decode("utf-8", "replace"), _decoded(message, ReplayJob))
    return table


K = TypeVar("K")
R = TypeVar("R", bound=Record)


def _put(table: dict[K, R], key: K, record: R | None) -> None:
    if record is None:
        table.pop(key, None)
    else:
        table[key] = record


def _decoded(message: Message, kind: type[R]) -> R | None:
    """The record; None for a tombstone, and for what a newer onrecord wrote."""
    if message.value is None:
        return None
    try:
        return from_json(message.value, kind)
    except RecordError as error:
        _logger.warning("%s offset %d: %s", message.source, message.offset, error)
        return None


def with_state(job: ReplayJob, state: Literal["running", "paused", "cancelled"]) -> ReplayJob:
    """The job with something else wanted of it."""
    return msgspec.structs.replace(job, state=state)
