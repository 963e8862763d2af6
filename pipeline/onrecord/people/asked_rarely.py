"""Who is who, for what asks rarely: nobody is looked up before the first question."""

import logging
from collections.abc import Callable
from math import inf

from onrecord.errors import LogRefused
from onrecord.people.live import LivePeople
from onrecord.records import Extraction

_logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
# Extractions from which nobody derived people yet are read here, up to so many.
_CATCH_UP = 5_000


class PeopleAskedRarely:
    """People as the registry has them now. Belongs to one thread.

    Where the log refuses to be read for them, nobody gets a name; a warning says so once.
    """

    def __init__(
        self, open_people: Callable[[], LivePeople], *, monotonic: Callable[[], float]
    ) -> None:
        self._open = open_people
        self._monotonic = monotonic
        self._people: LivePeople | None = None
        self._look_at = 0.0

    def names_of(self, person_id: str) -> list[str]:
        """All names of the person of an id, also a former one; none where nobody has it."""
        registry = self._fresh().registry
        if registry.name(person_id) is None:
            return []
        person = registry.person(person_id)
        return [] if person is None else [form.text for name in person.names for form in name.forms]

    def person_of(self, person_id: str) -> str:
        """The present id of the person of an id; the same where nobody has it."""
        registry = self._fresh().registry
        return person_id if registry.name(person_id) is None else registry.person_id(person_id)

    def speakers_of(self, extraction: Extraction) -> list[str | None]:
        """The persons who speak the quotes of an extraction, in their order."""
        resolver = self._fresh().resolver
        known = resolver.known_speakers(extraction, extraction.quotes)
        return [None if person is None else person.id for person in known]

    def close(self) -> None:
        """Close the log's readers."""
        if self._people is not None:
            self._people.close()

    def _fresh(self) -> LivePeople:
        if self._people is None:
            self._people = self._open()
        if self._monotonic() >= self._look_at:
            self._look_at = self._look(self._people)
        return self._people

    def _look(self, people: LivePeople) -> float:
        """Read what was judged and derived meanwhile; when to look again."""
        try:
            people.refresh()
            people.catch_up(at_most=_CATCH_UP)
        except LogRefused as error:
            _logger.warning("searches by a person's id find nobody new: %s", error)
            return inf
        return self._monotonic() + _LOOK_EVERY_S
