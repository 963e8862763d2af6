"""`kill -9` of a group's members at any moment: each record at least once, each key's in order."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log
from onrecord.records import to_json
from tests.acceptance.prepared import COMMAND
from tests.builders import article
from tests.kafka.fixtures import everyday
from tests.patience import PATIENCE_S

LONG = bool(os.environ.get("ONRECORD_TEST_LONG"))
KILLS = 60 if LONG else 3
SHARE = 300  # records between two kills
RECORDS = SHARE * (KILLS + 1)
KEYS = 13
MEMBER = str(Path(__file__).parent.parent / "sink" / "children.py")

pytestmark = pytest.mark.timeout(3600 if LONG else 900)


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.slow)])
def url(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    for name in [name for name in os.environ if name.startswith("ONRECORD_LOG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ONRECORD_LOG__SESSION_S", "2")
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/log.db"
        return
    with everyday(tmp_path_factory.mktemp("kafka")) as started:
        yield f"kafka://{started.servers}"


class Members:
    """Two members of a group, each writing to a file of its own; killed and replaced."""

    def __init__(self, folder: Path, name: str, command: list[str]) -> None:
        self.folder = folder
        self.name = name
        self.command = command
        self.files: list[Path] = []
        self.running: list[subprocess.Popen[bytes]] = []
        for _ in range(2):
            self.start()

    def start(self) -> None:
        self.files.append(self.folder / f"{self.name}-{len(self.files)}")
        with self.files[-1].open("wb") as out, self.errors.open("ab") as err:
            started = subprocess.Popen(self.command, cwd=self.folder, stdout=out, stderr=err)
        self.running.append(started)

    @property
    def errors(self) -> Path:
        return self.folder / f"{self.name}-errors"

    def kill(self, number: int) -> None:
        victim = self.running.pop(number)
        assert victim.poll() is None, self.errors.read_text()[-3000:]
        victim.send_signal(signal.SIGKILL)
        victim.wait()

    def close(self) -> None:
        while self.running:
            self.kill(0)
        assert "Traceback" not in self.errors.read_text()

    def size(self) -> int:
        return sum(file.stat().st_size for file in self.files)

    def lines(self) -> list[bytes]:
        """What was written; a line that a kill cut off is none."""
        texts = [file.read_bytes().splitlines(keepends=True) for file in self.files]
        return [line for lines in texts for line in lines if line.endswith(b"\n")]


def publish(log: Log, topic: str, numbers: range) -> None:
    """Articles of so many publishers, each publisher's numbered on in its titles."""
    with log.writer("publish") as writer, writer.transaction() as tx:
        for n in numbers:
            key = f"k{n % KEYS}"
            value = to_json(article(str(n), publisher=key, title=str(n // KEYS)))
            tx.publish(topic, key=key.encode(), value=value)


def wait_until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, what()
        time.sleep(0.02)


def let_die(log: Log, topic: str, groups: list[Members]) -> None:
    """Publish bit by bit, and strike each group while it is at work on the bit."""
    chance = random.Random(20261125)
    for number in range(KILLS):
        sizes = [members.size() for members in groups]
        publish(log, topic, range(SHARE * number, SHARE * (number + 1)))
        for members, size in zip(groups, sizes, strict=True):
            wait_until(
                lambda members=members, size=size: members.size() > size,  # type: ignore[misc]
                members.errors.read_text,
            )
            time.sleep(chance.uniform(0.0, 0.05))
            members.kill(chance.randrange(2))
            members.start()
    publish(log, topic, range(SHARE * KILLS, RECORDS))


def test_members_that_are_killed_lose_nothing_and_keep_each_keys_order(
    url: str, tmp_path: Path
) -> None:
    topic = f"kills-{os.getpid()}"
    python = [sys.executable, MEMBER, url, topic, f"{topic}-python"]
    command = [
        COMMAND, "subscribe", "articles", "--log", url, "--topic", topic, "--group",
        f"{topic}-command", "--from", "earliest",
    ]  # fmt: skip
    with open_log(url) as log:
        log.create_topic(topic, TopicSettings(partitions=4))
        groups = [Members(tmp_path, "python", python), Members(tmp_path, "command", command)]
        given, printed = groups
        let_die(log, topic, groups)
        for members, number_of in ((given, number_given), (printed, number_printed)):
            wait_until(
                lambda members=members, number_of=number_of: (  # type: ignore[misc]
                    set(map(number_of, members.lines())) == set(range(RECORDS))
                ),
                members.errors.read_text,
            )
            members.close()
    first: dict[str, dict[int, None]] = defaultdict(dict)
    for _, key, number in sorted(map(parts, given.lines())):
        first[key].setdefault(number)
    assert {key: list(numbers) for key, numbers in first.items()} == {
        f"k{k}": list(range(len(range(k, RECORDS, KEYS)))) for k in range(KEYS)
    }, "none was given before the one before it"


def parts(line: bytes) -> tuple[int, str, int]:
    """When an article was given, its key, and its number among those of the key."""
    at, key, number = line.decode().split()
    return int(at), key, int(number)


def number_given(line: bytes) -> int:
    _, key, number = parts(line)
    return number * KEYS + int(key[1:])


def number_printed(line: bytes) -> int:
    return int(json.loads(line)["id"])
