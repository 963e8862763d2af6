"""Bytes that were derived from a topic, kept in its file so that they need not be derived again.

They can be lost at any time: with the topic, and when records of it are erased.
"""

from onrecord.log.sqlite.database import Database

# topic: the id of the topic's first partition.
_TABLE = """
    CREATE TABLE IF NOT EXISTS derived (
        topic INTEGER NOT NULL,
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (topic, name)
    )
"""


def keep(db: Database, topic: int, name: str, value: bytes | bytearray) -> None:
    """Keep bytes in place of those of this name, unless the topic was deleted."""
    # Former ones can hold what is erased later, and then must not stand in free pages.
    db.execute("PRAGMA secure_delete = ON")
    try:
        with db.write():
            db.execute(_TABLE)
            if db.row("SELECT 1 FROM partitions WHERE id = ?", (topic,)):
                db.execute("INSERT OR REPLACE INTO derived VALUES (?, ?, ?)", (topic, name, value))
    finally:
        db.execute("PRAGMA secure_delete = OFF")


def kept(db: Database, topic: int, name: str) -> bytes | None:
    """The bytes kept under a name."""
    if not _exists(db):
        return None
    row = db.row("SELECT value FROM derived WHERE topic = ? AND name = ?", (topic, name))
    found: bytes | None = None if row is None else row[0]
    return found


def drop(db: Database, topic: int) -> None:
    """Delete everything derived from a topic, within the caller's transaction."""
    if _exists(db):
        db.execute("DELETE FROM derived WHERE topic = ?", (topic,))


def _exists(db: Database) -> bool:
    return bool(db.row("SELECT 1 FROM sqlite_master WHERE name = 'derived'"))
