"""The log on Kafka: the contract that every log keeps, and what is only asked of this one."""

import gc
import logging
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any

import crc32c
import pytest
from kafka import KafkaAdminClient, codec
from kafka import errors as kafka_errors
from kafka.admin import ConfigResource
from kafka.errors import CommitFailedError, KafkaTimeoutError
from kafka.producer.sender import Sender
from kafka.record import util as record_util
from kafka.structs import OffsetAndMetadata, TopicPartition

from onrecord.errors import (
    ConfigError,
    LogBroken,
    LogRefused,
    LogUnavailable,
    LostOwnership,
    OffsetOutOfRange,
    UnknownTopic,
)
from onrecord.log.interface import Log, Message, Partition, SessionPolicy, TopicSettings, Writer
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import KafkaPolicy, servers_of
from onrecord.log.kafka.producer import Producer
from onrecord.log.kafka.topics import from_configs, to_configs
from onrecord.log.kafka.translating import translated
from onrecord.log.opening import open_log
from onrecord.log.read_to_end import read_to_end, read_up_to, visible
from tests.kafka.certificates import authority, signed
from tests.kafka.fixtures import Kafka
from tests.log.contract import (
    SESSION,
    SHORT,
    LogContract,
    agree,
    assert_each_key_in_order,
    children,
    commit,
    copy,
    eventually,
    fill,
    gather,
    publish,
    read_all,
    share,
    topic,
    values,
)
from tests.log.lookup_contract import LookupContract, found, value_of
from tests.needs import need_program
from tests.patience import PATIENCE_S

# As in production: shorter, and calls would fail on a loaded machine.
POLICY = KafkaPolicy()


