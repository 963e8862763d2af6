"""Salvage of a damaged log: a new file with every readable record.

Records keep their topics, partitions and offsets, so consumer groups continue at their positions.
Losses are reported by partition and offsets.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from onrecord.errors import LogBroken
from onrecord.log.sqlite.backup import finished, opened_to_read, refuse_missing, refuse_present
from onrecord.log.sqlite.database import Database, Row
from onrecord.log.sqlite.packing import DamagedRecord, Packed, check
from onrecord.log.sqlite.records import PartitionRow, partitions_of, stored_columns
from onrecord.log.sqlite.schema import check_or_create
from onrecord.log.sqlite.topics import names

_BUSY_S = 10.0
# Offsets behind a damaged record that are tried one by one.
_NEAR = 1000
_STEP = 500  # records copied in one transaction
# Small tables without records: a log cannot be salvaged without them.
_COPIED = ("topics", "partitions", "positions")


class LostOffsets(NamedTuple):
    """A range of offsets in a partition, [begin, end), without a readable record."""

    topic: str
    partition: int
    begin: int
    end: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition} offsets {self.begin} to {self.end - 1}"


@dataclass(slots=True)
class Salvaged:
    """The result of a salvage: the records saved, and the ranges of possible losses."""

    records: int = 0
    lost: list[LostOffsets] = field(default_factory=list)


def salvage(path: Path, target: Path) -> Salvaged:
    """Write the readable records of a log's file into a new file, `target`.

    Raises LogRefused for a missing file or an existing `target`; LogBroken when the tables that
    define the topics are damaged.
    """
    refuse_missing(path)
    refuse_present(target)
    saved = Salvaged()
    with (
        finished(target) as unfinished,
        closing(opened_to_read(path)) as old,
        closing(Database(unfinished, busy_s=_BUSY_S)) as new,
    ):
        check_or_create(new)
        _copy_tables(old, new)
        for row in partitions_of(old, names(old)):
            _save_partition(old, new, row, saved)
        new.checkpoint()
    return saved


def _copy_tables(old: Database, new: Database) -> None:
    with new.write():
        for table in _COPIED:
            rows = old.rows(f"SELECT * FROM {table}")  # noqa: S608 (one of ours)
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                new.execute_many(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def _save_partition(old: Database, new: Database, row: PartitionRow, saved: Salvaged) -> None:
    records, size = 0, 0
    for rows in _readable(old, row, saved):
        with new.write():
            new.execute_many("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        records += len(rows)
        size += sum(Packed(*found[3:]).size for found in rows)
    with new.write():
        # Missing records leave gaps, so the partition's tail is no longer contiguous.
        new.execute(
            "UPDATE partitions SET records = ?, bytes = ?, solid = ends WHERE id = ?",
            (records, size, row.id),
        )
    saved.records += records


def _readable(db: Database, row: PartitionRow, saved: Salvaged) -> Iterator[list[Row]]:
    """The rows of a partition, a step at a time; unreadable ranges are recorded in `saved`."""
    offset, limit = row.begins, _STEP
    while offset < row.ends:
        rows = _read(db, row, offset, limit)
        if rows is None and limit > 1:
            limit //= 2  # the damage is in this range: read the rows before it
        elif rows is None:
            begin, offset, limit = offset, _next_readable(db, row, offset), _STEP
            saved.lost.append(LostOffsets(row.topic, row.number, begin, offset))
        elif rows:
            offset, limit = row.offset(rows[-1][0]) + 1, min(limit * 2, _STEP)
            yield rows
        else:
            offset = row.ends


def _read(db: Database, row: PartitionRow, offset: int, limit: int) -> list[Row] | None:
    """Up to `limit` rows from an offset on; None when one of them is damaged."""
    try:
        rows = db.rows(
            f"SELECT id, timestamp, latest, {stored_columns(db)} FROM records"  # noqa: S608
            " WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
            (row.row_id(offset), row.row_id(row.ends), limit),
        )
        for found in rows:
            check(Packed(*found[3:]))
    except (LogBroken, DamagedRecord):
        return None
    return rows


def _next_readable(db: Database, row: PartitionRow, offset: int) -> int:
    """The next offset after an unreadable one with a readable record, or the end.

    The nearest are tried one by one, so that of scattered damage nothing readable is passed over;
    a longer stretch of damage is searched for its end.
    """
    near = min(offset + _NEAR, row.ends)
    for candidate in range(offset + 1, near):
        if _read(db, row, candidate, 1):
            return candidate
    return _end_of_damage(db, row, near - 1)


def _end_of_damage(db: Database, row: PartitionRow, offset: int) -> int:
    step = 1
    while offset + step < row.ends and not _read(db, row, offset + step, 1):
        step *= 2
    low, high = offset + step // 2, min(offset + step, row.ends)
    while high - low > 1:
        middle = (low + high) // 2
        if _read(db, row, middle, 1):
            high = middle
        else:
            low = middle
    return high
