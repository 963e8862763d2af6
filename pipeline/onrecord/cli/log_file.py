"""`onrecord backup`, `restore` and `check`: looking after the file of an embedded log."""

from pathlib import Path
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say
from onrecord.cli.progress import Pace
from onrecord.errors import LogRefused
from onrecord.log.opening import file_of
from onrecord.log.sqlite import backup as backups
from onrecord.log.sqlite.salvage import salvage


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Write a copy of the log, one consistent moment, while everything goes on.

    The copy is checked before it gets its name. Copying the log's file with `cp` is not a backup:
    what was committed last stands in a second file beside it.

    Example: onrecord backup backups/monday.db
    """
    path = _file(config, log)
    with Pace(f"copying {path}, pages", None, say=say) as pace:
        findings = backups.back_up(path, file, lambda done, total: pace.done(done, of=total))
    _end(file, findings, f"{file}: a copy of {path}")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `onrecord backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Rename the log that is there, and take its place.")
    ] = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Put a backup in the log's place. Stop every onrecord process that uses the log first.

    Example: onrecord restore backups/monday.db --replace
    """
    path = _file(config, log)
    findings, replaced = backups.restore(file, path, now=wiring.now(), replace=replace)
    if replaced is not None:
        say(f"the log that was there is {replaced} now")
    _end(path, findings, f"{path}: restored from {file}")


def check(
    into: Annotated[
        Path | None,
        typer.Option("--salvage", help="Write all that can be read into this new file."),
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Read the whole log and compare it with itself. Exit code 1 when something is wrong.

    Example: onrecord check
    """
    path = _file(config, log)
    if into is None:
        _end(path, backups.check(path), str(path))
        return
    saved = salvage(path, into)
    for lost in saved.lost:
        say(f"lost: {lost}")
    say(f"{into}: {saved.records:,} records saved; `onrecord restore {into} --replace` uses them")


def _file(config: Path | None, log: str | None) -> Path:
    url = settings(config, log).log.url
    if not url.startswith("sqlite:"):
        raise LogRefused(
            f"{url.partition('?')[0]} is a cluster, which keeps copies by itself: "
            "this command is for a log in a file"
        )
    return file_of(url)


def _end(path: Path, findings: backups.Findings, what: str) -> None:
    """Say what was found, and leave with exit code 1 if it is damage."""
    for line in findings.damage:
        say(line if str(path) in line else f"{path}: {line}")
    if findings.damage:
        say("`onrecord check --salvage NEW.db` saves what can be read")
        raise typer.Exit(1)
    say(f"{what}: sound, {findings.records:,} records in {findings.topics} topics")
