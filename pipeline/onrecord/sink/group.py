"""A topic shared by the members of a group: each message at least once and in order.

A position is committed only when the message before it was handled and the result is durable.
If a member is killed, the others read its share again from that position.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from onrecord.errors import Fenced, GroupActive, LogUnavailable, Mistake, OnrecordError
from onrecord.log.backoff import Backoff
from onrecord.log.consuming import Consumer, attempt
from onrecord.log.interface import Log, Member, Message, Partition, Start
from onrecord.sink.subscribe import (
    END,
    Clock,
    Stopped,
    Stretch,
    ends_of,
    positions_at,
)

_WAIT_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPolicy:
    """How far a member reads ahead, and how often it commits.

    Up to `read_ahead` messages are in hand: another member that is due some of them waits until
    they are handled. Positions are committed `interval_s` after the first message that was
    handled since, and whenever nothing is waiting. While messages are handled, the member keeps
    up with the group every `keep_up_s`.
    """

    read_ahead: int = 500
    interval_s: float = 1.0
    keep_up_s: float = 5.0


def join(
    log: Log,
    group: str,
    topic: str,
    stretch: Stretch,
    *,
    name: str,
    backoff: Backoff,
    clock: Clock,
    stopped: Stopped,
    settle: Callable[[], None] = lambda: None,
    policy: GroupPolicy = GroupPolicy(),
) -> "GroupReading":
    """Become a member. A new group begins at the stretch's start.

    `settle` makes the results of messages durable before their positions are committed. Raises
    UnknownTopic, and Mistake for an invalid group name.
    """
    if not (group.strip() and group.isprintable()):
        raise Mistake(f"group {group!r}: a name has characters, and all of them can be seen")
    start = stretch.start
    if isinstance(start, datetime):
        begin_at(log, group, topic, start)
        start = Start.EARLIEST
    until = stretch.until
    present = ends_of(log, topic, END, clock) if until == END else None

    def find_ends() -> Mapping[Partition, int] | None:
        return present or ends_of(log, topic, until, clock)

    return GroupReading(
        log,
        log.join(group, [topic], name=name, start=start),
        group,
        topic,
        too_late=until if isinstance(until, datetime) else None,
        find_ends=find_ends,
        backoff=backoff,
        stopped=stopped,
        settle=settle,
        policy=policy,
    )


def begin_at(log: Log, group: str, topic: str, when: datetime) -> None:
    """Let a group that has no position in a topic begin at a time."""
    if any(partition.topic == topic for partition in log.committed(group)):
        return
    positions = positions_at(log, topic, when)
    # A group with members has already begun. Of several processes that start at once one writes
    # the positions; on Kafka it fences the others while they write the same ones.
    with suppress(GroupActive, Fenced):
        if not isinstance(positions, Start):
            log.reset(group, positions)


class GroupReading:
    """A member's share of a topic, message by message. A context manager; exit leaves the group.

    Requesting the next message marks the previous one as handled, and so does `accept`. On
    leaving, handled messages are committed; the current message is not, unless it was accepted.
    """

    def __init__(
        self,
        log: Log,
        member: Member,
        group: str,
        topic: str,
        *,
        too_late: datetime | None,
        find_ends: Callable[[], Mapping[Partition, int] | None],
        backoff: Backoff,
        stopped: Stopped,
        settle: Callable[[], None],
        policy: GroupPolicy,
    ) -> None:
        """`find_ends` gives the ends once known; times from `too_late` on are past them."""
        self._log = log
        self._member = member
        self._consumer = Consumer(member, forget=self._forget)
        self._group = group
        self._topic = topic
        self._too_late = too_late
        self._find_ends = find_ends
        self._ends: Mapping[Partition, int] | None = None
        self._stopped = stopped
        self._backoff = backoff
        self._settle = settle
        self._policy = policy
        self._queue: deque[Message] = deque()
        self._current: Message | None = None
        # Partitions in which a message past the end was read: no later message is given.
        self._past: set[Partition] = set()
        self._handled: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}
        self._commit_at = float("inf")
        self._keep_up_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.commit()
            elif not issubclass(kind, OSError):
                with suppress(OnrecordError, OSError):
                    self.commit()
            # Otherwise a file or pipe failed: output since the last commit can be lost.
        finally:
            self._member.close()

    def __iter__(self) -> Iterator[Message]:
        while not self._stopped():
            if self._queue:
                self._current = self._queue.popleft()
                yield self._current
                self.accept()
                self._do_what_is_due()
            else:
                self.commit()
                if self._is_over():
                    return
                self._fill()

    def accept(self) -> None:
        """Mark the current message as handled."""
        if self._current is None:
            return
        if not self._handled:
            self._commit_at = time.monotonic() + self._policy.interval_s
        self._handled[self._current.source] = self._current.next_offset
        self._current = None

    def keep_up(self) -> bool:
        """Stay a member during a long message. False if its partition was taken away meanwhile."""
        if time.monotonic() >= self._keep_up_at:
            self._poll(limit=0)
        return self._current is not None

    def commit(self) -> None:
        """Move the group's positions past the handled messages.

        If others took over or the log was unavailable, the messages are read again.
        """
        if not self._handled:
            return
        self._settle()
        attempt(self._commit_handled, self._backoff, self._stopped)

    def _commit_handled(self) -> None:
        with self._consumer.transaction() as tx:
            tx.commit(self._handled)
        self._committed |= self._handled
        self._forget_handled()

    def _do_what_is_due(self) -> None:
        if time.monotonic() >= self._commit_at:
            self.commit()
        if time.monotonic() >= self._keep_up_at:
            self._poll(limit=0)

    def _fill(self) -> None:
        """Read on; at the end of a partition the position moves to its very end."""
        messages = self._poll(limit=self._policy.read_ahead)
        for message in messages:
            if message.source in self._past or not self._is_wanted(message):
                self._past.add(message.source)
            else:
                self._queue.append(message)
        self._member.pause(self._past)
        if not messages and self._ends is not None and not self._consumer.must_rewind:
            self._pass_over_what_nobody_reads(self._ends)

    def _is_wanted(self, message: Message) -> bool:
        if self._ends is not None:
            return message.offset < self._ends.get(message.source, 0)
        return self._too_late is None or message.timestamp < self._too_late

    def _pass_over_what_nobody_reads(self, ends: Mapping[Partition, int]) -> None:
        """Skip trailing markers and aborted records, whose offsets follow the last message."""
        with suppress(LogUnavailable):
            for partition in self._member.partitions():
                at = min(self._member.position(partition), ends.get(partition, 0))
                if at > self._committed.get(partition, 0):
                    self._handled[partition] = at

    def _poll(self, *, limit: int) -> list[Message]:
        self._keep_up_at = time.monotonic() + self._policy.keep_up_s
        timeout_s = _WAIT_S if limit else 0.0
        return (
            attempt(
                lambda: self._consumer.poll(limit=limit, timeout_s=timeout_s),
                self._backoff,
                self._stopped,
            )
            or []
        )

    def _forget(self, taken: frozenset[Partition] | None) -> None:
        """Drop uncommitted messages, of partitions taken over by others or of all (None)."""
        if taken is None:
            self._queue.clear()
            self._current = None
            self._forget_handled()
            self._committed.clear()
            self._past.clear()
            self._member.resume(self._member.partitions())
            return
        self._queue = deque(message for message in self._queue if message.source not in taken)
        if self._current is not None and self._current.source in taken:
            self._current = None
        self._past -= taken
        for partition in taken:
            self._handled.pop(partition, None)
            self._committed.pop(partition, None)

    def _forget_handled(self) -> None:
        self._handled = {}
        self._commit_at = float("inf")

    def _is_over(self) -> bool:
        """Whether everything up to the end was handled, by us or, if we own nothing, by others."""
        if self._ends is None:
            with suppress(LogUnavailable):
                self._ends = self._find_ends()
        if self._ends is None or self._consumer.must_rewind:
            return False
        try:
            if mine := self._member.partitions():
                return all(self._member.position(p) >= self._ends.get(p, 0) for p in mine)
            done = self._log.committed(self._group)
            begins = {p: begin for p, (begin, _) in self._log.bounds(self._topic).items()}
        except LogUnavailable:
            return False
        return all(
            end <= max(done.get(partition, 0), begins.get(partition, end))
            for partition, end in self._ends.items()
        )
