"""Makes an archive anew from the log, beside the old one."""

from collections.abc import Callable

from onrecord.archive.indexing.changes import ArchiveSources
from onrecord.archive.indexing.indexer import Indexed, Indexer, Skipped, bounds_of
from onrecord.archive.indexing.keeping import is_level
from onrecord.archive.interface import ArchiveWriter
from onrecord.archive.rebuilding import Carried, Rebuild
from onrecord.errors import ArchiveRefused
from onrecord.log.interface import Log

# Large batches: an index of two million quotes is made in half the time of small ones.
_BATCH = 2_000


class _Stopped(Exception):
    """Somebody stopped the rebuild."""


class Rebuilding:
    """Reads the whole log into a new archive, and then puts it in place of the old one."""

    def __init__(
        self,
        log: Log,
        sources: ArchiveSources,
        rebuild: Rebuild,
        *,
        skipped: Skipped,
        report: Callable[[Indexed], None],
        carried: Carried,
        stopped: Callable[[], bool],
    ) -> None:
        self._log = log
        self._sources = sources
        self._rebuild = rebuild
        self._skipped = skipped
        self._report = report
        self._carried = carried
        self._stopped = stopped
        self.not_carried: str | None = None

    def run(self) -> bool:
        """Whether the new archive is in place; False when stopped first, to be continued."""
        try:
            self._fill()
            self.not_carried = self._rebuild.finish(
                self._catch_up, self._carried, is_of_this_log=self._is_old_of_this_log()
            )
        except _Stopped:
            return False
        return True

    def _is_old_of_this_log(self) -> bool:
        """Whether the old archive has read no further than this log goes."""
        ends = {
            partition: end
            for topic in self._sources.topics
            for partition, (_, end) in bounds_of(self._log, topic).items()
        }
        old = self._rebuild.old_positions()
        return all(at <= ends.get(partition, 0) for partition, at in old.items())

    def _fill(self) -> None:
        try:
            self._read_all()
        except ArchiveRefused:  # begun with another log
            self._rebuild.start_over()
            self._read_all()

    def _read_all(self) -> None:
        with self._rebuild.archive.writer() as writer:
            self._catch_up(writer)

    def _catch_up(self, writer: ArchiveWriter) -> None:
        with Indexer(
            self._log, self._sources, writer, skipped=self._skipped, batch=_BATCH, is_even=True
        ) as indexer:
            while True:
                if self._stopped():
                    raise _Stopped
                done = indexer.step(0.0)
                self._report(done)
                if not done.records and is_level(self._log, self._sources, indexer.positions()):
                    return
