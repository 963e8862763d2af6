"""Topics are changed on a cluster as in a file."""

import pytest

from tests.acceptance.kafka.conftest import OnKafka
from tests.acceptance.test_topics import partitions_are_added_under_a_running_extractor

pytestmark = pytest.mark.slow


def test_partitions_are_added_under_a_running_extractor(onrecord: OnKafka) -> None:
    partitions_are_added_under_a_running_extractor(onrecord)
