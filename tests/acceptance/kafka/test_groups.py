"""Workers and pollers in groups, on a real broker: they share, take over, and cannot be doubled."""

import os
import re
import signal
import subprocess
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
import yaml

from onrecord.log.interface import Log
from onrecord.records import Extraction, from_json
from tests import filling
from tests.acceptance.conftest import Publisher, story
from tests.acceptance.kafka.conftest import OnKafka, eventually, members, messages_of, topic_of
from tests.builders import article
from tests.kafka.fixtures import Kafka
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow

COMPOSE = Path(__file__).parents[3] / "docker-compose.yml"
SESSION = {"ONRECORD_LOG__SESSION_S": "3"}
# Fast enough to see, without one feed taking a poller all its time.
PACE = {"ONRECORD_FEEDS__USUAL_INTERVAL_S": "1", "ONRECORD_FEEDS__LONGEST_INTERVAL_S": "1"}
# The whole minute: `ONRECORD_TEST_LONG=1` asks for it.
AWAY_S = 60 if os.environ.get("ONRECORD_TEST_LONG") else 12


def publish(log: Log, onrecord: OnKafka, *ids: str) -> None:
    filling.publish(log, topic_of(onrecord, "articles"), *map(article, ids))


def extracted(log: Log, onrecord: OnKafka) -> list[str]:
    messages = messages_of(log, topic_of(onrecord, "extractions"))
    return [from_json(message.value or b"", Extraction).article.id for message in messages]


def published(log: Log, onrecord: OnKafka) -> int:
    return len(messages_of(log, topic_of(onrecord, "articles")))


def lag(log: Log, onrecord: OnKafka) -> int:
    [group] = [g for g in log.groups(topic_of(onrecord, "")) if g.name.endswith(".extract")]
    return sum(group.lag.values())


def test_a_worker_stopped_beyond_its_session_is_fenced_and_its_late_commit_changes_nothing(
    onrecord: OnKafka, log: Log
) -> None:
    onrecord("feeds", "list")
    backlog = [f"a{number}" for number in range(400)]
    publish(log, onrecord, *backlog)
    # So that it has something in hand whenever it is stopped.
    slot = {"ONRECORD_LOG__NAME": "one", "ONRECORD_EXTRACT__COMMIT_EVERY": "8"} | SESSION
    sleeper = onrecord.start("extract", **slot)
    eventually(lambda: len(extracted(log, onrecord)) >= 8, "nothing is extracted")
    os.killpg(sleeper.pid, signal.SIGSTOP)
    assert lag(log, onrecord) > 0, "it was stopped too late to have anything in hand"
    other = onrecord.start("extract", **SESSION)
    eventually(lambda: lag(log, onrecord) == 0, "nobody took over")
    before = log.committed(topic_of(onrecord, "extract"))
    # Stopped in a transaction, it hides what came after until the cluster ends that.
    eventually(lambda: len(extracted(log, onrecord)) >= len(backlog), "something is lost")
    assert Counter(extracted(log, onrecord)) == Counter(backlog)

    os.killpg(sleeper.pid, signal.SIGCONT)
    eventually(lambda: len(members(onrecord, "extract")) == 2, "it did not come back")
    assert Counter(extracted(log, onrecord)) == Counter(backlog)
    # Who owns the partitions may have passed transaction markers since; nothing went back.
    after = log.committed(topic_of(onrecord, "extract"))
    assert all(after[partition] >= offset for partition, offset in before.items())

    # Woken, it works on; until another process comes under its name.
    other.send_signal(signal.SIGTERM)
    assert other.wait(PATIENCE_S) == 0
    publish(log, onrecord, "afterwards")
    eventually(lambda: lag(log, onrecord) == 0, "it does not work any more")
    onrecord.start("extract", **slot)
    assert sleeper.wait(PATIENCE_S) == 2
    assert any("another process took over" in line for line in onrecord.said())
    publish(log, onrecord, "by the newer")
    eventually(lambda: lag(log, onrecord) == 0, "the newer one does not work")
    assert Counter(extracted(log, onrecord)) == Counter([*backlog, "afterwards", "by the newer"])


