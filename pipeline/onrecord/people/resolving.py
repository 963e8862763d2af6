"""The people of an extraction: whom its names, surnames and offices mean.

The article comes first: an extraction says which full name a surname of its text stands for. A
surname that stands alone even there, and an office without a name, mean a person only where
exactly one is known to have held that office at that time.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

import msgspec

from onrecord.naming import name_key
from onrecord.people.corrections import CutQuote
from onrecord.people.known import KnownList
from onrecord.people.names_seen import id_of_name
from onrecord.people.offices import has_one_holder, office_of
from onrecord.people.registry import Registry
from onrecord.people.spelling import is_full
from onrecord.people.tenures import Tenures
from onrecord.records import Extraction, Judgement, KnownAs, NameSeen, Quote, Speaker

NONE_REJECTED: frozenset[int] = frozenset()
By = Literal["name", "surname", "office", "correction"]


class NamedThere(Protocol):
    """An entity, as far as it is read here."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def role(self) -> str | None: ...


class SpeakerThere(Protocol):
    """A speaker, as far as it is read here."""

    @property
    def name(self) -> str: ...
    @property
    def entity(self) -> str | None: ...
    @property
    def role(self) -> str | None: ...


class QuoteThere(CutQuote, Protocol):
    """A quote, as far as it is read here."""

    @property
    def speaker(self) -> SpeakerThere | None: ...


