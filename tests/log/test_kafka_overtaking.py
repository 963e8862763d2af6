"""What a transaction has looked up holds until its commit, or the transaction fails."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from onrecord.errors import LogUnavailable, Overtaken
from onrecord.log.giving_way import retry_when_overtaken
from onrecord.log.interface import Log, Message, Partition
from onrecord.log.kafka import overtaking
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.overtaking import Placed, Stretches, is_overtaken
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.log.kafka.producer import Producer
from onrecord.log.kafka.reading import KafkaReader
from tests.log.contract import publish, read_all, topic, values
from tests.log.lookup_contract import found, publish_unless_known, value_of
from tests.log.test_kafka import KafkaHarness, admin, harness

__all__ = ["admin", "harness"]  # fixtures

ONLY, OTHER = Partition("t", 0), Partition("t", 1)


@pytest.fixture
def log(harness: KafkaHarness) -> Iterator[Log]:
    with harness.open() as opened:
        topic(opened, "t", partitions=1)
        yield opened


def leave_open(harness: KafkaHarness, key: bytes) -> Producer:
    """A producer that has written a record of this key and does not end its transaction."""
    producer = Connection(harness.url, KafkaPolicy()).producer("theirs")
    producer.begin_transaction()
    told = producer.publish("t", 0, key=key, value=b"theirs", headers=(), timestamp_ms=None)
    told.get(timeout=60)
    return producer


def test_a_transaction_left_open_is_waited_for_and_not_tried_against(
    log: Log, harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones: list[Producer] = []
    attempts: list[object] = []
    poll = KafkaReader.poll

    def others() -> None:
        if len(attempts) == 1:
            open_ones.append(leave_open(harness, b"a"))

    def poll_until_the_other_ends(reader: KafkaReader, **how: Any) -> list[Message]:
        messages = poll(reader, **how)
        if len(attempts) > 1 and open_ones and not messages:
            producer = open_ones.pop()
            producer.abort(60)
            producer.discard()
        return messages

    monkeypatch.setattr(KafkaReader, "poll", poll_until_the_other_ends)
    with log.newest("t", value_of) as lookup:

        def attempt() -> bool:
            attempts.append(None)
            return publish_unless_known(log, lookup, b"a", meanwhile=others)

        assert retry_when_overtaken(attempt)
        assert len(attempts) == 2
    assert values(read_all(log, "t")) == [b"ours"]


def test_what_others_write_is_looked_at_by_one_reader(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []

    def counted(*args: Any, **options: Any) -> KafkaReader:
        opened.append(args)
        return KafkaReader(*args, **options)

    monkeypatch.setattr(overtaking, "KafkaReader", counted)
    with log.newest("t", value_of) as lookup, log.writer("ours") as writer:

        def publish_ours(*, meanwhile: bytes | None = None) -> None:
            with writer.transaction() as tx:
                lookup.catch_up()
                tx.unless_overtaken(lookup)
                tx.publish("t", key=b"a", value=b"ours")
                if meanwhile is not None:
                    publish(log, "t", b"theirs", key=meanwhile)

        for _ in range(3):
            publish_ours()
        assert len(opened) == 0  # only markers of our own lie in between
        publish_ours(meanwhile=b"b")
        with pytest.raises(Overtaken):
            publish_ours(meanwhile=b"a")
        publish_ours()  # not overtaken by the record that was taken back
        publish_ours(meanwhile=b"c")
        assert len(opened) == 1


def test_an_open_transaction_counts_although_nobody_can_read_it_yet(
    log: Log, harness: KafkaHarness
) -> None:
    open_ones: list[Producer] = []

    def others() -> None:
        open_ones.append(leave_open(harness, b"a"))

    with log.newest("t", value_of) as lookup:
        with pytest.raises(Overtaken):
            publish_unless_known(log, lookup, b"a", meanwhile=others)
        [producer] = open_ones
        producer.commit(60)
        producer.discard()
        assert not publish_unless_known(log, lookup, b"a", meanwhile=None)
    assert values(read_all(log, "t")) == [b"theirs"]


def test_what_stands_before_a_transaction_that_stays_open_too_long_is_not_lost(
    log: Log, harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Message] = []
    poll = KafkaReader.poll

    def poll_without_patience(reader: KafkaReader, **how: Any) -> list[Message]:
        messages = poll(reader, **how)
        if seen and not messages:
            raise LogUnavailable("nothing came")
        seen.extend(messages)
        return messages

    with log.newest("t", value_of) as lookup:
        publish(log, "t", b"1", key=b"a")
        producer = leave_open(harness, b"b")
        with monkeypatch.context() as patched:
            patched.setattr(KafkaReader, "poll", poll_without_patience)
            with pytest.raises(LogUnavailable):
                lookup.catch_up()
        assert values(seen) == [b"1"]
        producer.commit(60)
        producer.discard()
        assert lookup.catch_up() == [b"a", b"b"]
        assert found(lookup, [b"a", b"b"]) == [b"1", b"theirs"]


def test_what_others_publish_under_other_keys_fails_nobody(log: Log) -> None:
    def others() -> None:
        publish(log, "t", b"theirs", key=b"b")

    with closing(log.newest("t", value_of)) as lookup:
        assert publish_unless_known(log, lookup, b"a", meanwhile=others)
    assert values(read_all(log, "t")) == [b"theirs", b"ours"]


def at(offset: int, key: bytes = b"a", partition: Partition = ONLY) -> Placed:
    return Placed(key, partition, offset)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ([at(5)], [at(4)], True),
        ([at(5)], [at(4, b"b")], False),
        ([at(4), at(6, b"b")], [at(5)], False),  # theirs follows ours, and gives way itself
        ([at(4, b"b"), at(6)], [at(5)], True),
        ([at(5), at(5, b"b", OTHER)], [at(4, b"b")], False),  # a key of another partition
        ([at(5), at(6)], [at(4)], True),
    ],
)
def test_the_first_of_a_key_wins(ours: list[Placed], theirs: list[Placed], expected: bool) -> None:
    def read(stretches: Stretches) -> list[Placed]:
        assert stretches[ONLY] == (4, max(one.offset for one in ours if one.partition == ONLY))
        return [one for one in sorted({*ours, *theirs}) if one.partition == ONLY]

    assert is_overtaken(ours, {ONLY: 4, OTHER: 5}, read) is expected


def test_nothing_is_read_where_nobody_else_has_written() -> None:
    def read(stretches: Stretches) -> list[Placed]:
        raise AssertionError(stretches)

    assert not is_overtaken([at(4), at(5, b"b"), at(0, b"c", OTHER)], {ONLY: 4}, read)


def test_a_record_whose_offset_the_broker_does_not_tell_is_published_again() -> None:
    assert is_overtaken([at(-1)], {ONLY: 4}, lambda _: [])