def test_pollers_share_the_feeds_and_take_them_over_with_all_that_is_known_of_them(
    onrecord: OnKafka, log: Log, publisher: Publisher
) -> None:
    """With the command and the environment that the compose file gives them."""
    service = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]["poll"]
    # In containers each has an address of its own to be asked at; here they would share one.
    elsewhere = {"ONRECORD_LOG__URL", "ONRECORD_METRICS__LISTEN", "ONRECORD_KAFKA__PASSWORD"}
    given = {k: v for k, v in service["environment"].items() if k not in elsewhere}
    names = [f"feed-{number}" for number in range(12)]
    publisher.feeds = {name: [story(publisher, n)] for n, name in enumerate(names)}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    settings = given | {"ONRECORD_FEEDS__LIST": feeds} | PACE | SESSION

    def poller() -> subprocess.Popen[bytes]:
        return onrecord.start(*service["command"], **settings)

    def shares() -> list[int]:
        return sorted(members(onrecord, "pollers").values())

    first = poller()
    eventually(lambda: published(log, onrecord) == 12, "the feeds are not polled")
    assert shares() == [4]
    poller()
    eventually(lambda: shares() == [2, 2], "the feeds are not shared")
    for number, name in enumerate(names):
        publisher.feeds[name].append(story(publisher, 100 + number))
    eventually(lambda: published(log, onrecord) == 24, "together they miss a feed")

    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    for number, name in enumerate(names):
        publisher.feeds[name].append(story(publisher, 200 + number))
    eventually(lambda: published(log, onrecord) == 36, "the feeds of the dead are not polled")
    assert shares() == [4]
    extra = story(publisher, 300)
    publisher.feeds["late"] = [extra]
    onrecord("feeds", "add", publisher.feed_url("late"))
    eventually(lambda: published(log, onrecord) == 37, "an added feed is not polled")

    titles = Counter(a["title"] for a in onrecord.records("articles"))
    everything = [story.title for stories in publisher.feeds.values() for story in stories]
    assert titles == Counter(everything)
    # Validators and what was seen moved along: a document is fetched when it is new, and never
    # again. Once more at each of the two handovers, if it came between the answer and the commit.
    fetched = Counter(name for name, status in publisher.asked if status == 200)
    assert all(3 <= fetched[name] <= 5 for name in names), fetched


def test_a_broker_that_is_away_is_waited_for_with_bounded_memory_and_one_line(
    kafka: Kafka, onrecord: OnKafka, log: Log, publisher: Publisher
) -> None:
    if not kafka.brokers:
        pytest.skip("a broker that is not ours cannot be stopped")
    names = [f"feed-{number}" for number in range(10)]
    publisher.feeds = {name: [story(publisher, n)] for n, name in enumerate(names)}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    running = onrecord.start("run", "--feeds", feeds, ONRECORD_KAFKA__TIMEOUT_S="4", **PACE)
    eventually(lambda: len(extracted(log, onrecord)) == 10, "nothing is extracted")
    before = _megabytes(running.pid)
    kafka.brokers[0].send(signal.SIGSTOP)
    try:
        for number, name in enumerate(names):
            publisher.feeds[name] += [story(publisher, 1000 * number + n) for n in range(10, 110)]
        until, peak = time.monotonic() + AWAY_S, before
        while time.monotonic() < until:
            time.sleep(0.5)
            peak = max(peak, _megabytes(running.pid))
            assert running.poll() is None, onrecord.said()
    finally:
        kafka.brokers[0].send(signal.SIGCONT)
    eventually(
        lambda: len(extracted(log, onrecord)) == 1010, "not everything came through", within_s=600
    )
    assert Counter(a["title"] for a in onrecord.records("articles")) == Counter(
        story.title for stories in publisher.feeds.values() for story in stories
    )
    assert len(set(extracted(log, onrecord))) == 1010
    assert peak - before < 100, f"{before:.0f} MB before, {peak:.0f} MB at most"
    eventually(
        lambda: any("the log answers again" in line for line in onrecord.said()),
        "a part still waits",
        within_s=PATIENCE_S,
    )
    running.send_signal(signal.SIGTERM)
    assert running.wait(PATIENCE_S) == 0, onrecord.said()
    about_it = [line for line in onrecord.said() if "the log" in line]
    told = [re.sub(r"^\S+ \S+ \w+ +", "", line).partition(":")[0] for line in about_it]
    assert told[:2] == ["the log does not answer, waiting for it", "the log answers again"], (
        about_it
    )
    # On a busy machine it may seem away at other times too: each is told once, however often it
    # is asked.
    assert all(one != next_one for one, next_one in pairwise(told)), about_it
    print(f"{AWAY_S} s away: {before:.0f} MB before, {peak:.0f} MB at most")


