"""Reading a stretch of the backlog again, into a topic of its own.

A replay is an ordinary worker in a group of its own, bounded: its group begins at the start of
the stretch, and `UpTo` lets it see nothing past the end. Live groups never notice. Started again
with the same topic it goes on where it stopped, because its group's positions say where.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep
from typing import Self

from pipeline.log.interface import Log, Member, Message, Partition, Start, Transaction
from pipeline.log.present import read_up_to


@dataclass(frozen=True, slots=True)
class Bounds:
    """A stretch of a topic: per partition, the first offset in it and the first past it."""

    begin: Mapping[Partition, int]
    end: Mapping[Partition, int]

    def holds(self, partition: Partition, offset: int) -> bool:
        """Whether an offset is in the stretch."""
        return self.begin[partition] <= offset < self.end[partition]


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
        ends = log.offsets_at(topic, until)
    return Bounds(begin, {p: max(end, begin[p]) for p, end in ends.items()})


def count_records(log: Log, topic: str, bounds: Bounds) -> int:
    """How many records a stretch holds, by reading it: offsets leave holes."""
    begin = {p: first for p, first in bounds.begin.items() if first < bounds.end[p]}
    if not begin:
        return 0
    with log.reader([topic], start=begin) as reader:
        ends = {partition: bounds.end[partition] for partition in begin}
        return sum(bounds.holds(m.source, m.offset) for m in read_up_to(reader, ends))


def begin_group(log: Log, group: str, bounds: Bounds) -> bool:
    """Put a group that has no positions at the start of a stretch; whether it was a new group."""
    if log.committed(group):
        return False
    log.reset(group, bounds.begin)
    return True


class UpTo:
    """A member that sees nothing past an end, at no more than `rate` messages a second."""

    def __init__(
        self,
        member: Member,
        end: Mapping[Partition, int],
        *,
        rate: float | None = None,
        clock: Callable[[], float] = monotonic,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._member = member
        self._end = end
        self._rate = rate
        self._clock = clock
        self._sleep = pause
        self._allowed = 0.0
        self._asked_at = clock()

    def is_done(self) -> bool:
        """Whether every partition has been read to the end, and none is in other hands."""
        owned = self._member.partitions()
        return owned >= set(self._end) and all(
            self._member.position(partition) >= end for partition, end in self._end.items()
        )

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        """As Member.poll, of what lies before the end."""
        finished = [
            partition
            for partition in self._member.partitions()
            if self._member.position(partition) >= self._end[partition]
        ]
        self._member.pause(finished)
        allowed = self._within_rate(limit)
        messages = [
            message
            for message in self._member.poll(limit=allowed, timeout_s=timeout_s)
            if message.offset < self._end[message.source]
        ]
        if self._rate and limit and not allowed:
            self._sleep(min(timeout_s, 1 / self._rate))
        self._allowed -= len(messages)
        return messages

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
        return self._member.position(partition)

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
