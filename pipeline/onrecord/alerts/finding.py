"""Finds the quotes of saved searches in extractions."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from onrecord.alerts.matching import WhoIsWho, asks_for_people, matches, with_names
from onrecord.alerts.searches import sends
from onrecord.archive.documents import found_at
from onrecord.archive.query import Node, parse_query
from onrecord.errors import Mistake, RecordError
from onrecord.log.interface import Message
from onrecord.processing.worker import Amend
from onrecord.records import (
    Alert,
    Extraction,
    QuoteOnRecord,
    SavedSearch,
    from_json,
    id_of,
    on_record,
)

_logger = logging.getLogger(__name__)


class AlertFinder:
    """Makes the alerts of messages. Queries are parsed once.

    `amend` takes out what must not be published, as for a worker. `people` is asked only where a
    search names somebody by an id.
    """

    def __init__(
        self,
        *,
        amend: Amend,
        max_age_days: int,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        people: WhoIsWho,
    ) -> None:
        self._people = people
        self._amend = amend
        self._max_age_days = max_age_days
        self._clock = clock
        self._say = say
        self._queries: dict[str, Node | None] = {}

    def alerts(self, message: Message, searches: Iterable[SavedSearch]) -> list[Alert]:
        """The alerts of one message of the extractions, in the order of its quotes."""
        asked = [
            (search, with_names(query, self._people))
            for search in searches
            if sends(search) and search.created_at <= message.timestamp
            if (query := self._query(search)) is not None
        ]
        if message.value is None or not asked:
            return []
        try:
            extraction = from_json(message.value, Extraction)
        except RecordError as error:
            _logger.warning("%s offset %d skipped: %s", message.source, message.offset, error)
            return []
        [amended] = self._amend([extraction])
        if amended is None:
            return []
        found = [on_record(amended, quote) for quote in amended.quotes]
        return [
            self._alert(search, one, message)
            for one, speaker in zip(found, self._speakers(amended, asked), strict=True)
            if self._is_recent(one)
            for search, query in asked
            if matches(query, one, speaker)
        ]

    def _speakers(
        self, extraction: Extraction, asked: Sequence[tuple[SavedSearch, Node]]
    ) -> Sequence[str | None]:
        if extraction.quotes and any(asks_for_people(query) for _, query in asked):
            return self._people.speakers_of(extraction)
        return [None] * len(extraction.quotes)

    def _alert(self, search: SavedSearch, found: QuoteOnRecord, message: Message) -> Alert:
        return Alert(
            id=alert_id(search, found),
            search=search.id,
            state="due",
            partition=message.partition,
            made_at=self._clock(),
            found=found,
        )

    def _is_recent(self, found: QuoteOnRecord) -> bool:
        at, days = found_at(found.article, found.extracted_at), self._max_age_days
        return not days or at >= self._clock() - timedelta(days=days)

    def _query(self, search: SavedSearch) -> Node | None:
        """The parsed query; None where this onrecord cannot read it, which is said once."""
        if search.query not in self._queries:
            try:
                self._queries[search.query] = parse_query(search.query)
            except Mistake as error:
                self._say(f"saved search {search.name}: {error}")
                self._queries[search.query] = None
        return self._queries[search.query]


def alert_id(search: SavedSearch, found: QuoteOnRecord) -> str:
    """The id of an alert: one for each search, story and words."""
    quote, article = found.quote, found.article
    words = quote.words_key or " ".join(part.text for part in quote.content)
    return id_of("alert", search.id, str(search.created_at), article.story or article.id, words)
