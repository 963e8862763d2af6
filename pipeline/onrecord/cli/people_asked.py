"""People as commands that read records ask for them: by name, by id, as of a position."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NamedTuple

import typer

from onrecord import wiring
from onrecord.cli.output import say
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.interface import Log
from onrecord.people.readers import PeopleReader
from onrecord.people.registry import PersonKnown
from onrecord.sink.selection import Selection, What

SpeakerIdOption = Annotated[
    str | None,
    typer.Option(help="Only quotes by the person of this id (see `onrecord people list`)."),
]
PeopleAtOption = Annotated[
    int | None,
    typer.Option(min=0, help="Who is who as of this offset of the judgements [default: now]."),
]
ID_DIGITS = 10
_WHOLE_ID = 32
_SHOWN = 8


class AskedPeople(NamedTuple):
    """Whom a command asks for, and as of which position in the judgements."""

    speaker: str | None = None
    speaker_id: str | None = None
    at: int | None = None


@contextmanager
def people_read(
    config: Config, log: Log, selection: Selection, asked: AskedPeople
) -> Iterator[None]:
    """Give the selection the people of the log; say who is meant where a name is several people's.

    Raises Mistake for an id of nobody.
    """
    if selection.what is What.ARTICLES:
        yield
        return
    people = wiring.people_reader(config, log, until=asked.at)
    try:
        selection.use_people(people, _whole_id(people, asked.speaker_id))
        if asked.speaker is not None:
            _say_who(people, asked.speaker)
        yield
    finally:
        people.close()


def _whole_id(people: PeopleReader, some_id: str | None) -> str | None:
    if some_id is None or len(some_id) == _WHOLE_ID:
        return some_id
    found = [person for person in people.people_called(some_id) if _has_id(person, some_id)]
    if not found:
        raise Mistake(f"--speaker-id {some_id!r}: no person; `onrecord people list` shows them")
    if len(found) > 1:
        raise Mistake(f"--speaker-id {some_id!r}: {_listed(found)} have ids that begin so")
    return found[0].id


def _has_id(person: PersonKnown, some_id: str) -> bool:
    return any(name.id.startswith(some_id) for name in person.names)


def _say_who(people: PeopleReader, asked: str) -> None:
    found = people.people_called(asked)
    if len(found) > 1:
        say(f"{asked!r} is {len(found)} people: {_listed(found)}; --speaker-id chooses one")


def _listed(people: list[PersonKnown]) -> str:
    shown = "; ".join(map(_described, people[:_SHOWN]))
    return f"{shown} and {len(people) - _SHOWN} more" if len(people) > _SHOWN else shown


def _described(person: PersonKnown) -> str:
    role = f", {person.roles[0].role}" if person.roles else ""
    return f"{person.id[:ID_DIGITS]} {person.name}{role}"
