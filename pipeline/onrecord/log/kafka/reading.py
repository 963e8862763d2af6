"""Readers: fetch records from a position onwards.

A position advances past control records and aborted records, which are never delivered: a
reader with nothing left stands at the end. kafka-python waits silently for an unavailable
cluster, so a reader requests its topics every few seconds: that request then fails.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from kafka import errors as kafka_errors
from kafka.structs import TopicPartition

from onrecord.errors import LogUnavailable, OffsetOutOfRange, UnknownTopic
from onrecord.log.interface import Message, Partition, Start
from onrecord.log.kafka.client import Connection, MendedConsumer
from onrecord.log.kafka.closing import close_within
from onrecord.log.kafka.cluster import Cluster
from onrecord.log.kafka.translating import translated
from onrecord.log.timestamps import from_ms

# How long a broker may wait for records to come where the caller knows that they are there: a
# request for the records after them must not hold up the next one.
_THERE_MS = 10
# How often a reader checks that the cluster answers, and which partitions its topics have.
_LOOK_S = 3.0


class ConsumerReader:
    """The common base of readers and members; see `interface.Reader`."""

    def __init__(
        self,
        connection: Connection,
        cluster: Cluster,
        topics: Iterable[str],
        consumer: MendedConsumer,
        *,
        name: str = "",
    ) -> None:
        self._url = connection.url
        self._name = name
        self._timeout_s = connection.policy.timeout_s
        self._cluster = cluster
        self._topics = frozenset(topics)
        self._consumer = consumer
        self._next_look = time.monotonic() + _LOOK_S

    def partitions(self) -> frozenset[Partition]:
        return frozenset(Partition(*partition) for partition in self._consumer.assignment())

    def position(self, partition: Partition) -> int:
        if partition not in self.partitions():
            raise ValueError(f"{partition} is not being read here")
        where, found = TopicPartition(*partition), None
        with translated(f"{self._url}: looking up the position in {partition}"):
            try:
                found = self._consumer.position(where, timeout_ms=self._timeout_s * 1000)
            except kafka_errors.NoOffsetForPartitionError as error:
                self._consumer.seek_to_beginning(*error.args[0])
                found = self._consumer.position(where, timeout_ms=self._timeout_s * 1000)
        if found is None:
            raise LogUnavailable(f"{self._url}: no answer where {partition} is to be read")
        return int(found)

    def seek(self, partition: Partition, offset: int) -> None:
        if partition not in self.partitions():
            raise ValueError(f"{partition} is not being read here")
        self._consumer.seek(TopicPartition(*partition), offset)

    def pause(self, partitions: Iterable[Partition]) -> None:
        self._consumer.pause(*self._of_these(partitions))

    def resume(self, partitions: Iterable[Partition]) -> None:
        self._consumer.resume(*self._of_these(partitions))

    def is_hurried(self) -> bool:
        return self._cluster.is_hurried

    def close(self) -> None:
        name = self._name or f"a reader of {', '.join(sorted(self._topics))}"
        close_within(self._cluster.closing_limit_s, name, self._close_consumer)

    def _close_consumer(self) -> None:
        with translated(f"{self._url}: closing a reader"):
            self._consumer.close(autocommit=False, timeout_ms=self._timeout_s * 1000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _of_these(self, partitions: Iterable[Partition]) -> list[Any]:
        wanted = set(partitions)
        return [p for p in self._consumer.assignment() if Partition(*p) in wanted]

    def _fetch(self, limit: int, timeout_s: float) -> list[Message]:
        if time.monotonic() >= self._next_look:
            self._look(self._cluster.partitions(self._topics))
            self._next_look = time.monotonic() + _LOOK_S
        found: Mapping[Any, list[Any]] = {}
        with translated(f"{self._url}: reading", name=self._name):
            try:
                found = self._consumer.poll(timeout_ms=max(0, timeout_s * 1000), max_records=limit)
            except kafka_errors.NoOffsetForPartitionError as error:
                # A group without a committed position starts at the beginning.
                self._consumer.seek_to_beginning(*error.args[0])
            except kafka_errors.OffsetOutOfRangeError as error:
                for partition in sorted(error.args[0]):
                    self._check_range(Partition(*partition))
        return [_message(record) for records in found.values() for record in records]

    def _check_range(self, partition: Partition) -> None:
        """Check that the position in a partition can be read."""
        [(begin, end)] = self._cluster.bounds([partition]).values()
        offset = self.position(partition)
        if not begin <= offset <= end:
            self._cannot_read(
                OffsetOutOfRange(partition.topic, partition.number, offset, begin, end)
            )

    def _look(self, partitions: Iterable[Partition]) -> None:
        """Record the present partitions of the reader's topics."""

    def _cannot_read(self, error: OffsetOutOfRange) -> None:
        """Handle a position that cannot be read."""
        raise error


