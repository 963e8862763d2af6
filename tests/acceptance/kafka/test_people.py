"""People on a real broker: kept as on a file, and killed at any moment."""

import os
from itertools import count

import pytest

from onrecord.log.interface import SessionPolicy
from onrecord.log.opening import open_log
from onrecord.topics import Topics
from tests.kafka.fixtures import Kafka
from tests.people import kills

pytestmark = pytest.mark.slow

_numbers = count(1)


def topics() -> Topics:
    return Topics(f"people-{os.getpid()}-{next(_numbers)}")


def test_a_killed_keeper_loses_nothing_and_counts_nothing_twice(kafka: Kafka) -> None:
    url = f"kafka://{kafka.servers}"
    with open_log(url, session=SessionPolicy(session_s=6.0)) as log:
        kills.a_killed_keeper_loses_nothing_and_counts_nothing_twice(log, topics(), url, kills=2)


def test_merges_killed_at_any_moment_are_judged_once(kafka: Kafka) -> None:
    url = f"kafka://{kafka.servers}"
    with open_log(url, session=SessionPolicy(session_s=6.0)) as log:
        kills.merges_killed_at_any_moment_are_judged_once(log, topics(), url, pairs=4, kills=2)
