"""Kafka Connect's JDBC sink keeps a table of the quotes on record, with the files of `config/`."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kafka.connect import connect_jars, sink_and_take_back
from tests.kafka.fixtures import Kafka, need_brokers
from tests.needs import missing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def jars(kafka: Kafka) -> Path:
    if not kafka.brokers:
        pytest.skip("a broker that is not ours can hold topics of these names")
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("PostgreSQL's jar is for Linux on x86-64")
    need_brokers()
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip(
            "PostgreSQL does not run as root, and there is no setpriv to start it otherwise"
        )
    try:
        return connect_jars()
    except subprocess.CalledProcessError:
        missing("kafka", "Maven cannot fetch Kafka Connect and its JDBC sink")


def test_a_table_has_the_quotes_on_record_and_loses_those_taken_back(
    kafka: Kafka, jars: Path
) -> None:
    assert sink_and_take_back(jars, kafka.servers) == (60, 10)
