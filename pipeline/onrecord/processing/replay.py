"""Reading a stretch of the backlog again, into a topic of its own.

A replay is an ordinary worker in a group of its own, bounded: `UpTo` lets it see what is wanted
from the start of the stretch up to its end, and nothing else. Live groups
never notice. Each transaction also publishes how far the run came (`Tally`), so a replay that is
killed anywhere goes on where it stopped, and its counts are as exact as its results.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic, sleep
from typing import Self

import msgspec

from onrecord.log.interface import Log, Member, Message, Partition, Start, Transaction
from onrecord.processing.worker import BatchReport
from onrecord.records import ReplayProgress, event_headers, to_json

EVENT_SOURCE = "/onrecord/replay"

# What is passed over is committed so often; until then a killed replay passes over it again.
_SETTLE_EVERY_S = 1.0
# Even when nothing is wanted for long, whoever polls gets to look around so often.
_PASS_OVER_S = 0.25
_RATE_OVER_S = 30.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """A stretch of a topic: per partition, the first offset in it and the first past it."""

    begin: Mapping[Partition, int]
    end: Mapping[Partition, int]

    def holds(self, message: Message) -> bool:
        """Whether a message is in the stretch."""
        source = message.source
        return source in self.end and self.begin[source] <= message.offset < self.end[source]


def stretch(log: Log, topic: str, since: datetime | Start, until: datetime | None) -> Bounds:
    """The offsets of everything that entered the topic from `since` to before `until` (or now)."""
    bounds = log.bounds(topic)
    ends = {partition: end for partition, (_, end) in bounds.items()}
    if isinstance(since, datetime):
        begin = log.offsets_at(topic, since)
    elif since is Start.EARLIEST:
        begin = {partition: first for partition, (first, _) in bounds.items()}
    else:
        begin = ends
    if until is not None:
        # A time to come ends it now: what arrives meanwhile is not in it.
        at = log.offsets_at(topic, until)
        ends = {partition: min(end, at.get(partition, end)) for partition, end in ends.items()}
    begin = {p: min(begin.get(p, end), bounds[p][1]) for p, end in ends.items()}
    return Bounds(begin, {p: max(end, begin[p]) for p, end in ends.items()})


class UpTo:
    """A member that sees what is wanted before an end, at no more than `rate` messages a second.

    Partitions that have no end, those added to the topic since, are not read. One is read from
    its `begin` if the group stands before it: it does where it never committed, and on Kafka also
    after a pause of a week, when the cluster has forgotten the group.
    """

    def __init__(
        self,
        member: Member,
        end: Mapping[Partition, int],
        *,
        begin: Mapping[Partition, int] | None = None,
        wants: Callable[[Message], bool] | None = None,
        rate: float | None = None,
        clock: Callable[[], float] = monotonic,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._member = member
        self._begin = begin or {}
        self._end = end
        self._wants = wants
        self._rate = rate
        self._clock = clock
        self._sleep = pause
        self._allowed = 0.0
        self._asked_at = clock()

    def is_read(self) -> bool:
        """Whether every partition that is ours has been read to its end."""
        return not self._unread(self._member.partitions())

    def positions(self) -> dict[Partition, int]:
        """How far each of our partitions was read, what was passed over included."""
        owned = self._member.partitions() & self._end.keys()
        return {partition: self.position(partition) for partition in owned}

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        """As Member.poll, of what is wanted before the end."""
        allowed = self._within_rate(limit)
        until = self._clock() + _PASS_OVER_S
        while True:
            owned = self._member.partitions()
            self._pass_over_what_is_before(owned)
            self._member.pause(owned - self._unread(owned))
            found = self._member.poll(limit=allowed, timeout_s=timeout_s)
            wanted = [message for message in found if self._is_wanted(message)]
            if wanted or not found or self._clock() >= until:
                break
        if self._rate and limit and not allowed:
            self._sleep(min(timeout_s, 1 / self._rate))
        self._allowed -= len(wanted)
        return wanted

    def _pass_over_what_is_before(self, partitions: Iterable[Partition]) -> None:
        for partition in partitions:
            begin = self._begin.get(partition, 0)
            if self._member.position(partition) < begin:
                self._member.seek(partition, begin)

    def _unread(self, partitions: Iterable[Partition]) -> frozenset[Partition]:
        return frozenset(
            partition
            for partition in partitions
            if partition in self._end and self.position(partition) < self._end[partition]
        )

    def _is_wanted(self, message: Message) -> bool:
        begin, end = self._begin.get(message.source, 0), self._end.get(message.source, 0)
        if not begin <= message.offset < end:
            return False
        return self._wants is None or self._wants(message)

    def _within_rate(self, limit: int) -> int:
        """How many may be read now: time earns them, and at most a second's worth is saved."""
        if self._rate is None:
            return limit
        now = self._clock()
        earned = (now - self._asked_at) * self._rate
        self._allowed = min(self._allowed + earned, max(1.0, self._rate))
        self._asked_at = now
        return max(0, min(limit, int(self._allowed)))

    def partitions(self) -> frozenset[Partition]:
        return self._member.partitions()

    def position(self, partition: Partition) -> int:
        return max(self._member.position(partition), self._begin.get(partition, 0))

    def seek(self, partition: Partition, offset: int) -> None:
        self._member.seek(partition, offset)

    def pause(self, partitions: Iterable[Partition]) -> None:
        self._member.pause(partitions)

    def resume(self, partitions: Iterable[Partition]) -> None:
        self._member.resume(partitions)

    def taken(self) -> frozenset[Partition]:
        return self._member.taken()

    def rewind(self) -> None:
        self._member.resume(self._member.partitions())
        self._member.rewind()

    def transaction(self) -> AbstractContextManager[Transaction]:
        return self._member.transaction()

    def close(self) -> None:
        self._member.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


# ── how far it came ──────────────────────────────────────────────────────────────────────────


@dataclass(slots=True, kw_only=True)
class Tally:
    """What this run committed so far, published with each of its transactions.

    Made when the work begins: its time and rate count from there.

    A commit whose outcome is unknown ends the run: its record holds what was committed, whether
    that last step is in it or not, and counting goes on under a new one.
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
        """Publish the counts with those of a transaction that is about to be committed."""
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
        """The transaction of the last `add` was committed."""
        self._kept, self._tried = self._tried, None

    @property
    def positions(self) -> Mapping[int, int]:
        """The positions that this run committed, by partition."""
        return self._kept.positions if self._kept else {}

    @property
    def rate(self) -> float | None:
        """Articles a second of late."""
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
    """Each run has a record of its own; a replay's name has no blank in it."""
    return f"{progress.name} {progress.run}".encode()


class Ending:
    """Whether a replay is done. To be asked with no work under way.

    Being asked also commits what was passed over: nothing wanted stands there.
    """

    def __init__(
        self, log: Log, group: str, member: UpTo, end: Mapping[Partition, int], tally: Tally
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
        """Commit what was passed over, now or if it was not done for a while."""
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
