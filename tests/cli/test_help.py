"""Every command says what it does, whole and readable in eighty columns."""

import re

import pytest
import typer
from typer.main import get_command

from onrecord.cli import app
from tests.cli.conftest import Run


def names(group: typer.Typer, *before: str) -> list[tuple[str, ...]]:
    """The words of every command and group."""
    found = [(*before, str(command.name)) for command in group.registered_commands]
    for nested in group.registered_groups:
        if nested.typer_instance is not None:
            name = (*before, str(nested.name))
            found += [name, *names(nested.typer_instance, *name)]
    return found


@pytest.mark.parametrize("command", [(), *names(app)], ids=" ".join)
def test_help_is_whole(run: Run, command: tuple[str, ...]) -> None:
    shown = run(*command, "--help").out
    assert max(map(len, shown.splitlines())) <= 80
    assert "<bool>" not in shown, "a switch takes no value"
    assert not re.search(r"\w \.(\s|$)", shown), "a default in brackets was lost"
    listed = shown.partition("Commands:")[2]
    assert "..." not in listed, "a summary was cut"


def test_every_option_says_what_it_does() -> None:
    silent = []
    for path in names(app):
        command = get_command(app)
        for word in path:
            command = command.commands[word]  # type: ignore[attr-defined]
        silent += [(path, p.name) for p in command.params if not getattr(p, "help", None)]
    assert silent == []
