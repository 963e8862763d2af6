"""`onrecord people`: who is who across articles, and what is said of it by hand."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.output import say
from onrecord.cli.people_asked import ID_DIGITS
from onrecord.cli.people_view import (
    print_people,
    print_person,
    write_people,
)
from onrecord.cli.signals import Stop
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log
from onrecord.people.editing import Editor
from onrecord.people.finding import find_people
from onrecord.people.live import LivePeople
from onrecord.people.quoted import latest_quotes
from onrecord.people.registry import PersonKnown
from onrecord.records import Judgement, QuoteOnRecord

app = typer.Typer(help="Who is who across articles.", no_args_is_help=True)

_QUOTES = 3

Who = Annotated[str, typer.Argument(help="A person's id (its first digits do), or name.")]
ByOption = Annotated[str | None, typer.Option("--by", help="In whose name [default: the user's].")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, kept with the judgement.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dataclass(frozen=True)
class _Opened:
    """The registry of an open log, and what writes judgements into it."""

    config: Config
    log: Log
    people: LivePeople

    def editor(self, by: str | None) -> Editor:
        return wiring.editor(self.people.registry, by)

    def one(self, asked: str) -> PersonKnown:
        """The one person meant by an id or a name. Raises Mistake."""
        found = find_people(self.people.registry, self.people.resolver.known, asked)
        if not found:
            raise Mistake(f"no person {asked!r}; `onrecord people list` shows them")
        if len(found) > 1:
            several = "; ".join(f"{one.id[:ID_DIGITS]} {one.name}" for one in found[:5])
            raise Mistake(f"{asked!r} is the name of {len(found)} people, give an id: {several}")
        return found[0]

    def quotes_of(self, *people: PersonKnown) -> dict[str, list[QuoteOnRecord]]:
        ids = [person.id for person in people]
        topic = wiring.topics_of(self.config).extractions
        return latest_quotes(self.log, topic, self.people.resolver, ids, each=_QUOTES)

    def write(self, judgements: list[Judgement]) -> None:
        wiring.judgement_book(self.config, self.log).write(judgements)
        for judgement in judgements:
            say(
                f"{judgement.kind}: `onrecord people undo {judgement.id[:ID_DIGITS]}` takes it back"
            )


@contextmanager
def _opened(config: Config, *, to_write: bool = False) -> Iterator[_Opened]:
    opening = wiring.open_log if to_write else wiring.open_to_read
    with opening(config) as log:
        people = wiring.live_people(config, log)
        try:
            people.refresh()
            people.catch_up()
            yield _Opened(config, log, people)
        finally:
            people.close()


@app.command("list")
def list_people(
    name: Annotated[str | None, typer.Argument(help="Only people so called.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show so many.")] = 50,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show the people that articles name, those named most often first.

    Example: onrecord people list lavrov
    """
    with _opened(settings(config, log)) as opened:
        registry, known = opened.people.registry, opened.people.resolver.known
        found = (
            sorted(registry.people(), key=lambda person: (-person.articles, person.id))
            if name is None
            else find_people(registry, known, name)
        )
    if is_pretty(format):
        print_people(found[:limit])
    else:
        write_people(found[:limit])


@app.command("show")
def show_person(
    who: Who,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show a person: names, roles, judgements and latest quotes.

    Example: onrecord people show "sergei lavrov"
    """
    with _opened(settings(config, log)) as opened:
        person = opened.one(who)
        names = {name.id for name in person.names}
        judgements = [
            judgement
            for judgement in opened.people.registry.judgements
            if judgement.left in names or judgement.right in names
        ]
        quotes = opened.quotes_of(person).get(person.id, [])
    if is_pretty(format):
        print_person(person, judgements, quotes)
    else:
        write_people([person], judgements, quotes)


@app.command("merge")
def merge_people(
    left: Who,
    right: Who,
    yes: YesOption = False,
    by: ByOption = None,
    why: WhyOption = "",
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Say that two people are one; three quotes of each are shown first.

    Example: onrecord people merge 3fa94c0d21 8812aa07fe
    """
    with _opened(settings(config, log), to_write=True) as opened:
        one, other = opened.one(left), opened.one(right)
        judgements = opened.editor(by).merge(one.id, other.id, why=why)
        _ask(opened, (one, other), "one person?", yes=yes)
        opened.write(judgements)


@app.command("undo")
def undo_judgement(
    judgement: Annotated[str, typer.Argument(help="A judgement's id, as `people show` has it.")],
    by: ByOption = None,
    why: WhyOption = "",
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Take a judgement back, a rule's or a person's.

    Example: onrecord people undo 1c77de90ab
    """
    with _opened(settings(config, log), to_write=True) as opened:
        opened.write(opened.editor(by).undo(judgement, why=why))


@app.command("update")
def update_people(
    once: Annotated[bool, typer.Option("--once", help="Derive what is there, then exit.")] = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Keep the people topic up to date.

    `run` and `extract` do that as well.

    Example: onrecord people update --once
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened, Stop(opened.hurry) as stop:
        keeper = wiring.people_keeper(loaded, opened)
        count = keeper.run(stop, Backoff(Outage(say), "people"), once=once)
    say(f"people of {count} extractions")


def _ask(opened: _Opened, people: tuple[PersonKnown, ...], question: str, *, yes: bool) -> None:
    """Show quotes of each person, and go on only where somebody agrees. Raises Mistake."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Mistake("nobody is there to be asked: --yes goes on without")
    quotes = opened.quotes_of(*people)
    for person in people:
        print_person(person, (), quotes.get(person.id, []))
    if not typer.confirm(question):
        raise typer.Exit(1)
