"""The archive beside other work: whoever runs keeps it level with the log."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onrecord import wiring
from onrecord.archive.indexing.indexer import Indexed
from onrecord.beside import beside
from onrecord.cli.events import Events
from onrecord.config import Config
from onrecord.errors import OnrecordError
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Message
from onrecord.measurements import Metrics

PART = "archive"


class ArchiveReport:
    """What operators are told of the archive."""

    def __init__(self, events: Events, metrics: Metrics) -> None:
        self._events = events
        self._metrics = metrics

    def archived(self, done: Indexed) -> None:
        """One batch was written."""
        self._metrics.archived(done.quotes, done.skipped)
        self._events.debug(
            "archived", f"{done.quotes} quotes archived", records=done.records, quotes=done.quotes
        )

    def skipped(self, message: Message, error: Exception) -> None:
        """A record could not be written."""
        self._events.warning(
            "not archived",
            f"{message.source} offset {message.offset} is not archived: {error}",
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
        )

    def broken(self, why: str | None) -> None:
        """The archive cannot be written, or (None) can be again."""
        self._metrics.archive_answers(why is None)
        if why is None:
            self._events.info("archive", "the archive is written again")
        else:
            self._events.warning("archive", f"the archive cannot be written: {why}")


def keep_archive(
    config: Config,
    log: Log,
    report: ArchiveReport,
    *,
    outage: Outage,
    stopped: Callable[[], bool],
    once: bool = False,
) -> None:
    """Keep the configured archive level with the log; with `once`, only bring it there.

    It is made if it is not there. Returns when stopped, or at once where none is configured.
    """
    if not wiring.keeps_archive(config):
        return
    with wiring.open_archive(config, make=True) as archive:
        keeper = wiring.archive_keeper(
            config,
            log,
            archive,
            backoff=Backoff(outage, PART),
            skipped=report.skipped,
            report=report.archived,
            broken=report.broken,
        )
        if once:
            keeper.catch_up(stopped)
        else:
            keeper.run(stopped)


@contextmanager
def archive_beside(config: Config, log: Log, events: Events, metrics: Metrics) -> Iterator[None]:
    """Keep the archive level with the log in a thread while the body runs."""

    def work(over: threading.Event) -> None:
        report = ArchiveReport(events, metrics)
        try:
            keep_archive(config, log, report, outage=Outage(events), stopped=over.is_set)
        except OnrecordError as error:
            report.broken(str(error))

    with beside(PART, work):
        yield
