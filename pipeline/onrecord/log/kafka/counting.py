"""Counts and searches that need reading: records between two offsets, the first of a time.

Short spans are counted by reading them, so that their lag is exact (0 when drained). For longer
spans the number of offsets is reported, which includes one control record per transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from onrecord.log.following import ExpectedMessages
from onrecord.log.interface import Partition, Reader

# The amount read per partition without a noticeable delay: some hundred articles.
_COUNTED = 200

Spans = Mapping[Partition, tuple[int, int]]
OpenReader = Callable[[Mapping[Partition, int]], Reader]


@dataclass(frozen=True, slots=True)
class Left:
    """The number of records, and the time when the first of them entered the log."""

    count: int = 0
    since: datetime | None = None
    is_estimate: bool = False


def count(open_reader: OpenReader, spans: Spans) -> dict[Partition, Left]:
    """The records left in each half-open span of offsets."""
    left = dict.fromkeys(spans, Left())
    open_ = {partition: span for partition, span in spans.items() if span[0] < span[1]}
    if not open_:
        return left
    with open_reader({partition: begin for partition, (begin, _) in open_.items()}) as reader:
        expected = ExpectedMessages(reader)
        while open_:
            for message in expected.poll(limit=_COUNTED, timeout_s=1.0):
                begin, end = spans[message.source]
                if begin <= message.offset < end:
                    known = left[message.source]
                    left[message.source] = Left(known.count + 1, known.since or message.timestamp)
            for partition, (begin, end) in list(open_.items()):
                if reader.position(partition) >= end:
                    del open_[partition]
                elif left[partition].count and end - begin > _COUNTED:
                    left[partition] = Left(end - begin, left[partition].since, is_estimate=True)
                    del open_[partition]
            reader.pause(reader.partitions() - open_.keys())
    return left


def first_since(open_reader: OpenReader, spans: Spans, when: datetime) -> dict[Partition, int]:
    """Per span, the offset of the first record at `when` or later; else the span's end.

    Spans start at the offset that the cluster reports for the time. The cluster also counts
    control records, which have the time of their transaction: after records imported with older
    timestamps, its offset is too early.
    """
    found = {partition: end for partition, (_, end) in spans.items()}
    open_ = {partition: begin for partition, (begin, end) in spans.items() if begin < end}
    if not open_:
        return found
    with open_reader(open_) as reader:
        expected = ExpectedMessages(reader)
        while open_:
            for message in expected.poll(limit=_COUNTED, timeout_s=1.0):
                partition, end = message.source, spans[message.source][1]
                if partition in open_ and message.offset < end and message.timestamp >= when:
                    found[partition] = message.offset
                    del open_[partition]
            open_ = {p: begin for p, begin in open_.items() if reader.position(p) < spans[p][1]}
            reader.pause(reader.partitions() - open_.keys())
    return found