class KafkaHarness:
    takeover_s = 120.0  # a session, the rebalance after it, and a busy machine

    def __init__(self, kafka: Kafka, folder: Path) -> None:
        self._kafka = kafka
        self.policy = replace(POLICY, index_folder=str(folder / "index"))
        self.url = f"kafka://{kafka.servers}"

    def open(self, session: SessionPolicy = SESSION) -> Log:
        return KafkaLog(self.url, session=session, policy=self.policy)

    def files(self) -> list[Path]:
        """The index files."""
        return list(Path(self.policy.index_folder).glob("*.db"))

    @contextmanager
    def away(self) -> Iterator[None]:
        """The brokers stand still, and keep their connections."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    def freeze(self) -> None:
        if not self._kafka.brokers:
            pytest.skip("a broker that is not ours cannot be stopped")
        for broker in self._kafka.brokers:
            broker.send(SIGSTOP)

    def thaw(self) -> None:
        for broker in self._kafka.brokers:
            broker.send(SIGCONT)


@pytest.fixture(scope="session")
def admin(kafka: Kafka) -> Iterator[Any]:
    client = KafkaAdminClient(bootstrap_servers=kafka.servers.split(","))
    if not kafka.brokers and _names(client):
        pytest.fail("ONRECORD_TEST_KAFKA must be empty: tests delete every topic there is")
    yield client
    client.close()


def _names(admin: Any) -> list[str]:
    return [name for name in admin.list_topics() if not name.startswith("__")]


def wipe(admin: Any) -> None:
    """Delete all topics and groups: every test has the cluster to itself."""
    until = time.monotonic() + PATIENCE_S
    while names := _names(admin):
        admin.delete_topics(names, raise_errors=False)
        assert time.monotonic() < until, names
        time.sleep(0.02)
    while groups := [group["group_id"] for group in admin.list_groups()]:
        admin.delete_groups(groups)  # those whose members were killed go a little later
        assert time.monotonic() < until, groups
        time.sleep(0.02)


@pytest.fixture
def harness(kafka: Kafka, admin: Any, tmp_path: Path) -> KafkaHarness:
    for broker in kafka.brokers:
        print(f"broker {broker.number} logs to {broker.log}")
    wipe(admin)
    return KafkaHarness(kafka, tmp_path)


class TestKafkaLookup(LookupContract):
    def test_a_file_that_is_lost_or_damaged_is_built_again(
        self, harness: KafkaHarness, log: Log
    ) -> None:
        topic(log, "t")
        fill(log, "t", 20)
        with log.newest("t", value_of):
            pass
        [file] = harness.files()
        for spoil in (Path.unlink, lambda path: path.write_bytes(b"no database at all" * 500)):
            spoil(file)
            with log.newest("t", value_of) as lookup:
                assert found(lookup, [b"19", b"20"]) == [b"19", None]

    def test_a_topic_that_was_made_again_is_read_again(self, log: Log) -> None:
        topic(log, "t", partitions=1)
        fill(log, "t", 20)
        with log.newest("t", value_of) as lookup:
            assert lookup.get(b"7") == b"7"
        log.delete_topic("t")
        topic(log, "t", partitions=1)
        publish(log, "t", b"other", key=b"7")
        with log.newest("t", value_of) as lookup:
            assert found(lookup, [b"7", b"8"]) == [b"other", None]

    def test_two_processes_share_a_file(self, log: Log) -> None:
        topic(log, "t")
        with log.newest("t", value_of) as one, log.newest("t", value_of) as two:
            for number in range(10):
                publish(log, "t", str(number).encode(), key=b"k")
                first, second = (one, two) if number % 2 else (two, one)
                first.catch_up()
                second.catch_up()
                assert one.get(b"k") == two.get(b"k") == str(number).encode()


class TestKafka(LogContract):
    """Where brokers do by themselves, later, what `maintain` does at once, tests are told how."""

    def test_a_position_that_was_retained_away(self, log: Log) -> None:
        """As in the contract, with the old records in one segment, apart from the new one.

        A transaction's marker is as young as its transaction, whatever its records' timestamps
        say, and a segment is as young as the youngest in it.
        """
        topic(log, "t", partitions=1, retention_s=3 * 3600)
        partition = Partition("t", 0)
        old = datetime.now(UTC) - timedelta(hours=2)
        with log.writer("w") as writer:
            with writer.transaction() as tx:
                for value in (b"0", b"1", b"2"):
                    tx.publish("t", key=b"k", value=value, timestamp=old)
            with writer.transaction() as tx:
                tx.publish("t", key=b"k", value=b"3")
        with log.join("g", ["t"], name="m") as member:
            commit(member, gather(member, 1))
        with log.reader(["t"]) as reader:
            gather(reader, 1)
            log.alter_topic("t", TopicSettings(partitions=1, retention_s=3600))
            begin = eventually(lambda: log.bounds("t")[partition][0])
            end = log.bounds("t")[partition][1]
            reader.seek(partition, 0)  # what was fetched ahead can be read on, but not this
            with pytest.raises(OffsetOutOfRange, match="was retained away") as refusal:
                eventually(lambda: reader.poll(limit=10, timeout_s=5))
            assert (refusal.value.begin, refusal.value.end) == (begin, end)
            reader.seek(partition, begin)
            assert values(gather(reader, 1)) == [b"3"]
        with pytest.raises(OffsetOutOfRange):
            log.reader(["t"], start={partition: begin - 1})
        [group] = log.groups()
        assert group.lag == {partition: 1}
        with log.join("g", ["t"], name="m") as member:
            assert values(gather(member, 1)) == [b"3"]

    def test_a_limit_of_size_far_below_a_brokers_usual_segment_holds(
        self, log: Log, kafka: Kafka
    ) -> None:
        if not kafka.brokers:
            pytest.skip("a broker that is not ours looks for old segments every five minutes")
        topic(log, "t", partitions=1, retention_bytes=2_000_000, max_record_bytes=200_000)
        chance = random.Random(7)
        with log.writer("w") as writer:
            for _ in range(6):
                with writer.transaction() as tx:
                    for _ in range(10):
                        tx.publish("t", key=b"k", value=chance.randbytes(100_000))
        eventually(lambda: log.bounds("t")[Partition("t", 0)][0])

    def test_compaction_keeps_the_newest_record_of_each_key_in_order(  # type: ignore[override]
        self, log: Log, admin: Any
    ) -> None:
        """As in the contract, with segments of a moment: brokers compact all but the last."""
        topic(log, "t", partitions=2, compacted=True)
        quick = {"segment.ms": "100", "min.cleanable.dirty.ratio": "0.01"}
        admin.alter_configs([ConfigResource("TOPIC", "t", quick)])
        with log.writer("w") as writer:
            for round_ in range(5):
                with writer.transaction() as tx:
                    for key in range(10):
                        tx.publish("t", key=str(key).encode(), value=f"{key}:{round_}".encode())
                time.sleep(0.15)
        newest = {f"{key}:4".encode() for key in range(10)}

        def cleaned() -> list[Message] | None:
            messages = read_all(log, "t")
            return messages if len(messages) < 50 else None

        messages = eventually(cleaned)
        assert newest <= set(values(messages))
        assert_each_key_in_order(messages)

    def test_a_writer_killed_at_any_moment_loses_nothing_it_was_promised(  # type: ignore[override]
        self, harness: KafkaHarness, log: Log
    ) -> None:
        """As in the contract; but the next of the name comes before anybody looks.

        What a killed writer left open is in the way of readers until it times out, or until
        the next of its name comes.
        """
        topic(log, "t")
        chance = random.Random(7)
        size = 20
        with children(harness) as start:
            for life in range(5):
                child = start("publish", "t", f"life{life}", size)
                assert child.hear() == "ready"
                # However busy the machine is, the first was promised something.
                said = set() if life else {int(child.hear())}
                time.sleep(chance.random() * 0.3)
                child.kill()
                said |= {int(line) for line in child.heard() if line}
                log.writer(f"life{life}").close()
                found: dict[int, int] = Counter()
                for value in values(read_all(log, "t")):
                    name, transaction, _ = (value or b"").decode().split(":")
                    if name == f"life{life}":
                        found[int(transaction)] += 1
                assert set(found.values()) <= {size}
                assert set(found) >= said
                assert len(found) <= len(said) + 1


@pytest.fixture
def log(harness: KafkaHarness) -> Iterator[Log]:
    with harness.open() as log:
        yield log


def connection(harness: KafkaHarness, **policy: Any) -> Connection:
    return Connection(harness.url, KafkaPolicy(**policy))


def write(writer: Writer, *values: bytes) -> None:
    with writer.transaction() as tx:
        for value in values:
            tx.publish("t", key=b"k", value=value)


# ── what kafka-python leaves to us ───────────────────────────────────────────────────────────


def test_a_reader_that_has_nothing_left_stands_at_the_end(harness: KafkaHarness, log: Log) -> None:
    """Past the markers of transactions, and past a transaction that was aborted."""
    topic(log, "t", partitions=1)
    publish(log, "t", b"1")
    publish(log, "t", b"2")
    producer = connection(harness).producer("aborts")
    producer.begin_transaction()
    producer.publish("t", 0, key=b"k", value=b"3", headers=(), timestamp_ms=None)
    producer.flush(timeout=60)
    producer.abort(timeout_s=60)
    producer.discard()
    partition = Partition("t", 0)
    # Of the six, two can be read. Abort returns before its marker is written.
    end = eventually(lambda: (end := log.bounds("t")[partition][1]) == 6 and end)
    with log.reader(["t"]) as reader:
        assert values(gather(reader, 2)) == [b"1", b"2"]

        def is_at_the_end() -> bool:
            assert reader.poll(limit=10, timeout_s=0.5) == []
            return reader.position(partition) == end

        eventually(is_at_the_end)
    with log.join("g", ["t"], name="m") as member:
        commit(member, gather(member, 2))
        [group] = log.groups()
        assert (group.positions, group.lag) == ({partition: 3}, {partition: 0})


def test_a_record_that_was_lost_is_never_committed_over(
    harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kafka-python 3.0.12 commits a transaction of which a record ran out of time."""
    hand_over = Producer.publish
    thawing: list[threading.Timer] = []

    def freeze_before_the_second(producer: Producer, *where: Any, **what: Any) -> Any:
        if what["value"] == b"lost":
            producer.flush(timeout=60)
            harness.freeze()
            thawing.append(threading.Timer(15.0, harness.thaw))
            thawing[0].start()
        return hand_over(producer, *where, **what)

    policy = KafkaPolicy(timeout_s=10, transaction_timeout_s=100)
    with KafkaLog(harness.url, policy=policy) as log:
        topic(log, "t", partitions=1)
        publish(log, "t", b"before")
        with log.writer("w") as writer:
            with monkeypatch.context() as patch:
                patch.setattr(Producer, "publish", freeze_before_the_second)
                with pytest.raises(LogUnavailable):
                    write(writer, b"kept", b"lost")
            thawing[0].join()  # later it would thaw what the next test has frozen
            write(writer, b"after")
        assert values(read_all(log, "t")) == [b"before", b"after"]


