"""The log on a cluster of three brokers, of which one at a time dies as in a power cut."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource
from kafka.errors import KafkaError

from onrecord.errors import LogUnavailable, LostOwnership
from onrecord.log.interface import Log, Member, Message, SessionPolicy, TopicSettings
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import KafkaPolicy
from tests.kafka.brokers import Broker
from tests.kafka.fixtures import Kafka, cluster
from tests.log.contract import copy, eventually, read_all, topic, values

KILLS = 4 if os.environ.get("ONRECORD_TEST_LONG") == "1" else 2

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with cluster(tmp_path_factory.mktemp("three"), 3) as started:
        yield started


@pytest.fixture
def log(three: Kafka) -> Iterator[Log]:
    policy = KafkaPolicy(timeout_s=20, transaction_timeout_s=30)
    session = SessionPolicy(session_s=6)
    with KafkaLog(f"kafka://{three.servers}", policy=policy, session=session) as opened:
        yield opened


def test_topics_have_as_many_copies_as_configured_and_a_difference_is_told(three: Kafka) -> None:
    wanted = TopicSettings(partitions=2)
    url = f"kafka://{three.servers}"
    with KafkaLog(url, policy=KafkaPolicy(replication=1)) as log:
        log.create_topic("once", wanted)
    with KafkaLog(url, policy=KafkaPolicy(replication=3)) as log:
        log.create_topic("thrice", wanted)
        assert log.differences("thrice", wanted) == []
        assert log.differences("once", wanted) == ["1 copy, not 3"]
    admin = KafkaAdminClient(bootstrap_servers=three.servers.split(","))
    try:
        [told] = admin.describe_topics(["thrice"])
        assert {len(p["replica_nodes"]) for p in told["partitions"]} == {3}
        configs = admin.describe_configs([ConfigResource("TOPIC", "thrice")])
        assert configs["topic"]["thrice"]["min.insync.replicas"]["value"] == "2"
    finally:
        admin.close()


def test_a_leader_that_leads_no_longer_is_not_believed(three: Kafka, log: Log) -> None:
    name = topic(log, "led", partitions=1)
    [(partition, end)] = log.ends(name).items()
    assert isinstance(log, KafkaLog)
    leaders = log._cluster._client._leaders
    [(where, (leader, _))] = [it for it in leaders.items() if it[0].topic == partition.topic]
    others = {broker.number for broker in three.brokers} - {leader}
    leaders[where] = (min(others), float("inf"))
    assert log.ends(name) == {partition: end}
    assert leaders[where][0] == leader


def test_topics_are_made_and_changed_while_the_controller_dies(three: Kafka, log: Log) -> None:
    """kafka-python then gives up with an error that is none of its own."""
    admin = Connection(f"kafka://{three.servers}", KafkaPolicy()).admin()
    for number in range(3):
        # The broker that a cluster names to its clients may not be it; one of three kills is.
        broker = three.brokers[number]
        broker.kill()
        try:
            name = f"during-{number}"
            eventually(lambda name=name: _made(log, name))  # type: ignore[misc]
            eventually(lambda name=name: _grown(log, name))  # type: ignore[misc]
        finally:
            broker.start()
            broker.wait()
        eventually(lambda: _is_whole(admin))
    admin.close()
    assert [topic.settings.partitions for topic in log.topics("during-")] == [2, 2, 2]


def _made(log: Log, name: str) -> bool:
    """Made, or the cluster was away: nothing else may come of it."""
    try:
        log.create_topic(name, TopicSettings(partitions=1))
    except LogUnavailable:
        return False
    return True


def _grown(log: Log, name: str) -> bool:
    try:
        log.alter_topic(name, TopicSettings(partitions=2))
    except LogUnavailable:
        return False
    return True


def _is_whole(admin: Any) -> bool:
    """Whether every partition is at all three brokers: only then the next one may die."""
    try:
        told = admin.describe_topics()
    except KafkaError:
        return False
    return all(
        len(partition["isr_nodes"]) == 3
        for one in told
        for partition in one["partitions"]
        if len(partition["replica_nodes"]) == 3
    )


class Failures:
    """Kills one broker after another and starts it again, a step at each call of `go_on`."""

    def __init__(self, brokers: list[Broker], kills: int) -> None:
        self._brokers = brokers
        self._chance = random.Random(3)
        self._left = kills
        self._dead: Broker | None = None
        self._next_at = time.monotonic() + 1

    @property
    def are_over(self) -> bool:
        return self._left == 0 and self._dead is None

    def go_on(self) -> None:
        # Not in a thread of its own: a broker ends with the thread that started it.
        if time.monotonic() < self._next_at or self.are_over:
            return
        if self._dead is None:
            self._dead = self._chance.choice(self._brokers)
            self._dead.kill()
            self._left -= 1
            self._next_at = time.monotonic() + 1 + 2 * self._chance.random()
        else:
            self._dead.start()
            self._dead = None
            self._next_at = time.monotonic() + 8  # until it is back, and has caught up


def test_everything_is_done_exactly_once_while_brokers_die(three: Kafka, log: Log) -> None:
    topic(log, "in", partitions=4)
    topic(log, "out", partitions=4)
    count = 500 * KILLS
    for start in range(0, count, 500):
        publish_numbers(log, range(start, start + 500))
    failures = Failures(three.brokers, kills=KILLS)
    with log.join("g", ["in"], name="m") as member:
        read = 0
        messages: list[Message] = []
        until = time.monotonic() + 600
        while not failures.are_over or messages or sum(_lag(log)):
            assert time.monotonic() < until, f"{read} read of {count}"
            failures.go_on()
            try:
                messages = member.poll(limit=10, timeout_s=0.2)
                member.taken()
                if messages:
                    copy(member, messages, "out")
                    read += len(messages)
                    time.sleep(0.05)
            except (LogUnavailable, LostOwnership):
                _rewound(member, failures)
    found = Counter(values(read_all(log, "out")))
    assert found == Counter(str(n).encode() for n in range(count))


def publish_numbers(log: Log, numbers: range) -> None:
    with log.writer(f"fill {numbers.start}") as writer, writer.transaction() as tx:
        for number in numbers:
            tx.publish("in", key=str(number).encode(), value=str(number).encode())


def _lag(log: Log) -> list[int]:
    def asked() -> list[int] | None:
        try:
            return [n for group in log.groups() for n in group.lag.values()] or [1]
        except LogUnavailable:
            return None

    return eventually(asked)


def _rewound(member: Member, failures: Failures) -> None:
    def rewound() -> bool:
        failures.go_on()
        try:
            member.rewind()
        except LogUnavailable:
            return False
        return True

    eventually(rewound)
