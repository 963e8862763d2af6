"""Pollers that are killed and others that take over: every article once, on a file and on Kafka."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.acceptance import prepared
from tests.acceptance.conftest import Onrecord, Publisher, story
from tests.kafka.fixtures import Kafka, everyday
from tests.patience import PATIENCE_S

# Twenty rounds and more take minutes on two busy cores: `ONRECORD_TEST_LONG=1` asks for them.
LONG = bool(os.environ.get("ONRECORD_TEST_LONG"))
FEEDS = 6
A_ROUND = 24

_prefixes = count(1)


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with everyday(tmp_path_factory.mktemp("kafka")) as started:
        yield started


def test_pollers_killed_one_after_the_other_publish_every_article_once(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    kill_pollers(onrecord, publisher, rounds=20 if LONG else 5)


@pytest.mark.slow
def test_on_kafka_a_killed_pollers_feeds_are_taken_over_and_published_once(
    kafka: Kafka, onrecord: Onrecord, publisher: Publisher
) -> None:
    onrecord.environment |= {
        "ONRECORD_LOG__URL": f"kafka://{kafka.servers}",
        "ONRECORD_LOG__PREFIX": f"takeover-{os.getpid()}-{next(_prefixes)}",
        "ONRECORD_LOG__PARTITIONS": "4",
    }
    kill_pollers(onrecord, publisher, rounds=20 if LONG else 2)


def kill_pollers(onrecord: Onrecord, publisher: Publisher, *, rounds: int) -> None:
    """One poller after the other is started, and the one before it killed somewhere in between."""
    stories = [story(publisher, number) for number in range(A_ROUND * rounds)]
    publisher.feeds = {f"feed-{number}": [] for number in range(FEEDS)}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    # Often enough, without one poller taking all there is of the machine.
    settings = {
        "ONRECORD_FEEDS__LONGEST_INTERVAL_S": "0.2",
        "ONRECORD_FEEDS__USUAL_INTERVAL_S": "0.2",
    }
    chance = random.Random(20261125)
    running = [onrecord.start("poll", "--feeds", feeds, **settings)]
    try:
        for number in range(1, rounds + 1):
            for position, name in enumerate(publisher.feeds):
                publisher.feeds[name] = stories[position : A_ROUND * number : FEEDS]
            running.append(onrecord.start("poll", "--feeds", feeds, **settings))
            time.sleep(chance.uniform(0.5, 4.0))
            kill(running.pop(0))
        wait_for_articles(onrecord, len(stories))
        running[0].send_signal(signal.SIGTERM)
        assert running[0].wait(PATIENCE_S) == 0, (onrecord.folder / "err").read_text()[-2000:]
    finally:
        for poller in running:
            kill(poller)
    articles = onrecord.records("articles")
    assert Counter(a["title"] for a in articles) == Counter(s.title for s in stories)
    assert {a["revision"] for a in articles} == {1}


def kill(poller: "subprocess.Popen[bytes]") -> None:
    if poller.poll() is None:
        os.killpg(poller.pid, signal.SIGKILL)
    poller.wait()


def wait_for_articles(onrecord: Onrecord, wanted: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while (found := published(onrecord)) < wanted:
        assert time.monotonic() < deadline, f"{found} of {wanted} articles: {complaints(onrecord)}"
        time.sleep(0.5)


def published(onrecord: Onrecord) -> int:
    """How many records the topic of articles has; none before the first poller has made it."""
    asked = prepared.run(["status"], cwd=onrecord.folder, env=onrecord.environment)
    topics = json.loads(asked.stdout or "{}").get("topics", ())
    return next((int(t["records"]) for t in topics if t["name"].endswith(".articles")), 0)


def complaints(onrecord: Onrecord) -> str:
    return Path(onrecord.folder / "err").read_text()[-2000:]
