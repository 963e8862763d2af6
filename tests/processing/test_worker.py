"""The worker: each article gets exactly one committed result, in order, whatever happens."""

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

import pytest

from onrecord.errors import LogUnavailable, LostOwnership, TooManyDeadLetters
from onrecord.log.backoff import Outage
from onrecord.log.consuming import is_drained
from onrecord.log.interface import (
    Headers,
    Log,
    Member,
    TopicSettings,
    Transaction,
)
from onrecord.processing.dead_letters import (
    DeadLetterPolicy,
    LetterFilter,
    dead_letters,
    drop,
    retry,
)
from onrecord.processing.pool import Result
from onrecord.processing.worker import (
    Amend,
    BatchReport,
    Worker,
    WorkerPolicy,
    unchanged,
)
from onrecord.records import Article, Extraction, from_json, to_json
from tests import filling
from tests.builders import DEEP, article
from tests.conftest import TOPICS
from tests.fakes import InlinePool
from tests.filling import everything

GROUP = "extract"
MINUTE = timedelta(minutes=1)


def publish(log: Log, *articles: Article) -> None:
    publish_raw(log, *((given.id.encode(), to_json(given)) for given in articles))


def publish_raw(log: Log, *records: tuple[bytes | None, bytes | None]) -> None:
    with log.writer("test") as writer, writer.transaction() as tx:
        for key, value in records:
            tx.publish(TOPICS.articles, key=key, value=value, headers=(("ce_id", b"x"),))


def extracted(log: Log) -> list[str]:
    messages = everything(log, TOPICS.extractions)
    return [from_json(m.value or b"", Extraction).article.id for m in messages]


class Run:
    """A worker on a log, run until nothing is left."""

    def __init__(self, log: Log, **options: Any) -> None:
        self.log = log
        self.pool = options.pop("pool", None) or InlinePool()
        self.wrap: Callable[[Member], Any] = options.pop("wrap", lambda member: member)
        self.amend: Amend = options.pop("amend", unchanged)
        self.in_a_row: int = options.pop("in_a_row", 100)
        self.now: Callable[[], datetime] = options.pop("now", lambda: datetime.now(UTC))
        self.policy = WorkerPolicy(**{"commit_interval_s": 0.05, **options})
        self.reports: list[BatchReport] = []
        self.said: list[str] = []

    def __call__(
        self,
        stopped: Callable[[], bool] = lambda: False,
        drained: Callable[[], bool] | None = None,
    ) -> "Run":
        with self.log.join(GROUP, [TOPICS.articles], name="w") as member:
            worker = Worker(
                self.wrap(member),
                self.pool,
                topics=TOPICS,
                into=TOPICS.extractions,
                policy=self.policy,
                dead_letters=DeadLetterPolicy(in_a_row=self.in_a_row),
                report=self.reports.append,
                outage=Outage(self.said.append),
                amend=self.amend,
                now=self.now,
            )
            worker.run(stopped, drained or (lambda: is_drained(self.log, member, GROUP)))
        return self


def lag(log: Log) -> int:
    return sum(sum(g.lag.values()) for g in log.groups() if g.name == GROUP)


def test_every_article_is_extracted_once(log: Log) -> None:
    publish(log, *(article(f"a{n}") for n in range(100)))
    Run(log)()
    assert sorted(extracted(log)) == sorted(f"a{n}" for n in range(100))
    assert lag(log) == 0


class HoldingBack(InlinePool):
    """Gives the first result, and the others only once that is committed."""

    def __init__(self, run: "Callable[[], Run]") -> None:
        super().__init__()
        self._run = run
        self.waits: list[float] = []

    def collect(self, timeout_s: float) -> list[tuple[int, Result]]:
        if self._run().reports:
            return super().collect(timeout_s)
        self.waits.append(timeout_s)
        if len(self.waits) > 1:
            time.sleep(timeout_s)
        found = [done for done in self._done if done[0] == 1]
        self._done = [done for done in self._done if done[0] != 1]
        return found


