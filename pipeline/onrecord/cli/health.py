"""`onrecord health`: whether the process that runs here does its work, for container checks."""

import sys

import typer

from onrecord.cli.options import ConfigOption, settings
from onrecord.errors import ConfigError
from onrecord.web.operations import ask_health


def health(config: ConfigOption = None) -> None:
    """Ask the process that answers at metrics.listen, or `serve`, whether it is ready.

    Exit code 0 when it is, 1 when it is not or does not answer.

    Example: onrecord health
    """
    loaded = settings(config, None)
    listen = loaded.metrics.listen
    served = f"{loaded.serve.host}:{loaded.serve.port}" if loaded.serve.port else ""
    if not listen and not served:
        raise ConfigError(
            "metrics.listen is empty and serve.port is 0: set one, as 127.0.0.1:9465 or 8040",
            key="metrics.listen",
        )
    # A container of `serve` answers on its own port, not at metrics.listen.
    is_ready, said = ask_health(listen or served)
    if not is_ready and listen and served:
        served_ready, served_said = ask_health(served)
        is_ready, said = (True, served_said) if served_ready else (is_ready, said)
    if is_ready is None and not listen:
        said += (
            "; metrics.listen is empty: set it, as 127.0.0.1:9465, for `run`, `poll` or `extract`, "
            "or start `onrecord serve`"
        )
    print(said, file=sys.stdout if is_ready else sys.stderr)
    if not is_ready:
        raise typer.Exit(1)
