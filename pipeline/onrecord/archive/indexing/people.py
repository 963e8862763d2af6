"""Who is who, for an archive: people of names, and what was corrected by hand.

A name belongs to whom the registry says, and one change moves all its quotes. Where more than the
name decided (a surname or an office alone, a namesake told apart, a correction), the quote itself
is given to the person.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from msgspec.structs import replace

from onrecord.archive.indexing.changes import extraction_in
from onrecord.archive.interface import (
    NOBODY,
    Archive,
    Change,
    ExtractionRead,
    NamesResolved,
    QuotesRejected,
    SpeakersCorrected,
)
from onrecord.archive.past import extraction_of
from onrecord.archive.results import ArchivedQuote, ReplacedQuote
from onrecord.log.interface import Message
from onrecord.naming import name_key
from onrecord.people.live import LivePeople
from onrecord.people.names_seen import id_of_name
from onrecord.people.resolving import FoundPerson
from onrecord.records import Extraction, Judgement, KnownAs, Quote

_LOOK_EVERY_S = 1.0
_MOST_REMEMBERED = 200_000


@dataclass(slots=True)
class _Found:
    """What an extraction says of people: persons of names, and corrections of its quotes."""

    names: dict[str, str | None] = field(default_factory=dict)
    speakers: dict[str, str | None] = field(default_factory=dict)
    rejected: dict[str, bool] = field(default_factory=dict)

    def changes(self) -> Iterator[Change]:
        if self.names:
            yield NamesResolved(people=self.names)
        if self.speakers:
            yield SpeakersCorrected(people=self.speakers)
        if self.rejected:
            yield QuotesRejected(rejected=self.rejected)


class ArchivePeople:
    """Adds people to what an archive is given. Belongs to one thread."""

    def __init__(
        self, live: LivePeople, archive: Archive, *, monotonic: Callable[[], float]
    ) -> None:
        self._live = live
        self._archive = archive
        self._monotonic = monotonic
        self._look_at = -inf
        # Judgements given, and names affected by judgements that were not; those of the last call.
        self._judged = self._given_from = 0
        self._affected: set[str] = set()
        self._given: set[str] = set()
        self._told: dict[str, str | None] = {}  # name key → person, as the archive has it
        self._keys: dict[str, str] = {}  # name id → name key

    def of_extractions(self, message: Message) -> list[Change]:
        """An extraction with its people, or its removal. Raises RecordError."""
        change = extraction_in(message)
        if isinstance(change, ExtractionRead):
            return self._with_people(change.extraction)
        return [change]

    def news(self) -> list[Change]:
        """What was judged since the last call; looks at the log once a second."""
        self._given, self._given_from = set(), self._judged
        if self._monotonic() < self._look_at:
            return []
        self._affected |= self._live.refresh()
        found = _Found(names=self._moved(self._affected))
        changes: list[Change] = []
        judgements = self._live.registry.judgements
        for judgement in judgements[self._judged :]:
            changes += self._judge(judgement, found)
        self._given, self._affected = self._affected, set()
        self._judged = len(judgements)
        self._look_at = self._monotonic() + _LOOK_EVERY_S
        return [*found.changes(), *changes]

    def again(self) -> None:
        """Give once more what was given since `news` was called, and all names of people."""
        self._told.clear()
        self._affected |= self._given
        self._judged = self._given_from
        self._look_at = -inf

    # ── extractions ──────────────────────────────────────────────────────────────────────────

    def _with_people(self, extraction: Extraction) -> list[Change]:
        found = _Found()
        resolver = self._live.resolver
        for entity in extraction.entities:
            if entity.type == "person":
                self._name(entity.name, resolver.find_entity(entity, extraction), found)
        quotes = tuple(self._quote(extraction, quote, found) for quote in extraction.quotes)
        return [*found.changes(), ExtractionRead(extraction=replace(extraction, quotes=quotes))]

    def _quote(self, extraction: Extraction, quote: Quote, found: _Found) -> Quote:
        resolver = self._live.resolver
        if resolver.is_rejected(extraction, quote):
            found.rejected[quote.id] = True
        known = resolver.speaker_of(extraction, quote)
        if known is None and resolver.is_corrected_to_nobody(extraction, quote):
            found.speakers[quote.id] = NOBODY
        if known is None or (quote.speaker and self._name(quote.speaker.name, known, found)):
            return quote
        if quote.speaker is None or known.by == "correction":
            found.speakers[quote.id] = known.id
            return quote
        # "name" would be looked up by the name, which is another person's here.
        fixed = replace(known, by="correction") if known.by == "name" else known
        return replace(quote, speaker=replace(quote.speaker, person=fixed))

    def _name(self, name: str, known: KnownAs | FoundPerson | None, found: _Found) -> bool:
        """Whether it is the name that tells the person; the archive is told once."""
        if known is None or known.by != "name":
            return False
        key = name_key(name)
        name_id = id_of_name(key)
        if self._live.registry.person_id(name_id) != known.id:
            return False
        if len(self._told) > _MOST_REMEMBERED:
            self._told.clear()
            self._keys.clear()
        self._keys[name_id] = key
        if self._told.get(key) != known.id:
            self._told[key] = found.names[key] = known.id
        return True

    # ── judgements ───────────────────────────────────────────────────────────────────────────

    def _moved(self, affected: Iterable[str]) -> dict[str, str | None]:
        """The persons of names that were joined, parted or forgotten, by name key."""
        registry = self._live.registry
        people: dict[str, str | None] = {}
        for name_id in sorted(affected):
            name = registry.name(name_id)
            key = self._keys.get(name_id) if name is None else name.key
            if key is not None:
                is_forgotten = name_id in registry.forgotten
                people[key] = None if is_forgotten else registry.person_id(name_id)
        self._told |= people
        return people

    def _judge(self, judgement: Judgement, found: _Found) -> list[Change]:
        """Note a correction of a quote; the articles to be looked at again, for a split."""
        if judgement.kind == "undo":
            undone = [one for one in self._live.registry.judgements if one.id == judgement.undoes]
            return self._judge(undone[0], found) if undone else []
        if judgement.kind in {"wrong-speaker", "not-a-quote"} and judgement.quote:
            self._correct(judgement, judgement.quote, found)
        elif judgement.kind == "split":
            return self._again(judgement)
        return []

    def _correct(self, judgement: Judgement, quote_id: str, found: _Found) -> None:
        """What holds of the quote now, and of the one in its place, after all judgements."""
        there = self._archive.quote(quote_id)
        if isinstance(there, ReplacedQuote) and there.became is not None:
            self._correct(judgement, there.became, found)
        holds: Judgement | None = judgement
        if isinstance(there, ArchivedQuote):
            corrections = self._live.registry.corrections
            holds = corrections.of_quote(there.article.id, there.quote)
        found.rejected[quote_id] = holds is not None and holds.kind == "not-a-quote"
        if holds is None or holds.kind != "wrong-speaker":
            found.speakers[quote_id] = None
        elif holds.right is None:
            found.speakers[quote_id] = NOBODY
        else:
            found.speakers[quote_id] = self._live.registry.person_id(holds.right)

    def _again(self, judgement: Judgement) -> list[Change]:
        """The extractions of articles in which a namesake was told apart, as they are now."""
        ids = set(judgement.articles)
        for quote_id in judgement.quotes:
            there = self._archive.quote(quote_id)
            if isinstance(there, ArchivedQuote):
                ids.add(there.article.id)
        changes: list[Change] = []
        for article_id in sorted(ids):
            article = self._archive.article(article_id)
            extraction = None if article is None else extraction_of(article)
            if extraction is not None:
                changes += self._with_people(extraction)
        return changes
