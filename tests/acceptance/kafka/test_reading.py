"""Commands that only read make nothing on a cluster."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from tests.acceptance.kafka.conftest import OnKafka
from tests.kafka.fixtures import Kafka

pytestmark = pytest.mark.slow


@pytest.fixture
def reading(tmp_path: Path, kafka: Kafka) -> Iterator[OnKafka]:
    command = OnKafka(tmp_path, kafka.servers)
    command.environment["ONRECORD_LOG__PREFIX"] = "typo"
    yield command
    command.end()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status"], 0),
        (["subscribe", "quotes", "--from", "earliest", "--until", "end"], 2),
        (["subscribe", "quotes", "--group", "g", "--until", "end"], 2),
        (["compare", "extractions", "try"], 2),
        (["dead-letters", "list"], 2),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_prefix_that_nobody_uses_makes_no_topic(
    reading: OnKafka, kafka: Kafka, arguments: list[str], code: int
) -> None:
    found = reading(*arguments, code=code)
    if code:
        assert "there is no topic 'typo." in found.stderr
    admin = KafkaAdminClient(bootstrap_servers=kafka.servers.split(","))
    try:
        assert [name for name in admin.list_topics() if name.startswith("typo")] == []
    finally:
        admin.close()
