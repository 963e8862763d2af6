"""What the tools of others see of our groups: a group that has processed everything has no lag."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kafka.admin import OffsetSpec

from onrecord.log.interface import Log, Partition
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.policy import KafkaPolicy
from tests.log.contract import copy, eventually, fill, gather, publish, topic
from tests.log.test_kafka import KafkaHarness, admin, harness

__all__ = ["admin", "harness"]  # fixtures


def lag(admin: Any, group: str) -> dict[str, int]:
    """As kafka-consumer-groups, Burrow and KEDA have it: log end offset less committed offset."""
    committed = {p: told.offset for p, told in admin.list_group_offsets([group])[group].items()}
    ends = admin.list_partition_offsets(dict.fromkeys(committed, OffsetSpec.LATEST))
    return {f"{p.topic}/{p.partition}": ends[p].offset - committed[p] for p in committed}


def process(log: Log, admin: Any, count: int) -> None:
    with log.join("g", ["t"], name="m") as member:
        copy(member, gather(member, count), "out")

        def has_no_lag() -> bool:
            member.poll(limit=10, timeout_s=0.5)
            member.taken()
            return set(lag(admin, "g").values()) == {0}

        eventually(has_no_lag)


def test_a_drained_group_has_no_lag(harness: KafkaHarness, admin: Any) -> None:
    with harness.open() as log:
        topic(log, "t", partitions=3)
        topic(log, "out", partitions=1)
        fill(log, "t", 40)
        process(log, admin, 40)
        assert set(lag(admin, "g").values()) == {0}
        fill(log, "t", 5)
        assert sum(lag(admin, "g").values()) >= 5
        process(log, admin, 5)
        assert set(lag(admin, "g").values()) == {0}


def test_what_is_in_hand_or_was_never_given_out_is_not_committed(
    harness: KafkaHarness, admin: Any
) -> None:
    with harness.open() as log:
        topic(log, "t", partitions=1)
        publish(log, "t", b"a", b"b")
        with log.join("g", ["t"], name="m") as member:
            [first] = gather(member, 1)[:1]
            with member.transaction() as tx:
                tx.commit({Partition("t", 0): first.next_offset})
            until = time.monotonic() + 5
            while time.monotonic() < until:
                member.poll(limit=10, timeout_s=0.2)
        assert log.committed("g") == {Partition("t", 0): 1}


@pytest.mark.parametrize("wait", [True, False])
def test_a_group_that_has_committed_nothing_is_left_so(
    harness: KafkaHarness, *, wait: bool
) -> None:
    with harness.open() as log:
        topic(log, "t", partitions=2)
        with log.join("g", ["t"], name="m") as member:
            if wait:
                member.poll(limit=10, timeout_s=0.5)
        assert log.committed("g") == {}


def test_a_topic_says_when_its_records_are_only_estimated(harness: KafkaHarness) -> None:
    with harness.open() as log:
        topic(log, "few", partitions=1)
        topic(log, "many", partitions=1)
        fill(log, "few", 3)
        fill(log, "many", 300)
        fill(log, "many", 300)
        few, many = log.topics()
    assert (few.records, few.is_estimate) == (3, False)
    assert (many.records, many.is_estimate) == (602, True)  # two markers among them


def test_a_transaction_that_was_left_open_is_shown_with_its_age(harness: KafkaHarness) -> None:
    """Readers get nothing behind it, and whoever asks why must see it."""
    with harness.open() as log:
        topic(log, "t", partitions=2)
        publish(log, "t", b"1")
        assert [status.open_since for status in log.topics("t")] == [None]
        before = datetime.now(UTC) - timedelta(seconds=1)
        producer = Connection(harness.url, KafkaPolicy()).producer("died")
        producer.begin_transaction()
        producer.publish("t", 0, key=b"k", value=b"2", headers=(), timestamp_ms=None).get(
            timeout=60
        )
        [status] = log.topics("t")
        assert status.open_since is not None
        assert before < status.open_since <= datetime.now(UTC)
        assert status.records == 1
        producer.abort(60)
        producer.discard()
        eventually(lambda: [status.open_since for status in log.topics("t")] == [None])
