"""Kafka brokers, shared by the tests of a session."""

from collections.abc import Iterator

import pytest

from tests.kafka.fixtures import Kafka, everyday


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One broker for everyday tests."""
    with everyday(tmp_path_factory.mktemp("kafka")) as started:
        yield started
