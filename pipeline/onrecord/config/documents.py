"""The configuration documented: the commented file, and the reference in `docs/`."""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import Field
from itertools import starmap
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

from onrecord.config.sections import sections
from onrecord.settings import keys_of

_WIDTH = 98


def documented(sections: "Mapping[str, type[DataclassInstance]]") -> str:
    """A configuration file with every key, its default, and a comment that says what it is for."""
    head = (
        "Everything that can be configured. A key left out has the default that stands here. Each "
        "can be overridden in the environment: log.url as ONRECORD_LOG__URL, and so on. "
        "`make config` writes this file from the sections in the code."
    )
    tables = [_table(name, section) for name, section in sections.items()]
    return "\n\n".join([_comment(head), *tables]) + "\n"


def reference(sections: "Mapping[str, type[DataclassInstance]]") -> str:
    """The same as a page of Markdown: a table of keys for each section."""
    head = (
        "# Configuration\n\n"
        "Every key of `config/onrecord.toml`, with its default. Each can be set in the "
        "environment: `log.url` as `ONRECORD_LOG__URL`. `--config FILE` or `ONRECORD_CONFIG` names "
        "another file. A key or value that cannot be used is one line that says which, and what "
        "would be right; nothing is started.\n\n"
        "`make config` writes this page from the sections in the code."
    )
    return "\n\n".join([head, *starmap(_chapter, sections.items())]) + "\n"


def _chapter(name: str, section: "type[DataclassInstance]") -> str:
    rows = [
        f"| `{key}` | {_default_in_words(found)} | {_in_a_cell(found.metadata['text'])} |"
        for key, found in keys_of(section).items()
    ]
    table = ["| key | default | |", "|---|---|---|", *rows]
    return "\n".join([f"## {name}", "", _summary(section), "", *table])


def _default_in_words(found: "Field[Any]") -> str:
    return f"`{_as_toml(found.default)}`" if found.default != "" else "empty"


def _in_a_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _summary(section: "type[DataclassInstance]") -> str:
    return (section.__doc__ or "").partition("\n\n")[0]


def _table(name: str, section: "type[DataclassInstance]") -> str:
    keys = [
        f"{_comment(found.metadata['text'])}\n{name} = {_as_toml(found.default)}"
        for name, found in keys_of(section).items()
    ]
    return "\n\n".join([f"[{name}]\n{_comment(_summary(section))}", *keys])


def _comment(text: str) -> str:
    lines = textwrap.wrap(" ".join(text.split()), _WIDTH, break_on_hyphens=False)
    return "\n".join(f"# {line}" for line in lines)


def _as_toml(value: object) -> str:
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def write_documented(file: Path, page: Path) -> None:
    """Write what documents every key: `config/onrecord.toml` and `docs/configuration.md`."""
    file.write_text(documented(sections()), "utf-8")
    page.write_text(reference(sections()), "utf-8")
