"""The local file with the newest record of each key of one topic, and what else derives from it.

It holds nothing that is not in the cluster: a file that is lost, damaged or of another topic is
made anew. Several processes can share it.
"""

import logging
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from onrecord.errors import LogBroken, LogRefused
from onrecord.log.interface import Message
from onrecord.log.sqlite.database import LOG_FILE, Database, FileId
from onrecord.log.sqlite.derived import named, names_of_pieces
from onrecord.log.sqlite.failures import is_of_useless_file
from onrecord.log.timestamps import to_ms

_logger = logging.getLogger(__name__)

_BUSY_S = 30.0
# A power cut may cost the last entries, with their positions, and must not cost entries alone:
# what was published would be unknown, and nothing would tell.
_KIND = replace(LOG_FILE, is_durable=False)
# Entries of expired records are deleted when a partition's begin has moved by this share.
_EXPIRED_SHARE = 0.1

# position: the next offset to read. begins: the begin when expired entries were deleted last.
# extract: NULL for a tombstone.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS about (topic TEXT NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS positions (
        partition INTEGER PRIMARY KEY,
        position INTEGER NOT NULL,
        begins INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS newest (
        key BLOB PRIMARY KEY,
        partition INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        timestamp INTEGER NOT NULL,
        extract BLOB
    ) WITHOUT ROWID
    """,
    "CREATE TABLE IF NOT EXISTS derived (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
)


class IndexFile:
    """An open index file of the topic with this identity. Belongs to one thread at a time."""

    def __init__(self, path: Path, identity: str) -> None:
        self._path = path
        self._identity = identity
        try:
            self._db = self._open()
        except LogBroken as error:
            if self._file_now() == self._file:
                if not is_of_useless_file(error):
                    raise  # the file may be whole, and other processes use it
                _logger.warning("%s; the index is built again", error)
                self._remove()
            # Else another process has done so meanwhile.
            self._db = self._open()

    def positions(self) -> dict[int, int]:
        """The next offset to enter, by partition."""
        return dict(self._db.rows("SELECT partition, position FROM positions"))

    def get(self, key: bytes) -> tuple[int, int, bytes | None] | None:
        """Partition, offset and extract of the newest record of a key."""
        row = self._db.row("SELECT partition, offset, extract FROM newest WHERE key = ?", (key,))
        return None if row is None else (row[0], row[1], row[2])

    def keep(self, name: str, pieces: Iterable[bytes]) -> None:
        """Keep pieces derived from the topic, in place of those of this name.

        Those that nothing takes the place of leave no bytes in the file.
        """
        with self._db.small_cache(), self._db.write():
            self._db.execute(
                "DELETE FROM derived WHERE name = ? OR name BETWEEN ? AND ?",
                (name, *names_of_pieces(name)),
            )
            self._db.execute_many("INSERT INTO derived VALUES (?, ?)", named(name, pieces))
            names = names_of_pieces(name)
            is_empty = not self._db.row("SELECT 1 FROM derived WHERE name BETWEEN ? AND ?", names)
        if is_empty:
            self._db.checkpoint()  # the WAL still has the former ones

    def kept(self, name: str) -> Generator[bytes, None, None]:
        """The pieces kept under a name."""
        with self._db.small_cache():
            for (piece,) in self._db.stream(
                "SELECT value FROM derived WHERE name BETWEEN ? AND ? ORDER BY name",
                names_of_pieces(name),
            ):
                yield piece

    def enter(
        self,
        records: Iterable[tuple[Message, bytes | None]],
        positions: Mapping[int, int],
        begins: Mapping[int, int],
    ) -> None:
        """Enter records with their extracts, up to these positions.

        A tombstone removes what derives from the topic: it can hold something of the record that
        was deleted.
        """
        entries = [(message, extract) for message, extract in records if message.key is not None]
        deletes = any(message.value is None for message, _ in entries)
        with self._db.write():
            if deletes:
                self._db.execute("DELETE FROM derived")
            self._db.execute_many(
                "INSERT INTO newest VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " partition = excluded.partition, offset = excluded.offset,"
                " timestamp = excluded.timestamp, extract = excluded.extract"
                " WHERE CASE WHEN partition = excluded.partition"
                " THEN offset < excluded.offset ELSE timestamp <= excluded.timestamp END",
                (
                    (message.key, message.partition, message.offset, _ms(message), extract)
                    for message, extract in entries
                ),
            )
            self._db.execute_many(
                "INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
                " position = max(position, excluded.position)",
                [(number, at, begins.get(number, 0)) for number, at in positions.items()],
            )
        if deletes:
            self._db.checkpoint()  # the WAL still has pages as they were

    def expire(self, bounds: Mapping[int, tuple[int, int]]) -> None:
        """Delete the entries of records before these begins, once that is worth a pass."""
        before: dict[int, int] = dict(self._db.rows("SELECT partition, begins FROM positions"))
        for number, (begin, end) in bounds.items():
            if begin - before.get(number, begin) > _EXPIRED_SHARE * (end - begin):
                with self._db.write():
                    self._db.execute(
                        "DELETE FROM newest WHERE partition = ? AND offset < ?", (number, begin)
                    )
                    self._db.execute(
                        "UPDATE positions SET begins = ? WHERE partition = ?", (begin, number)
                    )

    def clear(self) -> None:
        """Forget everything, for a topic that is not the one entered here."""
        with self._db.write():
            for table in ("newest", "derived", "positions", "about"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  (names of ours)
            self._db.execute("INSERT INTO about VALUES (?)", (self._identity,))

    def close(self) -> None:
        self._db.close()

    def _open(self) -> Database:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Closing the descriptor of a file in use would release this process's locks on it.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            pass
        except OSError as error:
            raise LogRefused(
                f"kafka.index_folder: {self._path} cannot be written: {error.strerror}"
            ) from error
        self._file = self._file_now()
        self._db = db = Database(self._path, busy_s=_BUSY_S, kind=_KIND)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA secure_delete = ON")  # articles that are forgotten leave no bytes
            with db.write():
                for table in _TABLES:
                    db.execute(table)
            if db.rows("SELECT topic FROM about") != [(self._identity,)]:
                self.clear()
        except BaseException:
            db.close()
            raise
        return db

    def _file_now(self) -> FileId | None:
        with suppress(OSError):
            status = self._path.stat()
            return status.st_dev, status.st_ino
        return None

    def _remove(self) -> None:
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)


def _ms(message: Message) -> int:
    return to_ms(message.timestamp)
