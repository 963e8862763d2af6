"""People from extractions: what a batch of messages adds to a registry, and to its topics."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from onrecord.log.interface import Message
from onrecord.people.names_seen import Mentioned, Sighting, id_of_name, seen_again, sightings
from onrecord.people.resolving import PeopleResolver
from onrecord.people.rules import Rules
from onrecord.records import Judgement, NameSeen, Person, Record

_mentioned = msgspec.json.Decoder(Mentioned)


@dataclass(slots=True)
class PeopleChanges:
    """What a batch changes: the ids of names, and the judgements of rules, in order."""

    names: set[str] = field(default_factory=set)
    judgements: list[Judgement] = field(default_factory=list)


class Deriver:
    """Adds extractions and judgements to a registry, and says what that changes."""

    def __init__(self, resolver: PeopleResolver, *, judges: bool = True) -> None:
        """Without `judges`, the rules make no judgements: only those given count."""
        self.resolver = resolver
        self._judges = judges
        self._registry = resolver.registry
        self._rules = Rules(resolver.registry, resolver.known)
        self._is_ready = False

    def take(self, messages: Iterable[Message]) -> PeopleChanges:
        """Add extractions. Messages without one are passed over."""
        changes = PeopleChanges()
        for message in messages:
            for names in _sightings(message):
                self._prepare()
                self._take_person(names, message.timestamp, changes)
        return changes

    def judge(self, judgements: Iterable[Judgement]) -> PeopleChanges:
        """Add judgements that stand in their topic."""
        changes = PeopleChanges()
        added = list(judgements)
        for judgement in added:
            changes.names |= self._touched(judgement)
        self._registry.confirm(added)
        self._rules.made_before(added)
        for judgement in added:
            changes.names |= self._touched(judgement)
        return changes

    def _touched(self, judgement: Judgement) -> set[str]:
        """The names of the people of whom a judgement speaks."""
        if judgement.kind == "undo":
            undone = self._rules.judgement(judgement.undoes or "")
            return set() if undone is None else self._touched(undone)
        clusters = self._registry.clusters
        found = (name for name in (judgement.left, judgement.right) if name)
        return {member for name in found for member in clusters.members(name)}

    def _prepare(self) -> None:
        """Index the names that were known before the first new one: many readers see none."""
        if not self._is_ready:
            self._is_ready = True
            for name in self._registry.names():
                self._rules.know(name.key)

    def _take_person(self, names: list[Sighting], at: datetime, changes: PeopleChanges) -> None:
        """Add the names of one person of an article, and what the rules make of them."""
        registry, news = self._registry, []
        together = []
        for sighting in names:
            name_id = id_of_name(sighting.key)
            if name_id in registry.forgotten:
                continue
            before = registry.name(name_id)
            name = seen_again(before, sighting)
            self.resolver.see(name)
            changes.names.add(name_id)
            together.append(name)
            if before is None or _roles(before) != _roles(name) or len(names) > 1:
                news.append(name)
        for name in news if self._judges else ():
            others = [other for other in together if other is not name]
            for judgement in self._rules.judge(name, others, at):
                changes.names |= self._touched(judgement)
                registry.judge(judgement)
                changes.names |= self._touched(judgement)
                changes.judgements.append(judgement)

    def records(self, names: Iterable[str]) -> Iterator[tuple[str, Record | None]]:
        """What the people topic has to hold under the ids of these names and their people."""
        registry = self._registry
        people = {registry.person_id(name) for name in names}
        for name_id in sorted(people | set(names)):
            person_id = registry.person_id(name_id)
            if registry.name(name_id) is None:
                yield name_id, None
            elif person_id != name_id:
                yield name_id, Person(id=name_id, name="", merged_into=person_id)
            else:
                found = registry.person(name_id)
                if found is not None:
                    yield name_id, Person(id=found.id, name=found.name, names=found.names)


def _roles(name: NameSeen) -> set[str]:
    return {tenure.role for tenure in name.roles}


def _sightings(message: Message) -> Iterator[list[Sighting]]:
    if message.value is None:
        return
    try:
        extraction = _mentioned.decode(message.value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return  # not an extraction: another program's record
    yield from sightings(extraction, message.timestamp)
