"""Carries the positions of consumer groups to another log when topics are copied.

The same record has another offset in the target: markers and removed records are not copied. Both
topics are therefore read side by side, and a position becomes the offset of the first copied
record that the group has not processed. A group only moves forward, and only while it has no
members in the target. A group positioned by an earlier copy continues from that position.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from onrecord.errors import GroupActive
from onrecord.log.interface import GroupStatus, Log, Message, Partition
from onrecord.log.read_to_end import everything

Positions = dict[Partition, int]


@dataclass(frozen=True, slots=True)
class CarriedGroup:
    """A group after the copy; `problem` is the reason why its positions were not carried over."""

    name: str
    problem: str | None = None


def carry_positions(
    source: Log, target: Log, topics: Iterable[str], groups: Iterable[GroupStatus]
) -> list[CarriedGroup]:
    """Give the source's groups the same positions in the target, in the copied topics."""
    wanted = list(groups)
    found: dict[str, Positions] = {group.name: {} for group in wanted}
    problems: dict[str, str] = {}
    for topic in topics:
        involved = [group for group in wanted if any(p.topic == topic for p in group.positions)]
        if not involved:
            continue
        if source.bounds(topic).keys() == target.bounds(topic).keys():
            new = _translator(source, target, topic)
            for group in involved:
                at = {p: offset for p, offset in group.positions.items() if p.topic == topic}
                found[group.name] |= {p: new(p, offset) for p, offset in at.items()}
        else:
            ends = {partition: end for partition, (_, end) in target.bounds(topic).items()}
            for group in involved:
                left = sum(lag for p, lag in group.lag.items() if p.topic == topic)
                if left:
                    problems[group.name] = (
                        f"{left} records of {topic} are left to it, and the partitions are others"
                    )
                else:
                    found[group.name] |= ends
    return [
        CarriedGroup(name, problems.get(name) or _reset(target, name, positions))
        for name, positions in found.items()
        if positions or name in problems
    ]


def _reset(target: Log, group: str, positions: Positions) -> str | None:
    known = target.committed(group)
    ahead = {p: offset for p, offset in positions.items() if offset > known.get(p, -1)}
    if not ahead:
        return None
    try:
        target.reset(group, known | ahead)
    except GroupActive:
        return "it has members in the log copied to"
    return None


def _translator(source: Log, target: Log, topic: str) -> Callable[[Partition, int], int]:
    """A function from source positions to target positions, for equal partition counts."""
    hashes: dict[Partition, list[int]] = defaultdict(list)
    offsets: dict[Partition, array[int]] = defaultdict(lambda: array("q"))
    for message in everything(target, topic):
        hashes[message.source].append(_hash(message))
        offsets[message.source].append(message.offset)
    begins = {partition: begin for partition, (begin, _) in target.bounds(topic).items()}
    # For each partition: old offsets in order, each paired with its new offset.
    old: dict[Partition, array[int]] = defaultdict(lambda: array("q"))
    new: dict[Partition, array[int]] = defaultdict(lambda: array("q"))
    next_: dict[Partition, int] = defaultdict(int)
    for message in everything(source, topic):
        where = message.source
        try:
            at = hashes[where].index(_hash(message), next_[where])
        except ValueError:
            continue  # not copied, or removed there since
        next_[where] = at + 1
        old[where].append(message.offset)
        new[where].append(offsets[where][at])

    def translate(partition: Partition, offset: int) -> int:
        at = bisect_left(old[partition], offset)
        if at < len(new[partition]):
            return new[partition][at]
        return new[partition][-1] + 1 if new[partition] else begins[partition]

    return translate


def _hash(message: Message) -> int:
    return hash((message.key, message.value))
