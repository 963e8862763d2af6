"""Two processes under one log.name, on a cluster."""

import pytest

from tests.acceptance.kafka.conftest import OnKafka
from tests.acceptance.test_names import the_older_of_two_gives_way_and_does_not_come_back_at_once

pytestmark = pytest.mark.slow


def test_the_older_of_two_gives_way_and_does_not_come_back_at_once(onrecord: OnKafka) -> None:
    the_older_of_two_gives_way_and_does_not_come_back_at_once(onrecord)
