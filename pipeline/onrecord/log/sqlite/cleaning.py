"""Retention and compaction: deleting records that topics need not keep.

The work is done in small steps. Each is an independent transaction that relies on no earlier
read, so several processes can clean at once; between steps writers get their turn (`breaks.py`).
"""

import heapq
from collections.abc import Collection, Iterator

from onrecord.errors import UnknownTopic
from onrecord.log.sqlite import derived, newest, topics
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.records import (
    PartitionRow,
    count_within,
    end_of_stretch,
    offset_at,
    partitions_of,
    partitions_of_topic,
    remove,
    remove_before,
    sizes,
    without_partition,
)
from onrecord.log.sqlite.repacking import repack

# Records deleted in one transaction, the bytes they have at most, and records examined in one read.
_STEP = 250
_STEP_BYTES = 16 * 1024 * 1024
_LOOK = 2000
# Records whose keys are held in memory at once.
_WINDOW = 100_000
# A partition is compacted when it has grown by this share since the last compaction.
_DIRTY = 0.1
# As Kafka does: long enough for every reader to learn that the key is gone.
_TOMBSTONE_MS = 24 * 60 * 60 * 1000
# Free pages are reused; pages beyond this number are returned to the file system.
_FREE_SHARE = 0.1
_FREE_PAGES = 2000
_VACUUM_PAGES = 500


def clean(db: Database, now_ms: int) -> None:
    """Delete records of deleted topics, and those that retention or compaction removes."""
    _finish_discarding(db)
    repack(db)
    for name in topics.names(db):
        try:
            _clean_topic(db, name, now_ms)
        except UnknownTopic:
            continue  # another process deleted it meanwhile
    _give_back_space(db)


def _clean_topic(db: Database, name: str, now_ms: int) -> None:
    settings = topics.settings_of(db, name)
    if settings.retention_s is not None:
        for row in partitions_of_topic(db, name):
            behead(db, row, offset_at(db, row, now_ms - settings.retention_s * 1000))
    if settings.retention_bytes is not None:
        while _shrink(db, name, settings.retention_bytes):
            pass
    if settings.compacted:
        for row in partitions_of_topic(db, name):
            _compact(db, row, now_ms)


# ── retention ────────────────────────────────────────────────────────────────────────────────


def behead(db: Database, row: PartitionRow, target: int) -> None:
    """Delete a partition's records before `target`, in steps."""
    offset = row.begins
    while offset < target:
        offset = end_of_stretch(db, row, offset, target, records=_STEP, size=_STEP_BYTES)
        with db.step():
            remove_before(db, row, offset)


def _shrink(db: Database, topic: str, limit: int) -> bool:
    """Delete some of a topic's oldest records if it is larger than `limit` bytes."""
    with db.step():
        rows = partitions_of(db, [topic])
        excess, taken = sum(row.bytes for row in rows) - limit, 0
        begins: dict[PartitionRow, int] = {}
        for count, (_, row, offset, size) in enumerate(_oldest_first(db, rows)):
            is_full = count == _STEP or (count and taken + size > _STEP_BYTES)
            if taken >= excess or is_full:
                break
            begins[row] = offset + 1
            taken += size
        for row, offset in begins.items():
            remove_before(db, row, offset)
    return bool(begins)


def _oldest_first(
    db: Database, rows: list[PartitionRow]
) -> Iterator[tuple[int, PartitionRow, int, int]]:
    """Timestamp, partition, offset and size of records from the heads of partitions, by time."""
    return heapq.merge(*(sizes(db, row, _STEP) for row in rows))


def discard(db: Database, name: str) -> None:
    """Delete a topic and its records. Raises UnknownTopic."""
    with db.step():
        topics.discard(db, name)
    _finish_discarding(db)


def _finish_discarding(db: Database) -> None:
    for (partition,) in db.rows("SELECT partition FROM discarded"):
        row = without_partition(partition)
        behead(db, row, row.ends)
        has_more = True
        while has_more:
            with db.step():
                derived.drop(db, partition)
                has_more = newest.discard_step(db, partition)
        with db.step():
            db.execute("DELETE FROM discarded WHERE partition = ?", (partition,))


# ── compaction ───────────────────────────────────────────────────────────────────────────────


