"""What users do, on a real broker: everything that runs on a file runs unchanged on Kafka."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from onrecord.log.interface import Log, Message
from onrecord.log.opening import open_log
from onrecord.records import to_json
from tests.acceptance.conftest import (
    Onrecord,
    Publisher,
    offsets_are_right,
    story,
    texts_by_revision,
)
from tests.acceptance.kafka.conftest import (
    OnKafka,
    eventually,
    members,
    messages_of,
    topic_of,
)
from tests.acceptance.test_import import killed_at_random_moments, waits_while_the_log_is_away
from tests.builders import article
from tests.kafka.brokers import Broker
from tests.kafka.fixtures import Kafka
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow


def test_rounds_with_edits_are_on_record_exactly_once(
    onrecord: Onrecord, publisher: Publisher, log: Log
) -> None:
    onrecord.environment["ONRECORD_LOG__QUOTES_TOPIC"] = "true"
    stories = [story(publisher, number) for number in range(30)]
    publisher.feeds = {"north": stories[:12], "south": stories[8:20]}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    onrecord("run", "--once", "--feeds", feeds)
    first = onrecord.records("articles")
    assert sorted(a["title"] for a in first) == sorted(s.title for s in stories[:20])
    onrecord("run", "--once", "--feeds", feeds)
    assert onrecord.records("articles") == first, "an unchanged feed publishes nothing"

    edited = story(publisher, 3, edition="corrected")
    publisher.feeds["north"] = [*stories[20:], *stories[:3], edited, *stories[4:12]]
    onrecord("poll", "--once", "--feeds", feeds)
    onrecord("extract", "--once")

    published = texts_by_revision(onrecord.records("articles"))
    extractions = onrecord.records("extractions")
    extracted = [(e["article"]["id"], e["article"]["revision"]) for e in extractions]
    assert len(published) == 31
    assert sorted(extracted) == sorted(published)
    for extraction in extractions:
        reference = extraction["article"]
        assert offsets_are_right(extraction, published[reference["id"], reference["revision"]])

    newest = {e["article"]["id"]: e for e in extractions}
    standing = {m.key: m.value for m in messages_of(log, topic_of(onrecord, "quotes"))}
    assert {key.decode() for key, value in standing.items() if key and value} == {
        quote["id"] for extraction in newest.values() for quote in extraction["quotes"]
    }
    assert _by_id(onrecord.records("quotes", "--topic", "quotes")) == _by_id(
        onrecord.records("quotes")
    )

    groups = {g["name"]: g for g in json.loads(onrecord("status").stdout)["groups"]}
    assert groups[topic_of(onrecord, "extract")]["lag"] == 0
    assert groups[topic_of(onrecord, "extract")]["waiting_since"] is None


def _by_id(quotes: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Quotes as flat records have them, which name what the words speak of and no more."""
    for one in quotes:
        one["quote"].pop("about", None)
    return {one["quote"]["id"]: one for one in quotes}


