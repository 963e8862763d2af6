"""Promoted results overwrite the live ones, each article in one step, and undo no edit."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import count
from typing import Any

import msgspec
import pytest

from onrecord.errors import LogUnavailable, LostOwnership, Mistake
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log, Member, TopicSettings, Transaction
from onrecord.log.read_to_end import everything
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.promotion import Promoted, Promotion
from onrecord.processing.quotes.publishing import QuotePublisher
from onrecord.records import Extraction, from_json
from tests import filling
from tests.builders import DEEP, article, extraction
from tests.conftest import TOPICS
from tests.processing.test_worker import Troubled

TRY = TOPICS.replay("try")
HEADERS = (("ce_id", b"1"), ("ce_source", b"/onrecord/extract"))
publish = partial(filling.publish, headers=HEADERS)


def made(id: str, model: str, revision: int = 1) -> Extraction:
    made = extraction(id)
    return msgspec.structs.replace(
        made,
        article=msgspec.structs.replace(made.article, revision=revision),
        extractor=msgspec.structs.replace(made.extractor, model=model),
    )


class Killed(Exception):
    """In place of a kill."""


def promote(
    log: Log,
    *,
    wrap: Any = lambda member: member,
    stop_after: int | None = None,
    is_killed: bool = False,
    quotes: QuotePublisher | None = None,
    **options: Any,
) -> Promoted:
    """Promote what there is; `is_killed` after the first step, for which it raises Killed."""
    asked = count()

    def done(records: int) -> None:
        if is_killed:
            raise Killed

    def stopped() -> bool:
        return stop_after is not None and next(asked) >= stop_after

    with (
        log.join("promote", [TRY], name="p") as member,
        closing(ForgottenTable(log, TOPICS.forgotten)) as forgotten,
        Promotion(
            log,
            wrap(member),
            topic=TRY,
            into=TOPICS.extractions,
            forgotten=forgotten,
            outage=Outage(lambda line: None),
            quotes=quotes,
            **options,
        ) as promotion,
    ):
        promotion.run(stopped=stopped, done=done)
        return promotion.report


def last_of_each(log: Log) -> dict[str, tuple[int, str]]:
    """What a subscriber has who keeps the last record of each article."""
    found = {}
    for message in everything(log, TOPICS.extractions):
        record = from_json(message.value or b"", Extraction)
        found[record.article.id] = (record.article.revision, record.extractor.model)
    return found


def in_sink(log: Log) -> int:
    return sum(1 for _ in everything(log, TOPICS.extractions))


def test_every_article_has_the_new_results_and_those_not_replayed_keep_theirs(log: Log) -> None:
    publish(log, TOPICS.extractions, *(made(f"a{n}", "old") for n in range(300)))
    publish(log, TRY, *(made(f"a{n}", "new") for n in range(250)))
    assert promote(log).promoted == 250
    expected = {f"a{n}": (1, "new" if n < 250 else "old") for n in range(300)}
    assert last_of_each(log) == expected
    assert in_sink(log) == 550
    assert promote(log).promoted == 0, "once it is promoted, it is promoted"


def test_a_promoted_event_says_so_and_keeps_the_rest(log: Log) -> None:
    publish(log, TRY, made("a1", "new"))
    promote(log)
    (before,) = everything(log, TRY)
    (after,) = everything(log, TOPICS.extractions)
    assert (after.key, after.value) == (before.key, before.value)
    assert dict(after.headers) == {
        "ce_id": b"1",
        "ce_source": b"/onrecord/promote/onrecord.replay.try",
    }


def test_an_edit_is_not_undone(log: Log) -> None:
    publish(log, TOPICS.extractions, made("a1", "old"), made("a1", "old", revision=3))
    publish(log, TRY, made("a1", "new"), made("a1", "new", revision=2), made("a2", "new"))
    report = promote(log)
    assert (report.promoted, report.newer) == (1, 2)
    assert last_of_each(log) == {"a1": (3, "old"), "a2": (1, "new")}


def test_the_newest_revision_replaces_its_own_old_results(log: Log) -> None:
    publish(log, TOPICS.extractions, made("a1", "old"), made("a1", "old", revision=2))
    publish(log, TRY, made("a1", "new"), made("a1", "new", revision=2))
    promote(log)
    assert last_of_each(log) == {"a1": (2, "new")}


class Outrun:
    """A member after whose looks at the log, and before whose first commits, something happens.

    That cannot happen on SQLite, where the transaction holds the file; on Kafka it can.
    """

    def __init__(self, member: Member, *happens: Callable[[], None]) -> None:
        self._member, self._happens = member, list(happens)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._member, name)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        gathered: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

        class Gathering:
            def __getattr__(self, name: str) -> Any:
                return lambda *a, **k: gathered.append((name, a, k))

        yield Gathering()
        if self._happens:
            self._happens.pop(0)()
        with self._member.transaction() as tx:
            for name, arguments, named in gathered:
                getattr(tx, name)(*arguments, **named)


def edited(log: Log, *edits: Extraction) -> Callable[[Member], Outrun]:
    """A wrapper of the member whose first looks these edits outrun, one each."""
    happens = [partial(publish, log, TOPICS.extractions, edit) for edit in edits]
    return lambda member: Outrun(member, *happens)


def test_an_edit_that_comes_between_look_and_commit_counts_in_the_end(log: Log) -> None:
    publish(log, TOPICS.extractions, made("a1", "old"))
    publish(log, TRY, made("a1", "new"), made("a2", "new"))
    edit = made("a1", "old", revision=2)
    report = promote(log, wrap=edited(log, edit))
    assert report.repeated == 1
    assert last_of_each(log) == {"a1": (2, "old"), "a2": (1, "new")}


def test_that_is_put_right_even_when_the_promotion_died_of_it(log: Log) -> None:
    publish(log, TRY, made("a1", "new"))
    edit = made("a1", "old", revision=2)
    with pytest.raises(Killed):
        promote(log, wrap=edited(log, edit), is_killed=True)
    assert last_of_each(log) == {"a1": (1, "new")}
    promote(log)
    assert last_of_each(log) == {"a1": (2, "old")}


def test_that_is_put_right_before_a_stop(log: Log) -> None:
    publish(log, TRY, made("a1", "new"))
    edit = made("a1", "old", revision=2)
    promote(log, wrap=edited(log, edit), stop_after=1)
    assert last_of_each(log) == {"a1": (2, "old")}


def test_an_edit_that_outruns_what_is_put_right_counts_in_the_end(log: Log) -> None:
    publish(log, TRY, made("a1", "new"))
    edits = [made("a1", "old", revision=revision) for revision in (2, 3)]
    report = promote(log, wrap=edited(log, *edits))
    assert report.repeated == 2
    assert last_of_each(log) == {"a1": (3, "old")}


def outrun_by_ours(log: Log, *, room: int) -> None:
    """A large edit that an older record of ours follows, in a topic with this room beside it."""
    publish(log, TOPICS.extractions, made("a1", "old" * 50, revision=2))
    (edit,) = everything(log, TOPICS.extractions)
    headers = sum(len(name) + len(value or b"") for name, value in edit.headers)
    size = len(edit.key or b"") + len(edit.value or b"") + headers
    ours = (("ce_source", f"/onrecord/promote/{TRY}".encode()),)
    filling.publish(log, TOPICS.extractions, made("a1", "new"), headers=ours)
    log.alter_topic(TOPICS.extractions, TopicSettings(max_record_bytes=size + room))
    publish(log, TRY, made("a2", "new"))


def test_an_edit_that_just_fits_is_put_right_with_a_short_source(log: Log) -> None:
    outrun_by_ours(log, room=0)
    report = promote(log)
    assert (report.promoted, report.repeated, report.too_large) == (1, 1, 0)
    assert last_of_each(log) == {"a1": (2, "old" * 50), "a2": (1, "new")}
    sources = [dict(one.headers)["ce_source"] for one in everything(log, TOPICS.extractions)]
    assert b"/promote" in sources
    assert promote(log).repeated == 0


def test_an_edit_that_the_topic_takes_no_more_is_named_and_passed_over(log: Log) -> None:
    outrun_by_ours(log, room=-50)
    named: list[str] = []
    report = promote(log, skipped=lambda message, error: named.append(str(error)))
    assert (report.promoted, report.repeated, report.too_large) == (1, 0, 1)
    (line,) = named
    assert "is too large for onrecord.extractions" in line
    assert last_of_each(log) == {"a1": (1, "new"), "a2": (1, "new")}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [LogUnavailable("away"), LostOwnership("taken")])
def test_a_commit_that_fails_or_only_seems_to_doubles_nothing(
    log: Log, when: str, error: Exception
) -> None:
    publish(log, TRY, *(made(f"a{n}", "new") for n in range(30)))
    errors = [(when, error), (when, error)]
    promote(log, wrap=lambda member: Troubled(member, errors))
    assert in_sink(log) == len(last_of_each(log)) == 30


@pytest.mark.parametrize("foreign", [b"", b"garbage", b"\xff", DEEP])
def test_a_foreign_record_is_passed_over(log: Log, foreign: bytes) -> None:
    publish(log, TRY, made("a1", "new"))
    with log.writer("foreign") as writer, writer.transaction() as tx:
        tx.publish(TRY, key=b"x", value=foreign)
    publish(log, TRY, made("a2", "new"))
    report = promote(log)
    assert (report.promoted, report.foreign) == (2, 1)


def test_a_topic_with_tombstones_alone_has_nothing_to_promote(log: Log) -> None:
    publish(log, TRY)
    publish(log, TOPICS.extractions, made("a1", "old"))
    with log.writer("taken out") as writer, writer.transaction() as tx:
        tx.publish(TRY, key=b"a1", value=None)
    assert promote(log) == Promoted(withdrawn=1)
    assert last_of_each(log) == {"a1": (1, "old")}


def test_what_is_no_extraction_is_refused(log: Log) -> None:
    publish(log, TRY, article("a1"))
    with pytest.raises(Mistake, match="something else than extractions"):
        promote(log)
    assert in_sink(log) == 0
