"""The log itself: topics, groups, readers and writers; see `interface.Log`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Self
from weakref import WeakSet

from onrecord.errors import LogRefused, UnknownTopic
from onrecord.log.following import open_past_gap
from onrecord.log.interface import (
    Extract,
    GroupStatus,
    Lookup,
    Member,
    Partition,
    Reader,
    SessionPolicy,
    Start,
    TopicSettings,
    TopicStatus,
    Writer,
)
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.cluster import Cluster
from onrecord.log.kafka.counting import count, first_since
from onrecord.log.kafka.describing import GroupDescription
from onrecord.log.kafka.index_file import IndexFile
from onrecord.log.kafka.inspecting import open_since, sizes
from onrecord.log.kafka.lookup import KafkaLookup
from onrecord.log.kafka.member import KafkaMember
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.log.kafka.positions import GroupPositions
from onrecord.log.kafka.publishing import KafkaWriter
from onrecord.log.kafka.reading import KafkaReader
from onrecord.log.timestamps import to_ms_or_later
from onrecord.log.transaction import Outgoing


class KafkaLog:
    """A log on a Kafka cluster, `kafka://host:9092,host2:9092`. Does not connect yet.

    Raises LogRefused for a URL without brokers, ConfigError for an invalid policy.
    """

    def __init__(
        self,
        url: str,
        *,
        session: SessionPolicy = SessionPolicy(),  # noqa: B008 (immutable)
        policy: KafkaPolicy = KafkaPolicy(),  # noqa: B008 (immutable)
        positions: str | None = None,
    ) -> None:
        """`positions` is a topic that keeps the positions of groups longer than the cluster."""
        self._session = session
        self._indexes = Path(policy.index_folder)
        self._connection = Connection(url, policy)
        self._cluster = Cluster(self._connection)
        self._positions = GroupPositions(self._cluster, positions, self._open_reader)
        self._opened: WeakSet[KafkaReader | KafkaMember | KafkaWriter | KafkaLookup] = WeakSet()

    # ── topics ───────────────────────────────────────────────────────────────────────────────

    def create_topic(self, name: str, settings: TopicSettings) -> None:
        self._cluster.create(name, settings)

    def alter_topic(self, name: str, settings: TopicSettings) -> None:
        self._cluster.alter(name, settings)

    def delete_topic(self, name: str) -> None:
        self._cluster.delete(name)

    def differences(self, name: str, settings: TopicSettings) -> list[str]:
        return self._cluster.differences(name, settings)

    def topics(self, prefix: str = "") -> list[TopicStatus]:
        names = sorted(name for name in self._cluster.topics() if name.startswith(prefix))
        bounds = self._cluster.bounds(self._cluster.partitions(names))
        found_sizes = sizes(self._cluster, names)
        held = open_since(self._cluster, bounds)
        left = count(self._open_reader, bounds)
        return [
            TopicStatus(
                name=name,
                settings=self._cluster.settings(name),
                bounds={p.number: b for p, b in bounds.items() if p.topic == name},
                records=sum(found.count for p, found in left.items() if p.topic == name),
                is_estimate=any(found.is_estimate for p, found in left.items() if p.topic == name),
                size_bytes=found_sizes.get(name, 0),
                open_since=held.get(name),
            )
            for name in names
        ]

    def bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        return self._cluster.bounds(self._cluster.partitions([topic]))

    def ends(self, topic: str) -> dict[Partition, int]:
        return self._cluster.written(self._cluster.partitions([topic]))

    def offsets_at(self, topic: str, when: datetime) -> dict[Partition, int]:
        partitions = self._cluster.partitions([topic])
        bounds = self._cluster.bounds(partitions)
        found = self._cluster.offsets_at(partitions, to_ms_or_later(when))
        spans = {
            p: (end if (offset := found[p]) is None else offset, end)
            for p, (_, end) in bounds.items()
        }
        return first_since(self._open_reader, spans, when)

    def erase(self, topic: str, keys: Collection[bytes]) -> int | None:
        """A cluster removes whole segments only."""
        del keys
        self.bounds(topic)
        return None

    def maintain(self, now: datetime) -> None:
        """Do nothing: the brokers apply retention and compaction."""

    def hurry(self) -> None:
        self._cluster.hurry()

    # ── groups ───────────────────────────────────────────────────────────────────────────────

    def groups(self, prefix: str = "") -> list[GroupStatus]:
        views = self._visible(self._cluster.groups())
        positions = self._cluster.committed(views)
        known = [name for name, found in positions.items() if found]
        for name, kept in self._positions.others(known).items():  # which the cluster forgot
            views.setdefault(name, GroupDescription())
            positions[name] = kept
        topics = {n: count for n, count in self._cluster.topics().items() if n.startswith(prefix)}
        found = [self._status(name, view, positions[name], topics) for name, view in views.items()]
        return [status for status in found if status.positions or (status.members and status.lag)]

    def members(self, group: str) -> dict[str, list[Partition]]:
        return dict(self._cluster.describe([group])[group].members)

    def _visible(self, names: Sequence[str]) -> dict[str, GroupDescription]:
        """The groups that we are permitted to describe: the cluster can list others too."""
        try:
            return self._cluster.describe(names)
        except LogRefused:
            if len(names) == 1:
                return {}
        return {each: view for name in names for each, view in self._visible([name]).items()}

    def _status(
        self,
        name: str,
        view: GroupDescription,
        positions: Mapping[Partition, int],
        topics: Mapping[str, int],
    ) -> GroupStatus:
        """A group's status within `topics`, which maps each topic to its number of partitions."""
        positions = {p: offset for p, offset in positions.items() if p.topic in topics}
        followed = sorted(({p.topic for p in positions} | view.topics) & topics.keys())
        everything = [Partition(topic, n) for topic in followed for n in range(topics[topic])]
        bounds = self._cluster.bounds(everything)
        spans = {
            p: (max(begin, positions.get(p, begin)), end) for p, (begin, end) in bounds.items()
        }
        left = count(self._open_reader, spans)
        return GroupStatus(
            name=name,
            members=view.members,
            positions=positions,
            lag={partition: found.count for partition, found in left.items()},
            waiting_since=min(
                (found.since for found in left.values() if found.since), default=None
            ),
        )

    def committed(self, group: str) -> dict[Partition, int]:
        return self._positions.known(group)

    def reset(self, group: str, positions: Mapping[Partition, int]) -> None:
        known = self._cluster.partitions({partition.topic for partition in positions})
        if unknown := positions.keys() - set(known):
            raise UnknownTopic(str(min(unknown)))
        bounds = self._cluster.bounds(positions)
        clamped = {p: max(b, min(positions[p], e)) for p, (b, e) in bounds.items()}
        self._cluster.move(group, clamped)
        self._write(group, self._positions.records(group, clamped))

    def delete_group(self, group: str) -> None:
        self._cluster.delete_group(group)
        self._write(group, self._positions.tombstones(group))

    def _write(self, group: str, records: list[Outgoing]) -> None:
        """Write records of a group without members, under a name that its members may use."""
        if records:
            with self.writer(f"{group}.positions") as writer, writer.transaction() as tx:
                for one in records:
                    tx.publish(
                        one.topic,
                        key=one.key,
                        value=one.value,
                        headers=one.headers,
                        partition=one.partition,
                    )

    # ── readers and writers ──────────────────────────────────────────────────────────────────

    def reader(
        self, topics: Sequence[str], *, start: Start | Mapping[Partition, int] = Start.EARLIEST
    ) -> Reader:
        reader = KafkaReader(self._connection, self._cluster, topics, start)
        self._opened.add(reader)
        return reader

    def join(
        self, group: str, topics: Sequence[str], *, name: str, start: Start = Start.EARLIEST
    ) -> Member:
        member = KafkaMember(
            self._connection,
            self._cluster,
            group=group,
            topics=topics,
            name=name,
            start=start,
            session=self._session,
            positions=self._positions,
        )
        self._opened.add(member)
        return member

    def writer(self, name: str) -> Writer:
        writer = KafkaWriter(self._connection, self._cluster, name)
        self._opened.add(writer)
        return writer

    def newest(self, topic: str, extract: Extract) -> Lookup:
        self._cluster.partitions([topic])  # raises UnknownTopic
        # What is extracted is kept in the file, so that another function has another file.
        kept = f"{extract.__module__}.{extract.__qualname__}"
        identity = f"{topic} {self._cluster.topic_id(topic)} {kept}"
        name = f"{topic}-{sha256(identity.encode()).hexdigest()[:16]}.db"
        lookup = KafkaLookup(
            IndexFile(self._indexes / name, identity),
            topic,
            extract,
            bounds=lambda: self._bounds_written(topic),
            open_reader=self._open_reader,
        )
        self._opened.add(lookup)
        return lookup

    def _bounds_written(self, topic: str) -> dict[Partition, tuple[int, int]]:
        """The first offset and the end of everything written, open transactions included."""
        bounds, ends = self.bounds(topic), self.ends(topic)
        return {p: (begin, ends.get(p, end)) for p, (begin, end) in bounds.items()}

    def close(self) -> None:
        """Close the log and all readers, members and writers opened through it."""
        for opened in list(self._opened):
            opened.close()
        self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _open_reader(self, start: Mapping[Partition, int]) -> Reader:
        return open_past_gap(self, sorted({partition.topic for partition in start}), start)
