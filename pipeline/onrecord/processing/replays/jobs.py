"""Replays by name: the request, the progress, and the wanted state of each.

All of it is kept in one compacted topic of the log: a record for each job, and a record for each
of its runs, published with the run's results. Only the log needs to be kept, moved or repaired,
and a replay can be inspected and steered from anywhere that can reach the log.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from time import monotonic, sleep
from typing import Literal
from uuid import uuid4

from onrecord.errors import Fenced, GroupActive, LogUnavailable, Mistake, UnknownTopic
from onrecord.log.interface import Log, TopicSettings, Transaction, Writer
from onrecord.log.read_to_end import everything
from onrecord.processing.replays.progress import EVENT_SOURCE, progress_key
from onrecord.processing.replays.standing import Standing, with_pace, with_state
from onrecord.processing.replays.table import read_standings
from onrecord.processing.replays.watch import ReplayWatch
from onrecord.records import ReplayJob, event_headers, to_json

# One partition: all records of a job are in the order they were written.
_SETTINGS = TopicSettings(partitions=1, compacted=True)
# The interval between checks for a record of our own.
_LOOK_EVERY_S = 0.5
# The longest time that a killed process's open transaction can hide later records.
_PATIENCE_S = 90.0


class Replays:
    """The jobs of a log.

    `prefix` starts the names of their groups; `results` is the settings of their topics.
    """

    def __init__(
        self, log: Log, topic: str, *, prefix: str, results: TopicSettings | None = None
    ) -> None:
        self._log = log
        self._topic = topic
        self._prefix = prefix
        self._results = results or TopicSettings()

    @property
    def topic(self) -> str:
        """The topic that holds the jobs."""
        return self._topic

    def all(self) -> dict[str, Standing]:
        """Every job by name, the oldest first."""
        try:
            return read_standings(everything(self._log, self._topic))
        except UnknownTopic:
            return {}  # nobody has replayed anything yet

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
        """The job of this name: the given one, or an earlier one of the same name.

        Concurrent creators are serialised: taking over the writer name fences the others, so the
        winner sees everything they wrote. Raises Mistake in a fenced creator.
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
        """Every job created earlier, including those that readers cannot see yet.

        On Kafka nothing can be read past another process's open transaction, even if later records
        are committed. A record of our own must therefore be seen first.
        """
        mark = f"{name} {uuid4().hex}".encode()
        with writer.transaction() as tx:
            tx.publish(self._topic, key=mark, value=None)
        until = monotonic() + _PATIENCE_S
        while monotonic() < until:
            messages = list(everything(self._log, self._topic))
            if any(message.key == mark for message in messages):
                return read_standings(messages)
            sleep(_LOOK_EVERY_S)
        raise LogUnavailable(f"{self._topic}: what was just written cannot be read yet")

    def write(self, job: ReplayJob, *, now: datetime) -> None:
        """Publish a job again, with a changed state, rate or number of workers."""
        with self._writer() as writer, writer.transaction() as tx:
            self._publish(tx, job, now)

    def _publish(self, tx: Transaction, job: ReplayJob, now: datetime) -> None:
        headers = event_headers(job, event_id=uuid4().hex, source=EVENT_SOURCE, time=now)
        tx.publish(self._topic, key=job.name.encode(), value=to_json(job), headers=headers)

    def forget(self, standing: Standing) -> None:
        """Remove a job and its progress from the list."""
        keys = [standing.job.name.encode(), *map(progress_key, standing.runs)]
        with self._writer() as writer, writer.transaction() as tx:
            for key in keys:
                tx.publish(self._topic, key=key, value=None)

    def _writer(self) -> Writer:
        return self._log.writer(f"{self._prefix}.replays-{uuid4().hex}")

    def group(self, name: str) -> str:
        """The consumer group of a job."""
        return f"{self._prefix}.replay.{name}"

    def members(self, names: Iterable[str]) -> dict[str, int]:
        """The number of processes that work on each job."""
        return {name: len(self._log.members(self.group(name))) for name in names}

    def watch(self, job: ReplayJob) -> ReplayWatch:
        """Listen for changes of a job's wanted state from now on."""
        return ReplayWatch(self._log, self._topic, job)

    # ── steering them ────────────────────────────────────────────────────────────────────────

    def take_up(
        self, standing: Standing, rate: float | None, workers: int | None, *, now: datetime
    ) -> ReplayJob:
        """The job set to running, with a new rate or number of workers if given.

        Raises Mistake for a cancelled job.
        """
        name = standing.job.name
        if standing.job.state == "cancelled":
            raise Mistake(
                f"replay {name} was cancelled; `onrecord replay drop {name}` frees its name"
            )
        job = with_state(with_pace(standing.job, rate, workers), "running")
        self._log.create_topic(job.into, self._results)
        if job != standing.job:
            self.write(job, now=now)
        return job

    def refuse_unfinished(self, topic: str) -> None:
        """Raise Mistake for the topic of an unfinished replay."""
        for name, standing in self.all().items():
            if standing.job.into == topic and not standing.is_done:
                raise Mistake(
                    f"replay {name} is not done ({standing.share:.0%}): "
                    f"`onrecord replay resume {name}`"
                )

    def stop(self, name: str, state: Literal["paused", "cancelled"], *, now: datetime) -> Standing:
        """Ask a replay to stop after its current articles; a finished replay is left alone.

        Raises Mistake for a cancelled replay.
        """
        standing = self.find(name)
        if standing.is_done:
            return standing
        job = standing.job
        if job.state == "cancelled":
            raise Mistake(f"replay {job.name} was cancelled already")
        self.write(with_state(job, state), now=now)
        if state == "cancelled":
            # A running replay sees the request and leaves; `drop` then deletes the group as well.
            with suppress(GroupActive):
                self._log.delete_group(self.group(job.name))
        return standing

    def drop(self, name: str) -> Standing:
        """Delete a replay's results and forget it. Raises Mistake for a running replay."""
        standing = self.find(name)
        job = standing.job
        if self.members([job.name])[job.name]:
            raise Mistake(
                f"replay {job.name} is at work: `onrecord replay cancel {job.name}` first"
            )
        with suppress(UnknownTopic):
            self._log.delete_topic(job.into)
        self._log.delete_group(self.group(job.name))
        self.forget(standing)
        return standing