def _compact(db: Database, row: PartitionRow, now_ms: int) -> None:
    """Keep the newest record of each key, and tombstones for a day."""
    while _needs_compaction(row, now_ms):
        start = max(row.cleaned, row.begins)
        end = min(row.ends, start + _WINDOW)
        newest = _newest_of_each_key(db, row, start, end)
        superseded: list[int] = []
        tombstones: list[tuple[int, int]] = []
        for offset, timestamp, key, is_tombstone in _keys(db, row, row.begins, end):
            if newest.get(key, -1) > offset:
                superseded.append(offset)
            elif is_tombstone and key is not None:
                tombstones.append((offset, timestamp))
            _remove_full_steps(db, row, superseded)
        _remove_in_steps(db, row, superseded)
        # Only now: a crash before this must not bring back what a tombstone deletes.
        old = [offset for offset, at in tombstones if at < now_ms - _TOMBSTONE_MS]
        _remove_in_steps(db, row, old)
        young = [at for _, at in tombstones if at >= now_ms - _TOMBSTONE_MS]
        with db.step():
            db.execute(
                "UPDATE partitions SET cleaned = max(cleaned, ?), tombstone = ? WHERE id = ?",
                (end, min(young, default=None), row.id),
            )
        again = [r for r in partitions_of(db, [row.topic]) if r.id == row.id]
        if not again:
            return
        row = again[0]


def _needs_compaction(row: PartitionRow, now_ms: int) -> bool:
    dirty = row.ends - max(row.cleaned, row.begins)
    has_grown = dirty > 0 and dirty >= _DIRTY * (row.records - dirty)
    return has_grown or (row.tombstone is not None and row.tombstone < now_ms - _TOMBSTONE_MS)


def _newest_of_each_key(
    db: Database, row: PartitionRow, start: int, end: int
) -> dict[bytes | None, int]:
    # Records without a key, from before the topic was compacted, are all kept.
    found = _keys(db, row, start, end)
    return {key: offset for offset, _, key, _ in found if key is not None}


def _keys(
    db: Database, row: PartitionRow, start: int, end: int
) -> Iterator[tuple[int, int, bytes | None, bool]]:
    """Offset, timestamp, key, and whether it is a tombstone, of records in [start, end).

    Read a few at a time: a long query would hold back the WAL, and a process that is ending.
    """
    while start < end:
        db.check_hurry()
        rows = db.rows(
            "SELECT id, timestamp, key, value IS NULL FROM records"
            " WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
            (row.row_id(start), row.row_id(end), _LOOK),
        )
        for row_id, timestamp, key, is_tombstone in rows:
            yield row.offset(row_id), timestamp, key, bool(is_tombstone)
        start = row.offset(rows[-1][0]) + 1 if len(rows) == _LOOK else end


def _remove_full_steps(db: Database, row: PartitionRow, offsets: list[int]) -> None:
    """Delete the collected records if they fill a step, and empty the list."""
    if len(offsets) >= _STEP:
        _remove_in_steps(db, row, offsets)
        offsets.clear()


def _remove_in_steps(db: Database, row: PartitionRow, offsets: list[int]) -> None:
    at = 0
    while at < len(offsets):
        step = offsets[at : at + _STEP]
        with db.step():
            step = step[: count_within(db, row, step, size=_STEP_BYTES)]
            remove(db, row, step)
        at += len(step)


# ── erasing ──────────────────────────────────────────────────────────────────────────────────


def erase(db: Database, topic: str, keys: Collection[bytes]) -> int:
    """Delete all but the newest record of these keys, and overwrite their bytes in the file."""
    wanted, count = frozenset(keys), 0
    db.execute("PRAGMA secure_delete = ON")
    rows = partitions_of_topic(db, topic)
    try:
        with db.write():
            derived.drop(db, min(row.id for row in rows))
        for row in rows:
            found = [
                (offset, key)
                for offset, _, key, _ in _keys(db, row, row.begins, row.ends)
                if key in wanted
            ]
            newest = {key: offset for offset, key in found}
            older = [offset for offset, key in found if newest[key] != offset]
            _remove_in_steps(db, row, older)
            count += len(older)
    finally:
        db.execute("PRAGMA secure_delete = OFF")
    # The WAL still has pages as they were.
    db.checkpoint()
    return count


# ── space ────────────────────────────────────────────────────────────────────────────────────


def _give_back_space(db: Database) -> None:
    """Shrink the file when much of it is free, a few pages at a time."""
    before, pages = None, db.number("PRAGMA page_count")
    # A file whose first page another program has written may not be able to shrink.
    while _is_much_free(db, pages) and pages != before:
        db.give_back(_VACUUM_PAGES)
        before, pages = pages, db.number("PRAGMA page_count")
    if before is not None:
        db.checkpoint()  # only then is the file itself shorter


def _is_much_free(db: Database, pages: int) -> bool:
    return db.number("PRAGMA freelist_count") > max(_FREE_PAGES, pages * _FREE_SHARE)
