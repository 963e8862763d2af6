"""Positions of consumer groups on a topic of ours, beside those that the cluster keeps.

A cluster forgets the positions of a group without members after `offsets.retention.minutes`, by
default a week. A group that came back later would begin anew, and process everything twice. So
each transaction that moves a group's positions also writes them to a compacted topic, and a
group of which the cluster knows nothing gets them back when its first member joins.

All of it works without the topic, and without the right to write it; then the cluster's memory is
all there is. The topic has one partition: a group's records are in the order written.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from time import monotonic

from onrecord.errors import GroupActive, LogRefused, OnrecordError, RecordError, UnknownTopic
from onrecord.log.interface import Partition, Reader
from onrecord.log.kafka.cluster import Cluster
from onrecord.log.read_to_end import read_up_to
from onrecord.log.transaction import Outgoing
from onrecord.records import GroupPosition, event_headers, from_json, to_json

logger = logging.getLogger(__name__)

EVENT_SOURCE = "/onrecord/groups"
# How Kafka numbers the operation "write" among those that a topic permits.
_MAY_WRITE = 1 << 4
# How long a topic's id is believed: somebody may delete the topic and make it again.
_ID_S = 30.0


class GroupPositions:
    """The positions on a topic. `topic` is None where they are not kept.

    `open_reader` reads partitions from these offsets on.
    """

    def __init__(
        self,
        cluster: Cluster,
        topic: str | None,
        open_reader: Callable[[Mapping[Partition, int]], Reader],
    ) -> None:
        self._cluster = cluster
        self.topic = topic
        self._open_reader = open_reader
        self._may_write: bool | None = None
        self._ids: dict[str, tuple[float, str]] = {}
        self._lock = Lock()
        self._reader: Reader | None = None
        self._newest: dict[bytes | None, GroupPosition] = {}

    def records(self, group: str, positions: Mapping[Partition, int]) -> list[Outgoing]:
        """The records of a group's new positions, for the transaction that moves them."""
        if not positions or self.topic is None or not self._is_writable():
            return []
        return [self._record(self.topic, group, *item) for item in positions.items()]

    def tombstones(self, group: str) -> list[Outgoing]:
        """What deletes all positions of a group."""
        if self.topic is None or not self._is_writable():
            return []
        return [
            _outgoing(self.topic, _key(group, partition), None) for partition in self._found(group)
        ]

    def known(self, group: str) -> dict[Partition, int]:
        """A group's positions as the cluster has them; if it has none, those of the topic."""
        committed = self._cluster.committed([group])[group]
        return committed or self._usable(group)

    def restore(self, group: str, partitions: Iterable[Partition]) -> None:
        """Give a group without any position in these topics the positions that it had."""
        if self.topic is None:
            return
        topics = {partition.topic for partition in partitions}
        committed = self._cluster.committed([group])[group]
        if any(partition.topic in topics for partition in committed):
            return
        had = {p: at for p, at in self._usable(group).items() if p.topic in topics}
        if not had:
            return
        # Positions of a group with members are not forgotten: another member was faster.
        with suppress(GroupActive):
            self._cluster.move(group, had)
            logger.warning(
                "the cluster had forgotten the positions of group %s: it continues at those in %s",
                group,
                self.topic,
            )

    def others(self, known: Collection[str]) -> dict[str, dict[Partition, int]]:
        """The positions of all groups but the known ones, as far as they can be used."""
        groups = {one.group for one in self._records_kept()} - set(known)
        return {group: self._usable(group) for group in groups}

    def _usable(self, group: str) -> dict[Partition, int]:
        """The positions of a group in topics that are still the same, within their bounds."""
        found = {p: one for p, one in self._found(group).items() if self._is_same_topic(one)}
        bounds = self._cluster.bounds(found)
        return {
            partition: max(bounds[partition][0], one.position)
            for partition, one in found.items()
            if one.position <= bounds[partition][1]
        }

    def _is_same_topic(self, position: GroupPosition) -> bool:
        try:
            return position.topic_id == self._cluster.topic_id(position.topic)
        except (UnknownTopic, LogRefused):
            return False

    def _found(self, group: str) -> dict[Partition, GroupPosition]:
        """The last record of each position of a group."""
        return {
            Partition(one.topic, one.partition): one
            for one in self._records_kept()
            if one.group == group
        }

    def _records_kept(self) -> list[GroupPosition]:
        """The last record of each position of any group."""
        if self.topic is None:
            return []
        with self._lock:
            try:
                self._catch_up(self.topic)
            except (UnknownTopic, LogRefused):
                self._begin_anew()
            except OnrecordError:
                self._begin_anew()
                raise
            return list(self._newest.values())

    def _catch_up(self, topic: str) -> None:
        """Read on from where the topic was read last."""
        [where] = self._cluster.partitions([topic])
        [(begin, end)] = self._cluster.bounds([where]).values()
        if self._reader is not None and self._reader.position(where) > end:
            self._begin_anew()  # the topic was deleted and made again
        if self._reader is None:
            self._reader = self._open_reader({where: begin})
        for message in read_up_to(self._reader, {where: end}):
            self._newest.pop(message.key, None)
            with suppress(RecordError):  # a tombstone, or the record of another program
                self._newest[message.key] = from_json(message.value or b"", GroupPosition)

    def _begin_anew(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = None
        self._newest.clear()

    def _is_writable(self) -> bool:
        if self._may_write is None and self.topic is not None:
            self._may_write = self._cluster.permits(self.topic, _MAY_WRITE)
        return bool(self._may_write)

    def _record(self, topic: str, group: str, partition: Partition, position: int) -> Outgoing:
        record = GroupPosition(
            group=group,
            topic=partition.topic,
            topic_id=self._topic_id(partition.topic),
            partition=partition.number,
            position=position,
        )
        return _outgoing(topic, _key(group, partition), record)

    def _topic_id(self, topic: str) -> str:
        asked_at, known = self._ids.get(topic, (0.0, ""))
        if topic not in self._ids or monotonic() - asked_at > _ID_S:
            known = self._cluster.topic_id(topic)
            self._ids[topic] = (monotonic(), known)
        return known


def _outgoing(topic: str, key: bytes, record: GroupPosition | None) -> Outgoing:
    value = None if record is None else to_json(record)
    headers = event_headers(
        GroupPosition,
        event_id=f"{key.decode()}@{record.position if record else 'deleted'}",
        source=EVENT_SOURCE,
        time=datetime.now(UTC),
    )
    size = len(key) + len(value or b"") + sum(len(name) + len(text) for name, text in headers)
    return Outgoing(topic, key, value, headers, None, size, 0)


def _key(group: str, partition: Partition) -> bytes:
    """The key of one position. Names of topics contain no blanks, so it is unambiguous."""
    return f"{partition} {group}".encode()
