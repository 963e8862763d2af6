"""`onrecord people suggest`: who may be one person, for somebody to judge."""

import sys
from typing import Annotated

import msgspec
import typer

from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.output import show, write
from onrecord.cli.people_asked import ID_DIGITS
from onrecord.cli.people_edit import ByOption
from onrecord.cli.people_opened import OpenedPeople, people_opened
from onrecord.errors import Mistake
from onrecord.people.suggesting import (
    NamesakeSuggestion,
    Suggestion,
    suggest_namesakes,
    suggest_pairs,
)


def suggest_people(
    name: Annotated[str | None, typer.Argument(help="Only who may be this person.")] = None,
    namesakes: Annotated[
        bool, typer.Option("--namesakes", help="Names that may be two people's instead.")
    ] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Show quotes of each pair, and ask.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    by: ByOption = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show people who may be one, the likeliest first; no rule joins these.

    Example: onrecord people suggest --ask
    """
    if ask and not sys.stdin.isatty():
        raise Mistake("--ask: nobody is there to be asked")
    with people_opened(settings(config, log), to_write=ask) as opened:
        if namesakes:
            _show_namesakes(suggest_namesakes(opened.registry)[:limit], pretty=is_pretty(format))
            return
        only = None if name is None else opened.one(name)
        found = suggest_pairs(opened.registry, only)[:limit]
        if ask:
            _ask_all(opened, found, by)
        else:
            _show(found, pretty=is_pretty(format))


def _ask_all(opened: OpenedPeople, found: list[Suggestion], by: str | None) -> None:
    editor = opened.editor(by)
    answers = {"y": editor.merge, "n": editor.keep_apart, "u": editor.leave_open}
    for one in found:
        opened.show(one.left, one.right)
        answer = typer.prompt(f"{one.why}: same? y, n, u (nobody can tell), s (skip), q").lower()
        if answer == "q":
            return
        if answer in answers:
            opened.write(answers[answer](one.left.id, one.right.id))


def _show(found: list[Suggestion], *, pretty: bool) -> None:
    for one in found:
        if pretty:
            left, right = (f"{it.name} ({it.id[:ID_DIGITS]})" for it in (one.left, one.right))
            show(f"{one.score:.2f}  {left}  {right}: {one.why}")
        else:
            line = {
                "left": {"id": one.left.id, "name": one.left.name},
                "right": {"id": one.right.id, "name": one.right.name},
                "score": round(one.score, 3),
                "why": one.why,
            }
            write(msgspec.json.encode(line) + b"\n")


def _show_namesakes(found: list[NamesakeSuggestion], *, pretty: bool) -> None:
    for one in found:
        if pretty:
            show(f"{one.person.name} ({one.person.id[:ID_DIGITS]}): {'; '.join(one.roles)}")
        else:
            line = {"id": one.person.id, "name": one.person.name, "roles": one.roles}
            write(msgspec.json.encode(line) + b"\n")
