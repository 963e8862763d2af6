"""Values that cannot be used: which key, what was expected, and what the default is."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from onrecord.config.sections import Config, keys, sections
from onrecord.errors import ConfigError
from onrecord.feeds.addresses import parse_networks
from onrecord.settings import (
    expected_of,
    is_secret,
    keys_of,
    parse_listen,
)

ENVIRONMENT = "ONRECORD_"

_LONGEST_TEXT = 4096
_LONGEST_SHOWN = 80
_PATH = re.compile(r"^(?P<what>.*?)(?: - at `\$\.(?P<section>\w+)\.(?P<name>\w+)[^`]*`)?$")


def convert(tables: Mapping[str, Any], where: str, environment: Mapping[str, str]) -> Config:
    """The configuration that these tables are.

    `where` says where they stand, unless the environment has the key. Raises ConfigError.
    """

    def mistake(section: str, name: str, expected: str) -> ConfigError:
        variable = variable_of(section, name)
        place = variable if variable in environment else f"{where}: {section}.{name}"
        hidden = is_secret(keys_of(sections()[section])[name])
        shown = "…" if hidden else _shown(tables[section][name])
        default = keys()[section][name]
        return ConfigError(
            f"{place} = {shown}: {expected} (default: {default!r})", key=f"{section}.{name}"
        )

    for section, name, value in _texts(tables):
        if (fault := _fault(value)) is not None:
            raise mistake(section, name, fault)
    try:
        config = msgspec.convert(tables, Config)
    except (msgspec.ValidationError, OverflowError) as error:
        found = _PATH.match(str(error))
        if found is None or found["name"] is None:
            raise ConfigError(f"{where}: {shortened(str(error))}") from error
        section, name = found["section"], found["name"]
        described = expected_of(sections()[section], name)
        expected = f"expected {described}" if described else _plain(found["what"])
        raise mistake(section, name, expected) from error
    _check_together(config)
    return config


def _texts(tables: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for section, table in tables.items():
        for name, value in table.items():
            if isinstance(value, str):
                yield section, name, value


def _fault(text: str) -> str | None:
    """Why a text can be the value of no key; None when it can."""
    if len(text) > _LONGEST_TEXT:
        return f"expected text of {_LONGEST_TEXT} characters at most"
    if any(character < " " or "\x7f" <= character < "\xa0" for character in text):
        return "expected text without control characters"
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "expected UTF-8 text"
    return None


def _plain(message: str) -> str:
    """What was expected, with names of types that are not Python's."""
    message = message[0].lower() + message[1:]
    for name, word in (
        ("`float`", "a number"),
        ("`int`", "a whole number"),
        ("`str`", "text"),
        ("`bool`", "true or false"),
        ("`array`", "a list"),
        ("`object`", "a table"),
    ):
        message = message.replace(name, word)
    return message


def shown_name(text: str) -> str:
    """A key as it was written, if it is one that fits on a terminal."""
    return text if re.fullmatch(r"[\w.-]{1,80}", text) else _shown(text)


def _shown(value: object) -> str:
    """A value on one short line."""
    try:
        return shortened(repr(value))
    except (ValueError, RecursionError):  # a number of thousands of digits, or deep nesting
        return "…"


def shortened(text: str) -> str:
    """A text on one line that fits beside others."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"


def _check_together(config: Config) -> None:
    """What the type of a single key does not show."""
    feeds = config.feeds
    if not feeds.shortest_interval_s <= feeds.usual_interval_s <= feeds.longest_interval_s:
        raise ConfigError(
            "feeds.shortest_interval_s <= feeds.usual_interval_s <= feeds.longest_interval_s "
            f"must hold; they are {feeds.shortest_interval_s:g}, {feeds.usual_interval_s:g} and "
            f"{feeds.longest_interval_s:g}",
            key="feeds.usual_interval_s",
        )
    _check_listen("feeds.websub_listen", feeds.websub_listen)
    if config.metrics.listen:
        _check_listen("metrics.listen", config.metrics.listen)
    try:
        parse_networks(feeds.allow_addresses)
    except ValueError as error:
        raise ConfigError(
            f"feeds.allow_addresses = {_shown(feeds.allow_addresses)}: {shortened(str(error))}; "
            "write networks like 127.0.0.0/8, with commas between them",
            key="feeds.allow_addresses",
        ) from error


def _check_listen(key: str, listen: str) -> None:
    try:
        parse_listen(listen)
    except ValueError as error:
        raise ConfigError(f"{key} = {_shown(listen)}: {error}", key=key) from error


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """The end of a message about an unknown name: the one that was meant, or all there are."""
    near = difflib.get_close_matches(name[:_LONGEST_SHOWN], known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def variable_of(section: str, name: str) -> str:
    """The variable of the environment that overrides a key."""
    return f"{ENVIRONMENT}{section.upper()}__{name.upper()}"
