"""The commands of `onrecord`, each imported when it is called.

A command's imports take up to a second: those of the other commands are left out, and the list
of commands in `--help` needs none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer._click import Command, Context, HelpFormatter
from typer.core import TyperGroup
from typer.main import get_group


class _Listed(NamedTuple):
    """A command: its module in `cli/`, its function (or the app of a group), its line in help."""

    module: str
    attribute: str
    summary: str


# In the order in which help lists them.
_LISTED: Mapping[str, _Listed] = {
    "run": _Listed("stages", "run", "Poll, extract and show quotes, all in one process."),
    "poll": _Listed("stages", "poll", "Poll feeds and publish their articles."),
    "extract": _Listed("stages", "extract", "Extract from published articles."),
    "annotate": _Listed("annotate", "annotate", "Find quotes and entities in texts."),
    "subscribe": _Listed("subscribe", "subscribe", "Read articles, extractions or quotes."),
    "search": _Listed("search", "search", "Find quotes in the archive."),
    "export": _Listed("export", "export", "Write results as CSV, JSON lines or Parquet."),
    "evaluate": _Listed("gold", "evaluate_gold", "Measure an extractor against gold."),
    "alerts": _Listed("searches", "alerts", "Send the quotes of saved searches."),
    "serve": _Listed("serve", "serve", "Offer records over HTTP: streams and pages."),
    "compare": _Listed("compare", "compare_topics", "Say what changed between two extractions."),
    "promote": _Listed("promote", "promote", "Make a replay's results the live ones."),
    "import": _Listed("importing", "import_backlog", "Bring in a backlog of articles."),
    "copy": _Listed("copying", "copy", "Copy every topic into another log."),
    "backup": _Listed("log_file", "backup", "Write a copy of the log, at one moment."),
    "restore": _Listed("log_file", "restore", "Put a backup in the log's place."),
    "check": _Listed("log_file", "check", "Read the whole log and compare it with itself."),
    "forget": _Listed("forgetting", "forget", "Take an article or a quote out for good."),
    "asyncapi": _Listed("asyncapi", "asyncapi", "Describe the topics for other tools."),
    "health": _Listed("health", "health", "Ask a running process whether it is ready."),
    "status": _Listed("status", "status", "Show topics, groups and the health of feeds."),
    "demo": _Listed("demo", "demo", "Run the whole pipeline on a bundled sample, offline."),
    "replay": _Listed("replay", "app", "Extract a stretch of the backlog again."),
    "people": _Listed("people", "app", "Who is who across articles."),
    "corrections": _Listed("gold", "app", "What people corrected, as gold."),
    "searches": _Listed("searches", "app", "Saved searches: add, list, remove."),
    "archive": _Listed("archive", "app", "The searchable archive: keep it level, rebuild it."),
    "feeds": _Listed("feeds", "app", "The feeds that are followed: add, remove, list, …"),
    "topics": _Listed("topics", "app", "The topics of the log: list, describe, alter."),
    "dead-letters": _Listed("dead_letters", "app", "What could not be processed."),
    "config": _Listed("configuration", "app", "Look at the configuration."),
}

COMMANDS = tuple(_LISTED)


def import_command(named: Sequence[str]) -> None:
    """Import what the command of this name needs; nothing for a name that is no command's."""
    for name in named:
        if name in _LISTED:
            import_module(f"{__package__}.{_LISTED[name].module}")


class CommandGroup(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands = _Commands()  # type: ignore[assignment]  # only read, once it is there

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, listed.summary) for name, listed in _LISTED.items()])


class _Commands(Mapping[str, Command]):
    """Every command by name, imported when it is looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._loaded:
            self._loaded[name] = _load(name, _LISTED[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_LISTED)

    def __len__(self) -> int:
        return len(_LISTED)


def _load(name: str, listed: _Listed) -> Command:
    found = getattr(import_module(f"{__package__}.{listed.module}"), listed.attribute)
    alone = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name, short_help=listed.summary)
    else:
        alone.command(name, short_help=listed.summary)(found)
    return get_group(alone).commands[name]