def test_bad_input_becomes_dead_letters_and_the_rest_proceeds(onrecord: Onrecord, log: Log) -> None:
    # The long one takes longer on a loaded machine than an article usually may.
    onrecord.environment["ONRECORD_EXTRACT__TIMEOUT_S"] = "600"
    onrecord("feeds", "list")
    newer = json.loads(to_json(article("newer"))) | {"schema": "onrecord.article/2"}
    long = json.loads(to_json(article("long"))) | {"text": "no end " * (900_000 // 7)}
    bad = {
        b"not-json": b"{",
        b"other": b'{"temperature": 3}',
        b"newer": json.dumps(newer).encode(),
    }
    with log.writer("by hand") as writer:
        for before, (key, value) in enumerate(bad.items()):
            with writer.transaction() as tx:
                good = article(f"good-{before}")
                tx.publish(topic_of(onrecord, "articles"), key=b"k", value=to_json(good))
                tx.publish(topic_of(onrecord, "articles"), key=key, value=value)
        with writer.transaction() as tx:  # takes nothing back, and is no bad input
            tx.publish(topic_of(onrecord, "articles"), key=b"tombstone", value=None)
        with writer.transaction() as tx:
            value = json.dumps(long).encode()
            tx.publish(topic_of(onrecord, "articles"), key=b"long", value=value)
            tx.publish(topic_of(onrecord, "articles"), key=b"raw", value=b"\xff" * 900_000)

    onrecord("extract", "--once")

    extracted = [e["article"]["id"] for e in onrecord.records("extractions")]
    assert sorted(extracted) == ["good-0", "good-1", "good-2", "long"]
    letters = [json.loads(line) for line in onrecord("dead-letters", "list").stdout.splitlines()]
    assert {letter["key"] for letter in letters} == {key.decode() for key in bad} | {"raw"}
    for letter in letters:
        assert letter["topic"] == topic_of(onrecord, "articles")
        assert letter["reason"]
    originals = {m.key: m.value for m in messages_of(log, topic_of(onrecord, "dead-letters"))}
    assert originals == bad | {b"raw": b"\xff" * 900_000}

    retried = next(letter["id"] for letter in letters if letter["key"] == "not-json")
    onrecord("dead-letters", "drop", *(x["id"] for x in letters if x["id"] != retried))
    onrecord("dead-letters", "retry", retried)
    onrecord("extract", "--once")
    [again] = [json.loads(line) for line in onrecord("dead-letters", "list").stdout.splitlines()]
    assert (again["key"], again["attempts"]) == ("not-json", 2)


@pytest.mark.parametrize("command", ["run", "poll", "extract"])
def test_sigterm_ends_it_and_its_membership(
    onrecord: Onrecord, publisher: Publisher, command: str
) -> None:
    publisher.feeds = {"north": [story(publisher, number) for number in range(20)]}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    onrecord("poll", "--once", "--feeds", feeds)
    options = [] if command == "extract" else ["--feeds", feeds]
    running = onrecord.start(command, *options)
    group = {"run": "extract", "poll": "pollers", "extract": "extract"}[command]
    eventually(lambda: bool(members(onrecord, group)), f"nobody joined {group}")
    running.send_signal(signal.SIGTERM)
    assert running.wait(PATIENCE_S) == 0  # 10 s for what it does, and what a busy machine adds
    assert not members(onrecord, group), "a member that was stopped has left its group"
    assert "Traceback" not in (onrecord.folder / "err").read_text()


def test_a_feed_that_is_added_or_removed_takes_effect_on_a_running_poller(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, 1)], "south": [story(publisher, 2)]}
    feeds = onrecord.folder / "feeds.txt"
    feeds.write_text(f"{publisher.feed_url('north')}\n")
    # Fast enough to see, without one feed taking the poller all its time.
    settings = {"ONRECORD_FEEDS__LIST": str(feeds), "ONRECORD_FEEDS__USUAL_INTERVAL_S": "1"}
    settings |= {"ONRECORD_FEEDS__LONGEST_INTERVAL_S": "1"}
    onrecord("feeds", "list")  # makes the topics
    poller = onrecord.start("poll", **settings)
    eventually(lambda: len(onrecord.records("articles")) == 1, "the listed feed is not polled")
    onrecord("feeds", "add", publisher.feed_url("south"))
    eventually(lambda: len(onrecord.records("articles")) == 2, "the added feed is not polled")
    onrecord("feeds", "remove", publisher.feed_url("north"))
    _wait_until_only(publisher, "south", "north")
    publisher.feeds["north"].append(story(publisher, 3))
    publisher.feeds["south"].append(story(publisher, 4))
    eventually(lambda: len(onrecord.records("articles")) == 3, "the added feed is polled no more")
    poller.send_signal(signal.SIGTERM)
    assert poller.wait(PATIENCE_S) == 0
    titles = sorted(a["title"] for a in onrecord.records("articles"))
    assert titles == ["Pier 1 to open", "Pier 2 to open", "Pier 4 to open"]


def _wait_until_only(publisher: Publisher, name: str, removed: str) -> None:
    """Until one of two feeds was polled five times and the other not once in between."""
    eventually(
        lambda: [feed for feed, _ in publisher.asked if feed in {name, removed}][-5:] == [name] * 5,
        f"{removed} is polled still",
    )


