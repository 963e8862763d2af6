"""Conversion of a version 1 file's records to the present form, a few at a time.

The progress is stored in the file, so the conversion resumes after a killed process, and several
processes can convert at once. Readers read both forms.
"""

import time

from onrecord.log.sqlite.database import Database, Row
from onrecord.log.sqlite.packing import Packed, packed
from onrecord.log.sqlite.schema import OFFSET_BITS

_STEP = 250
# Per run, in addition to the other maintenance work.
_LONGEST_S = 60.0


def repack(db: Database, *, longest_s: float = _LONGEST_S) -> bool:
    """Compress the records of version 1 for up to `longest_s`. Returns whether all are done."""
    until = time.monotonic() + longest_s
    while _has_more(db):
        _repack_step(db)
        if time.monotonic() >= until:
            return not _has_more(db)
    return True


def _has_more(db: Database) -> bool:
    return bool(db.row("SELECT 1 FROM sqlite_master WHERE name = 'repacking'"))


def _repack_step(db: Database) -> None:
    # Records are compressed before the file is locked, and written only if nothing has changed.
    start = db.number("SELECT next FROM repacking")
    rows = db.rows(
        "SELECT id, key, headers, value FROM records WHERE id >= ? AND checksum IS NULL"
        " ORDER BY id LIMIT ?",
        (start, _STEP),
    )
    new = [(row, packed(*row[1:])) for row in rows]
    with db.step():
        if not _has_more(db) or db.number("SELECT next FROM repacking") != start:
            return  # another process converted these
        for row, stored in new:
            _replace(db, row, stored)
        if len(rows) < _STEP:
            db.execute("DROP TABLE repacking")
        else:
            db.execute("UPDATE repacking SET next = ?", (rows[-1][0] + 1,))


def _replace(db: Database, row: Row, stored: Packed) -> None:
    row_id, *columns = row
    saved = sum(len(column or b"") for column in columns) - stored.size
    db.execute(
        "UPDATE records SET value = ?, codec = ?, checksum = ? WHERE id = ?",
        (stored.value, stored.codec, stored.checksum, row_id),
    )
    db.execute(
        "UPDATE partitions SET bytes = bytes - ? WHERE id = ? AND"
        " EXISTS (SELECT 1 FROM records WHERE id = ?)",
        (saved, row_id >> OFFSET_BITS, row_id),
    )
