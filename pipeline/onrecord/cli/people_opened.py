"""The registry of a log, opened for a command: who is meant, their quotes, and writing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from onrecord import wiring
from onrecord.cli.output import say
from onrecord.cli.people_asked import ID_DIGITS
from onrecord.cli.people_view import print_person
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.interface import Log
from onrecord.people.editing import Editor
from onrecord.people.finding import find_people
from onrecord.people.live import LivePeople
from onrecord.people.quoted import latest_quotes
from onrecord.people.registry import PersonKnown, Registry
from onrecord.records import Judgement, QuoteOnRecord

_QUOTES = 3


@dataclass(frozen=True)
class OpenedPeople:
    """The registry of an open log, and what writes judgements into it."""

    config: Config
    log: Log
    people: LivePeople

    @property
    def registry(self) -> Registry:
        """Who is who."""
        return self.people.registry

    def editor(self, by: str | None) -> Editor:
        """Makes judgements in somebody's name."""
        return wiring.editor(self.registry, by)

    def called(self, asked: str) -> list[PersonKnown]:
        """Everybody so called, and whom an id means."""
        return find_people(self.registry, self.people.resolver.known, asked)

    def one(self, asked: str) -> PersonKnown:
        """The one person meant by an id or a name. Raises Mistake."""
        found = self.called(asked)
        if not found:
            raise Mistake(f"no person {asked!r}; `onrecord people list` shows them")
        if len(found) > 1:
            several = "; ".join(f"{one.id[:ID_DIGITS]} {one.name}" for one in found[:5])
            raise Mistake(f"{asked!r} is the name of {len(found)} people, give an id: {several}")
        return found[0]

    def quotes_of(self, *people: PersonKnown) -> dict[str, list[QuoteOnRecord]]:
        """The latest quotes of each."""
        ids = [person.id for person in people]
        topic = wiring.topics_of(self.config).extractions
        return latest_quotes(self.log, topic, self.people.resolver, ids, each=_QUOTES)

    def show(self, *people: PersonKnown) -> None:
        """Show each with quotes, for somebody to judge by."""
        quotes = self.quotes_of(*people)
        for person in people:
            print_person(person, (), quotes.get(person.id, []))

    def ask(self, question: str, *people: PersonKnown, yes: bool) -> None:
        """Show quotes of each, and go on only where somebody agrees. Raises Mistake, Exit."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise Mistake("nobody is there to be asked: --yes goes on without")
        self.show(*people)
        if not typer.confirm(question):
            raise typer.Exit(1)

    def write(self, judgements: list[Judgement]) -> None:
        """Write judgements, and say how each is taken back."""
        wiring.judgement_book(self.config, self.log).write(judgements)
        for judgement in judgements:
            undo = f"`onrecord people undo {judgement.id[:ID_DIGITS]}` takes it back"
            say(f"{judgement.kind}: {undo}")


@contextmanager
def people_opened(config: Config, *, to_write: bool = False) -> Iterator[OpenedPeople]:
    """The registry of the configured log, with all that was derived and what was not yet."""
    opening = wiring.open_log if to_write else wiring.open_to_read
    with opening(config) as log:
        people = wiring.live_people(config, log)
        try:
            people.refresh()
            people.catch_up()
            yield OpenedPeople(config, log, people)
        finally:
            people.close()
