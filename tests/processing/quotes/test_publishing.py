"""The topic of quotes has exactly the quotes of each article's newest extraction."""

from collections import Counter
from contextlib import closing
from typing import Any

import msgspec
import pytest

from onrecord.errors import LogUnavailable
from onrecord.log.backoff import Outage
from onrecord.log.consuming import is_drained
from onrecord.log.interface import Log, TopicSettings
from onrecord.processing.dead_letters import DeadLetterPolicy
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.promotion import Promoted, Promotion
from onrecord.processing.quotes.publishing import QuotePublisher
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.processing.worker import Worker, WorkerPolicy
from onrecord.records import (
    Article,
    ArticleRef,
    Extraction,
    Quote,
    QuoteIds,
    flat_quote,
    from_json,
    quote_id,
    read_flat_quote,
)
from tests import filling
from tests.builders import TEXT, article, extraction, quote, span
from tests.conftest import TOPICS
from tests.fakes import InlinePool
from tests.processing.test_worker import Troubled, publish

TRY = TOPICS.replay("try")
PASSAGES = ("The pier", "will open", "in May,")


@pytest.fixture
def quotes_log(log: Log) -> Log:
    """A log on which single quotes are published."""
    for name, settings in settings_of(TOPICS, RetentionPolicy(quotes_topic=True)).items():
        log.create_topic(name, settings)
    return log


def made(id: str, *passages: str, revision: int = 1) -> Extraction:
    """An extraction with a quote of each passage."""

    def of(passage: str) -> Quote:
        content = (span(TEXT, passage),)
        return quote(id=quote_id(id, revision, content), content=content)

    reference = ArticleRef(id=id, revision=revision)
    return extraction(id, article=reference, quotes=tuple(map(of, passages)))


class QuotingPool(InlinePool):
    """Finds the passages that an article's title lists."""

    def submit(self, tickets: list[int], articles: list[Article]) -> None:
        for ticket, given in zip(tickets, articles, strict=True):
            passages = [PASSAGES[int(number)] for number in given.title]
            self._done.append((ticket, made(given.id, *passages, revision=given.revision)))


def work(log: Log, *, wrap: Any = lambda member: member, connect_schemas: bool = False) -> None:
    """Extract everything with a worker that publishes single quotes."""
    with (
        log.join("extract", [TOPICS.articles], name="w") as member,
        QuotePublisher(log, TOPICS, connect_schemas=connect_schemas) as quotes,
    ):
        Worker(
            wrap(member),
            QuotingPool(),
            topics=TOPICS,
            into=TOPICS.extractions,
            policy=WorkerPolicy(commit_interval_s=0.05),
            dead_letters=DeadLetterPolicy(),
            report=quotes.confirmed_by(lambda batch: None),
            outage=Outage(lambda line: None),
            also=quotes.add,
        ).run(lambda: False, lambda: is_drained(log, member, "extract"))


def promote(log: Log) -> Promoted:
    with (
        log.join("promote", [TRY], name="p") as member,
        QuotePublisher(log, TOPICS) as quotes,
        closing(ForgottenTable(log, TOPICS.forgotten)) as forgotten,
        Promotion(
            log,
            member,
            topic=TRY,
            into=TOPICS.extractions,
            forgotten=forgotten,
            outage=Outage(lambda line: None),
            quotes=quotes,
        ) as promotion,
    ):
        promotion.run(stopped=lambda: False, done=lambda records: None)
        return promotion.report


def standing(log: Log) -> dict[str, bytes]:
    """What a table has that keeps the last record of each key and deletes at a tombstone."""
    rows: dict[str, bytes] = {}
    for message in filling.everything(log, TOPICS.quotes):
        key = (message.key or b"").decode()
        if message.value is None:
            rows.pop(key)  # only what is there is ever taken back
        else:
            rows[key] = message.value
    return rows


