"""What is forgotten does not come back by the promotion of a replay that had it already."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from onrecord.config import Config
from onrecord.log.interface import Log, Member, TopicSettings, Transaction
from onrecord.processing.quotes.publishing import QuotePublisher
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.records import Extraction, Forgotten, QuoteIds, from_json, to_json
from onrecord.wiring.forgetting import publishing_groups
from tests.builders import NOON, extraction
from tests.conftest import TOPICS
from tests.filling import everything, publish
from tests.processing.test_forgetting import SECRET, forget, newest, said
from tests.processing.test_promotion import TRY, Killed, Outrun, promote


class _Before:
    """A member before whose first transaction something is forgotten, with messages in hand."""

    def __init__(self, member: Member, log: Log, id: str) -> None:
        self._member, self._log, self._ids = member, log, [id]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._member, name)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        if self._ids:
            forget(self._log, self._ids.pop())
        with self._member.transaction() as tx:
            yield tx


def replayed(log: Log) -> None:
    """Results of a replay, and older ones in the sink, with their quotes by themselves."""
    for name, settings in settings_of(TOPICS, RetentionPolicy(quotes_topic=True)).items():
        log.create_topic(name, settings)
    for topic in (TOPICS.extractions, TRY):
        publish(log, topic, said(), extraction("a2"))


def standing_quotes(log: Log) -> list[str]:
    """The ids of a1's quotes on the topic of single quotes, by the table of ids."""
    value = newest(log, TOPICS.quote_ids).get(b"a1")
    return [] if value is None else list(from_json(value, QuoteIds).quotes)


def check_it_is_gone(log: Log, id: str) -> None:
    value = newest(log, TOPICS.extractions)[b"a1"]
    if id == "a1":
        assert value is None
        assert standing_quotes(log) == []
    else:
        assert [quote.id for quote in from_json(value or b"", Extraction).quotes] == ["q-pier"]
        assert standing_quotes(log) == ["q-pier"]
    assert SECRET.encode() not in (value or b"")
    assert newest(log, TOPICS.extractions)[b"a2"] is not None


@pytest.mark.parametrize("id", ["a1", "q-secret"])
def test_what_a_promotion_had_read_before_the_request_stays_out(log: Log, id: str) -> None:
    replayed(log)
    with QuotePublisher(log, TOPICS) as quotes:
        promote(log, wrap=lambda member: _Before(member, log, id), quotes=quotes)
    check_it_is_gone(log, id)
    left = [m.value or b"" for m in everything(log, TOPICS.extractions)]
    assert SECRET.encode() not in b"".join(left), "no record in between had it"


@pytest.mark.parametrize("id", ["a1", "q-secret"])
def test_what_a_promotion_checked_before_the_request_is_taken_back(log: Log, id: str) -> None:
    replayed(log)
    with QuotePublisher(log, TOPICS) as quotes:
        promote(log, wrap=lambda member: Outrun(member, lambda: forget(log, id)), quotes=quotes)
    check_it_is_gone(log, id)


@pytest.mark.parametrize("id", ["a1", "q-secret"])
def test_it_is_taken_back_even_when_the_promotion_died_of_it(log: Log, id: str) -> None:
    replayed(log)
    with QuotePublisher(log, TOPICS) as quotes:
        with pytest.raises(Killed):
            promote(
                log,
                wrap=lambda member: Outrun(member, lambda: forget(log, id)),
                is_killed=True,
                quotes=quotes,
            )
        assert SECRET.encode() in (newest(log, TOPICS.extractions)[b"a1"] or b"")
        promote(log, quotes=quotes)
    check_it_is_gone(log, id)


@pytest.mark.parametrize("id", ["a1", "q-secret"])
def test_it_is_taken_back_before_a_stop(log: Log, id: str) -> None:
    replayed(log)
    with QuotePublisher(log, TOPICS) as quotes:
        promote(
            log,
            wrap=lambda member: Outrun(member, lambda: forget(log, id)),
            stop_after=1,
            quotes=quotes,
        )
    check_it_is_gone(log, id)


@pytest.mark.parametrize("id", ["a1", "q-secret"])
def test_it_is_taken_back_where_an_edit_came_too(log: Log, id: str) -> None:
    replayed(log)

    def happens() -> None:
        publish(log, TOPICS.extractions, said(revision=2))
        forget(log, id)

    with QuotePublisher(log, TOPICS) as quotes:
        promote(log, wrap=lambda member: Outrun(member, happens), quotes=quotes)
    check_it_is_gone(log, id)


def test_an_article_that_was_edited_and_forgotten_meanwhile_is_put_right_once(log: Log) -> None:
    replayed(log)

    def happens() -> None:
        """As before the sweep of the topics: what is to be forgotten still stands there."""
        publish(log, TOPICS.extractions, said(revision=2))
        gone = Forgotten(id="a1", article="a1", by="anna", at=NOON)
        log.create_topic(TOPICS.forgotten, TopicSettings(partitions=1, compacted=True))
        with log.writer("forget") as writer, writer.transaction() as tx:
            tx.publish(TOPICS.forgotten, key=b"a1", value=to_json(gone))

    report = promote(log, wrap=lambda member: Outrun(member, happens), stop_after=9)
    assert newest(log, TOPICS.extractions)[b"a1"] is None
    assert report.repeated <= 2


def test_a_result_that_a_replay_commits_late_is_not_promoted(log: Log) -> None:
    replayed(log)
    forget(log, "a1")
    publish(log, TRY, said())
    report = promote(log)
    assert (report.promoted, report.withdrawn) == (1, 2), "a tombstone, and the late result"
    assert newest(log, TOPICS.extractions)[b"a1"] is None


def test_a_request_waits_for_replays_and_promotions_under_way(log: Log) -> None:
    config = Config()
    replayed(log)
    groups = list(publishing_groups(config, log))
    assert groups == ["onrecord.extract", f"onrecord.promote.{TRY}"]
    with closing(log.join(f"onrecord.promote.{TRY}", [TRY], name="p")) as member:
        member.poll(limit=1, timeout_s=0)
        assert any(log.members(group) for group in publishing_groups(config, log))