def test_a_result_that_waits_to_be_committed_is_waited_with_and_not_looked_at_without_end(
    log: Log,
) -> None:
    """Else the worker takes the time of its extractor: on Kafka a third of a processor."""
    publish(log, article("a1"), article("a2"))
    pool = HoldingBack(lambda: run)
    run = Run(log, pool=pool, chunk=1, commit_interval_s=0.3)
    run()
    assert sorted(extracted(log)) == ["a1", "a2"]
    # Once it is due, nothing more is waited for.
    assert pool.waits.count(0.0) <= 1


class OneByOne(InlinePool):
    """Gives one result at a time."""

    def collect(self, timeout_s: float) -> list[tuple[int, Result]]:
        self._done.sort()
        done, self._done = self._done[:1], self._done[1:]
        return done


def test_a_backlog_is_committed_in_larger_pieces_than_what_is_new(log: Log) -> None:
    """Each transaction costs as much as many articles, and who waited a day can wait a moment."""

    def transactions(ids: range, now: datetime) -> int:
        filling.publish(log, TOPICS.articles, *(article(f"a{n}") for n in ids), every=MINUTE)
        run = Run(log, pool=OneByOne(), commit_interval_s=0.0, now=lambda: now)()
        return len([batch for batch in run.reports if batch.extractions])

    assert transactions(range(30), filling.T0) == 30
    assert transactions(range(30, 60), filling.T0 + timedelta(days=1)) < 15
    assert len(extracted(log)) == 60


def test_starting_again_goes_on_where_it_stopped(log: Log) -> None:
    publish(log, article("a1"))
    Run(log)()
    publish(log, article("a2"))
    Run(log)()
    assert sorted(extracted(log)) == ["a1", "a2"]


def test_results_are_committed_in_the_order_read_whatever_order_they_finish_in(log: Log) -> None:
    publish(log, *(article("same", revision=n) for n in range(1, 20)))
    Run(log, chunk=7, commit_every=4)()
    messages = everything(log, TOPICS.extractions)
    revisions = [from_json(m.value or b"", Extraction).article.revision for m in messages]
    assert revisions == list(range(1, 20))


def test_an_extraction_says_what_it_is_and_goes_under_its_articles_key(log: Log) -> None:
    publish(log, article("a1"))
    Run(log)()
    (message,) = everything(log, TOPICS.extractions)
    headers = dict(message.headers)
    assert message.key == b"a1"
    assert headers["ce_type"] == b"onrecord.extraction"
    assert headers["ce_id"] == b"a1.1"


def test_the_log_goes_on_past_an_article_that_fails(log: Log) -> None:
    publish(log, article("a1"), article("bad", text="fail"), article("a2"))
    run = Run(log)()
    (letter,) = dead_letters(log, TOPICS)
    assert sorted(extracted(log)) == ["a1", "a2"]
    assert (letter.key, letter.topic, letter.attempts) == ("bad", TOPICS.articles, 1)
    assert (letter.reason, letter.error, letter.stack) == (
        "told to fail",
        "ValueError",
        "the stack",
    )
    assert letter.value == to_json(article("bad", text="fail")).decode()
    assert [failure.reason for r in run.reports for _, failure in r.dead_letters] == [letter.reason]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (DEEP, "nested too deeply"),
        (b"not json", "JSON is malformed"),
        (b'{"schema":"onrecord.article"}', "missing required field"),
        (b"\xff\xfe\x00", "JSON is malformed"),
    ],
)
def test_what_is_no_article_becomes_a_dead_letter_byte_for_byte(
    log: Log, value: bytes, says: str
) -> None:
    publish_raw(log, (b"k", value), (None, value))
    publish(log, article("a1"))
    Run(log)()
    letters = dead_letters(log, TOPICS)
    assert extracted(log) == ["a1"]
    assert [letter.error for letter in letters] == ["RecordError", "RecordError"]
    assert all(says in letter.reason for letter in letters)
    kept = [m.value for m in everything(log, TOPICS.dead_letters)]
    assert kept == [value, value]


