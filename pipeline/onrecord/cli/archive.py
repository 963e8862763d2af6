"""`onrecord archive`: the searchable archive, kept level with the log or made anew."""

from time import monotonic
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.archive.indexing.indexer import Indexed
from onrecord.cli.archiving import PART, keep_archive
from onrecord.cli.events import reported, speak_as
from onrecord.cli.operating import operating
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say
from onrecord.cli.progress import Pace
from onrecord.cli.signals import INTERRUPTED, stopping
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.interface import Log, Message

app = typer.Typer(
    help="The searchable archive of articles and quotes.",
    no_args_is_help=True,
)


@app.command("follow", short_help="Keep it level with the log.")
def follow(
    once: Annotated[
        bool, typer.Option("--once", help="Bring it level with the log, then exit.")
    ] = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Keep the archive level with the log, as `run` and `serve` do.

    One process writes an archive; another waits, and takes over when that ends.

    Example: onrecord archive follow --once
    """
    loaded = settings(config, log)
    speak_as(loaded.logging)
    _check(loaded)
    with (
        reported(loaded.logging) as events,
        wiring.open_to_read(loaded) as opened,
        stopping(loaded, opened) as stop,
        operating(loaded, opened, events) as operations,
    ):
        events(f"archiving {loaded.log.url} in {wiring.archive_url(loaded)}, Ctrl-C stops")
        keep_archive(
            loaded,
            opened,
            operations.archive,
            outage=operations.outage,
            stopped=operations.asked(PART, stop),
            once=once,
        )


@app.command("rebuild", short_help="Make it anew from the log.")
def rebuild(config: ConfigOption = None, log: LogOption = None) -> None:
    """Make the archive anew from the log, and put it in the place of the old one.

    Until then the old one is read and kept level as before. What the log no longer has is carried
    over from the old one. Stopped, the same command goes on where it was.

    Example: onrecord archive rebuild
    """
    loaded = settings(config, log)
    _check(loaded)
    with (
        wiring.open_to_read(loaded) as opened,
        stopping(loaded, opened) as stop,
        wiring.archive_rebuild(loaded) as new,
    ):
        progress = _Progress(loaded, opened)
        with progress.pace:
            work = wiring.rebuilding(
                loaded,
                opened,
                new,
                skipped=progress.skipped,
                report=progress.report,
                carried=progress.carried,
                stopped=stop,
            )
            is_done = work.run()
    if not is_done:
        say("stopped; the same command goes on")
        raise typer.Exit(INTERRUPTED)
    if work.not_carried is not None:
        say(f"nothing was carried over from the old archive: {work.not_carried}")
    progress.say_what_was_done()


def _check(config: Config) -> None:
    if not wiring.keeps_archive(config):
        raise Mistake("archive.url is empty: no archive is kept")


class _Progress:
    """Counts records on their way into a new archive."""

    def __init__(self, config: Config, log: Log) -> None:
        topics = wiring.topics_of(config)
        read = {topics.articles, topics.extractions}
        total = sum(status.records for status in log.topics() if status.name in read)
        self.pace = Pace("records", total, say=say)
        self._began = monotonic()
        self._records = 0
        self._quotes = 0
        self._skipped = 0
        self._carried = 0

    def report(self, done: Indexed) -> None:
        self._records += done.records
        self._quotes += done.quotes
        self.pace.add(done.records, self._records / max(0.001, monotonic() - self._began))

    def skipped(self, message: Message, error: Exception) -> None:
        self._skipped += 1
        if self._skipped <= 20:
            say(f"{message.source} offset {message.offset} is not archived: {error}")

    def carried(self, articles: int) -> None:
        self._carried += articles

    def say_what_was_done(self) -> None:
        took_s = monotonic() - self._began
        say(
            f"{self._records:,} records with {self._quotes:,} quotes in {took_s:.0f} s"
            + (f", {self._carried:,} articles from the old archive" if self._carried else "")
            + (f", {self._skipped:,} records left out" if self._skipped else "")
        )
