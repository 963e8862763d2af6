"""What is forgotten is gone from every topic and from the file, and does not come back."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from onrecord.errors import Mistake
from onrecord.log.interface import Log, TopicSettings
from onrecord.processing.dead_letters import dead_letters, set_aside
from onrecord.processing.forgetting import Forgetting
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.published import PublishedArticles
from onrecord.processing.reasons import Failure, ReasonCode
from onrecord.processing.retention import search_settings
from onrecord.records import (
    Alert,
    Extraction,
    Quote,
    QuoteIds,
    Record,
    from_json,
    on_record,
    to_json,
)
from tests.builders import NOON, TEXT, article, extraction, quote, span
from tests.conftest import TOPICS
from tests.filling import everything, publish

R = TypeVar("R", bound=Record)

FAILED = Failure(ReasonCode.TIMED_OUT, "too slow", "Timeout")
SECRET = "Zanzibar affidavit"
SECRET_TEXT = f'"The {SECRET} is mine," Mara Lind said. "The pier will open in May," she said.'


def secret_quote() -> Quote:
    words = span(SECRET_TEXT, f"The {SECRET} is mine,")
    return quote(SECRET_TEXT, id="q-secret", content=(words,), words_key=None)


def said(revision: int = 1) -> Extraction:
    other = quote(SECRET_TEXT, id="q-pier")
    found = extraction("a1", quotes=(secret_quote(), other), entities=())
    reference = msgspec.structs.replace(found.article, revision=revision)
    return msgspec.structs.replace(found, article=reference)


@pytest.fixture
def filled(log: Log) -> Log:
    """Two articles with their results, also of a replay, and an alert that is due."""
    publish(log, TOPICS.articles, article("a1", text=SECRET_TEXT), article("a2"))
    publish(log, TOPICS.articles, article("a1", text=SECRET_TEXT, revision=2))
    for topic in (TOPICS.extractions, TOPICS.replay("better")):
        publish(log, topic, said(), extraction("a2"), said(2))
    for topic, settings in search_settings(TOPICS).items():
        log.create_topic(topic, settings)
    due = Alert(
        id="alert-1",
        search="s1",
        state="due",
        partition=0,
        made_at=NOON,
        found=on_record(said(2), secret_quote()),
    )
    with log.writer("alerts") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.alerts, key=b"alert-1", value=to_json(due))
    return log


def forget(log: Log, id: str, let_commit: Callable[[], None] = lambda: None) -> None:
    forgetting = Forgetting(log, TOPICS, let_commit=let_commit)
    forgetting.forget(forgetting.find(id), by="anna", why="", now=NOON)


def newest(log: Log, topic: str) -> dict[bytes | None, bytes | None]:
    return {message.key: message.value for message in everything(log, topic)}


def record_of(value: bytes | None, kind: type[R]) -> R:
    return from_json(value or b"", kind)


def test_a_forgotten_article_is_a_tombstone_in_every_topic(filled: Log) -> None:
    forget(filled, "a1")
    for topic in (TOPICS.articles, TOPICS.extractions, TOPICS.replay("better")):
        found = [(message.key, message.value is None) for message in everything(filled, topic)]
        assert sorted(found) == [(b"a1", True), (b"a2", False)], topic
    assert record_of(newest(filled, TOPICS.alerts)[b"alert-1"], Alert).state == "dropped"


def test_no_byte_of_a_forgotten_article_stays_in_the_file(filled: Log, tmp_path: Path) -> None:
    def files() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("log.db*"))

    filled.create_topic("plain", TopicSettings(partitions=1))
    with filled.writer("w") as writer, writer.transaction() as tx:
        # Short values rest as they are, longer ones compressed.
        tx.publish("plain", key=b"k", value=SECRET.encode())
        tx.publish("plain", key=b"k", value=None)
    assert SECRET.encode() in files()
    assert filled.erase("plain", [b"k"]) == 1
    assert SECRET.encode() not in files()


def test_a_forgotten_quote_is_taken_out_of_results_and_others_stay(filled: Log) -> None:
    forget(filled, "q-secret")
    for topic in (TOPICS.extractions, TOPICS.replay("better")):
        left = [m for m in everything(filled, topic) if m.key == b"a1"]
        assert [record_of(m.value, Extraction).article.revision for m in left] == [2]
        assert [q.id for q in record_of(left[0].value, Extraction).quotes] == ["q-pier"]
        assert SECRET.encode() not in (left[0].value or b"")
    assert record_of(newest(filled, TOPICS.alerts)[b"alert-1"], Alert).state == "dropped"
    assert newest(filled, TOPICS.articles)[b"a1"] is not None


def test_a_forgotten_quote_does_not_come_back_with_a_new_revision(filled: Log) -> None:
    forget(filled, "q-secret")
    again = msgspec.structs.replace(secret_quote(), id="q-of-revision-3")
    found = msgspec.structs.replace(said(3), quotes=(again, quote(TEXT, id="q-pier")))
    table = ForgottenTable(filled, TOPICS.forgotten)
    elsewhere = extraction("a2", quotes=(again,))
    amended, other = table.amended([found, elsewhere])
    assert amended is not None
    assert [one.id for one in amended.quotes] == ["q-pier"]
    assert other == elsewhere
    table.close()


def test_a_forgotten_article_is_not_published_again(filled: Log) -> None:
    before = PublishedArticles(filled, TOPICS)
    before.catch_up()
    assert not before.forgotten.has_article("a1")
    before.close()
    forget(filled, "a1")
    published = PublishedArticles(filled, TOPICS)
    published.catch_up()
    assert published.forgotten.has_article("a1")
    assert not published.forgotten.has_article("a2")
    assert published.forgotten.amended([said(3)]) == [None]
    published.close()


def test_a_dead_letter_of_a_forgotten_article_is_gone_and_cannot_be_retried(filled: Log) -> None:
    filled.create_topic(TOPICS.dead_letters, TopicSettings())
    for message in list(everything(filled, TOPICS.articles)):
        with filled.writer("worker") as writer, writer.transaction() as tx:
            set_aside(tx, TOPICS, message, FAILED)
    forget(filled, "a1")
    assert [letter.key for letter in dead_letters(filled, TOPICS)] == ["a2"]
    left = [m for m in everything(filled, TOPICS.dead_letters) if m.key == b"a1"]
    assert [message.value for message in left] == [None]


def test_single_quotes_of_a_forgotten_article_are_removed_also_those_of_older_revisions(
    filled: Log,
) -> None:
    for topic in (TOPICS.quotes, TOPICS.quote_ids):
        filled.create_topic(topic, TopicSettings(compacted=True))
    for revision, id in ((1, "q-secret"), (2, "q-pier")):  # noqa: A001 - a quote's
        ids = QuoteIds(article_id="a1", revision=revision, quotes=(id,))
        with filled.writer("quotes") as writer, writer.transaction() as tx:
            tx.publish(TOPICS.quotes, key=id.encode(), value=SECRET.encode())
            tx.publish(TOPICS.quote_ids, key=b"a1", value=to_json(ids))
    forget(filled, "a1")
    assert {m.value for m in everything(filled, TOPICS.quotes)} == {None}


def test_forgetting_twice_does_no_harm(filled: Log) -> None:
    forget(filled, "a1")
    forget(filled, "a1")
    assert newest(filled, TOPICS.extractions)[b"a1"] is None


def test_what_is_nowhere_in_the_log_cannot_be_forgotten(filled: Log) -> None:
    with pytest.raises(Mistake, match="no article and no quote of this id"):
        forget(filled, "nothing")


def test_a_process_learns_of_what_is_forgotten_while_it_runs(filled: Log) -> None:
    table = ForgottenTable(filled, TOPICS.forgotten)
    assert table.amended([said()]) == [said()]
    forget(filled, "a1")
    assert table.amended([said()]) == [None], "the first request made the topic"
    forget(filled, "a2")
    assert table.amended([extraction("a2")]) == [None]
    table.close()


@pytest.mark.parametrize("id", ["a1", "q-secret"])
def test_what_was_in_flight_is_taken_out_as_well(filled: Log, id: str) -> None:
    """An extractor looks at what was forgotten just before the request, and commits after it."""
    late = [said(3), said(4)]

    def commit_late() -> None:
        if late:
            publish(filled, TOPICS.extractions, late.pop(0))

    forget(filled, id, commit_late)
    assert not late
    left = [
        message.value for message in everything(filled, TOPICS.extractions) if message.key == b"a1"
    ]
    assert SECRET.encode() not in b"".join(value or b"" for value in left)
    if id == "q-secret":
        assert [quote.id for quote in record_of(left[-1], Extraction).quotes] == ["q-pier"]


class _Killed(Exception):
    pass


@pytest.mark.parametrize("id", ["a1", "q-secret"])
def test_a_request_that_was_killed_anywhere_is_completed_by_asking_again(
    filled: Log, id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase, kills = type(filled).erase, 0
    while True:
        left = kills

        def dying(log: Log, topic: str, keys: Sequence[bytes]) -> int | None:
            nonlocal left
            left -= 1
            if left < 0:
                raise _Killed
            return erase(log, topic, keys)

        with monkeypatch.context() as patched:
            patched.setattr(type(filled), "erase", dying)
            try:
                forget(filled, id)
            except _Killed:
                kills += 1
            else:
                break
    assert kills >= 3
    for topic in (TOPICS.extractions, TOPICS.replay("better"), TOPICS.alerts):
        values = [message.value or b"" for message in everything(filled, topic)]
        assert SECRET.encode() not in b"".join(values), topic
