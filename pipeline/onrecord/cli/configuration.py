"""`onrecord config check`: whether what is configured can work, before anything is started."""

import os

import typer

from onrecord import wiring
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import show
from onrecord.config import file_used

app = typer.Typer(help="Look at the configuration.", no_args_is_help=True)


@app.callback()
def _config() -> None:
    pass


@app.command("check")
def check(config: ConfigOption = None, log: LogOption = None) -> None:
    """Check the configuration and connect to the log.

    Nothing is changed or made. Exit code 2 when something cannot work.

    Example: onrecord config check
    """
    loaded = settings(config, log)
    show(f"configuration: {file_used(os.environ, config) or 'the defaults, no file'}")
    has_problem = False
    for what, found, is_problem in wiring.check_all(loaded):
        has_problem = has_problem or is_problem
        show(f"{what}: {'PROBLEM: ' if is_problem else ''}{found}")
    if has_problem:
        raise typer.Exit(2)
