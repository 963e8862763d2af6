"""Topics as streams of messages: from any point in the past, to an end or for ever.

The past is read in time order over all partitions, so that news appears in the order of its
arrival; within a partition the order is always the log's.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from onrecord.log.backoff import Backoff
from onrecord.log.following import Follower
from onrecord.log.interface import Log, Message, Partition, Start
from onrecord.log.timestamps import EPOCH

END = "end"

Clock = Callable[[], datetime]
Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a topic.

    `start` is an end of the topic or a time. `until` is a time (aware; that instant excluded),
    `"end"` for the topic's present end, or None to go on for ever.
    """

    start: Start | datetime = Start.LATEST
    until: datetime | str | None = None


def read(
    log: Log,
    topic: str,
    stretch: Stretch,
    *,
    backoff: Backoff,
    clock: Clock,
    stopped: Stopped,
    settle: Callable[[], None] = lambda: None,
) -> Iterator[Message]:
    """The messages of a stretch; waits while the log is unavailable. Raises UnknownTopic.

    The call fixes the beginning and the end, not the first message. Messages that retention
    removes before they are read are skipped. `settle` is called before each request to the log,
    which can take long. Close the iterator, or the log, to stop early.
    """
    ends = ends_of(log, topic, stretch.until, clock)
    opened = log.reader([topic], start=positions_at(log, topic, stretch.start))
    present = {partition: end for partition, (_, end) in log.bounds(topic).items()}
    reader = Follower(opened, backoff=backoff, stopped=stopped, before_poll=settle)

    def messages() -> Iterator[Message]:
        with opened:
            yield from in_order_of_time(reader, present if ends is None else ends, stopped)
            if ends is None:
                yield from _live(reader, stretch.until, clock, stopped)
                late = backoff.answered(lambda: ends_of(log, topic, stretch.until, clock), stopped)
                # What came before the end and was not read when the end came.
                yield from in_order_of_time(reader, late or {}, stopped)

    return messages()


def positions_at(log: Log, topic: str, start: Start | datetime) -> Start | Mapping[Partition, int]:
    """The start positions, as `Log.reader` takes them."""
    if isinstance(start, Start):
        return start
    # Kafka gives times before 1970 a special meaning, and no log has messages from then.
    return log.offsets_at(topic, max(start, EPOCH))


def ends_of(
    log: Log, topic: str, until: datetime | str | None, clock: Clock
) -> dict[Partition, int] | None:
    """For each partition, the first offset past the end; None if not yet known.

    The offset of a time is known once the time is past; `"end"` means the present end.
    """
    if until is None or (isinstance(until, datetime) and until > clock()):
        return None
    if isinstance(until, datetime):
        return log.offsets_at(topic, max(until, EPOCH))
    return log.ends(topic)


def in_order_of_time(
    reader: Follower, ends: Mapping[Partition, int], stopped: Stopped
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
        # Continue until a partition has no message at hand: only then is the order unknown.
        while heads:
            _, partition = heapq.heappop(heads)
            queue = waiting[partition]
            # A run of a partition's messages comes before the next one of any other.
            while queue and (not heads or (queue[0].timestamp, partition) < heads[0]):
                yield queue.popleft()
            if not queue:
                break
            heapq.heappush(heads, (queue[0].timestamp, partition))
        for partition in [p for p, queue in waiting.items() if not queue]:
            if reader.position(partition) >= ends[partition]:
                del waiting[partition]
    reader.resume(reader.partitions())


def _fill(
    reader: Follower,
    waiting: Mapping[Partition, deque[Message]],
    ends: Mapping[Partition, int],
    stopped: Stopped,
) -> None:
    """Read until every partition before its end has a message at hand."""
    lacking = {partition for partition, queue in waiting.items() if not queue}
    while lacking and not stopped():
        reader.pause(reader.partitions() - lacking)
        reader.resume(lacking)
        for message in reader.poll():
            source = message.source
            if message.offset < ends[source]:
                waiting[source].append(message)
            else:
                reader.seek(source, ends[source])
        lacking = {
            partition
            for partition in lacking
            if not waiting[partition] and reader.position(partition) < ends[partition]
        }


def _live(
    reader: Follower, until: datetime | str | None, clock: Clock, stopped: Stopped
) -> Iterator[Message]:
    """The messages as they come, while the end is not past."""
    end = until if isinstance(until, datetime) else None
    while not stopped() and (end is None or clock() < end):
        for message in reader.poll():
            if end is None or message.timestamp < end:
                yield message