def test_a_record_that_the_cluster_refused_is_never_committed_over(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kafka-python 3.0.12 aborts the transaction then, and reports its commit as done."""
    complete = Sender._complete_batch
    refused: list[Any] = []

    def refuse_the_first(sender: Any, batch: Any, response: Any) -> None:
        if not refused:
            refused.append(batch)
            response.error_code = kafka_errors.OutOfOrderSequenceNumberError.errno
        complete(sender, batch, response)

    topic(log, "t", partitions=1)
    with log.writer("w") as writer:
        monkeypatch.setattr(Sender, "_complete_batch", refuse_the_first)
        with pytest.raises(LogUnavailable, match="out of order sequence number"):
            write(writer, b"1", b"2")
        write(writer, b"1", b"2")
    assert refused
    assert values(read_all(log, "t")) == [b"1", b"2"]


def test_a_commit_whose_answer_was_lost_is_not_done_twice(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_it = Producer.commit

    def lose_the_answer(producer: Producer, timeout_s: float) -> None:
        commit_it(producer, timeout_s)
        raise KafkaTimeoutError("the answer was lost")

    topic(log, "in", partitions=1)
    topic(log, "out", partitions=1)
    publish(log, "in", b"1", b"2")
    with log.join("g", ["in"], name="m") as member:
        with monkeypatch.context() as patch:
            patch.setattr(Producer, "commit", lose_the_answer)
            with pytest.raises(LogUnavailable, match="the answer was lost"):
                copy(member, gather(member, 1), "out")
        member.rewind()
        copy(member, gather(member, 1), "out")
        assert member.poll(limit=1, timeout_s=0.2) == []
    assert values(read_all(log, "out")) == [b"1", b"2"]


def test_what_a_dead_writer_left_open_is_over_in_time_and_holds_up_no_writer(
    harness: KafkaHarness, log: Log
) -> None:
    """Readers must wait for it: whether it will be committed nobody knows until then."""
    topic(log, "t", partitions=1)
    dead = connection(harness, transaction_timeout_s=10.0).producer("dead")
    dead.begin_transaction()
    dead.publish("t", 0, key=b"k", value=b"never committed", headers=(), timestamp_ms=None)
    dead.flush(timeout=60)
    dead.discard()
    publish(log, "t", b"after")
    with log.reader(["t"]) as reader:
        assert values(gather(reader, 1)) == [b"after"]
        assert reader.poll(limit=10, timeout_s=0.2) == []


def test_a_process_that_is_ending_does_not_wait_for_an_open_transaction(
    harness: KafkaHarness, log: Log
) -> None:
    """Which ends only after its timeout: a supervisor would kill the process before."""
    topic(log, "t", partitions=1)
    dead = connection(harness, transaction_timeout_s=600.0).producer("dead")
    dead.begin_transaction()
    dead.publish("t", 0, key=b"k", value=b"never committed", headers=(), timestamp_ms=None)
    dead.flush(timeout=30)
    with ThreadPoolExecutor() as threads, log.reader(["t"]) as reader:
        reading = threads.submit(lambda: list(read_to_end(log, reader)))
        assert wait([reading], timeout=1).done == set()
        log.hurry()
        with pytest.raises(LogUnavailable, match="ending, while records of t/0 do not come yet"):
            reading.result(50)
    dead.abort(timeout_s=30)
    dead.discard()


def test_what_was_acknowledged_behind_an_open_transaction_is_in_the_present_contents(
    harness: KafkaHarness, log: Log
) -> None:
    """Else a promotion, a copy or a table would be without it for good, and say that it is done."""
    topic(log, "t", partitions=1)
    dead = connection(harness, transaction_timeout_s=300.0).producer("dead")
    dead.begin_transaction()
    dead.publish("t", 0, key=b"k", value=b"never committed", headers=(), timestamp_ms=None)
    dead.flush(timeout=60)
    publish(log, "t", b"after")
    assert log.bounds("t")[Partition("t", 0)] == (0, 0)
    assert list(visible(log, "t")) == []
    ends, readings = log.ends("t"), [log.reader(["t"]) for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        all_of_it = threads.submit(lambda: values(read_up_to(readings[0], ends)))
        table = threads.submit(lambda: values(read_to_end(log, readings[1])))
        assert wait([all_of_it, table], timeout=1, return_when=FIRST_COMPLETED).done == set()
        dead.abort(timeout_s=60)
        assert (all_of_it.result(60), table.result(60)) == ([b"after"], [b"after"])
    dead.discard()
    for reading in readings:
        reading.close()


@pytest.mark.parametrize(
    "call",
    [
        lambda producer: producer.commit(timeout_s=1),
        lambda producer: producer.send_offsets(
            {TopicPartition("t", 0): OffsetAndMetadata(0, "", -1)}, "g", timeout_s=1
        ),
    ],
)
def test_waiting_for_a_broker_that_stands_still_comes_to_an_end(
    harness: KafkaHarness, log: Log, call: Callable[[Producer], None]
) -> None:
    """kafka-python waits for these two without end."""
    topic(log, "t", partitions=1)
    producer = connection(harness, timeout_s=120).producer("waits")
    producer.begin_transaction()
    producer.publish("t", 0, key=b"k", value=b"v", headers=(), timestamp_ms=None)
    producer.flush(timeout=60)
    with harness.away():
        started = time.monotonic()
        with pytest.raises(KafkaTimeoutError):
            call(producer)
        assert time.monotonic() - started < 100, "it waited for the connection to break"
    producer.discard()


def test_positions_that_were_refused_do_not_move_with_the_next_transaction(
    harness: KafkaHarness, log: Log
) -> None:
    """kafka-python keeps them through the abort, and adds them to what it commits next."""
    topic(log, "t", partitions=2)
    publish(log, "t", *(str(number).encode() for number in range(40)))
    producer = connection(harness, timeout_s=60).producer("refused")
    with log.join("g", ["t"], name="m") as member:
        agree([member], 2)
        membership = member._consumer.group_metadata()  # type: ignore[attr-defined]
        outdated = membership._replace(generation_id=membership.generation_id + 1)
        for number, group in ((0, outdated), (1, membership)):
            producer.begin_transaction()
            offsets = {TopicPartition("t", number): OffsetAndMetadata(5, "", -1)}
            try:
                producer.send_offsets(offsets, group, timeout_s=60)
                producer.commit(timeout_s=60)
            except CommitFailedError:
                producer.abort(timeout_s=60)
    assert log.committed("g") == {Partition("t", 1): 5}
    producer.discard()


def test_what_is_in_flight_is_bounded(
    harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kafka-python takes any amount in, whether it can be sent or not."""
    taken = 0
    take = Producer.publish

    def counted(producer: Producer, *where: Any, value: bytes, **more: Any) -> Any:
        nonlocal taken
        taken += len(value)
        return take(producer, *where, value=value, **more)

    monkeypatch.setattr(Producer, "publish", counted)
    with KafkaLog(harness.url, policy=KafkaPolicy(timeout_s=10)) as log:
        topic(log, "t")
        with log.writer("w") as writer:
            with writer.transaction() as tx:
                tx.publish("t", key=b"k", value=b"so that the topic is known")
            taken = 0

            def publish_much() -> None:
                with writer.transaction() as tx:
                    for number in range(640):
                        tx.publish("t", key=str(number).encode(), value=bytes(100_000))

            with harness.away(), pytest.raises(LogUnavailable):
                publish_much()
        assert 0 < taken <= 16 * 1024 * 1024


def test_a_member_hardly_ever_polled_takes_part_in_rebalances(log: Log) -> None:
    """kafka-python joins anew when a join ends between two polls, or does not join at all."""
    topic(log, "t", partitions=4)
    with log.join("g", ["t"], name="a") as a, log.join("g", ["t"], name="b") as b:

        def shared() -> bool:
            time.sleep(0.4)
            return [len(owned) for owned in share([a, b])] == [2, 2]

        eventually(shared)
        log.alter_topic("t", TopicSettings(partitions=6))

        def shared_again() -> bool:
            time.sleep(0.4)
            return [len(owned) for owned in share([a, b])] == [3, 3]

        eventually(shared_again)


def test_a_member_that_does_not_poll_holds_up_nobody(log: Log) -> None:
    """kafka-python lets the whole group wait for the poll of each."""
    topic(log, "t", partitions=6)
    with log.join("g", ["t"], name="silent") as silent, log.join("g", ["t"], name="b") as b:
        with log.join("g", ["t"], name="c") as c:
            agree([silent, b, c], 6)
        # Now it is deep in its work; what c left behind goes to b all the same.
        eventually(lambda: len(share([b])[0]) >= 3)
        assert len(silent.partitions()) == 2


def test_a_member_thrown_out_while_it_joins_is_told_what_it_lost(harness: KafkaHarness) -> None:
    """kafka-python then takes what it owned for its own, although others had it meanwhile."""
    idle = replace(SHORT, max_idle_s=1.0)
    with harness.open(idle) as sleepy, harness.open() as log:
        topic(log, "in", partitions=1)
        topic(log, "out")
        publish(log, "in", b"1")
        with sleepy.join("g", ["in"], name="asleep") as asleep:
            stale = gather(asleep, 1)
            # It is called to a rebalance, joins, and falls asleep before it can take note.
            with log.join("g", ["in"], name="awake") as awake:
                copy(awake, gather(awake, 1), "out")

            def told() -> frozenset[Partition]:
                share([asleep])  # it may own the partition in its own eyes for some polls yet
                return asleep.taken()

            assert eventually(told) == {Partition("in", 0)}
            agree([asleep], 1)
            assert asleep.poll(limit=10, timeout_s=0.3) == []
            assert values(stale) == values(read_all(log, "out")) == [b"1"]


def test_a_member_thrown_out_takes_nothing_out_of_anothers_hands_when_it_comes_back(
    harness: KafkaHarness,
) -> None:
    """kafka-python claims what it owned before, and the leader may take that for true.

    Whoever has got the partition since then would still commit what it has read of it.
    """
    idle = replace(SHORT, max_idle_s=1.0)
    with harness.open(idle) as sleepy, harness.open() as log:
        topic(log, "in", partitions=4)
        topic(log, "out")
        fill(log, "in", 40)
        with sleepy.join("g", ["in"], name="asleep") as asleep:
            agree([asleep], 4)
            with log.join("g", ["in"], name="awake") as awake:
                messages = gather(awake, 40)
                eventually(lambda: claimed(asleep) == [])
                for _ in range(10):
                    assert asleep.poll(limit=10, timeout_s=0.1) == []
                copy(awake, messages, "out")
                agree([awake, asleep], 4)
                assert asleep.poll(limit=10, timeout_s=0.3) == []
        assert len(read_all(log, "out")) == 40


def test_the_partitions_of_one_thrown_out_are_shared_when_it_comes_back_beside_a_new_one(
    harness: KafkaHarness,
) -> None:
    """What it claims, the other does not get; and what it has lost, it has not to release."""
    idle = replace(SHORT, max_idle_s=1.0)
    with harness.open(idle) as sleepy, harness.open() as log:
        topic(log, "in", partitions=4)
        with sleepy.join("g", ["in"], name="asleep") as asleep:
            agree([asleep], 4)
            eventually(lambda: log.members("g") == {})
            with log.join("g", ["in"], name="new") as new:
                agree([asleep, new], 4)


def claimed(member: Any) -> list[int]:
    """The partitions that a member reports as its own when it joins."""
    [assignor] = member._consumer._coordinator._assignors.values()
    return [n for one in assignor.metadata(["in"]).owned_partitions for n in one.partitions]


def test_a_member_whose_transaction_took_too_long_is_not_fenced(
    harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster says the same to it as to one whose name was taken over."""
    policy = KafkaPolicy(transaction_timeout_s=8)
    with KafkaLog(harness.url, policy=policy) as log:
        topic(log, "in", partitions=1)
        topic(log, "out", partitions=1)
        publish(log, "in", b"1")
        with log.join("g", ["in"], name="m") as member:
            messages = gather(member, 1)
            commit_it = Producer.commit

            def commit_late(producer: Producer, *arguments: Any, **options: Any) -> None:
                producer.flush(timeout=60)
                # The record and the marker of the abort: until then the end stays before them.
                eventually(lambda: log.bounds("out")[Partition("out", 0)][1] == 2)
                commit_it(producer, *arguments, **options)

            with monkeypatch.context() as patch:
                patch.setattr(Producer, "commit", commit_late)
                with pytest.raises(LogUnavailable):
                    copy(member, messages, "out")
            member.rewind()
            copy(member, gather(member, 1), "out")
        assert values(read_all(log, "out")) == [b"1"]


def test_checksums_and_compression_are_not_pythons_own() -> None:
    """Without these kafka-python is a dozen times slower, and cannot read what we wrote."""
    assert record_util._crc32c is crc32c.crc32c
    assert codec.has_zstd()


def test_many_records_go_into_a_topic_that_takes_small_batches(log: Log) -> None:
    topic(log, "t", partitions=1, max_record_bytes=1000)
    wanted = [random.Random(n).randbytes(900) for n in range(50)]
    publish(log, "t", *wanted)
    assert values(read_all(log, "t")) == wanted


def test_many_can_make_the_same_topics_at_the_same_moment(harness: KafkaHarness) -> None:
    def make() -> None:
        with harness.open() as log:
            start.wait()
            for number in range(5):
                log.create_topic(f"t{number}", TopicSettings(partitions=2))

    start = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        for made in [pool.submit(make) for _ in range(4)]:
            made.result()


def test_looking_for_a_topic_does_not_make_it(log: Log) -> None:
    with pytest.raises(UnknownTopic):
        log.reader(["nowhere"])
    with log.writer("w") as writer, pytest.raises(UnknownTopic), writer.transaction() as tx:
        tx.publish("nowhere", key=b"k", value=b"v")
    assert log.topics() == []


def test_a_cluster_that_is_not_there_is_said_to_be_unavailable_and_costs_no_threads(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("kafka", "kafka.net"):  # what it logs keeps its sockets alive
        caplog.set_level(logging.CRITICAL, logger=name)
    before = threading.active_count()
    _ask_nobody()
    eventually(lambda: threading.active_count() <= before)
    gc.collect()


def _ask_nobody() -> None:
    with socket.socket() as nobody:  # bound, and not listening: connections are refused
        nobody.bind(("127.0.0.1", 0))
        _ask_three_times(nobody.getsockname()[1])


def _ask_three_times(port: int) -> None:
    with KafkaLog(f"kafka://127.0.0.1:{port}", policy=KafkaPolicy(timeout_s=0.5)) as log:
        for _ in range(3):
            started = time.monotonic()
            with pytest.raises(LogUnavailable, match=f"127.0.0.1:{port}"):
                log.bounds("t")
            assert time.monotonic() - started < 120


# ── settings ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "settings",
    [
        TopicSettings(),
        TopicSettings(partitions=3, retention_s=86_400 * 365),
        TopicSettings(partitions=4, retention_bytes=10**9, max_record_bytes=5000),
        TopicSettings(compacted=True),
        TopicSettings(compacted=True, retention_s=60),
    ],
)
def test_settings_are_the_same_after_a_round_through_kafkas(settings: TopicSettings) -> None:
    assert from_configs(to_configs(settings), settings.partitions) == settings


def test_only_a_topic_with_a_limit_of_size_has_segments_of_its_own_size() -> None:
    assert "segment.bytes" not in to_configs(TopicSettings(retention_s=60))
    limited = TopicSettings(partitions=2, retention_bytes=10**9)
    assert to_configs(limited)["segment.bytes"] == str(5 * 10**7)


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("kafka://host", ["host:9092"]),
        ("kafka://host:19092/", ["host:19092"]),
        ("kafka://a.example:1,b.example:2,c", ["a.example:1", "b.example:2", "c:9092"]),
        ("kafka://[::1]:9092", ["[::1]:9092"]),
    ],
)
def test_a_url_names_brokers(url: str, servers: list[str]) -> None:
    assert servers_of(url) == servers


@pytest.mark.parametrize(
    "url",
    ["kafka://", "kafka:", "kafka://host:x", "kafka://host:99999", "kafka://host/topic",
     "kafka://host?a=b", "kafka://a,,b", "kafka://a b"],
)  # fmt: skip
def test_a_url_that_names_none_is_refused(url: str) -> None:
    with pytest.raises(LogRefused, match="kafka://host:9092"):
        open_log(url)


def test_a_password_in_a_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(LogRefused, match="does not belong") as refusal:
        open_log("kafka://me:hunter2@host:9092")
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("policy", "key"),
    [
        (KafkaPolicy(security="sasl_ssl"), "kafka.username"),
        (KafkaPolicy(security="sasl_ssl", username="me"), "kafka.password"),
        (KafkaPolicy(security="ssl", ca_file="nowhere.pem"), "kafka.ca_file"),
        (KafkaPolicy(security="ssl", key_file="key.pem"), "kafka.key_file"),
    ],
)
def test_a_policy_that_cannot_work_names_its_key(policy: KafkaPolicy, key: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        KafkaLog("kafka://host", policy=policy)
    assert refusal.value.key == key


def test_certificates_that_cannot_be_used_name_their_key_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    """kafka-python finds out when it connects, tries for a while, and ends with a traceback."""
    need_program("openssl")
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate")
    ca = authority(tmp_path)
    other = signed(tmp_path, "other", ca)
    for policy, key, told in (
        (KafkaPolicy(security="ssl", ca_file=str(garbage)), "kafka.ca_file", "no certificate"),
        (
            KafkaPolicy(
                security="ssl",
                ca_file=str(ca.certificate),
                certificate_file=str(ca.certificate),
                key_file=str(other.key),
            ),
            "kafka.certificate_file",
            "key values mismatch",
        ),
    ):
        with pytest.raises(ConfigError, match=told) as refusal:
            KafkaLog("kafka://host", policy=policy)
        assert refusal.value.key == key


# ── errors ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (kafka_errors.NotLeaderForPartitionError(), LogUnavailable),
        (kafka_errors.UnknownBrokerIdError(-1), LogUnavailable),
        (kafka_errors.UnknownError(), LogUnavailable),
        (kafka_errors.BrokerNotAvailableError(), LogUnavailable),
        (kafka_errors.OutOfOrderSequenceNumberError(), LogUnavailable),
        (kafka_errors.TransactionAbortableError(), LogUnavailable),
        (RuntimeError("Failed to find active controller id!"), LogUnavailable),
        (kafka_errors.CommitFailedError(), LostOwnership),
        (kafka_errors.TopicAuthorizationFailedError(), LogRefused),
        (kafka_errors.InconsistentGroupProtocolError(), LogRefused),
        (kafka_errors.MessageSizeTooLargeError(), LogRefused),
        (kafka_errors.InvalidTimestampError(), LogRefused),
        (kafka_errors.TopicDeletionDisabledError(), LogRefused),
        (kafka_errors.CorruptRecordError(), LogBroken),
    ],
)
def test_what_a_person_must_mend_is_not_waited_for_and_what_passes_is(
    error: Exception, ours: type[Exception]
) -> None:
    with pytest.raises(ours, match="asking"), translated("asking"):
        raise error


def test_a_question_whose_answer_was_lost_in_a_matter_of_moments_is_asked_again(
    harness: KafkaHarness,
) -> None:
    """By kafka-python some of these cannot be retried, and one is none of its own errors."""
    with harness.open() as log:
        cluster = log._cluster  # type: ignore[attr-defined]
        for error in (
            kafka_errors.UnknownBrokerIdError(-1),
            kafka_errors.UnknownError(),
            RuntimeError("Failed to find active controller id!"),
        ):
            answers = iter([error, "answer"])

            def question(client: Any, answers: Iterator[Any] = answers) -> str:
                found = next(answers)
                if isinstance(found, Exception):
                    raise found
                return str(found)

            assert cluster.ask("asking", question) == "answer"


def test_a_topic_that_one_broker_has_made_and_another_does_not_know_yet_is_there(
    harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else who starts with others on a new cluster ends at once: there is no topic."""
    describe, asked = KafkaAdminClient.describe_topics, []

    def unknown_for_a_while(client: Any, names: list[str]) -> list[dict[str, Any]]:
        asked.append(names)
        if 1 < len(asked) < 6:
            code = kafka_errors.UnknownTopicOrPartitionError.errno
            return [{"name": name, "error_code": code} for name in names]
        found: list[dict[str, Any]] = describe(client, names)
        return found

    with harness.open() as log:
        topic(log, "t", partitions=2)
    with harness.open() as log:
        monkeypatch.setattr(KafkaAdminClient, "describe_topics", unknown_for_a_while)
        log.create_topic("t", TopicSettings(partitions=2))
        assert len(log.bounds("t")) == 2
        with pytest.raises(UnknownTopic):
            log.bounds("never seen")
        assert asked.count(["never seen"]) == 1


def test_whoever_waits_while_another_finds_the_cluster_away_hears_so_too(
    harness: KafkaHarness,
) -> None:
    """One after the other, each would wait as long again: the parts of a process never end."""
    policy = KafkaPolicy(timeout_s=4.0)
    with KafkaLog(harness.url, policy=policy) as log:
        cluster, came = log._cluster, threading.Semaphore(0)
        askers: set[int] = set()

        def question(client: Any) -> None:
            if not askers:
                for _ in range(4):
                    came.acquire()
                time.sleep(3)  # until the others stand in line
            askers.add(threading.get_ident())
            raise kafka_errors.KafkaConnectionError("away")

        def ask() -> None:
            came.release()
            with pytest.raises(LogUnavailable, match="away"):
                cluster.ask("asking", question)

        with ThreadPoolExecutor(4) as pool:
            for asked in [pool.submit(ask) for _ in range(4)]:
                asked.result()
        assert len(askers) < 4


def test_what_was_done_although_the_answer_was_lost_is_not_an_error_when_asked_again(
    harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[str] = []

    def losing(name: str) -> Callable[..., Any]:
        do = getattr(KafkaAdminClient, name)

        def do_and_lose(client: Any, *how: Any, **more: Any) -> Any:
            done = do(client, *how, **more)
            if name not in lost:
                lost.append(name)
                raise kafka_errors.RequestTimedOutError(name)
            return done

        return do_and_lose

    asked = ["create_topics", "create_partitions", "alter_configs", "delete_topics"]
    for name in asked:
        monkeypatch.setattr(KafkaAdminClient, name, losing(name))
    with harness.open() as log:
        log.create_topic("t", TopicSettings(partitions=2))
        log.alter_topic("t", TopicSettings(partitions=3, retention_s=3600))
        assert [status.settings.partitions for status in log.topics()] == [3]
        log.delete_topic("t")
        assert log.topics() == []
    assert sorted(lost) == sorted(asked)
