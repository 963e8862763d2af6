"""The installed command on a real broker, under a prefix that no other test uses."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from onrecord.errors import LogUnavailable
from onrecord.log.interface import Log, Message
from onrecord.log.opening import open_log
from tests.acceptance.conftest import Onrecord
from tests.filling import everything
from tests.kafka.fixtures import Kafka, everyday
from tests.patience import PATIENCE_S

_numbers = count(1)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with everyday(tmp_path_factory.mktemp("kafka")) as started:
        yield started


class OnKafka(Onrecord):
    """Remembers what it started: nothing of a test that failed may go on on the broker."""

    def __init__(self, folder: Path, servers: str) -> None:
        super().__init__(folder)
        self.started: list[subprocess.Popen[bytes]] = []
        self.environment |= {
            "ONRECORD_LOG__URL": f"kafka://{servers}",
            "ONRECORD_LOG__PREFIX": f"test-{os.getpid()}-{next(_numbers)}",
            "ONRECORD_LOG__PARTITIONS": "4",
        }

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        self.started.append(super().start(*arguments, **environment))
        return self.started[-1]

    def said(self) -> list[str]:
        """The lines for people of everything that was started."""
        return (self.folder / "err").read_text("utf-8").splitlines()

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self("status").stdout)
        return found

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def onrecord(kafka: Kafka, tmp_path: Path) -> Iterator[OnKafka]:
    made = OnKafka(tmp_path, kafka.servers)
    yield made
    made.end()


@pytest.fixture
def log(onrecord: OnKafka) -> Iterator[Log]:
    with open_log(onrecord.environment["ONRECORD_LOG__URL"]) as opened:
        yield opened


def topic_of(onrecord: Onrecord, name: str) -> str:
    return f"{onrecord.environment['ONRECORD_LOG__PREFIX']}.{name}"


def messages_of(log: Log, topic: str) -> list[Message]:
    """What a topic holds: nothing, before somebody has made it."""
    return everything(log, topic) if log.topics(topic) else []


def members(onrecord: Onrecord, group: str) -> dict[str, int]:
    """Who is in a group, or in one of those whose names begin so, with how many partitions."""
    name = topic_of(onrecord, group)
    groups = json.loads(onrecord("status").stdout)["groups"]
    return {m: n for g in groups if g["name"].startswith(name) for m, n in g["members"].items()}


def eventually(holds: Callable[[], bool], what: str, *, within_s: float = PATIENCE_S) -> None:
    """Wait until it holds; a log that does not answer does not say so yet."""
    until = time.monotonic() + within_s
    while True:
        with suppress(LogUnavailable):
            if holds():
                return
        assert time.monotonic() < until, what
        time.sleep(0.2)
