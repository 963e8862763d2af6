"""Options that several commands share, and how they are read."""

import os
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from onrecord.config import Config, load_config, with_log
from onrecord.sink.filters import EVERYTHING, FOR_PEOPLE, Floor
from onrecord.sink.parse_options import parse_floor
from onrecord.sink.parse_options import parse_pattern as parse_pattern  # noqa: PLC0414 - (the same)
from onrecord.sink.times import parse_time as parse_time  # noqa: PLC0414 - commands find it here

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file [default: config/onrecord.toml, if there]."),
]
LogOption = Annotated[
    str | None, typer.Option("--log", help="Log URL, as sqlite:///data/onrecord.db.")
]


class By(Enum):
    """The time of an article that --from and --until mean."""

    ENTERED = "entered"
    PUBLISHED = "published"


class Format(Enum):
    """How results are written. Pretty is for people, json is a line for each record."""

    JSON = "json"
    PRETTY = "pretty"


FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="[default: pretty on a terminal, json lines otherwise]"),
]

MinConfidenceOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="Only quotes at least this sure to be somebody's words [default: for people 0.5 "
        "where there are no quotation marks; otherwise all].",
    ),
]


def settings(config: Path | None, log: str | None) -> Config:
    """The configuration with what was given on the command line. Raises ConfigError."""
    return with_log(load_config(os.environ, config), log)


def floor_of(min_confidence: float | None, *, pretty: bool) -> Floor:
    """The lowest confidence of listed quotes: as chosen, else by whether people read them."""
    otherwise = FOR_PEOPLE if pretty else EVERYTHING
    return parse_floor(min_confidence, otherwise, option="--min-confidence")


def is_pretty(chosen: Format | None) -> bool:
    """Whether people read the output: as chosen, else whether it is a terminal."""
    return sys.stdout.isatty() if chosen is None else chosen is Format.PRETTY