def test_a_tombstone_of_an_article_is_passed_on_to_the_results(log: Log) -> None:
    publish(log, article("a1"), article("a2"))
    publish_raw(log, (b"a1", None), (None, None))
    Run(log)()
    newest = {message.key: message.value for message in everything(log, TOPICS.extractions)}
    assert (newest[b"a1"], newest[b"a2"] is None) == (None, False)
    assert (dead_letters(log, TOPICS), lag(log)) == ([], 0)


def test_a_tombstone_too_large_for_the_results_is_a_dead_letter(log: Log) -> None:
    log.alter_topic(TOPICS.extractions, TopicSettings(partitions=4, max_record_bytes=4000))
    publish_raw(log, (b"k" * 4001, None))
    publish(log, article("a1", text="pid"))
    Run(log)()
    assert [letter.code for letter in dead_letters(log, TOPICS)] == ["too_large"]
    assert (extracted(log), lag(log)) == (["a1"], 0)


def test_what_was_forgotten_is_not_published(log: Log) -> None:
    publish(log, article("a1"), article("a2"))
    run = Run(log, amend=lambda found: [None if one.article.id == "a1" else one for one in found])()
    newest = {message.key: message.value for message in everything(log, TOPICS.extractions)}
    assert (newest[b"a1"], newest[b"a2"] is None) == (None, False)
    assert [found.article.id for batch in run.reports for found in batch.extractions] == ["a2"]


def test_an_extraction_too_large_for_its_topic_is_a_dead_letter(log: Log) -> None:
    log.alter_topic(TOPICS.extractions, TopicSettings(partitions=4, max_record_bytes=600))
    publish(log, article("small", text="pid"), article("large", text="pid", revision=2))
    run = Run(log)()
    assert len(extracted(log)) + len(dead_letters(log, TOPICS)) == 2
    assert lag(log) == 0
    assert run.reports


def test_too_many_failures_in_a_row_stop_the_worker_before_they_are_committed(log: Log) -> None:
    publish(log, *(article(f"a{n}", text="fail", feed=f"f{n % 3}") for n in range(50)))
    with pytest.raises(TooManyDeadLetters, match=r"told to fail.*dead_letters\.in_a_row = 10"):
        Run(log, in_a_row=10, commit_every=4)()
    assert len(dead_letters(log, TOPICS)) == 8
    assert lag(log) == 42


def test_failures_with_successes_between_them_do_not_stop_it(log: Log) -> None:
    texts = ["fail", "fail", "fine"] * 20
    publish(log, *(article("same", text=text, revision=n) for n, text in enumerate(texts, 1)))
    Run(log, in_a_row=3)()
    assert len(dead_letters(log, TOPICS)) == 40


def test_one_feed_full_of_articles_that_fail_does_not_stop_it(log: Log) -> None:
    publish(log, *(article(f"a{n}", text="fail", feed="f") for n in range(50)))
    Run(log, in_a_row=10, commit_every=4)()
    assert len(dead_letters(log, TOPICS)) == 50
    assert lag(log) == 0


def test_what_is_read_ahead_is_bounded_in_number_and_bytes(log: Log) -> None:
    publish(log, *(article(f"a{n}", text="x" * 1000) for n in range(60)))
    few = Run(log, read_ahead=10, chunk=100)()
    small = InlinePool()
    assert max(few.pool.chunks) <= 10
    log.delete_group(GROUP)
    Run(log, pool=small, read_ahead_bytes=1, chunk=100, read_ahead=5)()
    assert max(small.chunks) <= 5


def test_a_letter_that_is_retried_and_fails_again_counts_its_attempts(log: Log) -> None:
    publish(log, article("bad", text="fail"))
    Run(log)()
    with log.writer("retry") as writer:
        assert retry(log, TOPICS, writer, lambda letter: True) == 1
    assert dead_letters(log, TOPICS) == []
    Run(log)()
    (letter,) = dead_letters(log, TOPICS)
    assert letter.attempts == 2
    assert letter.value == to_json(article("bad", text="fail")).decode()


