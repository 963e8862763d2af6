"""Where tests get a Kafka cluster from, or why they have none."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.kafka.brokers import PROGRAMS, Broker, Cluster
from tests.kafka.network import Proxy
from tests.needs import need_program


@dataclass(frozen=True)
class Kafka:
    """A cluster to test on. `brokers` are ours to kill; none of one that was there before.

    `network` is on the way of clients of `servers_behind`; None where the brokers are not ours.
    """

    servers: str
    brokers: list[Broker]
    servers_behind: str = ""
    network: Proxy | None = None


def need_brokers() -> None:
    """Skip where none can be started, or fail where that is required."""
    for program in PROGRAMS:
        need_program(program, of="kafka")


@contextmanager
def cluster(folder: Path, size: int = 1, **more: object) -> Iterator[Kafka]:
    """A cluster of our own; skips where none can be started."""
    need_brokers()
    with Cluster(folder, size, **more) as started:  # type: ignore[arg-type]
        yield Kafka(started.servers, started.brokers, started.servers_behind)


@contextmanager
def everyday(folder: Path) -> Iterator[Kafka]:
    """One broker: that of `ONRECORD_TEST_KAFKA`, else our own."""
    if servers := os.environ.get("ONRECORD_TEST_KAFKA"):
        yield Kafka(servers, [])
    else:
        with Proxy() as network, cluster(folder, behind=[network]) as started:
            yield replace(started, network=network)
    shutil.rmtree(folder / "broker-1" / "data", ignore_errors=True)
