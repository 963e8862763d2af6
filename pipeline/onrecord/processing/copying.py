"""Copies a backlog from one log to another: each record once, with key, headers and timestamp.

The progress of each partition is kept in the target log, in a topic of its own, and published in
the same transaction as the records. A copy killed at any point resumes where it stopped and
duplicates nothing. The writer therefore has the same name in every attempt: the new writer
settles the old one's open transaction before the progress is read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from onrecord.errors import RecordTooLarge
from onrecord.log.interface import Log, Message, Partition, TopicSettings, Transaction, Writer
from onrecord.log.read_to_end import everything, read_up_to
from onrecord.log.timestamps import EPOCH

_BATCH = 500
_SETTINGS = TopicSettings(partitions=1, compacted=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _ignore(message: Message, reason: str) -> None:
    """Ignore a record that was passed over."""


class CopyProgress(msgspec.Struct, frozen=True):
    """The progress of one partition: the next offset to copy, in the source log."""

    source: str
    topic: str
    partition: int
    next_offset: int

    @property
    def key(self) -> bytes:
        return f"{self.source} {self.topic} {self.partition}".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copying:
    """A copy from `source` to `target`. `name` names the source, the same in every attempt.

    `progress_topic` is the topic in the target that holds the progress. `now` is the latest
    timestamp a record can have: brokers refuse the future. `passed_over` is called for each
    record that the target refuses, with the reason.
    """

    source: Log
    target: Log
    name: str
    progress_topic: str
    now: Callable[[], datetime] = _now
    passed_over: Callable[[Message, str], None] = _ignore

    def prepare(self, topics: Mapping[str, TopicSettings]) -> None:
        """Create the topics in the target with the source's settings, unless they exist.

        An existing topic can have another number of partitions. Each record then goes to the
        partition of its key, and records of one key stay in order.
        """
        self.target.create_topic(self.progress_topic, _SETTINGS)
        for topic, wanted in topics.items():
            self.target.create_topic(topic, wanted)

    def run(
        self,
        topic: str,
        writer: Writer,
        *,
        copied: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> None:
        """Copy the topic's present records; `copied` is called with the count of each step."""
        ends = self.source.ends(topic)
        starts = self._starts(topic, ends)
        if not starts:
            return
        with self.source.reader([topic], start=starts) as reader:
            messages = read_up_to(reader, {partition: ends[partition] for partition in starts})
            for batch in _batches(m for m in messages if m.offset < ends[m.source]):
                with writer.transaction() as tx:
                    self._publish(tx, batch)
                copied(len(batch))
                if stopped():
                    return

    def _starts(self, topic: str, ends: Mapping[Partition, int]) -> dict[Partition, int]:
        """The next offset in each partition that is not yet copied to its end."""
        done = self._progress()
        starts = {}
        for partition, (begin, _) in self.source.bounds(topic).items():
            key = CopyProgress(self.name, topic, partition.number, 0).key
            start = max(begin, done[key].next_offset if key in done else begin)
            if start < ends[partition]:
                starts[partition] = start
        return starts

    def _progress(self) -> dict[bytes, CopyProgress]:
        messages = everything(self.target, self.progress_topic)
        return {
            m.key: msgspec.json.decode(m.value, type=CopyProgress)
            for m in messages
            if m.key is not None and m.value is not None
        }

    def _publish(self, tx: Transaction, batch: list[Message]) -> None:
        latest = self.now()
        # A record's partition can be chosen by another record's key rather than by its own.
        topics = {message.topic for message in batch}
        keeps_partition = all(
            len(self.target.bounds(topic)) == len(self.source.bounds(topic)) for topic in topics
        )
        for message in batch:
            try:
                tx.publish(
                    message.topic,
                    key=message.key,
                    value=message.value,
                    headers=message.headers,
                    timestamp=max(EPOCH, min(message.timestamp, latest)),
                    partition=message.partition if keeps_partition else None,
                )
            except (RecordTooLarge, ValueError) as error:
                self.passed_over(message, str(error))
        last = {message.source: message for message in batch}
        for message in last.values():
            progress = CopyProgress(
                self.name, message.topic, message.partition, message.next_offset
            )
            value = msgspec.json.encode(progress)
            tx.publish(self.progress_topic, key=progress.key, value=value)


def _batches(messages: Iterator[Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    for message in messages:
        batch.append(message)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