def test_who_is_told_to_end_while_the_broker_stands_still_ends(
    kafka: Kafka, onrecord: OnKafka, publisher: Publisher
) -> None:
    """Its parts wait for the same cluster at once, and not one after the other."""
    if not kafka.brokers:
        pytest.skip("a broker that is not ours cannot be stopped")
    publisher.feeds = {"north": [story(publisher, 1)]}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    running = onrecord.start("run", "--feeds", feeds, **PACE)
    eventually(lambda: len(members(onrecord, "extract")) == 1, "it does not start")
    kafka.brokers[0].send(signal.SIGSTOP)
    try:
        eventually(
            lambda: any("waiting for it" in line for line in onrecord.said()), "said nothing"
        )
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE_S) == 0
    finally:
        kafka.brokers[0].send(signal.SIGCONT)
    assert "Traceback" not in "".join(onrecord.said())


def _megabytes(pid: int) -> float:
    """Of the process alone: its extractors hold nothing."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def test_status_tells_what_waits_who_does_it_and_what_is_not_as_configured(
    onrecord: OnKafka, log: Log, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, 1), story(publisher, 2)]}
    feeds = onrecord.folder / "feeds.txt"
    feeds.write_text(f"{publisher.feed_url('north')}\n{publisher.feed_url('gone')}\n")
    onrecord("poll", "--once", "--feeds", str(feeds))
    waiting = onrecord.status()
    assert waiting["feeds"] == {"ok": 1, "failing": 1}
    worker = onrecord.start("extract")
    eventually(lambda: len(extracted(log, onrecord)) == 2, "nothing is extracted")
    onrecord.environment |= {"ONRECORD_LOG__ARTICLES_DAYS": "7", "ONRECORD_LOG__PARTITIONS": "6"}
    shown = onrecord.status()
    topics = {topic["name"]: topic for topic in shown["topics"]}
    articles = topics[topic_of(onrecord, "articles")]
    assert (articles["records"], articles["partitions"]) == (2, 4)
    assert articles["size_bytes"] > 1000
    assert articles["differences"] == ["4 partitions, not 6", "kept 365 days, not 7 days"]
    [group] = [g for g in shown["groups"] if g["name"] == topic_of(onrecord, "extract")]
    assert (group["lag"], list(group["members"].values())) == (0, [4])
    positions = {share["partition"]: share["position"] for share in group["partitions"]}
    shown_positions = {n: p for n, p in positions.items() if p is not None}
    committed = {p.number: offset for p, offset in log.committed(group["name"]).items()}
    # A transaction's marker may have been passed since.
    assert shown_positions.keys() == committed.keys()
    assert all(0 <= committed[n] - position <= 1 for n, position in shown_positions.items())
    assert {share["member"] for share in group["partitions"]} == set(group["members"])
    assert shown["oldest_unprocessed_s"] is None
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_S) == 0
    publish(log, onrecord, "waits")
    said = onrecord("extract", "--once").stderr
    assert f"{articles['name']} is not as configured, and used as it is: 4 partitions" in said
    publish(log, onrecord, "waits too")
    assert 0 <= onrecord.status()["oldest_unprocessed_s"] < 60
