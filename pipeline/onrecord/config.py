"""The configuration: read once, checked, handed down as values.

A section is the policy of the part that it steers, or composed of the policies of several parts.
A key is added by adding a field to a policy, made with `settings.key`, and `make config`, which
writes `config/onrecord.toml`. Each key can be overridden in the environment as
`ONRECORD_SECTION__KEY`. An unknown key and a value that cannot be used are ConfigErrors that say
what would be right; nothing has been started by then.
"""

import difflib
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from onrecord.errors import ConfigError
from onrecord.feeds.addresses import parse_networks
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.decisions.shares import SharePolicy
from onrecord.feeds.decisions.websub import WebSubPolicy
from onrecord.feeds.fetch.exchange import FetchPolicy
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.log.interface import SessionPolicy
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.logging_policy import LoggingPolicy
from onrecord.nlp.policy import ExtractPolicy
from onrecord.processing.dead_letters import DeadLetterPolicy
from onrecord.processing.pool import PoolPolicy
from onrecord.processing.retention import RetentionPolicy
from onrecord.processing.worker import WorkerPolicy
from onrecord.settings import (
    documented,
    expected_of,
    is_secret,
    key,
    keys_of,
    parse_listen,
    reference,
)
from onrecord.web.policy import MetricsPolicy, ServePolicy, WebhookPolicy

DEFAULT_FILE = Path("config/onrecord.toml")
BUNDLED_FEEDS = Path(__file__).parent / "feeds.opml"
FILE_VARIABLE = "ONRECORD_CONFIG"
_ENVIRONMENT = "ONRECORD_"
_TEST_ENVIRONMENT = "ONRECORD_TEST_"

_LONGEST_TEXT = 4096
_LONGEST_SHOWN = 80


# ── the sections ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class LogSection(SessionPolicy, RetentionPolicy):
    """Where records are kept, and how topics are created."""

    url: str = key(
        "sqlite:///data/onrecord.db",
        "Where records are kept: sqlite:///data/onrecord.db (relative to the working folder; four "
        "slashes for an absolute path), one file and no server; or kafka://host:9092,host2:9092.",
    )
    prefix: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\Z",
            max_length=100,
            description="letters, digits, _ and -, with dots between them",
        ),
    ] = key(
        "onrecord",
        "The first part of every topic's name: onrecord.articles and so on. Another prefix is "
        "another onrecord in the same log. Letters, digits, _, - and dots.",
    )
    name: str = key(
        "",
        "The name of this poller or extractor, a different one for each that runs. Started again "
        "under the name of one that was killed, it takes over at once what that had in hand; "
        "another process that still runs under the name is fenced off and stops. Empty: host and "
        "process id, which is stable only inside a container.",
    )


@dataclass(frozen=True, kw_only=True)
class FeedsSection(PollPolicy, SharePolicy, FetchPolicy, ReaderPolicy, WebSubPolicy):
    """Which feeds are followed, how often they are polled, and what an answer may cost."""

    list: str = key(
        "config/feeds.opml",
        "The feeds to follow: OPML (.opml, .xml), or a text file with one URL a line. Its feeds "
        "are added to those already followed; `onrecord feeds` shows and changes those. Where this "
        "default file is missing, the list that comes with onrecord is used. Empty follows only "
        "what was added by hand.",
    )
    full_text: Literal["feed", "page", "auto"] = key(
        "auto",
        'Where an article\'s text comes from. "feed": what the feed carries. "page": the page it '
        'links to, always, as the site\'s robots.txt allows. "auto": the page when the feed '
        "carries only a teaser; most do, and what people said stands below it.",
    )
    private_file: str = key(
        "data/private.json",
        "The file that keeps what other readers of the log must not see: the whole URLs of feeds "
        "with a password or token in them, and the key of secrets shared with hubs. It is made "
        "when it is needed, readable by its user only; pollers on several machines need copies.",
    )
    keep_answers: str = key(
        "",
        "A folder in which every new document of a feed is kept as it came, as web archives "
        "(WARC); empty keeps none. `onrecord import` reads them again, with a better parser. "
        "Nothing there is ever deleted: a feed of 100 kB that changes every hour takes some 200 MB "
        "a year. A poll whose document cannot be kept fails, and says so.",
    )

    @property
    def list_path(self) -> Path | None:
        """The feed list to read; None where only feeds added by hand are followed."""
        if not self.list:
            return None
        is_missing_default = self.list == FeedsSection.list and not Path(self.list).exists()
        return BUNDLED_FEEDS if is_missing_default else Path(self.list)


