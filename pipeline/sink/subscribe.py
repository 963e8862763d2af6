"""Topics as streams of messages: from any point in the past, to an end or for ever.

The past is read in the order of time over all partitions, so that a person reads the news as
it came; within a partition the order is always the log's.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline.errors import LogUnavailable, LostOwnership, OffsetOutOfRange
from pipeline.log.interface import Log, Member, Message, Partition, Reader, Start
from pipeline.log.outage import Backoff

_READ = 500
_WAIT_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which part of a topic is read.

    `start` is an end of the topic or a time. `until` is a time (aware; that instant excluded),
    `"end"` for what is there now, or None to go on for ever.
    """

    start: Start | datetime = Start.LATEST
    until: datetime | str | None = None


Stopped = Callable[[], bool]


def read(
    log: Log,
    topic: str,
    stretch: Stretch,
    *,
    backoff: Backoff,
    clock: Callable[[], datetime],
    stopped: Stopped,
) -> Iterator[Message]:
    """The messages of a stretch of a topic; while the log is away they are waited for.

    Raises UnknownTopic.
    """
    ends = _ends_now(log, topic, stretch, clock)
    with log.reader([topic], start=_start(log, topic, stretch.start)) as reader:
        present = {partition: end for partition, (_, end) in log.bounds(topic).items()}
        patient = _Patient(reader, backoff, stopped)
        yield from _in_order_of_time(patient, present if ends is None else ends)
        if ends is not None:
            return
        until = stretch.until if isinstance(stretch.until, datetime) else None
        yield from _live(patient, until, clock)


def _start(log: Log, topic: str, start: Start | datetime) -> Start | Mapping[Partition, int]:
    return log.offsets_at(topic, start) if isinstance(start, datetime) else start


def _ends_now(
    log: Log, topic: str, stretch: Stretch, clock: Callable[[], datetime]
) -> dict[Partition, int] | None:
    """Where to stop, when that is already known."""
    if stretch.until is None:
        return None
    if isinstance(stretch.until, datetime):
        return log.offsets_at(topic, stretch.until) if stretch.until <= clock() else None
    return {partition: end for partition, (_, end) in log.bounds(topic).items()}


class _Patient:
    """A reader that waits for a log that is away, until stopped."""

    def __init__(self, reader: Reader, backoff: Backoff, stopped: Stopped) -> None:
        self.reader = reader
        self.stopped = stopped
        self._backoff = backoff

    def poll(self) -> Sequence[Message]:
        """What is next. Where retention passed it, it goes on with what is kept."""
        try:
            found = self._backoff.poll(
                self.reader, limit=_READ, timeout_s=_WAIT_S, stopped=self.stopped
            )
        except OffsetOutOfRange as error:
            self.reader.seek(Partition(error.topic, error.partition), error.begin)
            return []
        return found or []


def _in_order_of_time(patient: _Patient, ends: Mapping[Partition, int]) -> Iterator[Message]:
    """Messages before `ends`, merged over partitions by time, each partition in its own order."""
    reader, stopped = patient.reader, patient.stopped
    waiting: dict[Partition, deque[Message]] = {}
    for partition in reader.partitions():
        if reader.position(partition) < ends.get(partition, 0):
            waiting[partition] = deque()
    while waiting and not stopped():
        _fill(patient, waiting, ends)
        heads = [(queue[0].timestamp, partition) for partition, queue in waiting.items() if queue]
        heapq.heapify(heads)
        # Goes on until a partition has nothing more at hand: only then is the order unknown.
        while heads:
            _, partition = heapq.heappop(heads)
            yield waiting[partition].popleft()
            if not waiting[partition]:
                break
            heapq.heappush(heads, (waiting[partition][0].timestamp, partition))
        for partition in [p for p, queue in waiting.items() if not queue]:
            if reader.position(partition) >= ends[partition]:
                del waiting[partition]
    reader.resume(reader.partitions())


def _fill(
    patient: _Patient, waiting: Mapping[Partition, deque[Message]], ends: Mapping[Partition, int]
) -> None:
    """Read until every partition that is not at its end has a message at hand."""
    reader = patient.reader
    lacking = {partition for partition, queue in waiting.items() if not queue}
    while lacking and not patient.stopped():
        reader.pause(reader.partitions() - lacking)
        reader.resume(lacking)
        for message in patient.poll():
            if message.offset < ends[message.source]:
                waiting[message.source].append(message)
            else:
                reader.seek(message.source, ends[message.source])
        lacking = {
            partition
            for partition in lacking
            if not waiting[partition] and reader.position(partition) < ends[partition]
        }


def _live(
    patient: _Patient, until: datetime | None, clock: Callable[[], datetime]
) -> Iterator[Message]:
    while not patient.stopped():
        over = until is not None and clock() >= until
        for message in patient.poll():
            if until is None or message.timestamp < until:
                yield message
        if over:
            return


class Handle(Protocol):
    """What a group's subscriber does with messages, all of them, before they are committed."""

    def __call__(self, messages: list[Message]) -> bool:
        """False to stop after these."""


def consume(
    member: Member, handle: Handle, *, backoff: Backoff, stopped: Stopped, to_end: bool = False
) -> None:
    """Handle messages as a member of a group, each at least once: positions move afterwards.

    `to_end` returns when nothing is left to read. While the log is away it is waited for. What
    was handled and could not be committed is handled again, by this member or another.
    """
    is_astray = False
    while not stopped():
        try:
            if is_astray:
                member.rewind()
                is_astray = False
            messages = member.poll(limit=_READ, timeout_s=_WAIT_S)
            member.taken()  # nothing read earlier is still in hand, so there is nothing to drop
            if messages and not _handle(member, handle, messages):
                return
            backoff.reset()
            if to_end and not messages and member.partitions():
                return
        except LostOwnership:
            is_astray = True
        except LogUnavailable as error:
            is_astray = True
            backoff.wait(error, stopped)


def _handle(member: Member, handle: Handle, messages: list[Message]) -> bool:
    go_on = handle(messages)
    with member.transaction() as tx:
        tx.commit({message.source: message.next_offset for message in messages})
    return go_on
