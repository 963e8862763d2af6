"""The offsets of a stretch of a topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from onrecord.log.interface import Log, Message, Partition, Start


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
    # In this order, so that no end lies before what can be read.
    bounds, ends = log.bounds(topic), log.ends(topic)
    if isinstance(since, datetime):
        begin = log.offsets_at(topic, since)
    elif since is Start.EARLIEST:
        begin = {partition: first for partition, (first, _) in bounds.items()}
    else:
        begin = {partition: end for partition, (_, end) in bounds.items()}
    if until is not None:
        # A future time counts as now: messages that arrive meanwhile are not included.
        at = log.offsets_at(topic, until)
        ends = {partition: min(end, at.get(partition, end)) for partition, end in ends.items()}
    begin = {p: min(begin.get(p, end), bounds[p][1]) for p, end in ends.items()}
    return Bounds(begin, {p: max(end, begin[p]) for p, end in ends.items()})
