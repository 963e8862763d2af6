"""Topics as streams of messages: from any point in the past, to an end or for ever.

The past is read in the order of time over all partitions, so that a person reads the news as
it came; within a partition the order is always the log's.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline.errors import OffsetOutOfRange
from pipeline.log.interface import Log, Member, Message, Partition, Reader, Start

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
    log: Log, topic: str, stretch: Stretch, *, clock: Callable[[], datetime], stopped: Stopped
) -> Iterator[Message]:
    """The messages of a stretch of a topic. Raises UnknownTopic."""
    ends = _ends_now(log, topic, stretch, clock)
    with log.reader([topic], start=_start(log, topic, stretch.start)) as reader:
        present = {partition: end for partition, (_, end) in log.bounds(topic).items()}
        yield from _in_order_of_time(reader, present if ends is None else ends, stopped)
        if ends is not None:
            return
        until = stretch.until if isinstance(stretch.until, datetime) else None
        yield from _live(reader, until, clock, stopped)


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


def _in_order_of_time(
    reader: Reader, ends: Mapping[Partition, int], stopped: Stopped
) -> Iterator[Message]:
    """Messages before `ends`, merged over partitions by time, each partition in its own order."""
    waiting: dict[Partition, deque[Message]] = {}
    for partition in reader.partitions():
        if reader.position(partition) < ends.get(partition, 0):
            waiting[partition] = deque()
    while waiting and not stopped():
        _fill(reader, waiting, ends, stopped)
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
    reader: Reader,
    waiting: Mapping[Partition, deque[Message]],
    ends: Mapping[Partition, int],
    stopped: Stopped,
) -> None:
    """Read until every partition that is not at its end has a message at hand."""
    lacking = {partition for partition, queue in waiting.items() if not queue}
    while lacking and not stopped():
        reader.pause(reader.partitions() - lacking)
        reader.resume(lacking)
        for message in reader.poll(limit=_READ, timeout_s=_WAIT_S):
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
    reader: Reader, until: datetime | None, clock: Callable[[], datetime], stopped: Stopped
) -> Iterator[Message]:
    while not stopped():
        over = until is not None and clock() >= until
        for message in _poll(reader):
            if until is None or message.timestamp < until:
                yield message
        if over:
            return


def _poll(reader: Reader) -> list[Message]:
    """What is next. A reader that was overtaken by retention goes on with what is kept."""
    try:
        return reader.poll(limit=_READ, timeout_s=_WAIT_S)
    except OffsetOutOfRange as error:
        reader.seek(Partition(error.topic, error.partition), error.begin)
        return []


class Handle(Protocol):
    """What a group's subscriber does with messages, all of them, before they are committed."""

    def __call__(self, messages: list[Message]) -> bool:
        """False to stop after these."""


def consume(member: Member, handle: Handle, *, stopped: Stopped, to_end: bool = False) -> None:
    """Handle messages as a member of a group, each at least once: positions move afterwards.

    `to_end` returns when nothing is left to read.
    """
    while not stopped():
        messages = member.poll(limit=_READ, timeout_s=_WAIT_S)
        member.taken()  # nothing read earlier is still in hand, so there is nothing to drop
        if messages:
            go_on = handle(messages)
            with member.transaction() as tx:
                tx.commit({message.source: message.next_offset for message in messages})
            if not go_on:
                return
        elif to_end and member.partitions():
            return
