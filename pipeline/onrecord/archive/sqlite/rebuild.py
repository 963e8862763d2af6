"""An archive's file made anew beside the old one, and put in its place."""

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Self

from onrecord.archive.interface import Archive, ArchiveWriter
from onrecord.archive.rebuilding import Carried, Rebuild
from onrecord.archive.sqlite.archive import (
    SqliteArchive,
    SqliteArchiveWriter,
    open_database,
    open_to_read,
)
from onrecord.archive.sqlite.carrying import carry_over
from onrecord.archive.sqlite.lease import Lease, beside, door
from onrecord.archive.sqlite.purging import purge_if_due
from onrecord.archive.sqlite.schema import OLDEST_CARRIED
from onrecord.archive.sqlite.writing import read_positions
from onrecord.errors import ArchiveBroken, ArchiveRefused, ArchiveUnavailable
from onrecord.log.interface import Partition

# How long to wait for the process that writes the old file to give way: it looks after each batch.
_PATIENCE_S = 120.0
_OTHER_LOG = "it is of another log"


class SqliteRebuild(Rebuild):
    """A rebuild in the file `archive.db-rebuilding`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._new = beside(path, "rebuilding")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._archive = SqliteArchive(self._new, purges=False)
        except (ArchiveRefused, ArchiveBroken):
            _remove(self._new)
            self._archive = SqliteArchive(self._new, purges=False)

    @property
    def archive(self) -> Archive:
        return self._archive

    def old_positions(self) -> Mapping[Partition, int]:
        try:
            old = open_to_read(self._path, oldest=OLDEST_CARRIED)
            with closing(old):
                return read_positions(old)
        except (ArchiveRefused, ArchiveBroken):
            return {}

    def start_over(self) -> None:
        self._archive.close()
        _remove(self._new)
        self._archive = SqliteArchive(self._new, purges=False)

    def finish(
        self, catch_up: Callable[[ArchiveWriter], None], carried: Carried, *, is_of_this_log: bool
    ) -> str | None:
        lease = Lease(self._path, wait_s=_PATIENCE_S)
        try:
            with SqliteArchiveWriter(self._new, purges=False) as writer:
                catch_up(writer)
                problem = self._carry_over(writer, carried) if is_of_this_log else _OTHER_LOG
                writer.optimise()
                purge_if_due(writer.db)
            self._archive.close()
            self._swap()
        finally:
            lease.close()
        return problem

    def _carry_over(self, writer: SqliteArchiveWriter, carried: Carried) -> str | None:
        if not self._path.exists():
            return None
        try:
            old = open_to_read(self._path, oldest=OLDEST_CARRIED)
        except (ArchiveRefused, ArchiveBroken) as error:
            return str(error)
        try:
            carry_over(old, writer.db, lambda changes: writer.write(changes, {}), carried)
        except ArchiveBroken as error:
            return str(error)
        finally:
            old.close()
        return None

    def _swap(self) -> None:
        """Replace the file. Readers of the old one keep it until they look again."""
        with door(self._path, is_to_swap=True):
            _empty_wal(self._new)
            if self._path.exists():
                with suppress(ArchiveUnavailable, ArchiveBroken):
                    _empty_wal(self._path)
            for name in ("wal", "shm"):
                # They would be taken for the new file's. Open connections keep them.
                beside(self._path, name).unlink(missing_ok=True)
            self._new.replace(self._path)
        for name in ("writer", "queue", "door", "wal", "shm"):
            beside(self._new, name).unlink(missing_ok=True)

    def close(self) -> None:
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _empty_wal(path: Path) -> None:
    """Bring everything into the file itself. Raises ArchiveUnavailable while readers prevent it."""
    wal = beside(path, "wal")
    until = monotonic() + _PATIENCE_S
    while True:
        db = open_database(path)
        db.checkpoint()
        db.close()
        if not wal.exists() or wal.stat().st_size == 0:
            return
        if monotonic() >= until:
            raise ArchiveUnavailable(f"{path}: a reader keeps an old state of it")
        sleep(0.1)


def _remove(path: Path) -> None:
    for file in (path, *(beside(path, name) for name in ("wal", "shm"))):
        file.unlink(missing_ok=True)
