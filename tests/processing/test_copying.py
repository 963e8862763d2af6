"""A backlog moved from one log to another: every record once, exactly as it was."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onrecord.errors import Mistake
from onrecord.log.interface import Log, Message, TopicSettings
from onrecord.log.opening import open_log
from onrecord.log.read_to_end import everything
from onrecord.processing.copying import Copying

T0 = datetime(2020, 1, 1, tzinfo=UTC)
PROGRESS = "onrecord.copies"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path}/target.db") as opened:
        yield opened


def fill(log: Log, numbers: range) -> None:
    log.create_topic("t", TopicSettings(partitions=3, compacted=False))
    with log.writer("fill") as writer, writer.transaction() as tx:
        for n in numbers:
            at = T0 + timedelta(minutes=n)
            headers = (("h", b"%d" % n), ("empty", None))
            value = None if n % 10 == 9 else b"%d" % n
            tx.publish("t", key=b"k%d" % n, value=value, headers=headers, timestamp=at)


def copy(source: Log, target: Log, *, steps: int = 1000) -> int:
    copying = Copying(source=source, target=target, name="here", progress_topic=PROGRESS)
    copying.prepare({status.name: status.settings for status in source.topics("t")})
    moved: list[int] = []
    with target.writer("copy") as writer:
        copying.run("t", writer, copied=moved.append, stopped=lambda: len(moved) >= steps)
    return sum(moved)


def content(messages: Iterator[Message]) -> list[tuple[object, ...]]:
    return sorted((m.partition, m.timestamp, m.key, m.value, m.headers) for m in messages)


def test_every_record_arrives_as_it_was_in_the_same_partition(log: Log, target: Log) -> None:
    fill(log, range(1200))
    assert copy(log, target) == 1200
    assert content(everything(target, "t")) == content(everything(log, "t"))


def test_a_copy_that_stopped_goes_on_and_doubles_nothing(log: Log, target: Log) -> None:
    fill(log, range(2500))
    first = copy(log, target, steps=2)
    assert 0 < first < 2500
    assert copy(log, target) == 2500 - first
    assert content(everything(target, "t")) == content(everything(log, "t"))


def test_a_second_copy_brings_only_what_is_new(log: Log, target: Log) -> None:
    fill(log, range(10))
    copy(log, target)
    assert copy(log, target) == 0
    fill(log, range(10, 13))
    assert copy(log, target) == 3


def test_a_record_that_the_target_does_not_take_is_named_and_passed_over(
    log: Log, target: Log
) -> None:
    log.create_topic("t", TopicSettings(partitions=1))
    target.create_topic("t", TopicSettings(partitions=1, max_record_bytes=100))
    future = datetime.now(UTC) + timedelta(days=2)
    with log.writer("fill") as writer, writer.transaction() as tx:
        tx.publish("t", key=b"k", value=b"before")
        tx.publish("t", key=b"k", value=b"x" * 200)
        tx.publish("t", key=b"k", value=b"tomorrow", timestamp=future)
        tx.publish("t", key=b"k", value=b"yore", timestamp=datetime(1900, 1, 1, tzinfo=UTC))
    said: list[str] = []
    copying = Copying(
        source=log,
        target=target,
        name="here",
        progress_topic=PROGRESS,
        passed_over=lambda message, reason: said.append(f"{message.offset} {reason}"),
    )
    copying.prepare({"t": TopicSettings(partitions=1)})
    with target.writer("copy") as writer:
        copying.run("t", writer, copied=lambda count: None, stopped=lambda: False)
    found = list(everything(target, "t"))
    assert [message.value for message in found] == [b"before", b"tomorrow", b"yore"]
    assert all(message.timestamp <= datetime.now(UTC) for message in found)
    assert said == ["1 a record of 201 bytes is too large for t: 100 at most"]


def test_a_topic_of_other_partitions_is_refused(log: Log, target: Log) -> None:
    fill(log, range(1))
    target.create_topic("t", TopicSettings(partitions=4))
    with pytest.raises(Mistake, match=r"t has 4 partitions .* and 3 in this one"):
        copy(log, target)
