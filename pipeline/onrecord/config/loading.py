"""Reading a configuration from a file and the environment."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from onrecord.config.checking import (
    ENVIRONMENT,
    convert,
    nearest,
    shortened,
    shown_name,
    variable_of,
)
from onrecord.config.sections import Config, keys
from onrecord.errors import ConfigError

DEFAULT_FILE = Path("config/onrecord.toml")
FILE_VARIABLE = "ONRECORD_CONFIG"
_TEST_ENVIRONMENT = "ONRECORD_TEST_"


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
    return convert(tables, f"{path}" if path else "the defaults", environment)


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
        why = shortened(str(error).partition(";")[0])
        raise ConfigError(f"{path} is not TOML: {why}") from error


def _refuse_unknown_keys(tables: Mapping[str, Any], where: str) -> None:
    known = keys()
    for section, table in tables.items():
        if section not in known:
            raise ConfigError(
                f"{where}: no section [{shown_name(section)}]{nearest(section, known)}", key=section
            )
        if not isinstance(table, dict):
            raise ConfigError(f"{where}: {section} must be a section, [{section}]", key=section)
        for name in table:
            if name not in known[section]:
                hint = nearest(name, known[section])
                raise ConfigError(
                    f"{where}: no key {shown_name(name)} in [{section}]{hint}",
                    key=f"{section}.{name}",
                )


# ── the environment ──────────────────────────────────────────────────────────────────────────


def _is_ours(variable: str) -> bool:
    return (
        variable.startswith(ENVIRONMENT)
        and not variable.startswith(_TEST_ENVIRONMENT)
        and variable != FILE_VARIABLE
    )


def _override(tables: dict[str, Any], variable: str, value: str) -> None:
    names = {
        variable_of(section, name): (section, name)
        for section, table in keys().items()
        for name in table
    }
    if variable not in names:
        raise ConfigError(
            f"no setting {shown_name(variable)}{nearest(variable, names)}", key=variable
        )
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