def ids(*extractions: Extraction) -> set[str]:
    return {quote.id for one in extractions for quote in one.quotes}


def test_every_quote_is_a_record_of_its_own_under_its_id(quotes_log: Log) -> None:
    publish(quotes_log, article("a1", title="01"), article("a2", title=""))
    work(quotes_log)
    found = standing(quotes_log)
    expected = made("a1", PASSAGES[0], PASSAGES[1])
    assert {key: read_flat_quote(value) for key, value in found.items()} == {
        one.id: flat_quote(expected, one) for one in expected.quotes
    }


def test_a_record_names_its_article_its_schema_and_its_stage_in_the_headers(
    quotes_log: Log,
) -> None:
    publish(quotes_log, article("a1", title="0"))
    publish(quotes_log, article("a1", title="", revision=2))
    work(quotes_log)
    record, tombstone = filling.everything(quotes_log, TOPICS.quotes)
    assert tombstone.value is None
    for message in (record, tombstone):
        headers = dict(message.headers)
        assert headers["ce_type"] == b"onrecord.flat-quote"
        assert headers["ce_dataschema"] == b"urn:onrecord:schema:onrecord.flat-quote:1"
        assert headers["ce_subject"] == b"a1"
        assert headers["ce_source"] == b"/onrecord/extract"


def test_a_revision_takes_back_the_quotes_it_no_longer_has(quotes_log: Log) -> None:
    publish(quotes_log, article("a1", title="012"), article("other", title="1"))
    work(quotes_log)
    publish(quotes_log, article("a1", title="12", revision=2))
    work(quotes_log)  # another process: it knows only what the log has
    expected = ids(made("a1", *PASSAGES[1:], revision=2), made("other", PASSAGES[1]))
    assert standing(quotes_log).keys() == expected


def test_two_revisions_in_one_batch_leave_the_quotes_of_the_second(quotes_log: Log) -> None:
    revisions = [article("a1", title="012"[: 4 - n], revision=n) for n in range(1, 5)]
    publish(quotes_log, *revisions)
    work(quotes_log)
    assert standing(quotes_log) == {}
    last = [
        from_json(m.value or b"", QuoteIds)
        for m in filling.everything(quotes_log, TOPICS.quote_ids)
    ]
    assert (last[-1].revision, last[-1].quotes) == (4, ())


def test_an_older_revision_that_comes_late_changes_nothing(quotes_log: Log) -> None:
    publish(quotes_log, article("a1", title="1", revision=2))
    work(quotes_log)
    publish(quotes_log, article("a1", title="0", revision=1))
    work(quotes_log)
    assert standing(quotes_log).keys() == ids(made("a1", PASSAGES[1], revision=2))


def withdraw(log: Log, id: str) -> None:
    """Take an article out of the log, as another program can."""
    with log.writer("by hand") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.articles, key=id.encode(), value=None)


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_an_article_taken_out_of_the_log_takes_its_quotes_with_it(
    quotes_log: Log, in_one_batch: bool
) -> None:
    publish(quotes_log, article("a1", title="01"), article("a2", title="2"))
    if not in_one_batch:
        work(quotes_log)
    withdraw(quotes_log, "a1")
    withdraw(quotes_log, "never seen")
    work(quotes_log)
    assert standing(quotes_log).keys() == ids(made("a2", PASSAGES[2]))


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_an_article_that_comes_back_has_its_quotes_again(
    quotes_log: Log, in_one_batch: bool
) -> None:
    publish(quotes_log, article("a1", title="01", revision=3))
    work(quotes_log)
    withdraw(quotes_log, "a1")
    if not in_one_batch:
        work(quotes_log)
    publish(quotes_log, article("a1", title="2"))
    work(quotes_log)
    assert standing(quotes_log).keys() == ids(made("a1", PASSAGES[2]))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_that_fails_leaves_neither_quotes_twice_nor_quotes_untaken(
    quotes_log: Log, when: str
) -> None:
    """Whether the transaction took effect is not known: only the log knows it."""
    publish(quotes_log, *(article(f"a{n}", title="01") for n in range(40)))
    work(quotes_log, wrap=lambda member: Troubled(member, [(when, LogUnavailable("away"))]))
    publish(quotes_log, *(article(f"a{n}", title="2", revision=2) for n in range(40)))
    work(quotes_log, wrap=lambda member: Troubled(member, [(when, LogUnavailable("away"))]))
    newest = [made(f"a{n}", PASSAGES[2], revision=2) for n in range(40)]
    assert standing(quotes_log).keys() == ids(*newest)
    assert len(filling.everything(quotes_log, TOPICS.quotes)) == 40 * (2 + 2 + 1)


