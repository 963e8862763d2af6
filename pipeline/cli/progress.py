"""Long work on a terminal: how far it is."""

import sys

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from pipeline.cli.render import console


def progress_bar(count: int | None) -> Progress:
    """A progress bar on a terminal, nothing elsewhere. Counts articles, or bytes of a file."""
    measure = [MofNCompleteColumn()] if count is not None else []
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *measure,
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