class ArticleThere(Protocol):
    """An article, as far as it is read here."""

    @property
    def id(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...


class ExtractionThere(Protocol):
    """An extraction, as far as it is read here."""

    @property
    def article(self) -> ArticleThere: ...
    @property
    def extracted_at(self) -> datetime: ...
    @property
    def entities(self) -> Sequence[NamedThere]: ...


class FoundPerson(NamedTuple):
    """A person found: their id, by what, and the name that the text has for them."""

    id: str
    by: By
    text: str | None = None


class PeopleResolver:
    """Finds the people whom an extraction means, as of the registry's present state."""

    def __init__(self, registry: Registry, known: KnownList) -> None:
        self.registry = registry
        self.known = known
        self._tenures = Tenures(known)
        # Who has a full name, as of a version of the registry; none that two people share.
        self._plain: dict[str, KnownAs | None] = {}
        self._nobody: set[str] = set()  # likewise, texts that mean nobody in any article
        self._plain_of = -1

    def see(self, name: NameSeen) -> None:
        """Know a name and its roles, in place of what was known of it."""
        self._tenures.see(name, self.registry.name(name.id))
        self.registry.see(name)

    # ── whole records ────────────────────────────────────────────────────────────────────────

    def with_people(self, extraction: Extraction) -> Extraction:
        """The extraction with the people that its entities and speakers are.

        Quotes that somebody said are none are left out, and speakers corrected to nobody known.
        """
        known = self.known_entities(extraction)
        entities = tuple(
            msgspec.structs.replace(entity, person=person)
            if (person := known.get(entity.id))
            else entity
            for entity in extraction.entities
        )
        quotes = tuple(
            self._with_speaker(extraction, quote, person)
            for quote, person in zip(
                extraction.quotes, self.known_speakers(extraction, extraction.quotes), strict=True
            )
            if not self.is_rejected(extraction, quote)
        )
        return msgspec.structs.replace(extraction, entities=entities, quotes=quotes)

    def add_people(self, extraction: Extraction) -> None:
        """Put people into an extraction that nobody else has: in half the time of a copy."""
        put = msgspec.structs.force_setattr
        known = self.known_entities(extraction)
        for entity in extraction.entities:
            if person := known.get(entity.id):
                put(entity, "person", person)
        speakers = self.known_speakers(extraction, extraction.quotes, known)
        for quote, speaker in zip(extraction.quotes, speakers, strict=True):
            if speaker is not None and quote.speaker is not None:
                put(quote.speaker, "person", speaker)
            elif speaker is not None:
                put(quote, "speaker", Speaker(name=speaker.name, person=speaker))
        for n in self.nobodys(extraction, extraction.quotes):
            put(extraction.quotes[n], "speaker", None)

    def quote_with_person(self, extraction: Extraction, quote: Quote) -> Quote:
        """A quote of an extraction, its speaker with the person that they are."""
        return self._with_speaker(extraction, quote, self.speaker_of(extraction, quote))

    def _with_speaker(self, extraction: Extraction, quote: Quote, person: KnownAs | None) -> Quote:
        put = msgspec.structs.replace
        if person is not None:
            speaker = quote.speaker or Speaker(name=person.name)
            return put(quote, speaker=put(speaker, person=person))
        is_nobodys = self.is_corrected_to_nobody(extraction, quote)
        return put(quote, speaker=None) if is_nobodys else quote

    def known_entities(self, extraction: ExtractionThere) -> dict[str, KnownAs | None]:
        """The person of each entity that is one; without those whose name is shared by two."""
        if self._plain_of != self.registry.version:
            self._plain, self._nobody = {}, set()
            self._plain_of = self.registry.version
        found: dict[str, KnownAs | None] = {}
        for entity in extraction.entities:
            if entity.type != "person":
                continue
            if entity.name in self._plain:
                found[entity.id] = self._plain[entity.name]
                continue
            person = self._known_as(self.find_entity(entity, extraction))
            _, name_id, is_whole = _identified(entity.name)
            if is_whole and not self.registry.corrections.is_split(name_id):
                self._plain[entity.name] = person
            found[entity.id] = person
        return found

    def known_speakers(
        self,
        extraction: ExtractionThere,
        quotes: Sequence[QuoteThere],
        entities: dict[str, KnownAs | None] | None = None,
    ) -> list[KnownAs | None]:
        """Who speaks each of the quotes; None where nobody known across articles does."""
        corrections = self.registry.corrections
        if corrections.has_splits or corrections.speaks_of(extraction.article.id):
            return [self.speaker_of(extraction, quote) for quote in quotes]
        known = self.known_entities(extraction) if entities is None else entities
        found: list[KnownAs | None] = []
        for quote in quotes:
            speaker, person = quote.speaker, None
            if speaker is None:
                pass
            elif speaker.entity is not None:
                person = known.get(speaker.entity)
                if person is None and speaker.entity in known:
                    person = self.speaker_of(extraction, quote)
            elif not (speaker.name in self._nobody or _describes(speaker.name)):
                person = self.speaker_of(extraction, quote)
                if person is None and speaker.role is None and not _says_office(speaker.name):
                    self._nobody.add(speaker.name)
            found.append(person)
        return found

    def speaker_of(self, extraction: ExtractionThere, quote: QuoteThere) -> KnownAs | None:
        """Who speaks a quote; None where nobody known across articles does."""
        return self._known_as(self.find_speaker(extraction, quote))

    def _known_as(self, found: FoundPerson | None) -> KnownAs | None:
        if found is None:
            return None
        name = self.registry.shown_name(found.id) or self.known.name_of(found.id) or found.text
        return None if name is None else KnownAs(id=found.id, name=name, by=found.by)

    # ── single quotes and entities ───────────────────────────────────────────────────────────

    def is_rejected(self, extraction: ExtractionThere, quote: QuoteThere) -> bool:
        """Whether somebody said that this is no quote."""
        found = self._correction(extraction, quote)
        return found is not None and found.kind == "not-a-quote"

    def is_corrected_to_nobody(self, extraction: ExtractionThere, quote: QuoteThere) -> bool:
        """Whether somebody said that nobody known speaks this quote."""
        found = self._correction(extraction, quote)
        return found is not None and found.kind == "wrong-speaker" and found.right is None

    def _correction(self, extraction: ExtractionThere, quote: QuoteThere) -> Judgement | None:
        corrections, article_id = self.registry.corrections, extraction.article.id
        if not corrections.speaks_of(article_id):
            return None
        return corrections.of_quote(article_id, quote)

    def rejected(
        self, extraction: ExtractionThere, quotes: Collection[QuoteThere]
    ) -> frozenset[int]:
        """The indexes of the quotes that somebody said are none."""
        if not self.registry.corrections.speaks_of(extraction.article.id):
            return NONE_REJECTED
        return frozenset(n for n, it in enumerate(quotes) if self.is_rejected(extraction, it))

    def nobodys(
        self, extraction: ExtractionThere, quotes: Collection[QuoteThere]
    ) -> frozenset[int]:
        """The indexes of the quotes that somebody said nobody known speaks."""
        if not self.registry.corrections.speaks_of(extraction.article.id):
            return frozenset()
        is_nobodys = self.is_corrected_to_nobody
        return frozenset(n for n, it in enumerate(quotes) if is_nobodys(extraction, it))

    def find_speaker(self, extraction: ExtractionThere, quote: QuoteThere) -> FoundPerson | None:
        """Who speaks a quote, by id; None where nobody known across articles does."""
        speaker = quote.speaker
        corrected = self._correction(extraction, quote)
        if corrected is not None and corrected.kind == "wrong-speaker":
            return self._person(corrected.right, "correction") if corrected.right else None
        if speaker is None:
            return None
        if speaker.entity is None:
            return self._described(speaker, extraction, quote.id)
        entity = next((it for it in extraction.entities if it.id == speaker.entity), None)
        if entity is None or entity.type != "person":
            return None
        return self.find(entity.name, speaker.role or entity.role, extraction, quote.id)

    def find_entity(self, entity: NamedThere, extraction: ExtractionThere) -> FoundPerson | None:
        """Who an entity is, by id; None where it is nobody known across articles."""
        return self.find(entity.name, entity.role, extraction) if entity.type == "person" else None

    def _described(
        self, speaker: SpeakerThere, extraction: ExtractionThere, quote_id: str
    ) -> FoundPerson | None:
        """Whom a source without an entity means: an office, else a name that is written as one."""
        if _describes(speaker.name):
            return None
        if _says_office(speaker.name):
            office = office_of(speaker.name)
            when = extraction.article.published_at or extraction.extracted_at
            return self._only(self._tenures.holders(office, when), "office")
        return self.find(speaker.name, speaker.role, extraction, quote_id)

    def find(
        self,
        text: str,
        role: str | None,
        extraction: ExtractionThere,
        quote_id: str | None = None,
    ) -> FoundPerson | None:
        """Whom a name means: a full one, or a surname with a role."""
        key, name_id, is_whole = _identified(text)
        listed = self.known.main_key(key)
        if listed is not None and (listed != key or not is_whole):
            return self._person(id_of_name(listed), "name")
        if is_whole:
            corrections = self.registry.corrections
            if corrections.is_split(name_id):
                article_id = extraction.article.id
                name_id = corrections.name_in(name_id, article_id, quote_id, role)
            return self._person(name_id, "name", text)
        if role is None:
            return None
        when = extraction.article.published_at or extraction.extracted_at
        return self._only(self._tenures.bearers(key, office_of(role), when), "surname")

    def _only(self, names: Iterable[str], by: By) -> FoundPerson | None:
        people = {self.registry.person_id(name_id) for name_id in names}
        return self._person(people.pop(), by) if len(people) == 1 else None

    def _person(self, name_id: str, by: By, text: str | None = None) -> FoundPerson | None:
        registry = self.registry
        if name_id in registry.forgotten:
            return None
        return FoundPerson(registry.person_id(name_id), by, text)


@lru_cache(maxsize=65_536)
def _describes(text: str) -> bool:
    """Whether a text is neither a name nor the office of one holder: "a farmer", "the union"."""
    # "van" and "de" as well.
    return any(word.islower() for word in text.split()) and not _says_office(text)


def _says_office(text: str) -> bool:
    office = office_of(text)
    return bool(office.country) and has_one_holder(office)


@lru_cache(maxsize=65_536)
def _identified(text: str) -> tuple[str, str, bool]:
    """A name's key, its id, and whether it is a full name."""
    key = name_key(text)
    return key, id_of_name(key), is_full(key)