@dataclass(frozen=True, kw_only=True)
class ExtractSection(ExtractPolicy, PoolPolicy, WorkerPolicy):
    """Which models read the articles, in how many processes, within which limits."""

    extractor: str = key(
        "",
        "An extractor of your own, as `package.module:factory` (the working folder is searched "
        "last) or by its name in the entry-point group onrecord.extractors. The factory is called "
        "with this section in every process and returns a function from a sequence of Article to "
        "a list of Extraction. Empty is onrecord's own.",
    )


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that can be configured."""

    log: LogSection = field(default_factory=LogSection)
    kafka: KafkaPolicy = field(default_factory=KafkaPolicy)
    feeds: FeedsSection = field(default_factory=FeedsSection)
    extract: ExtractSection = field(default_factory=ExtractSection)
    dead_letters: DeadLetterPolicy = field(default_factory=DeadLetterPolicy)
    serve: ServePolicy = field(default_factory=ServePolicy)
    webhook: WebhookPolicy = field(default_factory=WebhookPolicy)
    metrics: MetricsPolicy = field(default_factory=MetricsPolicy)
    logging: LoggingPolicy = field(default_factory=LoggingPolicy)


def sections() -> dict[str, Any]:
    """The class of every section, by name."""
    return {section.name: section.default_factory for section in fields(Config)}


@cache
def keys() -> dict[str, dict[str, Any]]:
    """Every section with its keys and their defaults."""
    return {
        name: {key: found.default for key, found in keys_of(section).items()}
        for name, section in sections().items()
    }


# ── reading it ───────────────────────────────────────────────────────────────────────────────


def load_config(environment: Mapping[str, str], file: Path | None = None) -> Config:
    """The configuration of a file (else `ONRECORD_CONFIG`, else the default one if it is there).

    The environment's keys win over the file's. Raises ConfigError.
    """
    path = file_used(environment, file)
    tables = _read_file(path) if path is not None else {}
    _refuse_unknown_keys(tables, str(path))
    for variable, value in environment.items():
        if _is_ours(variable):
            _override(tables, variable, value)
    return _convert(tables, f"{path}" if path else "the defaults", environment)


def with_log(config: Config, url: str | None) -> Config:
    """The same with another log, if one is named."""
    return config if url is None else replace(config, log=replace(config.log, url=url))


def file_used(environment: Mapping[str, str], file: Path | None = None) -> Path | None:
    """The configuration file that is read: the one named, else the default one if it is there."""
    if file is not None:
        return file
    if environment.get(FILE_VARIABLE):
        return Path(environment[FILE_VARIABLE])
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no configuration file {path}") from None
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text") from error
    except RecursionError:
        raise ConfigError(f"{path} is not TOML that can be read: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and a number of thousands of digits
        why = _shortened(str(error).partition(";")[0])
        raise ConfigError(f"{path} is not TOML: {why}") from error


def _refuse_unknown_keys(tables: Mapping[str, Any], where: str) -> None:
    known = keys()
    for section, table in tables.items():
        if section not in known:
            raise ConfigError(
                f"{where}: no section [{_name(section)}]{_nearest(section, known)}", key=section
            )
        if not isinstance(table, dict):
            raise ConfigError(f"{where}: {section} must be a section, [{section}]", key=section)
        for name in table:
            if name not in known[section]:
                raise ConfigError(
                    f"{where}: no key {_name(name)} in [{section}]{_nearest(name, known[section])}",
                    key=f"{section}.{name}",
                )


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name[:_LONGEST_SHOWN], known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


# ── the environment ──────────────────────────────────────────────────────────────────────────


def _is_ours(variable: str) -> bool:
    return (
        variable.startswith(_ENVIRONMENT)
        and not variable.startswith(_TEST_ENVIRONMENT)
        and variable != FILE_VARIABLE
    )


def _variable(section: str, name: str) -> str:
    return f"{_ENVIRONMENT}{section.upper()}__{name.upper()}"


def _override(tables: dict[str, Any], variable: str, value: str) -> None:
    names = {
        _variable(section, name): (section, name)
        for section, table in keys().items()
        for name in table
    }
    if variable not in names:
        raise ConfigError(f"no setting {_name(variable)}{_nearest(variable, names)}", key=variable)
    section, name = names[variable]
    tables.setdefault(section, {})[name] = _from_text(value, keys()[section][name])


def _from_text(value: str, default: object) -> object:
    """The text as the type of the default, where it reads as that; the check is made later."""
    if isinstance(default, str):
        return value
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(value.lower(), value)
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        return value


# ── the check ────────────────────────────────────────────────────────────────────────────────

_PATH = re.compile(r"^(?P<what>.*?)(?: - at `\$\.(?P<section>\w+)\.(?P<name>\w+)[^`]*`)?$")


def _convert(tables: Mapping[str, Any], where: str, environment: Mapping[str, str]) -> Config:
    def mistake(section: str, name: str, expected: str) -> ConfigError:
        variable = _variable(section, name)
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
            raise ConfigError(f"{where}: {_shortened(str(error))}") from error
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


def _name(text: str) -> str:
    """A key as it was written, if it is one that fits on a terminal."""
    return text if re.fullmatch(r"[\w.-]{1,80}", text) else _shown(text)


def _shown(value: object) -> str:
    """A value on one short line."""
    try:
        return _shortened(repr(value))
    except (ValueError, RecursionError):  # a number of thousands of digits, or deep nesting
        return "…"


def _shortened(text: str) -> str:
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
            f"feeds.allow_addresses = {_shown(feeds.allow_addresses)}: {_shortened(str(error))}; "
            "write networks like 127.0.0.0/8, with commas between them",
            key="feeds.allow_addresses",
        ) from error


def _check_listen(key: str, listen: str) -> None:
    try:
        parse_listen(listen)
    except ValueError as error:
        raise ConfigError(f"{key} = {_shown(listen)}: {error}", key=key) from error


def write_documented(file: Path, page: Path) -> None:
    """Write what documents every key: `config/onrecord.toml` and `docs/configuration.md`."""
    file.write_text(documented(sections()), "utf-8")
    page.write_text(reference(sections()), "utf-8")


if __name__ == "__main__":
    write_documented(Path(sys.argv[1]), Path(sys.argv[2]))
