"""Saved searches: the newest record of each, kept in a topic of one partition."""

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from msgspec.structs import replace

from onrecord.errors import Mistake, RecordError, UnknownTopic
from onrecord.log.interface import Log, Message
from onrecord.log.read_to_end import everything, read_to_end
from onrecord.processing.retention import search_settings
from onrecord.records import SavedSearch, event_headers, from_json, id_of, to_json
from onrecord.topics import Topics

_SOURCE = "/onrecord/searches"
_logger = logging.getLogger(__name__)


class SearchBook:
    """The saved searches of a log."""

    def __init__(self, log: Log, topics: Topics, *, prefix: str) -> None:
        self._log = log
        self._topics = topics
        self._prefix = prefix

    def all(self) -> list[SavedSearch]:
        """Every search, in the order of their names."""
        found: dict[bytes, SavedSearch] = {}
        try:
            note_searches(found, everything(self._log, self._topics.searches))
        except UnknownTopic:
            return []  # nobody has saved a search yet
        return sorted(found.values(), key=lambda search: (search.name.casefold(), search.id))

    def find(self, name: str) -> SavedSearch:
        """A search by its name or id. Raises Mistake."""
        known = self.all()
        for search in known:
            if name in {search.id, search.name}:
                return search
        names = ", ".join(search.name for search in known) or "none yet"
        raise Mistake(f"no saved search {name!r}; there are: {names}")

    def add(self, search: SavedSearch, *, now: datetime) -> None:
        """Save a search. Raises Mistake where there is one of that name."""
        if any(known.id == search.id for known in self.all()):
            raise Mistake(
                f"there is a saved search {search.name!r}: choose another name, or "
                "`onrecord searches remove` it first"
            )
        self.write(search, now=now)

    def remove(self, name: str) -> SavedSearch:
        """Remove a search by its name or id. Raises Mistake."""
        search = self.find(name)
        self._publish(search, None, ())
        return search

    def end(self, search: SavedSearch, why: str, *, now: datetime) -> None:
        """Send no more alerts of a search, and say why."""
        self.write(replace(search, ended=why), now=now)

    def write(self, search: SavedSearch, *, now: datetime) -> None:
        """Publish a search, in the place of an earlier record of it."""
        headers = event_headers(
            search, event_id=uuid4().hex, subject=search.id, source=_SOURCE, time=now
        )
        self._publish(search, to_json(search), headers)

    def _publish(
        self,
        search: SavedSearch,
        value: bytes | None,
        headers: tuple[tuple[str, bytes | None], ...],
    ) -> None:
        topic = self._topics.searches
        self._log.create_topic(topic, search_settings(self._topics)[topic])
        name = f"{self._prefix}.searches-{uuid4().hex}"
        with self._log.writer(name) as writer, writer.transaction() as tx:
            tx.publish(topic, key=search.id.encode(), value=value, headers=headers)


class SearchesHeard:
    """The saved searches of a log, up to date after each `listen`."""

    def __init__(self, log: Log, topics: Topics) -> None:
        """Raises UnknownTopic where nobody has saved a search yet."""
        self._log = log
        self._reader = log.reader([topics.searches])
        self._found: dict[bytes, SavedSearch] = {}

    def listen(self) -> list[SavedSearch]:
        """The searches as they are now, in no order."""
        note_searches(self._found, read_to_end(self._log, self._reader))
        return list(self._found.values())

    def close(self) -> None:
        self._reader.close()


def sends(search: SavedSearch) -> bool:
    """Whether a search sends its quotes to somebody."""
    return search.ended is None and (search.webhook is not None or search.mail is not None)


def search_id(name: str) -> str:
    """The id of a saved search: one search for each name, whatever its case."""
    return id_of("search", name.casefold())[:16]


def note_searches(found: dict[bytes, SavedSearch], messages: Iterable[Message]) -> None:
    """Bring searches by key up to date with later messages."""
    for message in messages:
        key = message.key or b""
        if message.value is None:
            found.pop(key, None)
            continue
        try:
            found[key] = from_json(message.value, SavedSearch)
        except RecordError as error:
            _logger.warning("%s offset %d skipped: %s", message.source, message.offset, error)
