"""`onrecord import`: the past, brought in."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline import wiring
from pipeline.cli.options import ConfigOption, LogOption, settings
from pipeline.cli.progress import progress_bar
from pipeline.cli.stages import say
from pipeline.cli.stopping import INTERRUPTED, Stop
from pipeline.errors import Mistake
from pipeline.processing.backlog import Importer


def import_articles(
    files: Annotated[list[Path], typer.Argument(help="JSON lines; - is standard input.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Bring in articles from JSON lines of {"url", "title", "text", "published_at"}.

    Articles that are there already are not brought in twice. A line that is no article is named
    and left out, and the exit code is then 1.

    Example: echo '{"title": "Rain", "text": "It rains, Ada Lund said."}' | onrecord import -
    """
    loaded = settings(config, log)
    for file in files:
        if str(file) != "-" and not file.is_file():
            raise Mistake(f"{file}: {'a folder, not a file' if file.is_dir() else 'no such file'}")
    with (
        wiring.open_log(loaded) as opened,
        Stop() as stop,
        opened.writer(wiring.own_name("import")) as writer,
    ):
        importer = Importer(opened, wiring.topics_of(loaded), writer)
        for file in files:
            _import_file(importer, file, wiring.now(), stop)
    report = importer.report
    say(f"{report.imported} imported, {report.known} known already, {report.rejected} rejected")
    if stop():
        raise typer.Exit(INTERRUPTED)
    if report.rejected:
        raise typer.Exit(1)


def _import_file(importer: Importer, file: Path, now: datetime, stop: Stop) -> None:
    name = "standard input" if str(file) == "-" else str(file)

    def reject(line: int, reason: str) -> None:
        say(f"{name}, line {line}: {reason}")

    if name == "standard input":
        importer.run(sys.stdin.buffer, now=now, reject=reject, stopped=stop)
        return
    with progress_bar(None) as progress, file.open("rb") as raw:
        stream = progress.wrap_file(raw, file.stat().st_size, description=f"importing {name}")
        importer.run(stream, now=now, reject=reject, stopped=stop)
