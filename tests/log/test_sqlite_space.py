"""Deleting gives space back in steps, and who waits to write gets a turn between them."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from onrecord.log.interface import TopicSettings
from onrecord.log.sqlite import SqliteLog, cleaning
from onrecord.log.sqlite.breaks import Breaks, Interrupted
from onrecord.log.sqlite.cleaning import clean
from onrecord.log.sqlite.database import Database, Row
from onrecord.log.timestamps import to_ms
from tests.log.contract import NOON
from tests.log.test_sqlite import MIB, NOISE


class Clock:
    """A clock that only steps move: each takes a quarter of a second."""

    def __init__(self, at_break: Callable[[], None] = lambda: None) -> None:
        self.at_break = at_break
        self.now = 0.0
        self.steps = 0
        self.steps_at_breaks: list[int] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.steps_at_breaks.append(self.steps)
        self.at_break()

    def step(self, breaks: Breaks) -> None:
        breaks.before_step()
        self.now += 0.25
        self.steps += 1
        breaks.after_step()


def test_steps_in_a_row_leave_a_break_before_half_a_second_is_over() -> None:
    clock = Clock()
    breaks = Breaks(clock, clock.sleep)
    for _ in range(9):
        clock.step(breaks)
    assert clock.steps_at_breaks == [2, 4, 6, 8]


def test_steps_that_are_far_between_need_no_break() -> None:
    clock = Clock()
    breaks = Breaks(clock, clock.sleep)
    for _ in range(9):
        clock.step(breaks)
        clock.now += 5
    assert clock.steps_at_breaks == []


class _Stepping(Breaks):
    """Breaks of a connection each of whose steps takes a quarter of a second."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, clock.sleep)
        self._stepped = clock

    def after_step(self) -> None:
        self._stepped.now += 0.25
        self._stepped.steps += 1
        super().after_step()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


@pytest.fixture
def full(path: Path) -> Path:
    """A log of 24 MB, all of it older than its retention."""
    return filled(path, TopicSettings(partitions=2, retention_s=86_400))


def filled(path: Path, settings: TopicSettings, *, keys: int = 24) -> Path:
    """A log with a topic of 24 records of 1 MB, two days old."""
    with SqliteLog(path, clock=lambda: NOON - timedelta(days=2)) as log:
        log.create_topic("t", settings)
        with log.writer("w") as writer:
            for count in range(24):
                with writer.transaction() as tx:
                    tx.publish("t", key=str(count % keys).encode(), value=NOISE)
    return path


def test_retention_gives_space_back_a_few_pages_at_a_time_and_lets_others_write(
    full: Path,
) -> None:
    free_pages: list[int] = []
    with closing(sqlite3.connect(full, isolation_level=None, timeout=0)) as other:

        def write() -> None:
            other.execute("BEGIN IMMEDIATE")  # at once, or it fails
            free_pages.append(other.execute("PRAGMA freelist_count").fetchone()[0])
            other.execute("COMMIT")

        clock = Clock(at_break=write)
        db = Database(full, busy_s=8.0, breaks=_Stepping(clock))
        clean(db, to_ms(NOON))
        write()
        db.close()
    assert full.stat().st_size < 12 * MIB
    assert free_pages, "others had their turn"
    assert all(after - before <= 2 for before, after in pairwise([0, *clock.steps_at_breaks]))
    given_back = [before - after for before, after in pairwise(free_pages)]
    assert max(given_back) <= 2 * 500, "two steps of 500 pages between two breaks"
    assert sum(pages for pages in given_back if pages > 0) > 3_000


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        (TopicSettings(partitions=2, retention_s=86_400), 24),
        (TopicSettings(partitions=2, retention_bytes=MIB), 24),
        (TopicSettings(partitions=1, compacted=True), 1),
    ],
    ids=["by time", "by size", "by key"],
)
def test_large_records_are_deleted_some_megabytes_at_a_time(
    path: Path, monkeypatch: pytest.MonkeyPatch, settings: TopicSettings, keys: int
) -> None:
    monkeypatch.setattr(cleaning, "_STEP_BYTES", 3 * MIB)
    clock = Clock()
    db = Database(filled(path, settings, keys=keys), busy_s=8.0, breaks=_Stepping(clock))
    free: list[int] = []
    clock.at_break = lambda: free.append(db.number("PRAGMA freelist_count"))
    clean(db, to_ms(NOON))
    db.close()
    assert max(free) > 22 * MIB / 4096
    most = 2 * 3 * MIB / 4096  # two steps between two breaks
    assert max(after - before for before, after in pairwise([0, *free])) <= most


def test_a_file_that_cannot_shrink_is_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as started:
        started.execute("PRAGMA journal_mode = WAL")  # its first page is written
    with SqliteLog(path, clock=lambda: NOON - timedelta(days=2)) as log:
        log.create_topic("t", TopicSettings(partitions=1, retention_s=86_400))
        with log.writer("w") as writer, writer.transaction() as tx:
            for _ in range(12):
                tx.publish("t", key=b"k", value=NOISE)
        log.maintain(NOON)
        assert log.topics()[0].records == 0


class _Looking(Database):
    """A connection whose process is told to end while it looks at records; it counts the looks."""

    looks = 0

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        if "FROM records" in sql:
            self.looks += 1
            if self.looks == 1:
                self._breaks.hurry()
        return super().rows(sql, values)


def test_compaction_stops_looking_for_keys_in_a_process_that_is_ending(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "_LOOK", 2)
    filled(path, TopicSettings(partitions=1, compacted=True), keys=12)
    db = _Looking(path, busy_s=8.0)
    with pytest.raises(Interrupted):
        clean(db, to_ms(NOON))
    db.close()
    assert db.looks == 1, "of twelve"
    with SqliteLog(path) as another:
        another.maintain(NOON)
        assert another.topics()[0].records == 12
