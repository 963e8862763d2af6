"""`onrecord topics`: looking at topics, and changing how they keep records."""

import json

import pytest

from onrecord.log.interface import TopicSettings
from onrecord.log.opening import open_log
from onrecord.log.partitioner import Partitioner
from tests.cli.conftest import Run

DAY_S = 86_400


@pytest.fixture
def made(run: Run, url: str) -> str:
    """A log with all topics, and a replay's that has limits."""
    assert run("feeds", "list").code == 0
    with open_log(url) as log:
        limited = TopicSettings(partitions=2, retention_s=DAY_S, retention_bytes=5_000_000)
        log.create_topic("onrecord.replay.try", limited)
    return url


def settings_of(url: str, name: str) -> TopicSettings:
    with open_log(url) as log:
        return next(topic.settings for topic in log.topics(name))


def test_topics_are_listed_with_their_limits(run: Run, made: str) -> None:
    lines = [json.loads(line) for line in run("topics", "list").out.splitlines()]
    assert [topic["name"].removeprefix("onrecord.") for topic in lines] == [
        "articles", "dead-letters", "extractions", "feed-states", "feeds", "replay.try",
    ]  # fmt: skip
    assert (lines[-1]["partitions"], lines[-1]["retention_bytes"]) == (2, 5_000_000)
    table = run("topics", "list", "--format", "pretty").out
    assert "newest of each key" in table
    assert "1 days, up to 5 MB" in table


def test_a_topic_is_described_with_its_partitions_and_readers(run: Run, made: str) -> None:
    with open_log(made) as log:
        with log.writer("w") as writer, writer.transaction() as tx:
            for n in range(3):
                tx.publish("onrecord.articles", key=b"k", value=b"%d" % n)
        home = Partitioner().choose(b"k", 8)
        with log.join("desk", ["onrecord.articles"], name="m") as member:
            [first, *_] = member.poll(limit=10, timeout_s=10)
            with member.transaction() as tx:
                tx.commit({first.source: first.next_offset})
    found = json.loads(run("topics", "describe", "articles").out)
    assert found["name"] == "onrecord.articles"
    assert found["bounds"][str(home)] == [0, 3]
    assert found["groups"] == {"desk": 2}
    shown = run("topics", "describe", "articles", "--format", "pretty").out
    assert f"partition {home}: offsets 0 to 3" in shown
    assert "group desk: 2 records to go" in shown


def test_what_is_not_named_stays_as_it_was(run: Run, made: str) -> None:
    ran = run("topics", "alter", "try", "--days", "0")
    assert ran.code == 0
    assert "keeps records for ever and up to 5 MB now, 1 days and up to 5 MB before" in ran.err
    assert settings_of(made, "onrecord.replay.try") == TopicSettings(
        partitions=2, retention_bytes=5_000_000
    )
    ran = run("topics", "alter", "try", "--max-bytes", "0", "--max-record-bytes", "1000")
    assert "takes records of up to 1,000 bytes now" in ran.err
    assert settings_of(made, "onrecord.replay.try") == TopicSettings(
        partitions=2, max_record_bytes=1000
    )


def test_more_partitions_are_said_to_move_keys_and_are_shared_at_once(run: Run, made: str) -> None:
    ran = run("topics", "alter", "articles", "--partitions", "16")
    assert "has 16 partitions now, 8 before" in ran.err
    assert "a key's next ones may go to another partition" in ran.err
    assert "it is not as configured now: 16 partitions, not 8" in ran.err
    ran = run("topics", "alter", "feeds", "--partitions", "16")
    assert "feeds and their states stay where they are" in ran.err
    assert settings_of(made, "onrecord.feeds").partitions == 16
    assert run("topics", "alter", "feeds", "--partitions", "16").err.endswith("like that already\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("articles", "say what to change: --partitions, --days"),
        ("articles --partitions 4", "has 8 partitions: there can be more, not 4"),
        ("feeds --days 30", "feeds would be forgotten"),
        ("feed-states --max-bytes 1000", "feeds would be forgotten"),
        ("nowhere --days 3", "there is no topic 'nowhere'"),
        ("articles --days -1", "'--days'"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(
    run: Run, made: str, arguments: str, says: str
) -> None:
    before = run("topics", "list").out
    ran = run("topics", "alter", *arguments.split())
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert says in ran.err
    assert run("topics", "list").out == before


def test_looking_at_topics_makes_no_log(run: Run, url: str) -> None:
    for command in (["list"], ["describe", "articles"], ["alter", "articles", "--days", "3"]):
        ran = run("topics", *command)
        assert (ran.code, "there is no log yet" in ran.err) == (2, True)
