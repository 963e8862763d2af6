"""Pieces that were derived from a topic, kept in its file so that they need not be derived again.

They can be lost at any time: with the topic, and when records of it are erased. Each is a row:
many megabytes are written and read without being in memory at once.
"""

from collections.abc import Generator, Iterable, Iterator

from onrecord.log.sqlite.database import Database

# topic: the id of the topic's first partition. name: with the piece's number; former versions kept
# one piece, without a number.
_TABLE = """
    CREATE TABLE IF NOT EXISTS derived (
        topic INTEGER NOT NULL,
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (topic, name)
    )
"""


def keep(db: Database, topic: int, name: str, pieces: Iterable[bytes]) -> None:
    """Keep pieces in place of those of this name, unless the topic was deleted.

    Those that nothing takes the place of leave no bytes in the file.
    """
    # Former ones can hold what is erased later, and then must not stand in free pages.
    db.execute("PRAGMA secure_delete = ON")
    try:
        with db.small_cache(), db.write():
            db.execute(_TABLE)
            db.execute(
                "DELETE FROM derived WHERE topic = ? AND (name = ? OR name BETWEEN ? AND ?)",
                (topic, name, *names_of_pieces(name)),
            )
            if db.row("SELECT 1 FROM partitions WHERE id = ?", (topic,)):
                rows = ((topic, *row) for row in named(name, pieces))
                db.execute_many("INSERT INTO derived VALUES (?, ?, ?)", rows)
            is_empty = not db.row(
                "SELECT 1 FROM derived WHERE topic = ? AND name BETWEEN ? AND ?",
                (topic, *names_of_pieces(name)),
            )
    finally:
        db.execute("PRAGMA secure_delete = OFF")
    if is_empty:
        db.checkpoint()  # the WAL still has the former ones


def kept(db: Database, topic: int, name: str) -> Generator[bytes, None, None]:
    """The pieces kept under a name."""
    if not _exists(db):
        return
    with db.small_cache():
        for (piece,) in db.stream(
            "SELECT value FROM derived WHERE topic = ? AND name BETWEEN ? AND ? ORDER BY name",
            (topic, *names_of_pieces(name)),
        ):
            yield piece


def drop(db: Database, topic: int) -> None:
    """Delete everything derived from a topic, within the caller's transaction."""
    if _exists(db):
        db.execute("DELETE FROM derived WHERE topic = ?", (topic,))


def named(name: str, pieces: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Pieces, each with the name of its row."""
    return ((f"{name}/{number:06}", piece) for number, piece in enumerate(pieces))


def names_of_pieces(name: str) -> tuple[str, str]:
    """The first and the last name that pieces can have."""
    return f"{name}/", f"{name}/9999999"


def _exists(db: Database) -> bool:
    return bool(db.row("SELECT 1 FROM sqlite_master WHERE name = 'derived'"))
