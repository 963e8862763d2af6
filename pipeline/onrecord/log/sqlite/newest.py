"""The index of the newest record of each key, for topics in which keys are looked up.

It is kept by whoever writes: an append to an indexed partition enters its keys in the same
transaction. A process of an older version writes without it; the index then ends before the
partition does, and the next lookup that is opened continues it from there.

Nothing here opens a transaction: the caller does.
"""

from collections.abc import Iterable, Sequence

from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.schema import OFFSET_BITS

# topic: the id of the topic's first partition. record: the row id of the record.
# ends: in each indexed partition, the offset up to which the keys were entered.
_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS newest (
        topic INTEGER NOT NULL,
        key BLOB NOT NULL,
        record INTEGER NOT NULL,
        PRIMARY KEY (topic, key)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE IF NOT EXISTS indexed (partition INTEGER PRIMARY KEY, ends INTEGER NOT NULL)",
)
_ENTER_IF_NEWER = f"""
    INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record
    WHERE CASE
        WHEN newest.record >> {OFFSET_BITS} = excluded.record >> {OFFSET_BITS}
        THEN newest.record < excluded.record
        ELSE coalesce((SELECT timestamp FROM records WHERE id = newest.record), -1)
            <= (SELECT timestamp FROM records WHERE id = excluded.record)
    END
"""  # noqa: S608 (no data in it)
# Keys of a deleted topic that are deleted in one transaction.
_STEP = 1_000
# Keys looked up by one statement.
_KEYS = 500

Entry = tuple[int, bytes, int]  # topic, key, record


def create(db: Database, partitions: Iterable[int]) -> None:
    """Begin to index these partitions, unless they are indexed."""
    for table in _TABLES:
        db.execute(table)
    db.execute_many("INSERT OR IGNORE INTO indexed VALUES (?, 0)", [(id_,) for id_ in partitions])


def ends_of(db: Database, partitions: Sequence[int]) -> dict[int, int]:
    """The offset up to which each indexed partition is indexed."""
    if not _exists(db):
        return {}
    marks = ", ".join("?" * len(partitions))
    return dict(
        db.rows(
            f"SELECT partition, ends FROM indexed WHERE partition IN ({marks})",  # noqa: S608
            partitions,
        )
    )


def enter(db: Database, entries: Iterable[Entry], ends: Iterable[tuple[int, int]]) -> None:
    """Enter records, newer than all others of their keys; and the new ends, by partition."""
    db.execute_many("INSERT OR REPLACE INTO newest VALUES (?, ?, ?)", entries)
    db.execute_many("INSERT OR REPLACE INTO indexed VALUES (?, ?)", ends)


def enter_if_newer(db: Database, entries: Iterable[Entry]) -> None:
    """Enter records, unless a newer record of the key is there.

    In one partition the last record is the newest. A key has moved to another one when partitions
    were added to the topic: then it is the one with the later timestamp.
    """
    db.execute_many(_ENTER_IF_NEWER, entries)


def find(db: Database, topic: int, key: bytes) -> int | None:
    """The newest record of a key."""
    row = db.row("SELECT record FROM newest WHERE topic = ? AND key = ?", (topic, key))
    return int(row[0]) if row else None


def find_all(db: Database, topic: int, keys: Sequence[bytes]) -> dict[bytes, int]:
    """The newest record of each of these keys that has one."""
    found: dict[bytes, int] = {}
    for at in range(0, len(keys), _KEYS):
        some = keys[at : at + _KEYS]
        marks = ", ".join("?" * len(some))
        rows = db.rows(
            f"SELECT key, record FROM newest WHERE topic = ? AND key IN ({marks})",  # noqa: S608
            (topic, *some),
        )
        found.update(dict(rows))
    return found


def forget(db: Database, partition: int, condition: str, values: Sequence[int]) -> None:
    """Remove the entries of records that are about to be deleted.

    `condition` selects them by `id`; it and its `values` are used as in the deletion itself.
    """
    if not ends_of(db, [partition]):
        return
    db.execute(
        "DELETE FROM newest WHERE topic = (SELECT min(id) FROM partitions WHERE topic ="  # noqa: S608
        f" (SELECT topic FROM partitions WHERE id = ?)) AND key IN (SELECT key FROM records WHERE"
        f" {condition}) AND record IN (SELECT id FROM records WHERE {condition})",
        (partition, *values, *values),
    )


def discard_step(db: Database, partition: int) -> bool:
    """Delete some entries of a deleted topic; whether there may be more."""
    if not _exists(db):
        return False
    db.execute("DELETE FROM indexed WHERE partition = ?", (partition,))
    keys = db.rows("SELECT key FROM newest WHERE topic = ? LIMIT ?", (partition, _STEP))
    db.execute_many(
        "DELETE FROM newest WHERE topic = ? AND key = ?", [(partition, key) for (key,) in keys]
    )
    return len(keys) == _STEP


def _exists(db: Database) -> bool:
    return bool(db.row("SELECT 1 FROM sqlite_master WHERE name = 'indexed'"))
