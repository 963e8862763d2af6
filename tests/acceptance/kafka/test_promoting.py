"""Comparing two topics and promoting one, on a real broker: as on a file, races included."""

from collections.abc import Iterator

import pytest

from onrecord.errors import LogUnavailable
from onrecord.log.interface import Log, TopicSettings
from tests.acceptance.kafka.conftest import OnKafka, messages_of, topic_of
from tests.conftest import TOPICS
from tests.filling import everything
from tests.processing.test_forgetting import forget
from tests.processing.test_promotion import (
    TRY,
    Outrun,
    edited,
    in_sink,
    last_of_each,
    made,
    promote,
    publish,
)
from tests.processing.test_worker import Troubled
from tests.sink.test_comparison import compared, given_to_another
from tests.sink.test_comparison import made as extracted

pytestmark = pytest.mark.slow


@pytest.fixture
def topics(log: Log) -> Iterator[Log]:
    """The log with onrecord's own topics, which no other test on the broker has."""
    names = (TOPICS.extractions, TOPICS.articles, TRY, TOPICS.forgotten)
    for name in names:
        log.create_topic(name, TopicSettings(partitions=4))
    yield log
    for name in names:
        log.delete_topic(name)
    log.delete_group("promote")


def test_only_what_both_have_is_compared_and_the_rest_is_counted(topics: Log) -> None:
    before = [extracted(f"a{n}") for n in range(6)]
    after = [given_to_another("a2"), extracted("a5"), extracted("a4"), extracted("x")]
    result, found = compared(topics, before, after)
    assert (result.before.articles, result.after.articles, result.articles) == (6, 4, 3)
    assert (result.changed, result.counts["speaker-changed"], len(found)) == (1, 1, 1)


def test_an_edit_that_comes_between_look_and_commit_counts_in_the_end(topics: Log) -> None:
    publish(topics, TOPICS.extractions, made("a1", "old"))
    publish(topics, TRY, made("a1", "new"), made("a2", "new"))
    edit = made("a1", "old", revision=2)
    report = promote(topics, wrap=edited(topics, edit))
    assert report.repeated == 1
    assert last_of_each(topics) == {"a1": (2, "old"), "a2": (1, "new")}


def test_what_a_promotion_checked_before_a_request_to_forget_is_taken_back(topics: Log) -> None:
    publish(topics, TOPICS.extractions, made("a1", "old"))
    publish(topics, TRY, made("a1", "new"), made("a2", "new"))
    promote(topics, wrap=lambda member: Outrun(member, lambda: forget(topics, "a1")))
    newest = {message.key: message.value for message in everything(topics, TOPICS.extractions)}
    assert newest[b"a1"] is None
    assert newest[b"a2"] is not None


def test_a_commit_that_fails_or_only_seems_to_doubles_nothing(topics: Log) -> None:
    publish(topics, TRY, *(made(f"a{n}", "new") for n in range(30)))
    errors: list[tuple[str, Exception]] = [
        ("after", LogUnavailable("away")),
        ("before", LogUnavailable("away")),
    ]
    promote(topics, wrap=lambda member: Troubled(member, errors))
    assert in_sink(topics) == len(last_of_each(topics)) == 30


def test_the_commands_compare_and_promote_and_a_second_time_nothing_happens(
    onrecord: OnKafka, log: Log
) -> None:
    onrecord("feeds", "list")
    sink, replayed = topic_of(onrecord, "extractions"), topic_of(onrecord, "replay.try")
    publish(log, sink, *(extracted(f"a{n}") for n in range(20)))
    publish(log, replayed, *(given_to_another(f"a{n}") for n in range(15)))
    page = onrecord.folder / "changes.html"
    told = onrecord("compare", "extractions", "try", "--format", "pretty", "--report", str(page))
    assert "15 articles compared, 15 of them differ" in told.stdout
    assert "Quotes given to another speaker" in page.read_text()
    expected = _last_of_each(log, sink) | _last_of_each(log, replayed)
    for _ in range(2):
        onrecord("promote", "try")
        assert _last_of_each(log, sink) == expected
        assert len(messages_of(log, sink)) == 35


def _last_of_each(log: Log, topic: str) -> dict[bytes | None, bytes | None]:
    return {message.key: message.value for message in messages_of(log, topic)}
