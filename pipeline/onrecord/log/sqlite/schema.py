"""The tables of a log's file, and the identification of such a file.

A record's row id combines its partition's id and its offset in one integer: a partition is one
contiguous range of the table, read in order without an index, and no other key is needed.
"""

import logging

from onrecord.errors import LogRefused
from onrecord.log.sqlite.database import Database

logger = logging.getLogger(__name__)

APPLICATION_ID = 0x6F6E7263  # "onrc", at a fixed place in the file's header
VERSION = 2
# From this version on, records have a codec and a checksum.
PACKED_FORMAT = 2

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
    # codec, checksum: see `packing.py`; a record that version 1 wrote has no checksum.
    """
    CREATE TABLE records (
        id INTEGER PRIMARY KEY,
        timestamp INTEGER NOT NULL,
        latest INTEGER NOT NULL,
        key BLOB,
        headers BLOB,
        value BLOB,
        codec INTEGER NOT NULL DEFAULT 0,
        checksum INTEGER
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
    # Ids are never reused, so a replaced member or writer cannot be mistaken for its successor.
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


def check_or_create(db: Database, *, upgrade: bool = False) -> None:
    """Create the tables in an empty file; raise LogRefused for a file of another program.

    A file of version 1 is read and written in its own format, so that processes of both versions
    can share it. With `upgrade` it is converted to this version if no other process uses it.
    """
    if is_ready(db):
        if upgrade and db.format == 1 and not db.is_in_use():
            _upgrade(db)
        return
    db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # effective only before the first page
    db.execute("PRAGMA journal_mode = WAL")
    with db.write():
        if not is_ready(db):  # else another process was faster
            _create(db)


def is_ready(db: Database) -> bool:
    """Whether the tables exist. Raises LogRefused for tables of another program or version."""
    application_id = db.number("PRAGMA application_id")
    if application_id == 0 and db.number("SELECT count(*) FROM sqlite_master") == 0:
        return False
    if application_id != APPLICATION_ID:
        raise LogRefused(
            f"{db.path} is a database of another program: choose another file for the log"
        )
    version = db.number("PRAGMA user_version")
    if not 1 <= version <= VERSION:
        raise LogRefused(
            f"{db.path} was written by another version of onrecord (its format is {version}, this "
            f"one reads 1 to {VERSION}): use that version, or choose another file for the log"
        )
    return True


def _create(db: Database) -> None:
    for table in _TABLES:
        db.execute(table)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.set_format(VERSION)


def _upgrade(db: Database) -> None:
    """Upgrade from version 1 to 2. Existing records stay unchanged until `repack`."""
    with db.write():
        if db.number("PRAGMA user_version") != 1:
            return  # another process was faster
        db.execute("ALTER TABLE records ADD COLUMN codec INTEGER NOT NULL DEFAULT 0")
        db.execute("ALTER TABLE records ADD COLUMN checksum INTEGER")
        db.execute("CREATE TABLE repacking (next INTEGER NOT NULL)")
        db.execute("INSERT INTO repacking VALUES (0)")
        db.set_format(2)
    logger.warning(
        "%s is of this version's format now: versions before it cannot use it any more", db.path
    )
