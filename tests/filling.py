"""Filling a log with records for a test, and reading back what is there."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from onrecord.log import read_to_end
from onrecord.log.interface import Headers, Log, Message, TopicSettings
from onrecord.records import Article, Extraction, Record, to_json

T0 = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def publish(
    log: Log,
    topic: str,
    *records: Record,
    headers: Headers = (),
    since: datetime = T0,
    every: timedelta | None = None,
) -> None:
    """Publish records in one transaction, each keyed by its article's id.

    Creates the topic, of four partitions, where it is missing. With `every`, the timestamps are
    that far apart from `since` on; without, they are the log's own.
    """
    log.create_topic(topic, TopicSettings(partitions=4))
    with log.writer(f"publish to {topic}") as writer, writer.transaction() as tx:
        for n, record in enumerate(records):
            at = None if every is None else since + n * every
            key, value = _key(record), to_json(record)
            tx.publish(topic, key=key, value=value, headers=headers, timestamp=at)


def publish_numbers(
    log: Log,
    topic: str,
    numbers: Iterable[int],
    *,
    keys: int | None = None,
    every: timedelta = HOUR,
) -> None:
    """Publish each number n as text at T0 + n * `every`, under its own key or one of `keys`.

    Creates the topic, of four partitions, where it is missing.
    """
    log.create_topic(topic, TopicSettings(partitions=4))
    with log.writer(f"publish to {topic}") as writer, writer.transaction() as tx:
        for n in numbers:
            key = f"k{n % keys if keys else n}".encode()
            tx.publish(topic, key=key, value=str(n).encode(), timestamp=T0 + n * every)


def everything(log: Log, topic: str) -> list[Message]:
    """Every message of a topic, of each partition in order."""
    return list(read_to_end.everything(log, topic))


def _key(record: Record) -> bytes:
    match record:
        case Article():
            return record.id.encode()
        case Extraction():
            return record.article.id.encode()
        case _:
            return b"k"
