"""A log in a file that may hold only so much, or that this process may only read."""

import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from onrecord.errors import LogBroken, LogRefused, LogUnavailable, OnrecordError
from onrecord.log.interface import TopicSettings
from onrecord.log.sqlite import SqliteLog
from onrecord.log.sqlite.access import FileAccess
from onrecord.log.sqlite.backup import back_up, check
from onrecord.log.sqlite.database import Database
from tests.log.contract import commit, fill, gather, publish, read_all, topic, values

T = TypeVar("T")
NOBODY = 65_534


# ── so much and no more ──────────────────────────────────────────────────────────────────────


def filled(log: SqliteLog) -> int:
    """Publish until the log takes no more; how often that was acknowledged."""
    told, number = "", 0
    while not told:
        try:
            publish(log, "t", os.urandom(20_000), key=str(number).encode())
        except LogUnavailable as error:
            told = str(error)
        else:
            number += 1
    assert "has reached log.max_size (1,000,000 bytes)" in told
    return number


def test_a_full_log_takes_nothing_more_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with SqliteLog(path, most_bytes=1_000_000) as log:
        topic(log, "t")
        count = filled(log)
        assert 20 < count < 60
        assert len(read_all(log, "t")) == count
        with log.join("g", ["t"], name="m") as member:
            found = gather(member, count)
            commit(member, found)  # what only moves a position needs no room
            with pytest.raises(LogUnavailable), member.transaction() as tx:
                tx.publish("t", key=b"k", value=b"v")
    assert path.stat().st_size < 1_500_000


def test_a_full_log_goes_on_when_older_records_were_let_go(tmp_path: Path) -> None:
    with SqliteLog(tmp_path / "log.db", most_bytes=1_000_000) as log:
        topic(log, "t", partitions=1)
        filled(log)
        log.alter_topic("t", TopicSettings(partitions=1, retention_bytes=300_000))
        log.maintain(log._clock())
        publish(log, "t", b"again")
        assert values(read_all(log, "t"))[-1] == b"again"


# ── to read and no more ──────────────────────────────────────────────────────────────────────


def as_a_reader(work: Callable[[], T]) -> T:
    """Do it in a process that has the rights of nobody in particular."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            try:
                told: object = work()
            except OnrecordError as error:
                told = (type(error).__name__, str(error))
            os.write(sending, pickle.dumps(told))
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        found: T = pickle.load(pipe)
    os.waitpid(child, 0)
    return found


@pytest.fixture
def path() -> Iterator[Path]:
    """A log in a folder that everybody can enter; pytest's own folders are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="onrecord-read-only-"))
    folder.chmod(0o755)
    yield folder / "log.db"
    folder.chmod(0o755)
    shutil.rmtree(folder)


def allow_reading(path: Path) -> None:
    for file in path.parent.iterdir():
        file.chmod(0o444)
    path.parent.chmod(0o555)


def read(path: Path) -> list[bytes | None]:
    with SqliteLog(path, make=False) as log:
        assert [status.name for status in log.topics()] == ["t"]
        log.groups()
        return sorted(values(read_all(log, "t")), key=lambda value: int(value or b"0"))


def test_a_log_that_nobody_writes_can_be_read_without_the_right_to_write(path: Path) -> None:
    with SqliteLog(path) as log:
        topic(log, "t")
        expected = fill(log, "t", 20)
    allow_reading(path)
    assert as_a_reader(lambda: read(path)) == expected
    assert [file.name for file in path.parent.iterdir()] == ["log.db"], "nothing was made"


def test_such_a_log_can_be_checked_and_backed_up(path: Path) -> None:
    with SqliteLog(path) as log:
        topic(log, "t")
        fill(log, "t", 20)
    allow_reading(path)
    assert as_a_reader(lambda: check(path).damage) == []

    def copied() -> tuple[int, list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            found = back_up(path, Path(folder) / "copy.db", lambda done, total: None)
            return found.records, found.damage

    assert as_a_reader(copied) == (20, [])


def test_a_log_can_be_read_so_while_another_process_writes_to_it(path: Path) -> None:
    with SqliteLog(path) as log:
        topic(log, "t")
        expected = fill(log, "t", 20)
        allow_reading(path)
        assert as_a_reader(lambda: read(path)) == expected
        publish(log, "t", b"20")  # the writer is not disturbed: it has the file open
        assert len(read_all(log, "t")) == 21


def test_a_group_needs_the_right_to_write_and_is_told_so(path: Path) -> None:
    with SqliteLog(path) as log:
        topic(log, "t")
    allow_reading(path)

    def join() -> tuple[str, str]:
        with SqliteLog(path, make=False) as log:
            log.join("g", ["t"], name="m")
        return "nothing", "was raised"

    def write() -> tuple[str, str]:
        with SqliteLog(path, make=False) as log:
            log.writer("w")
        return "nothing", "was raised"

    for work, why in ((join, "a group keeps its position in it"), (write, "can be published")):
        kind, told = as_a_reader(work)
        assert kind == LogRefused.__name__
        assert why in told


def test_a_reader_of_a_file_at_rest_stops_when_somebody_begins_to_write(path: Path) -> None:
    with SqliteLog(path) as log:
        topic(log, "t")
    at_rest = Database(path, busy_s=1, access=FileAccess.FROZEN)
    with at_rest.snapshot():
        assert at_rest.number("SELECT count(*) FROM topics") == 1
    with SqliteLog(path) as log:
        publish(log, "t", b"1")
        with pytest.raises(LogBroken, match="start again"), at_rest.snapshot():
            pass
    at_rest.close()
