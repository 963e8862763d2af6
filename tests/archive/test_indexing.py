"""An archive follows its log, whatever stands there and whatever happens."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from onrecord.archive.interface import Archive
from onrecord.archive.opening import open_archive
from onrecord.archive.query import parse_query
from onrecord.archive.results import ArchivedQuote, ReplacedQuote
from onrecord.archive.sqlite.archive import open_database
from onrecord.errors import ArchiveRefused
from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log
from tests.archive.content import content
from tests.archive.indexing import (
    TOPICS,
    caught_up,
    keeper,
    make_topics,
    publish,
    raw,
    rebuild,
    some_reports,
)
from tests.archive.reports import Said, report
from tests.builders import DEEP, NOON
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path / 'log.db'}") as opened:
        make_topics(opened)
        yield opened


def test_it_reads_on_from_where_it_stood(log: Log, tmp_path: Path) -> None:
    first, second = report("a", Said("Mara Lind", "One.")), report("b", Said("Ola Berg", "Two."))
    publish(log, first)
    with caught_up(log, tmp_path / "archive.db") as archive:
        assert archive.status().quotes == 1
        before = archive.status().positions
        publish(log, second)
        with caught_up(log, tmp_path / "archive.db"):
            pass
        assert archive.status().quotes == 2
        assert sum(archive.status().positions.values()) == sum(before.values()) + 2


def test_bad_records_pass_with_a_line_each_and_a_count(log: Log, tmp_path: Path) -> None:
    for value in (b"", b"{", b"[]", b'{"schema":"onrecord.feed"}', b"\xff", DEEP):
        raw(log, TOPICS.articles, b"x", value)
        raw(log, TOPICS.extractions, b"x", value)
    raw(log, TOPICS.extractions, None, None)
    publish(log, report("a", Said("Mara Lind", "One.")))
    seen: list[str] = []
    with open_archive(f"sqlite:///{tmp_path / 'archive.db'}") as archive:
        keeper(log, archive, lambda message, error: seen.append(str(error))).catch_up(lambda: False)
        assert archive.status().quotes == 1
        assert archive.status().skipped == len(seen) == 13


def test_a_record_that_the_engine_refuses_does_not_stop_those_after_it(
    log: Log, tmp_path: Path
) -> None:
    good = report("a", Said("Mara Lind", "One."))
    # A number that no column of SQLite takes.
    huge = report("b", Said("Ola Berg", "Two."), revision=1 << 70)
    publish(log, good, huge, report("c", Said("Mara Lind", "Three.")))
    seen: list[Exception] = []
    with open_archive(f"sqlite:///{tmp_path / 'archive.db'}") as archive:
        keeper(log, archive, lambda message, error: seen.append(error)).catch_up(lambda: False)
        assert archive.status().quotes == 2
        assert archive.status().skipped == len(seen) == 2


def test_topics_and_partitions_may_come_later(tmp_path: Path) -> None:
    with (
        open_log(f"sqlite:///{tmp_path / 'log.db'}") as log,
        caught_up(log, tmp_path / "archive.db") as archive,
    ):
        assert archive.status().quotes == 0
        make_topics(log, partitions=1)
        one = report("a", Said("Mara Lind", "One."))
        publish(log, one)
        keeper(log, archive).catch_up(lambda: False)
        for topic in (TOPICS.articles, TOPICS.extractions):
            log.alter_topic(topic, TopicSettings(partitions=5))
        publish(log, *(report(f"b{n}", Said("Ola Berg", f"Two {n}.")) for n in range(10)))
        keeper(log, archive).catch_up(lambda: False)
        assert archive.status().quotes == 11


def test_records_that_retention_removed_are_passed_over(log: Log, tmp_path: Path) -> None:
    publish(log, report("a", Said("Mara Lind", "One.")))
    archive = caught_up(log, tmp_path / "archive.db")
    publish(log, *some_reports(20, 1))
    for topic in (TOPICS.articles, TOPICS.extractions):
        log.alter_topic(topic, TopicSettings(partitions=3, retention_s=60))
    log.maintain(NOON + timedelta(days=10_000))
    publish(log, report("b", Said("Ola Berg", "Two.")))
    keeper(log, archive).catch_up(lambda: False)
    assert {hit.quote.article.id for hit in archive.search(parse_query("")).hits} == {"a", "b"}
    archive.close()


def test_an_archive_of_another_log_is_refused_and_rebuilt(tmp_path: Path) -> None:
    for name, count in (("one.db", 30), ("other.db", 2)):
        with open_log(f"sqlite:///{tmp_path / name}") as log:
            make_topics(log, partitions=1)
            publish(log, *some_reports(count, 1))
            if name == "one.db":
                caught_up(log, tmp_path / "archive.db").close()
                continue
            with open_archive(f"sqlite:///{tmp_path / 'archive.db'}") as archive:
                with pytest.raises(ArchiveRefused, match="rebuild"):
                    keeper(log, archive).catch_up(lambda: False)
                assert rebuild(log, tmp_path / "archive.db")
                assert sum(archive.status().positions.values()) == 4
                assert archive.status().articles <= 2


# ── rebuilding ───────────────────────────────────────────────────────────────────────────────


def test_a_rebuilt_archive_has_the_same_content(log: Log, tmp_path: Path) -> None:
    publish(log, *some_reports(120, 2))
    with caught_up(log, tmp_path / "archive.db") as archive:
        raw(log, TOPICS.extractions, b"r1", None)
        raw(log, TOPICS.articles, b"r2", None)
        keeper(log, archive).catch_up(lambda: False)
        before = content(archive)
        assert rebuild(log, tmp_path / "archive.db")
        assert content(archive) == before  # a reader finds the new file by itself


def test_a_rebuild_goes_on_where_it_was_stopped(log: Log, tmp_path: Path) -> None:
    publish(log, *some_reports(40, 3))
    with caught_up(log, tmp_path / "archive.db") as archive:
        before = content(archive)
        assert not rebuild(log, tmp_path / "archive.db", batches=1)
        publish(log, report("later", Said("Mara Lind", "Later.")))
        assert content(archive) == before  # still the old one
        assert rebuild(log, tmp_path / "archive.db")
        assert archive.quote(report("later", Said("Mara Lind", "Later.")).ids[0]) is not None
        assert not list(tmp_path.glob("archive.db-rebuilding*"))


def test_a_file_of_an_older_format_is_rebuilt_with_what_the_log_no_longer_has(
    log: Log, tmp_path: Path
) -> None:
    file = tmp_path / "archive.db"
    old = report("old", Said("Mara Lind", "The pier opens."), categories=("Coast",))
    publish(log, old)
    caught_up(log, file).close()
    for topic in (TOPICS.articles, TOPICS.extractions):
        log.alter_topic(topic, TopicSettings(partitions=3, retention_s=60))
    log.maintain(NOON + timedelta(days=10_000))
    with closing(open_database(file)) as db, db.write():
        db.set_format(1)
    with pytest.raises(ArchiveRefused, match=r"format 1.*rebuild"):
        open_archive(f"sqlite:///{file}", make=False)
    assert rebuild(log, file)
    with open_archive(f"sqlite:///{file}", make=False) as archive:
        hits = archive.search(parse_query("category:coast")).hits
        assert [hit.quote.id for hit in hits] == old.ids


def test_what_the_log_dropped_is_carried_over_and_what_was_removed_is_not(
    log: Log, tmp_path: Path
) -> None:
    old = report("old", Said("Mara Lind", "The pier opens."))
    edited = report("edited", Said("Mara Lind", "The pier is open."))
    gone = report("gone", Said("Mara Lind", "The pier is closed."))
    silent = report("silent", Said("Mara Lind", "The pier is long."))
    publish(log, old, edited, gone, silent)
    newer = report("edited", Said("Mara Lind", "The pier is open now."), revision=2)
    publish(log, newer)
    with caught_up(log, tmp_path / "archive.db") as archive:
        for topic in (TOPICS.articles, TOPICS.extractions):
            log.alter_topic(topic, TopicSettings(partitions=3, retention_s=60))
        log.maintain(NOON + timedelta(days=10_000))
        publish(log, newer)
        # Unread by the old archive, which is to be carried over from.
        raw(log, TOPICS.articles, b"gone", None)
        raw(log, TOPICS.extractions, b"silent", None)
        assert rebuild(log, tmp_path / "archive.db")
        kept = archive.quote(old.ids[0])
        assert isinstance(kept, ArchivedQuote)
        assert kept.quote == old.extraction.quotes[0]
        shown = archive.article("edited")
        assert shown is not None
        assert [one.article for one in shown.revisions] == [edited.article, newer.article]
        was = archive.quote(edited.ids[0])
        assert isinstance(was, ReplacedQuote)
        assert was.became == newer.ids[0]
        assert archive.article("gone") is None
        assert archive.quote(silent.ids[0]) is None
        assert archive.article("silent") is not None
        assert archive.count(parse_query("pier")).count == 2


def test_a_keeper_gives_way_to_a_rebuild_and_goes_on_with_the_new_file(
    log: Log, tmp_path: Path
) -> None:
    publish(log, *some_reports(30, 4))
    path = tmp_path / "archive.db"
    over = threading.Event()
    with caught_up(log, path) as archive:
        thread = threading.Thread(target=keeper(log, archive).run, args=(over.is_set,))
        thread.start()
        try:
            assert rebuild(log, path)
            late = report("late", Said("Mara Lind", "Late."))
            publish(log, late)
            _wait_for(partial(_has, archive, late.ids[0]))
        finally:
            over.set()
            thread.join()


def test_the_next_keeper_takes_over(log: Log, tmp_path: Path) -> None:
    first_over, second_over = threading.Event(), threading.Event()
    with caught_up(log, tmp_path / "archive.db") as archive:
        first, second = (
            threading.Thread(target=keeper(log, archive).run, args=(over.is_set,))
            for over in (first_over, second_over)
        )
        first.start()
        second.start()
        for n, over in enumerate((None, first_over)):
            if over is not None:
                over.set()
                first.join()
            one = report(f"a{n}", Said("Mara Lind", f"Number {n}."))
            publish(log, one)
            _wait_for(partial(_has, archive, one.ids[0]))
        second_over.set()
        second.join()


def _has(archive: Archive, quote_id: str) -> bool:
    return archive.quote(quote_id) is not None


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


# ── killed ───────────────────────────────────────────────────────────────────────────────────


def test_killed_at_any_moment_it_equals_a_rebuild(log: Log, tmp_path: Path) -> None:
    reports = some_reports(90, 5)
    publish(log, *reports)
    chance = random.Random(6)
    path = tmp_path / "archive.db"
    kills = 0
    while True:
        child = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.archive.children"),
                *(f"sqlite:///{tmp_path}/log.db", f"sqlite:///{path}"),
            ],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert child.stdout is not None
        with child:
            for _ in range(chance.randint(1, 12)):
                line = child.stdout.readline()
                if line != b"batch\n":
                    break
            else:
                child.kill()  # SIGKILL, somewhere in the next batch
                kills += 1
                continue
            assert line == b"level\n"
            break
    assert kills >= 1
    with open_archive(f"sqlite:///{path}") as archive:
        assert keeper(log, archive).catch_up(lambda: False) is not None
        before = content(archive)
        assert before["quotes"] > 50
        assert rebuild(log, path)
        assert content(archive) == before
