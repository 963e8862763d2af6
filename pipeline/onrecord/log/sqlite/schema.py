"""The tables of a log's file, and how we know the file for ours.

A record's row id is its partition's id and its offset in one integer: a partition is one
stretch of the table, read in order without an index, and nothing else need be found by key.
"""

from onrecord.errors import LogRefused
from onrecord.log.sqlite.database import Database

APPLICATION_ID = 0x6F6E7263  # "onrc", at a fixed place in the file's header
VERSION = 1

# 40 bits of offset: a million million records in each of eight million partitions.
OFFSET_BITS = 40

_TABLES = (
    """
    CREATE TABLE topics (
        name TEXT PRIMARY KEY,
        retention_s INTEGER,
        retention_bytes INTEGER,
        compacted INTEGER NOT NULL,
        max_record_bytes INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    # begins: first offset kept. ends: next to be written. latest: the largest timestamp so far.
    # solid: every offset from here to the end has its record. cleaned: compacted up to here.
    # tombstone: timestamp of the oldest record without a value that compaction has left.
    """
    CREATE TABLE partitions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT NOT NULL,
        number INTEGER NOT NULL,
        begins INTEGER NOT NULL DEFAULT 0,
        ends INTEGER NOT NULL DEFAULT 0,
        records INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        latest INTEGER NOT NULL DEFAULT -62135596800000,
        solid INTEGER NOT NULL DEFAULT 0,
        cleaned INTEGER NOT NULL DEFAULT 0,
        tombstone INTEGER,
        UNIQUE (topic, number)
    )
    """,
    # Partitions of deleted topics whose records are still to be deleted.
    "CREATE TABLE discarded (partition INTEGER PRIMARY KEY)",
    # timestamp: milliseconds since 1970. latest: the largest timestamp up to this record, which
    # makes finding an offset by time a binary search although timestamps may be out of order.
    """
    CREATE TABLE records (
        id INTEGER PRIMARY KEY,
        timestamp INTEGER NOT NULL,
        latest INTEGER NOT NULL,
        key BLOB,
        headers BLOB,
        value BLOB
    )
    """,
    """
    CREATE TABLE positions (
        consumers TEXT NOT NULL,
        partition INTEGER NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (consumers, partition)
    ) WITHOUT ROWID
    """,
    # Ids are never used twice, so a member or writer that was replaced can never pass for the new.
    """
    CREATE TABLE members (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        consumers TEXT NOT NULL,
        name TEXT NOT NULL,
        topics TEXT NOT NULL,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        lease_ends INTEGER NOT NULL,
        UNIQUE (consumers, name)
    )
    """,
    """
    CREATE TABLE owners (
        consumers TEXT NOT NULL,
        partition INTEGER NOT NULL,
        member INTEGER,
        generation INTEGER NOT NULL,
        PRIMARY KEY (consumers, partition)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE writers (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)",
)


def check_or_create(db: Database) -> None:
    """Make the tables in an empty file; raise LogRefused for a file of something else."""
    if not _is_ready(db):
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts only before the first page
        db.execute("PRAGMA journal_mode = WAL")
        with db.write():
            if not _is_ready(db):  # else another process was faster
                _create(db)


def _is_ready(db: Database) -> bool:
    """Whether the tables are there. Raises LogRefused if they are not ours, or of another time."""
    application_id = _number(db, "PRAGMA application_id")
    if application_id == 0 and _number(db, "SELECT count(*) FROM sqlite_master") == 0:
        return False
    if application_id != APPLICATION_ID:
        raise LogRefused(
            f"{db.path} is a database of another program: choose another file for the log"
        )
    version = _number(db, "PRAGMA user_version")
    if version != VERSION:
        raise LogRefused(
            f"{db.path} was written by another version of onrecord (its format is {version}, this "
            f"one reads {VERSION}): use that version, or choose another file for the log"
        )
    return True


def _create(db: Database) -> None:
    for table in _TABLES:
        db.execute(table)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {VERSION}")


def _number(db: Database, sql: str) -> int:
    row = db.row(sql)
    return int(row[0]) if row else 0