def _message(record: Any) -> Message:
    return Message(
        record.topic,
        record.partition,
        record.offset,
        from_ms(record.timestamp),
        record.key,
        record.value,
        tuple(record.headers) if record.headers else (),
    )


class KafkaReader(ConsumerReader):
    """Reads from where it was told; see `interface.Reader`."""

    def __init__(
        self,
        connection: Connection,
        cluster: Cluster,
        topics: Sequence[str],
        start: Start | Mapping[Partition, int],
        *,
        uncommitted: bool = False,
    ) -> None:
        """`uncommitted` reads also what open and aborted transactions wrote.

        Such a reader is for records known to be there.
        """
        positions = _positions(cluster, topics, start)
        settings: dict[str, object] = {}
        if uncommitted:
            settings = {"isolation_level": "read_uncommitted", "fetch_max_wait_ms": _THERE_MS}
        with translated(f"{connection.url}: opening a reader"):
            consumer = connection.consumer(**settings)
        super().__init__(connection, cluster, topics, consumer)
        self._follows_new = isinstance(start, Start)
        # Nothing was delivered from these yet: they start at their oldest record kept.
        self._fresh = set(positions) if start is Start.EARLIEST else set()
        self._read_also(positions)

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        messages = self._fetch(limit, timeout_s) if limit > 0 else []
        if self._fresh:
            self._fresh.difference_update(message.source for message in messages)
        return messages

    def seek(self, partition: Partition, offset: int) -> None:
        super().seek(partition, offset)
        self._fresh.discard(partition)

    def restart(self, positions: Mapping[Partition, int]) -> None:
        """Read these partitions of the topics only, from these offsets."""
        self._fresh.clear()
        self._consumer.assign([TopicPartition(*partition) for partition in sorted(positions)])
        for partition, offset in positions.items():
            self.seek(partition, offset)

    def _cannot_read(self, error: OffsetOutOfRange) -> None:
        partition = Partition(error.topic, error.partition)
        if partition not in self._fresh or error.offset > error.end:
            raise error
        self._consumer.seek(TopicPartition(*partition), error.begin)

    def _look(self, partitions: Iterable[Partition]) -> None:
        added = set(partitions) - self.partitions() if self._follows_new else set()
        self._read_also({p: begin for p, (begin, _) in self._cluster.bounds(added).items()})

    def _read_also(self, positions: Mapping[Partition, int]) -> None:
        if not positions:
            return
        partitions = sorted(self.partitions() | positions.keys())
        self._consumer.assign([TopicPartition(*partition) for partition in partitions])
        for partition, offset in positions.items():
            self._consumer.seek(TopicPartition(*partition), offset)


def _positions(
    cluster: Cluster, topics: Sequence[str], start: Start | Mapping[Partition, int]
) -> dict[Partition, int]:
    """Where reading begins. Raises UnknownTopic, OffsetOutOfRange."""
    partitions = cluster.partitions(topics)
    if isinstance(start, Start):
        bounds = cluster.bounds(partitions)
        return {p: b if start is Start.EARLIEST else e for p, (b, e) in bounds.items()}
    if unknown := start.keys() - set(partitions):
        raise UnknownTopic(str(min(unknown)))
    for (topic, number), (begin, end) in cluster.bounds(start).items():
        offset = start[Partition(topic, number)]
        if not begin <= offset <= end:
            raise OffsetOutOfRange(topic, number, offset, begin, end)
    return dict(start)
