"""`onrecord import`: a backlog of articles from files."""

import sys
from pathlib import Path
from time import monotonic
from typing import Annotated, Self

import typer

from onrecord import wiring
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say
from onrecord.cli.progress import progress_bar, time_left
from onrecord.cli.signals import INTERRUPTED, Stop, stopping
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.processes import collect_garbage_seldom
from onrecord.processing.importing.importer import Importer, ImportJob
from onrecord.processing.importing.progress import ImportTally
from onrecord.processing.importing.rejects import Rejected, RejectFile
from onrecord.processing.importing.sources import (
    REJECTED,
    PieceReading,
    Source,
    open_source,
)

# So many are named on the terminal; all are in the file.
_MOST_NAMED = 10
_SAY_EVERY_S = 30.0


def import_backlog(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files and folders; - is standard input."),
    ],
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OURS=THEIRS",
            help="In JSON lines, where a field stands: text=body, published_at=meta.date.",
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(help=f"Where to keep what is no article [default: FILE{REJECTED}, here]."),
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Bring in a backlog: JSON lines, web archives (WARC), saved feeds and pages.

    Each may be compressed (.gz, .zst), and folders are searched. A JSON line is an Article, or
    {"url", "title", "text", "published_at"}, of which only the text is needed. Articles that are
    there already are not brought in twice; an import that was stopped goes on where it was. What
    is no article is kept in a file with its reason and place, and the exit code is then 1.

    Example: echo '{"title": "Rain", "text": "It rains, Ada Lund said."}' | onrecord import -
    """
    loaded = settings(config, log)
    names = dict(map(_name, field or []))
    opened = [open_source(name, sys.stdin.buffer) for name in _once(sources)]
    total = ImportTally()
    with (
        wiring.open_log(loaded) as at,
        stopping(loaded, at) as stop,
        wiring.importer(loaded, at, names, say=say) as (importer, reading),
    ):
        collect_garbage_seldom()
        for source in opened:
            if not stop():
                tally = _import(
                    loaded, importer, reading, source, _reject_file(source, rejects), stop
                )
                total = _together(total, tally)
    left_out = sum(source.left_out for source in opened)
    say(
        f"{total.imported:,} imported, {total.known:,} known already, {total.rejected:,} rejected"
        + (f", {left_out:,} left out: neither feeds nor pages" if left_out else "")
    )
    if stop():
        say("stopped; the same command goes on")
        raise typer.Exit(INTERRUPTED)
    if total.rejected:
        raise typer.Exit(1)


def _name(option: str) -> tuple[str, str]:
    ours, _, theirs = option.partition("=")
    if not ours or not theirs:
        raise Mistake(f"--field {option}: write OURS=THEIRS, as in text=body")
    return ours, theirs


def _once(names: list[str]) -> list[str]:
    """The names without those given twice: standard input, for one, cannot be read again."""
    return list(dict.fromkeys(names))


def _reject_file(source: Source, chosen: Path | None) -> RejectFile:
    name = "stdin" if source.key is None else Path(source.key).name
    return RejectFile(chosen or Path(name + REJECTED))


def _import(
    config: Config,
    importer: Importer,
    reading: PieceReading,
    source: Source,
    rejects: RejectFile,
    stop: Stop,
) -> ImportTally:
    named: list[Rejected] = []

    def reject(rejected: Rejected) -> None:
        if len(named) < _MOST_NAMED:
            say(
                ": ".join([", ".join(filter(None, (source.name, rejected.place))), rejected.reason])
            )
        named.append(rejected)

    with _Shown(source) as shown:
        job = ImportJob(
            name=wiring.import_writer(config, source),
            source=source,
            reading=reading,
            rejects=rejects,
            reject=reject,
            progressed=shown.update,
        )
        tally = importer.run(job, stop)
    if named:
        more = len(named) - _MOST_NAMED
        say(
            f"{source.name}: "
            + (f"{more:,} more; " if more > 0 else "")
            + f"what was rejected is in {rejects.path}"
        )
    return tally


def _together(one: ImportTally, other: ImportTally) -> ImportTally:
    return ImportTally(
        imported=one.imported + other.imported,
        known=one.known + other.known,
        rejected=one.rejected + other.rejected,
    )


class _Shown:
    """How far an import is: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._total = source.total_bytes
        self._first: tuple[float, int] | None = None
        self._bar = progress_bar()
        self._task = self._bar.add_task(f"importing {source.name}", total=self._total)
        self._said_at = monotonic()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._bar.stop()

    def update(self, tally: ImportTally) -> None:
        self._first = self._first or (monotonic(), self._source.read_bytes)
        counts = f"{tally.imported:,} imported, {tally.known:,} known"
        self._bar.update(
            self._task,
            completed=self._source.read_bytes,
            description=f"importing {self._source.name}: {counts}",
        )
        if self._bar.disable and monotonic() - self._said_at >= _SAY_EVERY_S:
            self._said_at = monotonic()
            say(f"importing {self._source.name}: {counts}{self._left()}")

    def _left(self) -> str:
        """The share that is read, and the time that the rest takes."""
        if not self._total or self._first is None:
            return ""
        (began, begin), read = self._first, self._source.read_bytes
        rate = (read - begin) / max(0.001, monotonic() - began)
        left = f", {time_left(self._total - read, rate)}" if rate else ""
        return f", {read / self._total:.0%} read{left}"
