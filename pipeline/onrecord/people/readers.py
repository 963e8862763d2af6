"""The people as readers of the log see them: loaded at first use, and kept up to date.

Several threads may ask at a time.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from math import inf
from threading import Lock, RLock
from typing import NamedTuple

import msgspec

from onrecord.errors import LogRefused, LogUnavailable
from onrecord.log.interface import Message
from onrecord.naming import name_key
from onrecord.people.finding import find_people
from onrecord.people.live import LivePeople
from onrecord.people.registry import PersonKnown
from onrecord.people.resolving import ExtractionThere, PeopleResolver, QuoteThere
from onrecord.people.spelling import spelling_of
from onrecord.records import Extraction, KnownAs, Quote

_logger = logging.getLogger(__name__)

# Seconds between two looks at what was judged and derived meanwhile.
_LOOK_EVERY_S = 1.0
# Extractions that nobody derived yet, and that a reader derives for itself.
_MOST_BEHIND = 5_000


class PeopleThere(NamedTuple):
    """The person of each entity, by its id, and of each quote's speaker; None for nobody known.

    `rejected` are the indexes of the quotes that somebody said are none, `nobodys` of those whose
    speaker was corrected to nobody known.
    """

    entities: Mapping[str, KnownAs | None]
    speakers: Sequence[KnownAs | None]
    rejected: frozenset[int]
    nobodys: frozenset[int]


class PeopleReader:
    """Who is who, for readers.

    It looks at the log by itself when it is asked, at most once a second; with `by_itself` off,
    whoever may wait for the log calls `look`.
    """

    def __init__(
        self, live: LivePeople, *, monotonic: Callable[[], float], by_itself: bool = True
    ) -> None:
        self._live = live
        self._monotonic = monotonic
        self._by_itself = by_itself
        self._lock = RLock()
        self._looking = Lock()
        self._next_look: float | None = None
        self._has_looked = False
        # Read and not applied yet: what was read before an outage is not read again.
        self._news: list[Message] = []
        # For each name asked for, whether the person of an id is called so, in that version of
        # the registry: a look that fails can have changed it as well.
        self._matches: defaultdict[str, dict[str, bool]] = defaultdict(dict)
        self._matched_version = live.registry.version

    def close(self) -> None:
        """Close the log's readers."""
        with self._lock:
            self._live.close()

    # ── records ──────────────────────────────────────────────────────────────────────────────

    def with_people(self, extraction: Extraction) -> Extraction:
        """The extraction with its people, and without quotes that were said to be none."""
        with self._lock:
            return self._resolver().with_people(extraction)

    def add_people(self, extraction: Extraction) -> None:
        """Put people into an extraction that nobody else has."""
        with self._lock:
            self._resolver().add_people(extraction)

    def quote_with_person(self, extraction: Extraction, quote: Quote) -> Quote:
        """The quote with the person who speaks it."""
        with self._lock:
            return self._resolver().quote_with_person(extraction, quote)

    def people_of(self, extraction: ExtractionThere, quotes: Sequence[QuoteThere]) -> PeopleThere:
        """The people of an extraction."""
        with self._lock:
            resolver = self._resolver()
            entities = resolver.known_entities(extraction)
            speakers = resolver.known_speakers(extraction, quotes, entities)
            return PeopleThere(
                entities,
                speakers,
                resolver.rejected(extraction, quotes),
                resolver.nobodys(extraction, quotes),
            )

    def speakers(
        self, extraction: ExtractionThere, quotes: Sequence[QuoteThere]
    ) -> list[KnownAs | None]:
        """The person who speaks each of the quotes; None for nobody known."""
        with self._lock:
            return self._resolver().known_speakers(extraction, quotes)

    def without_rejected(self, extraction: Extraction) -> Extraction:
        """The extraction without the quotes that somebody said are none."""
        rejected = self.rejected(extraction, extraction.quotes)
        if not rejected:
            return extraction
        quotes = tuple(it for n, it in enumerate(extraction.quotes) if n not in rejected)
        return msgspec.structs.replace(extraction, quotes=quotes)

    # ── filters ──────────────────────────────────────────────────────────────────────────────

    def called(self, extraction: ExtractionThere, asked: str) -> set[str]:
        """The ids of the entities that are people so called, in any of their names."""
        with self._lock:
            known = self._resolver().known_entities(extraction)
            found = self._are_called(list(known.values()), asked)
            return {entity_id for entity_id, is_so in zip(known, found, strict=True) if is_so}

    def spoken_by(
        self, extraction: ExtractionThere, quotes: Sequence[QuoteThere], asked: str
    ) -> list[bool | None]:
        """For each quote, whether somebody so called speaks; None where nobody known does."""
        with self._lock:
            found = self._resolver().known_speakers(extraction, quotes)
            return self._are_called(found, asked)

    def spoken_by_id(
        self, extraction: ExtractionThere, quotes: Sequence[QuoteThere], person_id: str
    ) -> list[bool]:
        """For each quote, whether the person to whom this id leads speaks."""
        with self._lock:
            resolver = self._resolver()
            wanted = resolver.registry.person_id(person_id)
            found = resolver.known_speakers(extraction, quotes)
            return [it is not None and it.id == wanted for it in found]

    def rejected(
        self, extraction: ExtractionThere, quotes: Collection[QuoteThere]
    ) -> frozenset[int]:
        """The indexes of the quotes that somebody said are none."""
        with self._lock:
            return self._resolver().rejected(extraction, quotes)

    def nobodys(
        self, extraction: ExtractionThere, quotes: Collection[QuoteThere]
    ) -> frozenset[int]:
        """The indexes of the quotes whose speaker was corrected to nobody known."""
        with self._lock:
            return self._resolver().nobodys(extraction, quotes)

    def has_corrected(self, article_id: str) -> bool:
        """Whether a quote of the article is corrected."""
        with self._lock:
            return self._resolver().registry.corrections.speaks_of(article_id)

    def people_called(self, asked: str) -> list[PersonKnown]:
        """Everybody so called, and whom an id means, those named most often first."""
        with self._lock:
            resolver = self._resolver()
            return find_people(resolver.registry, resolver.known, asked)

    # ── keeping up ───────────────────────────────────────────────────────────────────────────

    def look(self) -> None:
        """Read what was judged and derived meanwhile, if that is due. Waits for the log."""
        now = self._monotonic()
        if self._next_look is not None and now < self._next_look:
            return
        with self._looking:
            self._next_look = now + _LOOK_EVERY_S
            try:
                self._look(is_first=not self._has_looked)
                self._has_looked = True
            except LogUnavailable as error:
                _logger.debug("people: %s", error)  # whoever reads the log itself says so
            except LogRefused as error:
                self._next_look = inf
                _logger.warning("records come without people: %s", error)

    def _resolver(self) -> PeopleResolver:
        if self._by_itself:
            self.look()
        return self._live.resolver

    def _look(self, *, is_first: bool) -> None:
        # The first look can be long: it is not kept in memory before it is applied.
        news = self._live.news()
        if not is_first:
            for message in news:
                self._news.append(message)  # what came before an error is kept
            news, self._news = iter(self._news), []
        with self._lock:
            self._live.apply(news)
            left = self._live.catch_up(at_most=_MOST_BEHIND) if is_first else 0
        if left:
            _logger.warning(
                "people: %d extractions are not derived yet: `onrecord people update`", left
            )

    def _are_called(self, people: Sequence[KnownAs | None], asked: str) -> list[bool | None]:
        """For each person, whether they are called so; None for nobody."""
        version = self._live.registry.version
        if version != self._matched_version:
            self._matches.clear()
            self._matched_version = version
        matches = self._matches[asked]
        found: list[bool | None] = []
        for person in people:
            is_so = None if person is None else matches.get(person.id)
            if is_so is None and person is not None:
                is_so = matches[person.id] = self._has_name(person, asked)
            found.append(is_so)
        return found

    def _has_name(self, known: KnownAs, asked: str) -> bool:
        registry = self._live.registry
        listed = self._live.resolver.known.main_key(name_key(asked))
        if listed is not None and registry.person_of_key(listed) == known.id:
            return True
        person = registry.person(known.id)
        names = person.names if person else ()
        keys = [name_key(known.name), *(name.key for name in names)]
        return any(_has_words(key, asked) for key in keys)


def _has_words(key: str, asked: str) -> bool:
    wanted = spelling_of(name_key(asked))
    return bool(wanted) and set(wanted) <= set(spelling_of(key))
