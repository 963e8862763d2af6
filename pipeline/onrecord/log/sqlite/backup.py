"""Backup, restore and check of a log's file.

Copying the file with `cp` while it is in use is not a backup: the latest commits are in the
write-ahead log beside it, and the two files are copied at different moments.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from onrecord.errors import LogBroken, LogRefused
from onrecord.log.sqlite import packing
from onrecord.log.sqlite.access import FileAccess, access_to
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.packing import DamagedRecord, Packed
from onrecord.log.sqlite.records import PartitionRow, partitions_of, stored_columns
from onrecord.log.sqlite.schema import OFFSET_BITS, check_or_create, is_ready
from onrecord.log.sqlite.topics import names

Progress = Callable[[int, int], None]

_BUSY_S = 10.0


@dataclass(slots=True)
class Findings:
    """The result of a check: totals, and a line for each fault."""

    topics: int = 0
    records: int = 0
    size_bytes: int = 0
    damage: list[str] = field(default_factory=list)


def back_up(path: Path, target: Path, progress: Progress) -> Findings:
    """Copy a log's file to `target` while it is in use, and check the copy.

    The copy is a consistent snapshot. It gets its name only when it is complete, checked and on
    disk. Raises LogRefused when `path` has no log, or `target` exists.
    """
    refuse_missing(path)
    refuse_present(target)
    with finished(target) as unfinished:
        with closing(opened_to_read(path)) as source:
            check_or_create(source)
            source.copy_into(unfinished, progress)
        return check(unfinished)


def restore(
    backup: Path, path: Path, *, now: datetime, replace: bool
) -> tuple[Findings, Path | None]:
    """Restore a backup. Returns its findings, and the new path of the replaced file.

    Raises LogRefused when `path` has a log already, unless it is to be replaced and no process
    uses it; LogBroken when the backup is damaged.
    """
    refuse_missing(backup)
    if path.exists() and not replace:
        raise LogRefused(
            f"{path} is there already: with --replace it is renamed and the backup takes its place"
        )
    with finished(path) as unfinished:
        with closing(opened_to_read(backup)) as source:
            check_or_create(source)
            source.copy_into(unfinished, lambda done, total: None)
        findings = check(unfinished)
        if findings.damage:
            raise LogBroken(f"{backup} is damaged ({findings.damage[0]}): nothing was restored")
        replaced = _set_aside(path, now) if path.exists() else None
    return findings, replaced


def look_at_file(path: Path) -> str:
    """A description of a log's file, without changing it. Raises LogRefused, LogBroken."""
    if not path.exists():
        _refuse_unmakable(path)
        return f"{path} is not there yet: the first command that uses it makes it"
    can_write = access_to(path) is FileAccess.WRITE
    only_read = "" if can_write else ", which this user can only read"
    # What a process that was killed left behind stays as it is: it would be copied into the file.
    wal, shared = (path.with_name(f"{path.name}-{end}") for end in ("wal", "shm"))
    if wal.exists() and wal.stat().st_size and not shared.exists():
        # SQLite cannot read the two together without making shared memory, nor one alone.
        return f"{path} was not closed: the next command that uses it reads {wal} too{only_read}"
    access = FileAccess.READ if wal.exists() and shared.exists() else FileAccess.FROZEN
    with closing(Database(path, busy_s=_BUSY_S, access=access)) as db:
        if not is_ready(db):
            return f"{path} is empty: the first command that uses it makes a log of it"
        return f"a log of format {db.format} with {len(names(db))} topics{only_read}"


def _refuse_unmakable(path: Path) -> None:
    """Raise LogRefused where no file can be made."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise LogRefused(f"{path} is not there, and cannot be made: {folder} cannot be written")


def check(path: Path) -> Findings:
    """Read the whole file and check its consistency: pages, indexes, records and their counts."""
    refuse_missing(path)
    findings = Findings(size_bytes=path.stat().st_size)
    try:
        _check_into(path, findings)
    except LogBroken as error:  # so damaged that it cannot be read
        findings.damage.append(str(error))
    return findings


def _check_into(path: Path, findings: Findings) -> None:
    with closing(opened_to_read(path)) as db:
        findings.damage += db.damage()
        if findings.damage:
            return
        check_or_create(db)
        with db.snapshot():
            topics = names(db)
            findings.topics = len(topics)
            for row in partitions_of(db, topics):
                _check_partition(db, row, findings)


def _check_partition(db: Database, row: PartitionRow, findings: Findings) -> None:
    count = 0
    for offset in _sound_offsets(db, row, findings):
        count += 1
        if not row.begins <= offset < row.ends:
            findings.damage.append(
                f"{row.partition}: a record at {offset}, outside {row.begins} to {row.ends - 1}"
            )
    findings.records += count
    if count != row.records:
        findings.damage.append(f"{row.partition}: {count} records where {row.records} are counted")


def _sound_offsets(db: Database, row: PartitionRow, findings: Findings) -> Iterator[int]:
    """The offset of each record, after comparing the record with its checksum."""
    rows = db.stream(
        f"SELECT id, {stored_columns(db)} FROM records WHERE id >= ? AND id < ?",  # noqa: S608
        (row.row_id(0), row.row_id(0) + (1 << OFFSET_BITS)),
    )
    for row_id, *columns in rows:
        offset = row.offset(row_id)
        try:
            packing.check(Packed(*columns))
        except DamagedRecord as error:
            findings.damage.append(f"{row.partition} offset {offset} is damaged: {error}")
        yield offset


# ── files ────────────────────────────────────────────────────────────────────────────────────


def opened_to_read(path: Path) -> Database:
    """A log's file, to be read whole. The right to write to it is not needed."""
    return Database(path, busy_s=_BUSY_S, access=access_to(path))


def refuse_missing(path: Path) -> None:
    """Raise LogRefused unless there is a file."""
    if not path.is_file():
        raise LogRefused(f"{path}: there is no log in this file")


def refuse_present(path: Path) -> None:
    """Raise LogRefused if there is a file."""
    if path.exists():
        raise LogRefused(f"{path} is there already: choose another name")


@contextmanager
def finished(target: Path) -> Iterator[Path]:
    """A temporary file beside `target`, renamed to it on leaving without an exception.

    Raises LogRefused when no file can be written there.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(unfinished)
        unfinished.touch(mode=0o600)
    except OSError as error:
        raise LogRefused(f"{target} cannot be written: {error.strerror}") from error
    try:
        yield unfinished
        _to_disk(unfinished)
        unfinished.replace(target)
        _to_disk(target.parent)
    finally:
        _remove(unfinished)


def _remove(path: Path) -> None:
    """Remove a file of SQLite and the files beside it, as far as they are there."""
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _set_aside(path: Path, now: datetime) -> Path:
    """Rename a log's file that no process uses. Raises LogRefused when one does."""
    with closing(Database(path, busy_s=0.2)) as db:
        if db.is_in_use():
            raise LogRefused(f"{path} is in use: stop every onrecord process that uses it first")
    aside = path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    path.rename(aside)
    return aside
