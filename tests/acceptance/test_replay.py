"""Replays as people run them, killed anywhere, on a file and on a real broker alike."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from onrecord.log.opening import open_log
from onrecord.processing.replays.jobs import Replays
from tests.acceptance.conftest import PEOPLE, Onrecord
from tests.kafka.fixtures import Kafka, everyday
from tests.patience import PATIENCE_S

LONG = os.environ.get("ONRECORD_TEST_LONG") == "1"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600 if LONG else 900)]

KILLS = 25 if LONG else 3
ARTICLES = 800 if LONG else 100

_numbers = count(1)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Kafka]]:
    """A broker, started when it is first asked for."""
    with ExitStack() as stack:
        started: list[Kafka] = []

        def ask() -> Kafka:
            if not started:
                folder = tmp_path_factory.mktemp("kafka")
                started.append(stack.enter_context(everyday(folder)))
            return started[0]

        yield ask


@pytest.fixture(params=["sqlite", "kafka"])
def onrecord(
    request: pytest.FixtureRequest, tmp_path: Path, broker: Callable[[], Kafka]
) -> Iterator["Replaying"]:
    made = Replaying(tmp_path)
    if request.param == "kafka":
        made.environment["ONRECORD_LOG__URL"] = f"kafka://{broker().servers}"
        made.prefix = f"replay-{os.getpid()}-{next(_numbers)}"
    made.environment |= {
        "ONRECORD_LOG__PREFIX": made.prefix,
        "ONRECORD_LOG__PARTITIONS": "4",
        "ONRECORD_LOG__SESSION_S": "2",
    }
    yield made
    for process in made.started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Replaying(Onrecord):
    """The command, and what a replay's tests ask of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.prefix = "onrecord"
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        self.started.append(super().start(*arguments, **environment))
        return self.started[-1]

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start one of several whose lines for people are told apart."""
        return subprocess.Popen(
            [self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    def fill(self, first: int, last: int) -> None:
        self("import", "-", stdin="".join(line(n) for n in range(first, last)))

    def show(self, name: str) -> dict[str, Any]:
        return json.loads(self("replay", "show", name, "--format", "json").stdout)  # type: ignore[no-any-return]

    def titles(self, *options: str) -> Counter[str]:
        return Counter(e["article"]["title"] for e in self.records("extractions", *options))

    def extracted(self, name: str) -> int:
        """How many articles a replay has done: 0 when there is no such replay yet."""
        with open_log(self.environment["ONRECORD_LOG__URL"]) as log:
            replays = Replays(log, f"{self.prefix}.replays", prefix=self.prefix).all()
            return replays[name].articles if name in replays else 0

    def live_positions(self) -> dict[Any, int]:
        with open_log(self.environment["ONRECORD_LOG__URL"]) as log:
            return log.committed(f"{self.prefix}.extract")

    def wait_until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            errors = (self.folder / "err").read_text()
            assert time.monotonic() < deadline, errors[-2000:]
            time.sleep(0.2)


def line(n: int) -> str:
    text = f"The pier was discussed.\n\n“Pier {n} will open in May,” Mayor {PEOPLE[n % 5]} said."
    return json.dumps({"url": f"https://a.example/{n}", "title": f"N {n}", "text": text}) + "\n"


def once(first: int, last: int) -> Counter[str]:
    return Counter(f"N {n}" for n in range(first, last))


def test_a_replay_killed_at_random_moments_has_every_article_exactly_once(
    onrecord: Replaying,
) -> None:
    onrecord.fill(0, 30)
    onrecord("extract", "--once")
    onrecord.fill(30, ARTICLES)
    live = onrecord.live_positions()
    chance = random.Random(20261125)
    for at in range(KILLS):
        before = onrecord.extracted("try")
        running = onrecord.start("replay", "--into", "try", "--rate", "8")
        if at % 3:  # in the middle of its work; else it may be while it starts
            onrecord.wait_until(
                lambda before=before, running=running: (  # type: ignore[misc]
                    onrecord.extracted("try") > before or running.poll() is not None
                )
            )
        time.sleep(chance.uniform(0.0, 1.0) if at % 3 else chance.uniform(0.3, 6.0))
        if running.poll() is None:  # else it was done before we came to it
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        if at == 1:
            onrecord.fill(ARTICLES, ARTICLES + 10)  # arrives meanwhile
    onrecord("replay", "--into", "try")

    assert onrecord.titles("--topic", "try") == once(0, ARTICLES)
    shown = onrecord.show("try")
    assert (shown["state"], shown["extracted"], shown["share"]) == ("done", ARTICLES, 1.0)
    assert onrecord.live_positions() == live
    assert onrecord.titles() == once(0, 30)

    promoting = onrecord.start("promote", "try")
    time.sleep(chance.uniform(0.8, 1.6))
    os.killpg(promoting.pid, signal.SIGKILL)
    promoting.wait()
    onrecord("promote", "try")
    assert onrecord.titles() == once(0, 30) + once(0, ARTICLES)


def test_of_replays_of_one_name_started_at_once_one_comes_to_be_exactly_once(
    onrecord: Replaying,
) -> None:
    onrecord.fill(0, 20)
    asked = {None: once(0, 20), "Pier 1": once(1, 2) + once(10, 20)}
    begun = [
        (match, onrecord.begin("replay", "--into", "try", *(["--match", match] if match else [])))
        for match in [None, "Pier 1", None]
    ]
    ended = [
        (match, running, running.communicate(timeout=PATIENCE_S)[1]) for match, running in begun
    ]

    job = onrecord.show("try")
    assert job["state"] == "done", [(process.returncode, said) for _, process, said in ended]
    assert onrecord.titles("--topic", "try") == asked[job["match"]]
    for match, process, said in ended:
        if process.returncode == 0:
            assert match == job["match"]
        else:
            assert process.returncode == 2, said
            # A loaded broker may be waited for before.
            *waits, last = said.splitlines()
            assert all("the log " in line for line in waits), said
            assert "replay 'try'" in last
    assert 0 in [process.returncode for _, process, _ in ended]


def test_a_replay_is_paused_shared_by_two_processes_and_dropped(onrecord: Replaying) -> None:
    onrecord.fill(0, 40)
    running = onrecord.start("replay", "--into", "try", "--rate", "0.5")
    onrecord.wait_until(lambda: onrecord.extracted("try") > 0)
    onrecord("replay", "pause", "try")
    assert running.wait(PATIENCE_S) == 0
    paused = onrecord.show("try")
    assert paused["state"] == "paused"
    assert 0 < paused["extracted"] < 40
    assert onrecord.titles("--topic", "try").total() == paused["extracted"]
    assert "is not done" in onrecord("promote", "try", code=2).stderr

    both = [onrecord.start("replay", "resume", "try", "--rate", "15") for _ in range(2)]
    assert [process.wait(PATIENCE_S) for process in both] == [0, 0]
    assert onrecord.titles("--topic", "try") == once(0, 40)
    assert onrecord.show("try")["state"] == "done"

    onrecord("replay", "drop", "try")
    assert onrecord("replay", "list").stdout == ""
    onrecord("subscribe", "--topic", "try", "--until", "end", code=2)
