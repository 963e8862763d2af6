"""A file that an older version wrote: read, shared with that version, and upgraded in place."""

import lzma
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from onrecord.errors import LogBroken
from onrecord.log.interface import Message
from onrecord.log.sqlite import SqliteLog
from onrecord.log.sqlite.backup import back_up, check
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.repacking import repack

FILE = Path(__file__).parents[1] / "data" / "logs" / "version-1.db.xz"
TOPICS = ("onrecord.articles", "onrecord.extractions")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    return path


def as_version_1_reads(path: Path) -> list[tuple[object, ...]]:
    """All records, by the statement with which version 1 read them."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT id, timestamp, key, headers, value FROM records").fetchall()


def everything(log: SqliteLog) -> list[Message]:
    found: list[Message] = []
    with log.reader(TOPICS) as reader:
        while some := reader.poll(limit=1000, timeout_s=0):
            found += some
    return sorted(found, key=lambda m: (m.topic, m.partition, m.offset))


def format_of(path: Path) -> int:
    with closing(Database(path, busy_s=1)) as db:
        return db.format


def test_an_upgraded_file_holds_the_same_records_and_positions(old: Path) -> None:
    before = as_version_1_reads(old)
    with SqliteLog(old) as log:
        found = everything(log)
        assert {m.value for m in found} <= {row[4] for row in before}
        assert len(found) == 62
        assert len(log.committed("onrecord.extract")) == 2
    assert format_of(old) == 2


def test_repacking_changes_how_records_rest_and_nothing_that_is_read(old: Path) -> None:
    with SqliteLog(old) as log:
        before = everything(log)
        size = sum(topic.size_bytes for topic in log.topics("onrecord."))
        log.maintain(before[0].timestamp)
        assert everything(log) == before
        assert sum(topic.size_bytes for topic in log.topics("onrecord.")) < size / 2
    assert check(old).damage == []


def test_repacking_goes_on_where_it_was_stopped(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.log.sqlite.repacking._STEP", 7)
    SqliteLog(old).close()
    with closing(Database(old, busy_s=1)) as db:
        assert not repack(db, longest_s=0)  # one step
        assert db.number("SELECT count(*) FROM records WHERE checksum IS NOT NULL") == 7
    with closing(Database(old, busy_s=1)) as db:
        assert repack(db)
        assert db.number("SELECT count(*) FROM records WHERE checksum IS NULL") == 0
    assert check(old).damage == []


def test_a_file_that_another_process_uses_stays_as_that_process_knows_it(old: Path) -> None:
    with closing(sqlite3.connect(old)) as other:
        other.execute("SELECT count(*) FROM records").fetchall()
        with SqliteLog(old) as log:
            with log.writer("w") as writer, writer.transaction() as tx:
                tx.publish("onrecord.articles", key=b"new", value=b"readable " * 100)
            assert everything(log)[-1].topic == "onrecord.extractions"
    assert format_of(old) == 1
    assert (b"new", b"readable " * 100) in [(row[2], row[4]) for row in as_version_1_reads(old)]


def test_looking_at_a_file_does_not_upgrade_it(old: Path, tmp_path: Path) -> None:
    assert check(old).damage == []
    back_up(old, tmp_path / "copy.db", lambda done, total: None)
    assert (format_of(old), format_of(tmp_path / "copy.db")) == (1, 1)


def test_a_record_that_the_disk_gives_back_wrong_is_named_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    with SqliteLog(path) as log, log.writer("w") as writer, writer.transaction() as tx:
        tx.publish("onrecord.articles", key=b"k", value=b"what was written " * 50)
    with closing(sqlite3.connect(path)) as db:
        ((value,),) = db.execute("SELECT value FROM records WHERE key = x'6b'").fetchall()
        wrong = value[:20] + bytes([value[20] ^ 1]) + value[21:]
        db.execute("UPDATE records SET value = ? WHERE key = x'6b'", (wrong,))
        db.commit()
    with (
        SqliteLog(path) as log,
        pytest.raises(LogBroken, match=r"articles/\d offset \d+ is damaged"),
    ):
        everything(log)
    (line,) = check(path).damage
    assert "its checksum does not match" in line