def test_a_backlog_is_imported_replayed_and_subscribed_to_in_a_group(onrecord: Onrecord) -> None:
    lines = "".join(
        json.dumps(
            {"url": f"https://example.org/{n}", "title": f"N {n}", "text": "“Yes,” he said."}
        )
        + "\n"
        for n in range(50)
    )
    onrecord("import", "-", stdin=lines)
    onrecord("import", "-", stdin=lines)
    onrecord("extract", "--once")
    assert len(onrecord.records("extractions")) == 50

    into = topic_of(onrecord, "again")
    onrecord("replay", "--into", into)
    replayed = onrecord.records("extractions", "--topic", into)
    assert sorted(e["article"]["title"] for e in replayed) == sorted(f"N {n}" for n in range(50))
    assert len(onrecord.records("extractions")) == 50, "a replay leaves the live topic alone"

    in_group = ["extractions", "--group", f"{into}.readers", "--from", "earliest", "--until", "end"]
    assert len(onrecord("subscribe", *in_group).stdout.splitlines()) == 50
    assert onrecord("subscribe", *in_group).stdout == "", "the group goes on where it stopped"


def test_a_backlog_moves_from_a_file_to_the_cluster(
    onrecord: Onrecord, log: Log, tmp_path: Path
) -> None:
    file = f"sqlite:///{tmp_path}/small.db"
    onrecord("feeds", "list", "--log", file)  # makes the log
    articles = topic_of(onrecord, "articles")
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    with open_log(file) as small:
        with small.writer("w") as writer, writer.transaction() as tx:
            for n in range(200):
                value = to_json(article(f"a{n}"))
                headers = (("ce_id", str(n).encode()), ("empty", None))
                at = yesterday + timedelta(seconds=n)
                key = f"a{n}".encode()
                tx.publish(articles, key=key, value=value, headers=headers, timestamp=at)
        before = messages_of(small, articles)
    url = onrecord.environment["ONRECORD_LOG__URL"]
    onrecord("copy", "--from", file, "--to", url)
    onrecord("copy", "--from", file, "--to", url)
    after = messages_of(log, articles)

    def kept(messages: list[Message]) -> Counter[object]:
        return Counter((m.partition, m.timestamp, m.key, m.value, m.headers) for m in messages)

    assert kept(after) == kept(before)
    onrecord("extract", "--once")
    assert len(onrecord.records("extractions")) == 200


def test_a_copy_waits_for_a_broker_that_stands_still_and_doubles_nothing(
    kafka: Kafka, onrecord: OnKafka, log: Log, tmp_path: Path
) -> None:
    if not kafka.brokers:
        pytest.skip("a broker that is not ours cannot be stopped")
    file = f"sqlite:///{tmp_path}/small.db"
    onrecord("feeds", "list", "--log", file)  # makes the log
    articles = topic_of(onrecord, "articles")
    with open_log(file) as small, small.writer("w") as writer:
        for start in range(0, 20_000, 1000):
            with writer.transaction() as tx:
                for n in range(start, start + 1000):
                    tx.publish(articles, key=b"%d" % n, value=b"%d" % n)
    words = ("copy", "--from", file, "--to", onrecord.environment["ONRECORD_LOG__URL"])
    copying = onrecord.start(*words, ONRECORD_KAFKA__TIMEOUT_S="2")
    eventually(lambda: len(messages_of(log, articles)) > 0, "nothing is copied")
    kafka.brokers[0].send(signal.SIGSTOP)
    try:
        eventually(
            lambda: copying.poll() is not None or "waiting for it" in "".join(onrecord.said()),
            "nobody said that the log is away",
        )
    finally:
        kafka.brokers[0].send(signal.SIGCONT)
    assert copying.wait(PATIENCE_S) == 0, onrecord.said()
    assert Counter(m.value for m in messages_of(log, articles)) == Counter(
        b"%d" % n for n in range(20_000)
    )


def test_an_import_killed_at_random_moments_brings_every_article_once(onrecord: Onrecord) -> None:
    killed_at_random_moments(onrecord, longest_s=5.0)


def test_an_import_waits_for_a_broker_that_is_away(kafka: Kafka, onrecord: Onrecord) -> None:
    if not kafka.brokers:
        pytest.skip("a broker that is not ours cannot be stopped")
    onrecord.environment["ONRECORD_KAFKA__TIMEOUT_S"] = "4"
    waits_while_the_log_is_away(onrecord, topic_of(onrecord, "articles"), paused(kafka.brokers[0]))


@contextmanager
def paused(broker: Broker) -> Iterator[None]:
    broker.send(signal.SIGSTOP)
    try:
        yield
    finally:
        broker.send(signal.SIGCONT)
