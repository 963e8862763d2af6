"""The log on Kafka: the contract that every log keeps, and what is only asked of this one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGCONT, SIGSTOP
from typing import Any

import pytest
from kafka import KafkaAdminClient

from pipeline.log.interface import Log, SessionPolicy
from pipeline.log.kafka import KafkaLog, KafkaPolicy
from tests.kafka.fixtures import Kafka
from tests.log.contract import SESSION, LogContract

# Shorter than anybody would want to live with, so that tests need not wait.
POLICY = KafkaPolicy(timeout_s=6.0, transaction_timeout_s=10.0)


class KafkaHarness:
    takeover_s = 10.0  # a session, and the rebalance after it

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self.url = f"kafka://{kafka.servers}"

    def open(self, session: SessionPolicy = SESSION) -> Log:
        return KafkaLog(self.url, session=session, policy=POLICY)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The brokers stand still, and keep their connections."""
        if not self._kafka.brokers:
            pytest.skip("a broker that is not ours cannot be stopped")
        for broker in self._kafka.brokers:
            broker.send(SIGSTOP)
        try:
            yield
        finally:
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
    until = time.monotonic() + 20
    while names := _names(admin):
        admin.delete_topics(names, raise_errors=False)
        assert time.monotonic() < until, names
        time.sleep(0.02)
    while groups := [group["group_id"] for group in admin.list_groups()]:
        admin.delete_groups(groups)  # those whose members were killed go a little later
        assert time.monotonic() < until, groups
        time.sleep(0.02)


@pytest.fixture
def harness(kafka: Kafka, admin: Any) -> KafkaHarness:
    for broker in kafka.brokers:
        print(f"broker {broker.number} logs to {broker.log}")  # noqa: T201 (shown on failure)
    wipe(admin)
    return KafkaHarness(kafka)


class TestKafka(LogContract):
    pass