def test_a_letter_that_fails_again_keeps_the_origin_it_had_first(log: Log) -> None:
    publish(log, article("bad", text="fail"))
    Run(log)()
    (first,) = dead_letters(log, TOPICS)
    for _ in range(2):
        with log.writer("retry") as writer:
            retry(log, TOPICS, writer, lambda letter: True)
        Run(log)()
    (again,) = dead_letters(log, TOPICS)
    assert (again.topic, again.partition, again.offset) == (
        first.topic,
        first.partition,
        first.offset,
    )
    assert again.attempts == 3


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (LetterFilter(), 1),
        (LetterFilter(reason=re.compile("told to")), 1),
        (LetterFilter(reason=re.compile("no such reason")), 0),
        (LetterFilter(topic=TOPICS.articles), 1),
        (LetterFilter(topic=TOPICS.feeds), 0),
        (LetterFilter(since=datetime(2020, 1, 1, tzinfo=UTC)), 1),
        (LetterFilter(since=datetime(2100, 1, 1, tzinfo=UTC)), 0),
        (LetterFilter(attempts_below=2), 1),
        (LetterFilter(attempts_below=1), 0),
    ],
)
def test_only_the_letters_meant_are_put_back(log: Log, wanted: LetterFilter, count: int) -> None:
    publish(log, article("bad", text="fail"))
    Run(log)()
    with log.writer("retry") as writer:
        assert retry(log, TOPICS, writer, wanted) == count
    assert len(dead_letters(log, TOPICS)) == 1 - count


def test_a_retried_message_keeps_its_own_headers(log: Log) -> None:
    publish(log, article("bad", text="fail"))
    Run(log)()
    with log.writer("retry") as writer:
        retry(log, TOPICS, writer, lambda letter: True)
    again = everything(log, TOPICS.articles)[-1]
    assert dict(again.headers)["ce_id"] == b"x"


def settings_of(log: Log, name: str) -> TopicSettings:
    return next(topic.settings for topic in log.topics() if topic.name == name)


def test_a_letter_too_large_for_its_topic_is_cut_says_so_and_is_not_retried(log: Log) -> None:
    settings = settings_of(log, TOPICS.dead_letters)
    log.alter_topic(TOPICS.dead_letters, replace(settings, max_record_bytes=2000))
    publish(log, article("a1", text="fail " + "x" * 5000), article("a2", text="fail"))
    Run(log)()
    cut, whole = sorted(dead_letters(log, TOPICS), key=lambda letter: letter.cut_from is None)
    assert cut.cut_from is not None
    assert cut.cut_from > 5000
    assert cut.value is not None
    assert 0 < len(cut.value) < 2000
    assert (cut.code, whole.code, whole.cut_from) == ("failed", "failed", None)
    said: list[str] = []
    with log.writer("w") as writer:
        done = retry(
            log, TOPICS, writer, lambda letter: True, pass_over=lambda _, why: said.append(why)
        )
    assert done == 1
    assert said == ["its value was too large for the topic of dead letters, and cut"]
    assert [letter.id for letter in dead_letters(log, TOPICS)] == [cut.id]


def test_a_message_whose_letter_does_not_fit_at_all_stops_nobody(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(log, TOPICS.dead_letters)
    log.alter_topic(TOPICS.dead_letters, replace(settings, max_record_bytes=76))
    publish(log, article("a1", text="fail"), article("a2"))
    Run(log)()
    assert (extracted(log), lag(log)) == (["a2"], 0)
    assert "is not kept: a record of" in caplog.text


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("onrecord.dead-letter.topic", b"nowhere"),),
        (("onrecord.dead-letter.partition", b"-1"), ("onrecord.dead-letter.offset", b"\xff")),
        (("onrecord.dead-letter.attempts", b"9" * 5000),),
    ],
)
def test_a_foreign_record_among_the_letters_is_shown_and_passed_over(
    log: Log, headers: Headers
) -> None:
    publish(log, article("a1", text="fail"))
    Run(log)()
    with log.writer("foreign") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.dead_letters, key=b"x", value=b"garbage", headers=headers)
    assert len(dead_letters(log, TOPICS)) == 2
    passed_over: list[str] = []
    with log.writer("w") as writer:
        done = retry(
            log, TOPICS, writer, lambda _: True, pass_over=lambda one, _: passed_over.append(one.id)
        )
    assert (done, len(passed_over)) == (1, 1)


