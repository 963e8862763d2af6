"""Keeps an archive level with the log, through outages, as the one process that writes it.

Where another process writes, this one waits for its turn: of `run`, `serve` and `archive follow`
the first one does the work, and the next takes over when it ends.
"""

from collections.abc import Callable, Mapping
from time import monotonic, sleep

from onrecord.archive.indexing.changes import ArchiveSources
from onrecord.archive.indexing.indexer import Indexed, Indexer, Skipped, bounds_of
from onrecord.archive.interface import Archive, ArchiveWriter
from onrecord.errors import (
    ArchiveBroken,
    ArchiveRefused,
    ArchiveUnavailable,
    LogUnavailable,
)
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log, Partition

Stopped = Callable[[], bool]

_WAIT_S = 0.5
_ASK_AGAIN_S = 1.0
_BROKEN_S = 30.0
_LOOK_S = 0.1


class ArchiveKeeper:
    """Writes what is new in the log into an archive, until it is stopped.

    `report` is told of each batch, `broken` why the archive cannot be written (None once it can).
    `shown` is given the positions now and then, so that others can see the lag.
    """

    SHOW_S = 2.0

    def __init__(
        self,
        log: Log,
        archive: Archive,
        sources: ArchiveSources,
        *,
        backoff: Backoff,
        skipped: Skipped,
        report: Callable[[Indexed], None],
        broken: Callable[[str | None], None],
        shown: Callable[[Mapping[Partition, int]], None],
    ) -> None:
        self._log = log
        self._archive = archive
        self._sources = sources
        self._backoff = backoff
        self._skipped = skipped
        self._report = report
        self._broken = broken
        self._shown = shown
        self._show_at = 0.0
        self._is_broken = False

    def run(self, stopped: Stopped) -> None:
        """Follow the log until stopped."""
        while not stopped():
            try:
                with self._archive.writer(alive=stopped) as writer:
                    self._follow(writer, stopped)
            except ArchiveUnavailable:
                _pause(_ASK_AGAIN_S, stopped)  # another process writes
            except LogUnavailable as error:
                self._backoff.wait(error, stopped)
            except (ArchiveBroken, ArchiveRefused) as error:
                self._is_broken = True
                self._broken(str(error))
                _pause(_BROKEN_S, stopped)

    def catch_up(self, stopped: Stopped) -> bool:
        """Index what the log has now; False where another process writes, which does it."""
        try:
            with (
                self._archive.writer(alive=stopped) as writer,
                self._indexer(writer) as indexer,
            ):
                while not stopped():
                    done = indexer.step(0.0)
                    if not done.records and is_level(self._log, self._sources, indexer.positions()):
                        break
                    self._report(done)
                self._shown(indexer.positions())
        except ArchiveUnavailable:
            return False
        return True

    def _follow(self, writer: ArchiveWriter, stopped: Stopped) -> None:
        with self._indexer(writer) as indexer:
            while not stopped() and not writer.is_wanted():
                done = indexer.step(_WAIT_S)
                self._backoff.reset()
                if self._is_broken:
                    self._is_broken = False
                    self._broken(None)
                if done.records:
                    self._report(done)
                self._show(indexer.positions(), is_idle=not done.records)
            self._shown(indexer.positions())

    def _indexer(self, writer: ArchiveWriter) -> Indexer:
        return Indexer(self._log, self._sources, writer, skipped=self._skipped)

    def _show(self, positions: Mapping[Partition, int], *, is_idle: bool) -> None:
        if is_idle or monotonic() >= self._show_at:
            self._shown(positions)
            self._show_at = monotonic() + self.SHOW_S


def is_level(log: Log, sources: ArchiveSources, positions: Mapping[Partition, int]) -> bool:
    """Whether these positions are at the ends of the topics."""
    return all(
        positions.get(partition, begin) >= end
        for topic in sources.topics
        for partition, (begin, end) in bounds_of(log, topic).items()
    )


def _pause(seconds: float, stopped: Stopped) -> None:
    until = monotonic() + seconds
    while not stopped() and monotonic() < until:
        sleep(_LOOK_S)
