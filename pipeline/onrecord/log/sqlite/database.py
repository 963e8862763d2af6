"""One connection to a SQLite file: statements, transactions and translated errors.

This module and `failures.py` alone use sqlite3. Every failure becomes `LogUnavailable` (another
process holds the file; wait) or `LogBroken` (a full disk, a damaged file; waiting does not
help), in one line that names the file and the remedy; the archive's file has its own errors.
"""

import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from onrecord.errors import LogBroken, LogUnavailable, OnrecordError
from onrecord.log.sqlite.access import FileAccess
from onrecord.log.sqlite.breaks import Breaks
from onrecord.log.sqlite.failures import is_of_full_disk, is_of_held_file, what_to_do
from onrecord.log.sqlite.shortages import DISK_IS_FULL

Row = tuple[Any, ...]
FileId = tuple[int, int]  # device and inode

# The WAL is checkpointed whenever it has grown by the first size, and truncated when a slow
# reader let it grow past the second.
_CHECKPOINT_BYTES = 16 * 1024 * 1024
_LARGEST_WAL_BYTES = 64 * 1024 * 1024
_PAGE_BYTES = 4096
_CACHE_KIB = 8 * 1024
_COPIED_PAGES = 2048  # of a backup, between two progress reports


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What a file is for: its errors, and whether commits must survive a power cut.

    `is_replaced` by ourselves while others read it: they go on with the old file until they look.
    """

    unavailable: type[OnrecordError]
    broken: type[OnrecordError]
    closed: str
    damaged: str
    is_durable: bool = True
    is_replaced: bool = False
    cache_kib: int = _CACHE_KIB


LOG_FILE = FileKind(
    unavailable=LogUnavailable,
    broken=LogBroken,
    closed="this log, reader or writer is closed",
    damaged="restore a backup, or `onrecord check --salvage NEW.db`",
)


class Database:
    """A connection in autocommit mode. Belongs to one thread at a time.

    `busy_s` is how long a statement waits for another process before LogUnavailable.
    `on_commit` is called after each write transaction. `file` is the required device and inode,
    if known from an earlier connection; without it, a missing file is created. With another
    `access` than WRITE nothing is created or changed. `most_bytes` limits what the file holds.
    `breaks` are taken between the steps of long work.
    """

    def __init__(
        self,
        path: Path,
        *,
        busy_s: float,
        on_commit: Callable[[], None] = lambda: None,
        file: FileId | None = None,
        kind: FileKind = LOG_FILE,
        access: FileAccess = FileAccess.WRITE,
        most_bytes: int | None = None,
        breaks: Breaks | None = None,
    ) -> None:
        self._access = access
        self._breaks = breaks or Breaks()
        self._most_bytes = most_bytes
        self.path = path
        self._kind = kind
        self._busy_s = busy_s
        self._on_commit = on_commit
        self._wal = path.with_name(path.name + "-wal")
        self._cut_wal_at = _LARGEST_WAL_BYTES
        self._closed = False
        if file is not None:
            self._check_file_is(file)
        try:
            self._connection = sqlite3.connect(
                f"file:{quote(str(path.absolute()))}?{access.value}",
                uri=True,
                timeout=busy_s,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise self._explained(error) from error
        for pragma in (  # of this connection: none of them is written to the file
            # FULL: what is acknowledged survives a power cut. NORMAL: the last commits may not.
            f"synchronous = {'FULL' if kind.is_durable else 'NORMAL'}",
            f"wal_autocheckpoint = {_CHECKPOINT_BYTES // _PAGE_BYTES}",
            f"journal_size_limit = {_LARGEST_WAL_BYTES}",
            f"cache_size = -{kind.cache_kib}",
            "secure_delete = OFF",  # Debian's default overwrites deleted records: slow
        ):
            self.execute(f"PRAGMA {pragma}")
        self.file = file or self._file_now()
        # The format of a file cannot change while another connection has it open.
        self.format = self.number("PRAGMA user_version")

    # ── statements ───────────────────────────────────────────────────────────────────────────

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of a query."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """The first row of a query, if there is one."""
        try:
            row: Row | None = self._connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise self._explained(error) from error
        return row

    def stream(self, sql: str, values: Sequence[object] = ()) -> Generator[Row, None, None]:
        """The rows of a query, one by one; close it to stop early."""
        cursor: sqlite3.Cursor | None = None
        try:
            cursor = self._connection.execute(sql, values)
            yield from cursor
        except sqlite3.Error as error:
            raise self._explained(error) from error
        finally:
            if cursor is not None:
                cursor.close()

    def execute(self, sql: str, values: Sequence[object] = ()) -> int:
        """Run a statement to its end. Returns the id of the inserted row, if there is one."""
        try:
            cursor = self._connection.execute(sql, values)
            cursor.fetchall()
        except sqlite3.Error as error:
            raise self._explained(error) from error
        return cursor.lastrowid or 0

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row of values."""
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def number(self, sql: str) -> int:
        """The number that a query returns; 0 when it returns no row."""
        row = self.row(sql)
        return int(row[0]) if row else 0

    def version(self) -> int:
        """A number that changes when another connection, in any process, commits."""
        self._check_frozen()
        return self.number("PRAGMA data_version")

    def check_room(self) -> None:
        """Raise LogUnavailable when the file holds as much as it may."""
        if self._most_bytes is None:
            return
        pages = self.number("PRAGMA page_count") - self.number("PRAGMA freelist_count")
        if pages * _PAGE_BYTES >= self._most_bytes:
            raise self._kind.unavailable(
                f"{self.path} has reached log.max_size ({self._most_bytes:,} bytes), and nothing "
                "more is published: raise it, or let older records go, as with `onrecord topics "
                "alter articles --days 90`"
            )

    @contextmanager
    def small_cache(self) -> Iterator[None]:
        """Pages of this connection take little memory: for much that is read or written once."""
        self.execute("PRAGMA cache_size = -256")
        try:
            yield
        finally:
            with suppress(OnrecordError):
                self.execute(f"PRAGMA cache_size = -{self._kind.cache_kib}")

    def set_format(self, version: int) -> None:
        """Record the version of the file's tables. Call in a write transaction."""
        self.execute(f"PRAGMA user_version = {version}")
        self.format = version

    # ── transactions ─────────────────────────────────────────────────────────────────────────

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A snapshot for several queries. Keep it short: it blocks checkpoints of the WAL."""
        self._check_frozen()
        if not (self._kind.is_replaced or self._closed):
            self._check_file_is(self.file)
        self.execute("BEGIN")
        try:
            yield
        finally:
            self._roll_back()

    @contextmanager
    def write(self) -> Iterator[None]:
        """A write transaction, exclusive among all processes until its end.

        Committed and on disk on leaving; rolled back on an exception.
        """
        if not self._closed:
            self._check_file_is(self.file)
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        self._keep_wal_small()
        self._on_commit()

    @contextmanager
    def step(self) -> Iterator[None]:
        """A write transaction that is one of many: between them other writers get their turn."""
        self._breaks.before_step()
        with self.write():
            yield
        self._breaks.after_step()

    def check_hurry(self) -> None:
        """Raise Interrupted once the process is ending: for long reading between steps."""
        self._breaks.check_hurry()

    def _roll_back(self) -> None:
        # After some errors, such as a full disk, SQLite has rolled back already; the caller must
        # get the original error, not a second failure.
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def _keep_wal_small(self) -> None:
        """Truncate an oversized WAL, unless a reader prevents it now."""
        if self._wal_bytes() >= self._cut_wal_at:
            self.checkpoint()
            # A reader can hold an old snapshot: retry when there is more to gain.
            self._cut_wal_at = max(_LARGEST_WAL_BYTES, self._wal_bytes() + _CHECKPOINT_BYTES)

    def _wal_bytes(self) -> int:
        try:
            return self._wal.stat().st_size
        except FileNotFoundError:
            return 0

    def checkpoint(self) -> None:
        """Copy the WAL into the file and empty it, as far as readers allow within a moment."""
        with suppress(OnrecordError), self._waiting_at_most(0.2):
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def give_back(self, pages: int) -> None:
        """Shorten the file by up to `pages` free pages, in a step of its own; see `step`."""
        self._breaks.before_step()
        try:
            # `execute` stops after one page: to Python, a row without columns is the end.
            self._connection.executescript(f"PRAGMA incremental_vacuum({pages})")
        except sqlite3.Error as error:
            raise self._explained(error) from error
        self._keep_wal_small()
        self._breaks.after_step()

    def copy_into(self, target: Path, progress: Callable[[int, int], None]) -> None:
        """Copy a snapshot of the whole file to `target`, while others continue to write.

        `progress` is given the pages copied so far and their total. The snapshot is held to the
        end: without it SQLite restarts the copy whenever another process commits.
        """
        try:
            with closing(sqlite3.connect(target, isolation_level=None)) as copy, self.snapshot():
                self.row("SELECT 1 FROM sqlite_master")  # a snapshot begins with its first read
                self._connection.backup(
                    copy,
                    pages=_COPIED_PAGES,
                    progress=lambda _, left, total: progress(total - left, total),
                    sleep=0,
                )
        except sqlite3.Error as error:
            raise self._explained_of_copy(error, target.parent) from error

    def damage(self) -> list[str]:
        """The faults found by SQLite's integrity check, a line each; [] for a sound file."""
        try:
            found = self._connection.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.Error as error:
            return [str(error)]
        return [line for (line,) in found if line != "ok"]

    def is_in_use(self) -> bool:
        """Whether another connection, in any process, has the file open.

        Leaving WAL mode requires exclusive access; WAL mode is restored at once.
        """
        try:
            self._connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            return True
        self.execute("PRAGMA journal_mode = WAL")
        return False

    @contextmanager
    def _waiting_at_most(self, busy_s: float) -> Iterator[None]:
        self.execute(f"PRAGMA busy_timeout = {int(busy_s * 1000)}")
        try:
            yield
        finally:
            self.execute(f"PRAGMA busy_timeout = {int(self._busy_s * 1000)}")

    # ── the file ─────────────────────────────────────────────────────────────────────────────

    def close(self, *, empty_wal: bool = False) -> None:
        """Close the connection. Idempotent.

        SQLite empties the WAL when the last connection closes, unless that one cannot write:
        beside such readers the writer does it with `empty_wal`, as far as they allow.
        """
        if empty_wal and not self._closed:
            self.checkpoint()
        self._closed = True
        with suppress(sqlite3.Error):
            self._connection.close()

    def _file_now(self) -> FileId | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _check_file_is(self, file: FileId | None) -> None:
        """Check that the open file is still there.

        What is written to a deleted one is lost, and nothing new is ever read there.
        """
        if self._file_now() != file:
            raise self._kind.broken(
                f"{self.path} was deleted or replaced while it was in use: "
                "stop every onrecord process that uses it, and start again"
            )

    def _check_frozen(self) -> None:
        """Nothing protects the reader of a file that nobody was to write to."""
        if self._access is FileAccess.FROZEN and self._wal.exists():
            raise self._kind.broken(
                f"{self.path} could only be read while nobody writes to it, and now somebody "
                "does: start again"
            )

    # ── errors ───────────────────────────────────────────────────────────────────────────────

    def _explained(self, error: sqlite3.Error) -> Exception:
        if self._closed:
            return ValueError(self._kind.closed)
        if is_of_held_file(error):
            return self._kind.unavailable(
                f"{self.path} is held by another process for more than {self._busy_s:g} s"
            )
        advice = what_to_do(error, self.path.parent, damaged=self._kind.damaged)
        return self._kind.broken(f"{self.path}: {advice}")

    def _explained_of_copy(self, error: sqlite3.Error, folder: Path) -> Exception:
        """A copy reads this file alone: what is full is the folder of the other one."""
        if is_of_full_disk(error, folder):
            return self._kind.broken(f"{folder}: {DISK_IS_FULL}")
        return self._explained(error)
