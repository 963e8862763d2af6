"""Bringing the records of a file of version 1 into the form of this version, a few at a time.

How far it came stands in the file, so it goes on where a killed process left it, and several
processes may do it at once. Readers read both forms.
"""

import time

from onrecord.log.sqlite.database import Database, Row
from onrecord.log.sqlite.packing import Packed, packed
from onrecord.log.sqlite.schema import OFFSET_BITS

_STEP = 250
# At a time, beside the other work of maintenance.
_LONGEST_S = 60.0


def repack(db: Database, *, longest_s: float = _LONGEST_S) -> bool:
    """Compress what version 1 wrote, for so long. Whether all of it is done."""
    until = time.monotonic() + longest_s
    while _has_more(db):
        _repack_step(db)
        if time.monotonic() >= until:
            return not _has_more(db)
    return True


def _has_more(db: Database) -> bool:
    return bool(db.row("SELECT 1 FROM sqlite_master WHERE name = 'repacking'"))


def _repack_step(db: Database) -> None:
    # Read and compressed before the file is locked, and written only where nothing has changed.
    start = db.number("SELECT next FROM repacking")
    rows = db.rows(
        "SELECT id, key, headers, value FROM records WHERE id >= ? AND checksum IS NULL"
        " ORDER BY id LIMIT ?",
        (start, _STEP),
    )
    new = [(row, packed(*row[1:])) for row in rows]
    with db.write():
        if not _has_more(db) or db.number("SELECT next FROM repacking") != start:
            return  # another process did these
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
