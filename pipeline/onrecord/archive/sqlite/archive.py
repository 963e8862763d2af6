"""The archive in a SQLite file: any number of readers, one writer."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Self

from onrecord.archive.interface import (
    MOST_HITS,
    Archive,
    ArchiveWriter,
    ArticleGone,
    Change,
    ExtractionGone,
)
from onrecord.archive.query import Node
from onrecord.archive.results import (
    ArchivedArticle,
    ArchivedQuote,
    ArchivedStory,
    ArchiveStatus,
    FacetCounts,
    FacetField,
    HitCount,
    HitPage,
    Interval,
    Order,
    PersonSummary,
    ReplacedQuote,
    SameWords,
    Timeline,
)
from onrecord.archive.sqlite import pages, searching
from onrecord.archive.sqlite.lease import Lease, door
from onrecord.archive.sqlite.people import person
from onrecord.archive.sqlite.purging import Purge
from onrecord.archive.sqlite.schema import FORMAT, check_format, create_tables
from onrecord.archive.sqlite.writing import Changes, read_positions, write_positions
from onrecord.errors import ArchiveBroken, ArchiveRefused, ArchiveUnavailable
from onrecord.log.interface import Partition
from onrecord.log.sqlite.access import FileAccess
from onrecord.log.sqlite.database import Database, FileKind

_BUSY_S = 30.0
_REMOVALS = (ArticleGone, ExtractionGone)
_READ_CACHE_KIB = 32 * 1024
_FILE = FileKind(
    unavailable=ArchiveUnavailable,
    broken=ArchiveBroken,
    closed="this archive or writer is closed",
    damaged="`onrecord archive rebuild` makes another from the log",
    is_durable=False,
    is_replaced=True,
    cache_kib=_READ_CACHE_KIB,
)


class SqliteArchive(Archive):
    """An archive's file. Each call reads one snapshot, on a connection of its own."""

    def __init__(self, path: Path, *, make: bool = True, purges: bool = True) -> None:
        """Raises ArchiveRefused for a file of something else, or a missing one without `make`.

        Unless its writers purge, bytes of what was removed stay in the file.
        """
        self.path = path
        self._purges = purges
        self._idle: list[Database] = []
        self._lock = Lock()
        self._is_closed = False
        if make:
            _prepare(path)
        elif not path.is_file():
            raise ArchiveRefused(
                f"{path}: there is no archive yet: `onrecord run`, `serve` and `archive` make it"
            )
        with self._reading():
            pass

    # ── questions ────────────────────────────────────────────────────────────────────────────

    def search(
        self,
        query: Node,
        *,
        order: Order = Order.NEWEST,
        cursor: str | None = None,
        limit: int = 20,
    ) -> HitPage:
        with self._reading() as db:
            return searching.search(
                db, query, order=order, cursor=cursor, limit=max(1, min(limit, MOST_HITS))
            )

    def count(self, query: Node) -> HitCount:
        with self._reading() as db:
            return searching.count(db, query)

    def facets(
        self,
        query: Node,
        fields: Collection[FacetField] = tuple(FacetField),
        *,
        limit: int = 10,
    ) -> FacetCounts:
        with self._reading() as db:
            return searching.facets(db, query, fields, limit=limit)

    def timeline(self, query: Node, *, interval: Interval | None = None) -> Timeline:
        with self._reading() as db:
            return searching.timeline(db, query, interval=interval)

    def quote(self, quote_id: str) -> ArchivedQuote | ReplacedQuote | None:
        with self._reading() as db:
            return pages.quote(db, quote_id)

    def same_words(self, quote_id: str, *, limit: int = 100) -> SameWords:
        with self._reading() as db:
            return pages.same_words(db, quote_id, limit=limit)

    def article(self, article_id: str) -> ArchivedArticle | None:
        with self._reading() as db:
            return pages.article(db, article_id)

    def articles(
        self, *, after: datetime | None = None, before: datetime | None = None
    ) -> Iterator[ArchivedArticle]:
        at: tuple[int, int] | None = None
        while True:
            with self._reading() as db:
                found, at = pages.articles(db, after, before, at)
            yield from found
            if at is None:
                return

    def story(self, story_id: str, *, limit: int = 100) -> ArchivedStory | None:
        with self._reading() as db:
            return pages.story(db, story_id, limit=limit)

    def person(self, who: str, *, limit: int = 20) -> PersonSummary | None:
        with self._reading() as db:
            return person(db, who, limit=limit)

    def status(self) -> ArchiveStatus:
        with self._reading() as db:
            newest = db.row("SELECT max(seq) FROM quote")
            return ArchiveStatus(
                url=f"sqlite:///{self.path}",
                quotes=db.number("SELECT coalesce(sum(n), 0) FROM volume"),
                articles=db.number("SELECT count(*) FROM article"),
                # With what is still in the WAL, which can be more than the file has.
                size_bytes=db.number("PRAGMA page_count") * db.number("PRAGMA page_size"),
                newest=searching.time_of(newest[0]) if newest and newest[0] is not None else None,
                positions=read_positions(db),
                skipped=db.number("SELECT n FROM counter WHERE name = 'skipped'"),
            )

    # ── the file ─────────────────────────────────────────────────────────────────────────────

    def writer(
        self, *, wait_s: float = 0.0, alive: Callable[[], object] = lambda: None
    ) -> ArchiveWriter:
        return SqliteArchiveWriter(self.path, wait_s=wait_s, purges=self._purges, alive=alive)

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        db = self._take()
        try:
            with db.snapshot():
                yield db
        except ArchiveBroken:
            db.close()
            raise
        with self._lock:
            if self._is_closed:
                db.close()
            else:
                self._idle.append(db)

    def _take(self) -> Database:
        """A connection to the file that is there now: a rebuild puts another in its place."""
        with suppress(OSError):
            status = self.path.stat()
            while True:
                with self._lock:
                    db = self._idle.pop() if self._idle else None
                if db is None:
                    break
                if db.file == (status.st_dev, status.st_ino):
                    return db
                db.close()
        return open_to_read(self.path)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            for db in self._idle:
                db.close()
            self._idle.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class SqliteArchiveWriter(ArchiveWriter):
    """The writer of an archive's file."""

    def __init__(
        self,
        path: Path,
        *,
        wait_s: float = 0.0,
        purges: bool = True,
        alive: Callable[[], object] = lambda: None,
    ) -> None:
        self._lease = Lease(path, wait_s=wait_s)
        try:
            self.db = _open_to_write(path)
        except BaseException:
            self._lease.close()
            raise
        self._changes = Changes(self.db)
        self._purge = Purge(self.db, alive) if purges else None
        try:
            if self._purge is not None:
                self._purge.attempt()  # a writer before may have left it
        except BaseException:
            self.close()
            raise

    def positions(self) -> Mapping[Partition, int]:
        return read_positions(self.db)

    def write(
        self,
        changes: Sequence[Change],
        positions: Mapping[Partition, int],
        *,
        skipped: int = 0,
    ) -> None:
        try:
            with self.db.write():
                self._changes.apply(changes)
                write_positions(self.db, positions)
                if skipped:
                    self.db.execute(
                        "INSERT INTO counter (name, n) VALUES ('skipped', ?) "
                        "ON CONFLICT DO UPDATE SET n = n + excluded.n",
                        (skipped,),
                    )
        except BaseException:
            self._changes.forget()
            raise
        if self._purge is not None and any(isinstance(one, _REMOVALS) for one in changes):
            self._purge.attempt()

    def optimise(self) -> None:
        """Merge the parts of the full-text index, after much was written."""
        with self.db.write():
            self.db.execute("INSERT INTO search (search) VALUES ('optimize')")

    def is_wanted(self) -> bool:
        return self._lease.is_wanted()

    def close(self) -> None:
        self.db.close(empty_wal=True)  # readers of the archive cannot write
        self._lease.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _prepare(path: Path) -> None:
    """Make the file, or check the one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _open_to_write(path).close()


def open_database(path: Path, *, access: FileAccess = FileAccess.WRITE) -> Database:
    """A connection to the file, whatever is in it."""
    return Database(path, busy_s=_BUSY_S, kind=_FILE, access=access)


def open_to_read(path: Path, *, oldest: int = FORMAT) -> Database:
    """A connection that cannot change the file. Raises ArchiveRefused, ArchiveBroken."""
    with door(path):
        db = open_database(path, access=FileAccess.READ)
        try:
            check_format(db, oldest=oldest)
        except BaseException:
            db.close()
            raise
        return db


def _open_to_write(path: Path) -> Database:
    with door(path):
        db = open_database(path)
        try:
            if db.number("SELECT count(*) FROM sqlite_master") == 0:
                create_tables(db)
            check_format(db)
        except BaseException:
            db.close()
            raise
        return db
