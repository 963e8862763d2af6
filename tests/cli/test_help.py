"""Every command says what it does, whole and readable in eighty columns."""

import re

import pytest
from typer._click import Command
from typer.core import TyperGroup
from typer.main import get_group

from onrecord.cli import app
from tests.cli.conftest import Run


def below(group: TyperGroup, *before: str) -> dict[tuple[str, ...], Command]:
    """Every command and group by its words."""
    found: dict[tuple[str, ...], Command] = {}
    for word, command in group.commands.items():
        found[(*before, word)] = command
        if isinstance(command, TyperGroup):
            found |= below(command, *before, word)
    return found


COMMANDS = below(get_group(app))


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=" ".join)
def test_help_is_whole(run: Run, command: tuple[str, ...]) -> None:
    shown = run(*command, "--help").out
    assert max(map(len, shown.splitlines())) <= 80
    assert "<bool>" not in shown, "a switch takes no value"
    assert not re.search(r"\w \.(\s|$)", shown), "a default in brackets was lost"
    listed = shown.partition("Commands:")[2]
    assert "..." not in listed, "a summary was cut"


def test_every_option_says_what_it_does() -> None:
    silent = [
        (path, parameter.name)
        for path, command in COMMANDS.items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    assert silent == []
