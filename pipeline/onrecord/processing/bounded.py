"""A group member that stops at fixed end offsets."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from time import monotonic, sleep
from typing import Self

from onrecord.log.interface import Member, Message, Partition, Transaction

# Return control to the caller at this interval, even when no message is wanted for long.
_PASS_OVER_S = 0.25


class BoundedMember:
    """A member that yields the wanted messages before an end, at most `rate` a second.

    Partitions without an end, such as those added to the topic since, are not read. A partition
    is read from its `begin` if the group stands before it. That is the case when the group never
    committed there, and on Kafka also after a week's pause, when the cluster has forgotten it.
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
        """Whether every partition assigned to this member has been read to its end."""
        return not self._unread(self._member.partitions())

    def positions(self) -> dict[Partition, int]:
        """The next offset to read in each assigned partition; skipped messages count as read."""
        owned = self._member.partitions() & self._end.keys()
        return {partition: self.position(partition) for partition in owned}

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        """As Member.poll, limited to wanted messages before the end."""
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
        """The number of messages the rate allows now; at most one second's worth accumulates."""
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

    def is_hurried(self) -> bool:
        return self._member.is_hurried()

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
