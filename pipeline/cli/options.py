"""Options that several commands share, and what their texts mean."""

import os
import re
import sys
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipeline.config import Config, load_config
from pipeline.errors import Mistake

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file [default: config/onrecord.toml, if there]."),
]
LogOption = Annotated[
    str | None, typer.Option("--log", help="Log URL, as sqlite:///data/onrecord.db.")
]


class Format(Enum):
    """How results are written. Pretty is for people, json is a line for each record."""

    JSON = "json"
    PRETTY = "pretty"


FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="[default: pretty on a terminal, json lines otherwise]"),
]


def settings(config: Path | None, log: str | None) -> Config:
    """The configuration with what was given on the command line. Raises ConfigError."""
    loaded = load_config(os.environ, config)
    if log is None:
        return loaded
    return msgspec.structs.replace(loaded, log=msgspec.structs.replace(loaded.log, url=log))


def is_pretty(chosen: Format | None) -> bool:
    """Whether people read the output: as chosen, else whether it is a terminal."""
    return sys.stdout.isatty() if chosen is None else chosen is Format.PRETTY


_AGO = re.compile(r"^-(\d+(?:\.\d+)?)(s|m|h|d|w)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_time(text: str, *, at: datetime, option: str) -> datetime:
    """A time as people write it: ISO 8601 (UTC without a zone), or `-2h` before now.

    Raises Mistake.
    """
    ago = _AGO.match(text)
    if ago:
        return at - timedelta(**{_UNITS[ago[2]]: float(ago[1])})
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise Mistake(
            f"{option} {text}: not a time; write 2026-11-01, 2026-11-01T12:00Z or -2h"
        ) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def parse_pattern(text: str | None, *, option: str) -> re.Pattern[str] | None:
    """A regular expression; case counts only where it says so. Raises Mistake."""
    if text is None:
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise Mistake(f"{option} {text!r} is not a regular expression: {error}") from None
