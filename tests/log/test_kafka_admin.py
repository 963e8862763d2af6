"""The administrative client of a cluster: what it asks, and how often."""

from collections.abc import Iterator
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.admin import OffsetSpec

from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import KafkaPolicy
from tests.kafka.fixtures import Kafka
from tests.log.contract import topic

LOOKS = 5


@pytest.fixture
def admin(kafka: Kafka) -> Iterator[Any]:
    made = Connection(f"kafka://{kafka.servers}", KafkaPolicy()).admin()
    yield made
    made.close()


def ends_of(kafka: Kafka, name: str, partitions: int = 1) -> dict[TopicPartition, int]:
    """A new topic's partitions, to be asked for their ends."""
    with KafkaLog(f"kafka://{kafka.servers}") as log:
        topic(log, name, partitions=partitions)
    return {TopicPartition(name, number): OffsetSpec.LATEST for number in range(partitions)}


def questions_about_leaders(admin: Any) -> list[object]:
    """Filled with each question about leaders that the client asks from now on."""
    asked: list[object] = []
    ask = admin._get_cluster_metadata

    async def noted(topics: object) -> Any:
        asked.append(topics)
        return await ask(topics)

    admin._get_cluster_metadata = noted
    return asked


def test_leaders_that_are_known_are_not_asked_for(kafka: Kafka, admin: Any) -> None:
    ends = ends_of(kafka, "looked-at", 3)
    admin._leaders_s = 600.0
    admin.list_partition_offsets(ends)
    asked = questions_about_leaders(admin)
    for _ in range(LOOKS):
        assert admin.list_partition_offsets(ends).keys() == ends.keys()
    assert asked == []


def test_partitions_that_are_not_known_yet_are_asked_for(kafka: Kafka, admin: Any) -> None:
    first, second = ends_of(kafka, "known"), ends_of(kafka, "unknown", 2)
    admin.list_partition_offsets(first)
    assert len(admin.list_partition_offsets(first | second)) == 3


def test_leaders_known_for_too_long_are_asked_for_again(kafka: Kafka, admin: Any) -> None:
    ends = ends_of(kafka, "long-known")
    admin._leaders_s = 0.0
    admin.list_partition_offsets(ends)
    asked = questions_about_leaders(admin)
    for _ in range(LOOKS):
        admin.list_partition_offsets(ends)
    assert len(asked) == LOOKS