def test_a_dropped_letter_is_gone_and_not_retried(log: Log) -> None:
    publish(log, article("bad", text="fail"))
    Run(log)()
    with log.writer("drop") as writer:
        assert drop(log, TOPICS, writer, lambda letter: True) == 1
    assert dead_letters(log, TOPICS) == []
    assert len(everything(log, TOPICS.articles)) == 1


class Troubled:
    """A member whose transactions fail as scripted, before or after they took effect."""

    def __init__(
        self,
        member: Member,
        errors: list[tuple[str, Exception]],
        rewinds: list[Exception | None] | None = None,
    ) -> None:
        self._member = member
        self._errors = errors
        self._rewinds = rewinds or []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._member, name)

    def rewind(self) -> None:
        if self._rewinds and (error := self._rewinds.pop(0)):
            raise error
        self._member.rewind()

    def transaction(self) -> AbstractContextManager[Transaction]:
        when, error = self._errors.pop(0) if self._errors else ("", None)
        return _TroubledTransaction(self._member.transaction(), when, error)


class _TroubledTransaction(AbstractContextManager[Transaction]):
    def __init__(
        self, inner: AbstractContextManager[Transaction], when: str, error: Exception | None
    ) -> None:
        self._inner, self._when, self._error = inner, when, error

    def __enter__(self) -> Transaction:
        return self._inner.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        if self._when == "before" and self._error:
            self._inner.__exit__(type(self._error), self._error, None)
            raise self._error
        outcome = self._inner.__exit__(kind, raised, traceback)
        if self._when == "after" and self._error:
            raise self._error
        return outcome


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [LogUnavailable("away"), LostOwnership("taken")])
def test_a_commit_that_fails_or_only_seems_to_repeats_and_loses_nothing(
    log: Log, when: str, error: Exception
) -> None:
    publish(log, *(article(f"a{n}") for n in range(30)))
    errors = [(when, error), (when, error)]
    Run(log, wrap=lambda member: Troubled(member, errors), commit_every=5)()
    assert sorted(extracted(log)) == sorted(f"a{n}" for n in range(30))


@pytest.mark.parametrize("error", [LogUnavailable("away"), LostOwnership("taken")])
def test_nothing_is_read_on_before_what_was_dropped_can_be_read_again(
    log: Log, error: Exception
) -> None:
    """The log answers a read, but not yet where the group stands."""
    publish(log, *(article(f"a{n}") for n in range(30)))
    rewinds: list[Exception | None] = [LogUnavailable("away"), LogUnavailable("away")]
    run = Run(
        log, wrap=lambda m: Troubled(m, [("before", error)], rewinds), commit_every=5, read_ahead=5
    )()
    assert sorted(extracted(log)) == sorted(f"a{n}" for n in range(30))
    assert sum(report.abandoned for report in run.reports) == 5


def test_asking_a_log_that_is_away_whether_it_is_drained_is_no_reason_to_stop(log: Log) -> None:
    publish(log, article("a1"))
    errors = [LogUnavailable("no answer")]

    def drained() -> bool:
        if errors:
            raise errors.pop()
        return bool(run.reports)

    run = Run(log)
    run(drained=drained)
    assert extracted(log) == ["a1"]
    assert run.said[-1] == "the log answers again"


def test_that_the_log_is_away_is_said_once(log: Log) -> None:
    publish(log, article("a1"))
    errors: list[tuple[str, Exception]] = [("before", LogUnavailable("no answer"))] * 2
    run = Run(log, wrap=lambda member: Troubled(member, errors))()
    assert run.said == [
        "the log does not answer, waiting for it: no answer",
        "the log answers again",
    ]


def test_stopping_commits_what_is_whole_and_leaves_the_rest_to_be_read_again(log: Log) -> None:
    publish(log, *(article(f"a{n}") for n in range(20)))
    polls = iter(range(1000))
    Run(log, read_ahead=8, commit_every=1000, commit_interval_s=60)(lambda: next(polls) >= 2)
    done = len(extracted(log))
    assert lag(log) == 20 - done
    Run(log)()
    assert sorted(extracted(log)) == sorted(f"a{n}" for n in range(20))
