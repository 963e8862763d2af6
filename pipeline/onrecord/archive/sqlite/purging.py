"""Leaves no byte of what was removed in an archive's file.

SQLite keeps removed records in free pages, and FTS5 keeps removed words until parts of its index
are merged. So the file is written anew after a tombstone removed something. That it is due is
stored with the removal: a writer that is killed before leaves it to the next.
"""

from contextlib import suppress

from onrecord.errors import OnrecordError
from onrecord.log.sqlite.database import Database

_DUE = "unpurged"


def note_removal(db: Database) -> None:
    """Remember that something was removed. Call in the transaction of the removal."""
    db.execute("INSERT OR REPLACE INTO counter (name, n) VALUES (?, 1)", (_DUE,))


def purge_if_due(db: Database) -> None:
    """Write the file anew if something was removed from it; readers go on meanwhile.

    Needs free space of twice its size. Where that is lacking, it stays due.
    """
    if db.row("SELECT 1 FROM counter WHERE name = ?", (_DUE,)) is None:
        return
    with suppress(OnrecordError):
        with db.write():
            db.execute("INSERT INTO search (search) VALUES ('optimize')")
        db.execute("VACUUM")
        db.checkpoint()
        with db.write():
            db.execute("DELETE FROM counter WHERE name = ?", (_DUE,))
