"""A backlog moved from one log to another: every record once, exactly as it was."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onrecord.log.interface import Log, Message, Partition, TopicSettings
from onrecord.log.opening import open_log
from onrecord.log.read_to_end import everything
from onrecord.processing.copying import Copying
from onrecord.processing.group_positions import CarriedGroup, carry_positions

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


def test_a_record_that_stands_beside_another_stays_there(log: Log, target: Log) -> None:
    log.create_topic("t", TopicSettings(partitions=4))
    with log.writer("fill") as writer, writer.transaction() as tx:
        for number in range(4):
            tx.publish("t", key=b"key", value=b"%d" % number, partition=number)
    copy(log, target)
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


def test_into_another_number_of_partitions_each_key_stays_in_order(log: Log, target: Log) -> None:
    log.create_topic("t", TopicSettings(partitions=3))
    target.create_topic("t", TopicSettings(partitions=8))
    with log.writer("fill") as writer, writer.transaction() as tx:
        for n in range(200):
            tx.publish("t", key=b"k%d" % (n % 20), value=b"%d" % n)
    assert copy(log, target) == 200
    by_key: dict[bytes | None, list[int]] = {}
    for message in everything(target, "t"):
        by_key.setdefault(message.key, []).append(int(message.value or b""))
    assert by_key == {b"k%d" % k: list(range(k, 200, 20)) for k in range(20)}
    assert len({message.partition for message in everything(target, "t")}) > 3


# ── groups ───────────────────────────────────────────────────────────────────────────────────


def process(log: Log, group: str, count: int) -> list[bytes | None]:
    """Read and commit so many records; what they were."""
    found: list[Message] = []
    with log.join(group, ["t"], name="m") as member:
        while len(found) < count and (messages := member.poll(limit=7, timeout_s=1)):
            with member.transaction() as tx:
                tx.commit({m.source: m.next_offset for m in messages})
            found += messages
    return [message.value for message in found]


def carry(log: Log, target: Log) -> list[CarriedGroup]:
    return carry_positions(log, target, ["t"], log.groups("t"))


@pytest.mark.parametrize("count", [0, 50, 200])
def test_a_group_goes_on_in_the_copy_where_it_was(log: Log, target: Log, count: int) -> None:
    log.create_topic("t", TopicSettings(partitions=3))
    with log.writer("fill") as writer, writer.transaction() as tx:
        for n in range(200):
            tx.publish("t", key=b"k%d" % n, value=b"%d" % (n % 50))
    before = process(log, "g", count)
    with target.writer("other") as writer, writer.transaction() as tx:
        target.create_topic("t", TopicSettings(partitions=3))
        tx.publish("t", key=b"before", value=b"it was there")  # so offsets are others
    copy(log, target)
    assert [group.problem for group in carry(log, target)] == [None] * (count > 0)
    after = process(target, "g", 1000)
    assert sorted(map(str, [*before, *after])) == sorted(
        [str(b"%d" % (n % 50)) for n in range(200)] + [str(b"it was there")] * (count == 0)
    )


def test_a_second_copy_moves_a_group_forward_and_never_back(log: Log, target: Log) -> None:
    fill(log, range(100))
    process(log, "g", 30)
    copy(log, target)
    carry(log, target)
    process(log, "g", 70)
    ahead = target.committed("g")
    carry(log, target)
    assert sum(target.committed("g").values()) > sum(ahead.values())
    done = target.committed("g")
    log.reset("g", {Partition("t", n): 0 for n in range(3)})
    carry(log, target)
    assert target.committed("g") == done


def test_a_group_that_works_in_the_copy_is_left_alone_and_named(log: Log, target: Log) -> None:
    fill(log, range(30))
    process(log, "g", 30)
    copy(log, target)
    with target.join("g", ["t"], name="m"):
        assert [group.problem for group in carry(log, target)] == [
            "it has members in the log copied to"
        ]


def test_with_other_partitions_only_a_group_with_nothing_left_is_taken_along(
    log: Log, target: Log
) -> None:
    target.create_topic("t", TopicSettings(partitions=5))
    fill(log, range(100))
    process(log, "done", 100)
    process(log, "behind", 40)
    copy(log, target)
    problems = {group.name: group.problem for group in carry(log, target)}
    assert problems["done"] is None
    assert "are left to it, and the partitions are others" in (problems["behind"] or "")
    assert process(target, "done", 1000) == []
