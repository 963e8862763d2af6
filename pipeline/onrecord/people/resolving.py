"""The people of an extraction: whom its names, surnames and offices mean.

The article comes first: an extraction says which full name a surname of its text stands for. A
surname that stands alone even there, and an office without a name, mean a person only where
exactly one is known to have held that office at that time.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from onrecord.naming import name_key
from onrecord.people.known import KnownList
from onrecord.people.names_seen import id_of_name, time_of
from onrecord.people.offices import office_of
from onrecord.people.registry import Registry
from onrecord.people.spelling import is_full
from onrecord.people.tenures import Tenures
from onrecord.records import Entity, Extraction, KnownAs, NameSeen, Quote

By = Literal["name", "surname", "office", "correction"]


class NamePlace(NamedTuple):
    """Where a name stands: in which article, of which time, and in which quote's source."""

    article_id: str
    when: datetime
    quote_id: str | None = None


class PeopleResolver:
    """Finds the people whom an extraction means, as of the registry's present state."""

    def __init__(self, registry: Registry, known: KnownList) -> None:
        self.registry = registry
        self.known = known
        self._tenures = Tenures(known)

    def see(self, name: NameSeen) -> None:
        """Know a name and its roles, in place of what was known of it."""
        self.registry.see(name)
        self._tenures.see(name)

    # ── whole records ────────────────────────────────────────────────────────────────────────

    def with_people(self, extraction: Extraction) -> Extraction:
        """The extraction with the people that its entities and speakers are.

        Quotes that somebody said are none are left out.
        """
        entities = tuple(self._entity(entity, extraction) for entity in extraction.entities)
        quotes = tuple(
            self.quote_with_person(extraction, quote)
            for quote in extraction.quotes
            if not self.is_rejected(extraction, quote)
        )
        return msgspec.structs.replace(extraction, entities=entities, quotes=quotes)

    def quote_with_person(self, extraction: Extraction, quote: Quote) -> Quote:
        """A quote of an extraction, its speaker with the person that they are."""
        person = self.speaker_of(extraction, quote)
        if quote.speaker is None or person is None:
            return quote
        speaker = msgspec.structs.replace(quote.speaker, person=person)
        return msgspec.structs.replace(quote, speaker=speaker)

    def _entity(self, entity: Entity, extraction: Extraction) -> Entity:
        place = NamePlace(extraction.article.id, time_of(extraction))
        person = self.person(entity.name, entity.role, place) if entity.type == "person" else None
        return entity if person is None else msgspec.structs.replace(entity, person=person)

    # ── single quotes ────────────────────────────────────────────────────────────────────────

    def is_rejected(self, extraction: Extraction, quote: Quote) -> bool:
        """Whether somebody said that this is no quote."""
        corrections = self.registry.corrections
        if not corrections.speaks_of(extraction.article.id):
            return False
        found = corrections.of_quote(extraction.article.id, quote)
        return found is not None and found.kind == "not-a-quote"

    def speaker_of(self, extraction: Extraction, quote: Quote) -> KnownAs | None:
        """Who speaks a quote; None where nobody known across articles is."""
        speaker, article_id = quote.speaker, extraction.article.id
        corrections = self.registry.corrections
        if corrections.speaks_of(article_id):
            corrected = corrections.of_quote(article_id, quote)
            if corrected is not None and corrected.kind == "wrong-speaker":
                return self._known_as(corrected.right, "correction") if corrected.right else None
        if speaker is None:
            return None
        place = NamePlace(article_id, time_of(extraction), quote.id)
        if speaker.entity is None:
            return self.person(speaker.name, speaker.role, place)
        entity = next((it for it in extraction.entities if it.id == speaker.entity), None)
        if entity is None or entity.type != "person":
            return None
        return self.person(entity.name, speaker.role or entity.role, place)

    # ── names, surnames, offices ─────────────────────────────────────────────────────────────

    def person(self, text: str, role: str | None, place: NamePlace) -> KnownAs | None:
        """Whom a name means, with its role, or a description such as "the French president"."""
        key = name_key(text)
        listed = self.known.main_key(key)
        if listed is not None and (listed != key or not is_full(key)):
            return self._known_as(id_of_name(listed), "name")
        if text[:1].islower():
            return self._only(self._tenures.holders(office_of(text), place.when), "office")
        if is_full(key):
            name_id = self.registry.corrections.name_in(
                id_of_name(key), place.article_id, place.quote_id, role
            )
            return self._known_as(name_id, "name", text)
        if role is None:
            return None
        return self._only(self._tenures.bearers(key, office_of(role), place.when), "surname")

    def _only(self, names: Iterable[str], by: By) -> KnownAs | None:
        people = {self.registry.person_id(name_id) for name_id in names}
        return self._known_as(people.pop(), by) if len(people) == 1 else None

    def _known_as(self, name_id: str, by: By, otherwise: str | None = None) -> KnownAs | None:
        if name_id in self.registry.forgotten:
            return None
        person_id = self.registry.person_id(name_id)
        name = self.registry.shown_name(person_id) or self.known.name_of(person_id) or otherwise
        return None if name is None else KnownAs(id=person_id, name=name, by=by)
