"""Backups, restoring, checking and salvaging the file of an embedded log."""

import sqlite3
import subprocess
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from onrecord.errors import LogBroken, LogRefused
from onrecord.log.interface import Log, Message, TopicSettings
from onrecord.log.sqlite import SqliteLog
from onrecord.log.sqlite.backup import back_up, check, restore
from onrecord.log.sqlite.salvage import salvage

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def nothing(done: int, total: int) -> None:
    pass


def filled(path: Path, count: int = 300, topic: str = "a") -> Path:
    """A log with `count` records in two partitions of a topic, and a group halfway."""
    with SqliteLog(path) as log:
        log.create_topic(topic, TopicSettings(partitions=2))
        add(log, count, topic)
        half = {partition: end // 2 for partition, (_, end) in log.bounds(topic).items()}
        log.reset("readers", half)
    return path


def add(log: Log, count: int, topic: str = "a") -> None:
    with log.writer("filler") as writer, writer.transaction() as tx:
        for n in range(count):
            tx.publish(topic, key=b"key %d" % n, value=b"value %d " % n * 100)


def everything(path: Path) -> list[Message]:
    with SqliteLog(path) as log, log.reader(["a"]) as reader:
        found: list[Message] = []
        while some := reader.poll(limit=1000, timeout_s=0):
            found += some
        return sorted(found, key=lambda message: (message.partition, message.offset))


def test_a_backup_makes_the_folder_that_it_goes_to(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db")
    back_up(path, tmp_path / "backups" / "monday.db", nothing)
    assert (tmp_path / "backups" / "monday.db").exists()


def test_a_backup_holds_all_records_and_positions(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db")
    findings = back_up(path, tmp_path / "copy.db", nothing)
    assert (findings.records, findings.topics, findings.damage) == (300, 1, [])
    assert everything(tmp_path / "copy.db") == everything(path)
    with SqliteLog(path) as log, SqliteLog(tmp_path / "copy.db") as copy:
        assert copy.committed("readers") == log.committed("readers")


def test_a_backup_is_one_moment_however_much_is_written_meanwhile(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db", 2000)
    over = threading.Event()
    progress: list[int] = []

    def write_on() -> None:
        with SqliteLog(path) as log:
            while not over.is_set():
                add(log, 10)

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        findings = back_up(path, tmp_path / "copy.db", lambda done, _: progress.append(done))
    finally:
        over.set()
        writer.join()
    assert findings.damage == []
    assert progress == sorted(progress)  # never begun anew
    # Whole transactions only: ten records each after the first.
    assert findings.records >= 2000
    assert findings.records % 10 == 0


def test_a_backup_overwrites_nothing_and_leaves_nothing_unfinished(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db")
    (tmp_path / "copy.db").write_text("something else")
    with pytest.raises(LogRefused, match="is there already"):
        back_up(path, tmp_path / "copy.db", nothing)
    with pytest.raises(LogRefused, match="there is no log"):
        back_up(tmp_path / "missing.db", tmp_path / "other.db", nothing)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.db", "log.db"]


def test_a_backup_onto_a_full_disk_names_that_disk_and_leaves_nothing(tmp_path: Path) -> None:
    path, disk = filled(tmp_path / "log.db"), tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not let us mount a small disk")
    try:
        with pytest.raises(LogBroken, match=f"^{disk}: the disk is full"):
            back_up(path, disk / "copy.db", nothing)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_place_that_takes_no_file_is_named(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db")
    with pytest.raises(LogRefused, match=r"^/proc/copy\.db cannot be written: "):
        back_up(path, Path("/proc/copy.db"), nothing)


def test_a_backup_is_for_its_owner_alone(tmp_path: Path) -> None:
    back_up(filled(tmp_path / "log.db"), tmp_path / "copy.db", nothing)
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0


def test_restoring_brings_back_what_was_backed_up(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db")
    before = everything(path)
    back_up(path, tmp_path / "copy.db", nothing)
    with SqliteLog(path) as log:
        add(log, 50)
    findings, replaced = restore(tmp_path / "copy.db", path, now=NOON, replace=True)
    assert findings.damage == []
    assert everything(path) == before
    assert replaced == tmp_path / "log.db.replaced-20261101T120000Z"
    assert len(everything(replaced)) == 350


def test_restoring_never_replaces_unasked_nor_a_log_in_use(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db")
    back_up(path, tmp_path / "copy.db", nothing)
    with pytest.raises(LogRefused, match="--replace"):
        restore(tmp_path / "copy.db", path, now=NOON, replace=False)
    with SqliteLog(path) as log:
        log.bounds("a")
        with pytest.raises(LogRefused, match="in use"):
            restore(tmp_path / "copy.db", path, now=NOON, replace=True)
    assert len(everything(path)) == 300


def damaged(tmp_path: Path) -> Path:
    """A log in whose middle four pages are overwritten."""
    path = filled(tmp_path / "log.db", 2000)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096 * 4)
    return path


def test_a_sound_log_is_found_sound(tmp_path: Path) -> None:
    assert check(filled(tmp_path / "log.db")).damage == []


def test_damaged_pages_are_found(tmp_path: Path) -> None:
    assert check(damaged(tmp_path)).damage != []


def test_counts_that_do_not_fit_the_records_are_found(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db")
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM records WHERE id = (SELECT max(id) FROM records)")
        db.commit()
    assert [line.partition(":")[2] for line in check(path).damage] != []


def test_what_is_no_log_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no log " * 1000)
    assert check(tmp_path / "notes.txt").damage != []


def test_a_damaged_backup_replaces_nothing(tmp_path: Path) -> None:
    backup = damaged(tmp_path)
    with pytest.raises(LogBroken):
        restore(backup, tmp_path / "new.db", now=NOON, replace=False)
    assert not (tmp_path / "new.db").exists()


def test_salvage_saves_every_readable_record_and_names_the_rest(tmp_path: Path) -> None:
    whole = everything(filled(tmp_path / "whole.db", 2000))
    saved = salvage(damaged(tmp_path), tmp_path / "saved.db")
    found = everything(tmp_path / "saved.db")
    places = {(m.partition, m.offset): m.value for m in whole}
    assert all(places[m.partition, m.offset] == m.value for m in found)
    named = sum(lost.end - lost.begin for lost in saved.lost)
    assert len(found) == saved.records
    assert 0 < len(places) - len(found) <= named < 500
    assert check(tmp_path / "saved.db").damage == []


def test_a_record_whose_checksum_does_not_match_is_not_saved_as_if_it_were_sound(
    tmp_path: Path,
) -> None:
    path = filled(tmp_path / "log.db", 50)
    whole = {(m.partition, m.offset) for m in everything(path)}
    with closing(sqlite3.connect(path)) as db:
        [(number,)] = db.execute("SELECT id FROM records ORDER BY id LIMIT 1 OFFSET 20")
        db.execute("UPDATE records SET value = x'00', codec = 0 WHERE id = ?", (number,))
        db.commit()
    saved = salvage(path, tmp_path / "saved.db")
    [lost] = saved.lost
    assert (lost.end - lost.begin, saved.records) == (1, 49)
    found = {(m.partition, m.offset) for m in everything(tmp_path / "saved.db")}
    assert whole - found == {(lost.partition, lost.begin)}
    assert check(tmp_path / "saved.db").damage == []


def test_salvage_passes_over_nothing_readable_between_damaged_records(tmp_path: Path) -> None:
    path = filled(tmp_path / "log.db", 60)
    with closing(sqlite3.connect(path)) as db:
        ids = [number for (number,) in db.execute("SELECT id FROM records ORDER BY id")]
        for n in (3, 4, 5, 7, 9):
            db.execute("UPDATE records SET value = x'00', codec = 0 WHERE id = ?", (ids[n],))
        db.commit()
    saved = salvage(path, tmp_path / "saved.db")
    assert [lost.end - lost.begin for lost in saved.lost] == [3, 1, 1]
    assert saved.records == 55


def test_a_group_goes_on_in_a_salvaged_log_where_it_stood(tmp_path: Path) -> None:
    path = damaged(tmp_path)
    salvage(path, tmp_path / "saved.db")
    with SqliteLog(path) as log, SqliteLog(tmp_path / "saved.db") as saved:
        assert saved.committed("readers") == log.committed("readers")