def test_a_promoted_replay_takes_back_what_it_does_not_have(quotes_log: Log) -> None:
    publish(quotes_log, article("a1", title="01"), article("a2", title="2"))
    work(quotes_log)
    filling.publish(quotes_log, TRY, made("a1", *PASSAGES[1:]))
    promote(quotes_log)
    expected = ids(made("a1", *PASSAGES[1:]), made("a2", PASSAGES[2]))
    assert standing(quotes_log).keys() == expected


def test_a_promoted_replay_of_an_older_revision_takes_nothing_back(quotes_log: Log) -> None:
    publish(quotes_log, article("a1", title="0"), article("a1", title="1", revision=2))
    work(quotes_log)
    filling.publish(quotes_log, TRY, made("a1", PASSAGES[2]))
    promote(quotes_log)
    assert standing(quotes_log).keys() == ids(made("a1", PASSAGES[1], revision=2))


def test_promoted_extractions_are_published_once_although_their_quotes_are_too_large(
    quotes_log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    quotes_log.alter_topic(TOPICS.quotes, TopicSettings(compacted=True, max_record_bytes=2048))
    edit, large = (
        msgspec.structs.replace(
            made(one, PASSAGES[0], revision=revision),
            article=ArticleRef(id=one, revision=revision, title="x" * 3000),
        )
        for one, revision in (("a1", 2), ("a2", 1))
    )
    filling.publish(quotes_log, TOPICS.extractions, edit)
    ours = (("ce_source", f"/onrecord/promote/{TRY}".encode()),)
    filling.publish(quotes_log, TOPICS.extractions, made("a1"), headers=ours)
    filling.publish(quotes_log, TRY, large, made("a3", *PASSAGES))
    report = promote(quotes_log)
    assert (report.promoted, report.repeated, report.too_large) == (2, 1, 0)
    published = [message.key for message in filling.everything(quotes_log, TOPICS.extractions)]
    assert Counter(published) == {b"a1": 3, b"a2": 1, b"a3": 1}
    assert standing(quotes_log).keys() == ids(made("a3", *PASSAGES))
    assert caplog.text.count("is not published by itself") == 2


def test_a_quote_that_has_become_too_large_takes_its_earlier_record_back(quotes_log: Log) -> None:
    before = made("a1", *PASSAGES[:2])
    after = made("a1", PASSAGES[0], revision=2)
    reference = ArticleRef(id="a1", revision=2, title="x" * 3000)
    after = msgspec.structs.replace(after, article=reference, quotes=before.quotes[:1])
    quotes_log.alter_topic(TOPICS.quotes, TopicSettings(compacted=True, max_record_bytes=2048))
    put(quotes_log, before, after)
    assert standing(quotes_log) == {}


def put(log: Log, *extractions: Extraction) -> None:
    """Publish the quotes of extractions, each in a transaction of its own."""
    with QuotePublisher(log, TOPICS) as quotes, log.writer("w") as writer:
        for one in extractions:
            with writer.transaction() as tx:
                quotes.begin()
                quotes.publish(tx, one)
            quotes.confirm()


def quoting(id: str, count: int, *, revision: int = 1) -> Extraction:
    """An extraction with so many quotes."""
    reference = ArticleRef(id=id, revision=revision)
    quotes = tuple(quote(id=f"{id}-{n}-of-{revision}") for n in range(count))
    return extraction(id, article=reference, quotes=quotes)


def limit_ids(log: Log, size: int) -> None:
    log.alter_topic(TOPICS.quote_ids, TopicSettings(compacted=True, max_record_bytes=size))


def test_quotes_whose_ids_do_not_fit_are_taken_back_and_counted(
    quotes_log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    limit_ids(quotes_log, 1024)
    put(quotes_log, quoting("a1", 200), quoting("a2", 2))
    kept = standing(quotes_log).keys() - ids(quoting("a2", 2))
    assert 10 < len(kept) < 200
    assert kept == {f"a1-{n}-of-1" for n in range(len(kept))}
    told = f"{200 - len(kept)} of 200 quotes of a1 are not published by themselves"
    assert [record.message[: len(told)] for record in caplog.records] == [told]
    put(quotes_log, quoting("a1", 3, revision=2))
    assert standing(quotes_log).keys() == ids(quoting("a1", 3, revision=2), quoting("a2", 2))


def test_a_topic_that_takes_no_ids_any_more_gets_no_quotes_and_stops_nobody(
    quotes_log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    put(quotes_log, quoting("a1", 2))
    limit_ids(quotes_log, 64)
    put(quotes_log, quoting("a1", 2, revision=2), quoting("a2", 2))
    assert standing(quotes_log) == {}
    assert caplog.text.count("2 of 2 quotes") == 2


def test_tombstones_do_without_headers_where_these_do_not_fit(quotes_log: Log) -> None:
    publish(quotes_log, article("a1", title="01"))
    work(quotes_log)
    small = TopicSettings(compacted=True, max_record_bytes=64)
    quotes_log.alter_topic(TOPICS.quotes, small)
    quotes_log.alter_topic(TOPICS.quote_ids, small)
    withdraw(quotes_log, "a1")
    work(quotes_log)
    assert standing(quotes_log) == {}
    assert filling.everything(quotes_log, TOPICS.quote_ids)[-1].value is None


def test_a_foreign_record_on_the_topic_of_ids_stops_nobody(quotes_log: Log) -> None:
    with quotes_log.writer("by hand") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.quote_ids, key=b"a1", value=b"not ours")
    publish(quotes_log, article("a1", title="0"))
    work(quotes_log)
    assert standing(quotes_log).keys() == ids(made("a1", PASSAGES[0]))


def test_a_value_with_a_schema_of_kafka_connect_is_the_same_quote(quotes_log: Log) -> None:
    publish(quotes_log, article("a1", title="0"))
    work(quotes_log, connect_schemas=True)
    [value] = standing(quotes_log).values()
    envelope = msgspec.json.decode(value)
    fields = {field["field"] for field in envelope["schema"]["fields"]}
    assert envelope["schema"]["name"] == "onrecord.flat-quote"
    assert envelope["payload"].keys() == fields
    expected = made("a1", PASSAGES[0])
    assert read_flat_quote(value) == flat_quote(expected, expected.quotes[0])


def test_a_quote_that_makes_no_row_stops_no_worker(quotes_log: Log) -> None:
    odd = made("a1", *PASSAGES)
    without_list: Any = None
    no_row = msgspec.structs.replace(odd.quotes[1], about=without_list)
    given = msgspec.structs.replace(odd, quotes=(odd.quotes[0], no_row))
    with QuotePublisher(quotes_log, TOPICS) as quotes, quotes_log.writer("w") as writer:
        for one in (odd, given):
            with writer.transaction() as tx:
                quotes.begin()
                quotes.publish(tx, one)
            quotes.confirm()
    assert set(standing(quotes_log)) == {odd.quotes[0].id}
