"""Saving searches from the pages."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from onrecord.alerts.mail import check_address
from onrecord.alerts.searches import search_id
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.records import SavedSearch
from onrecord.web.webhook import check_url
from onrecord.wiring.alerting import alert_ability, search_book, search_standings
from onrecord.wiring.opening import open_log, open_to_read
from onrecord.wiring.process import now

if TYPE_CHECKING:
    from onrecord.web.pages.saved_searches import ShelvedSearch


class LogSearches:
    """The saved searches of the configured log, which is opened for each question."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def all(self) -> "list[ShelvedSearch]":
        """Every search, in the order of their names."""
        # aiohttp takes a tenth of a second to import: only a server waits for it.
        from onrecord.web.pages.saved_searches import ShelvedSearch

        ability = alert_ability(self._config)
        with open_to_read(self._config) as log:
            found = search_standings(self._config, log)
        return [
            ShelvedSearch(
                search=one.search,
                sent=one.sent,
                last_sent_at=one.last_sent_at,
                waiting=one.waiting,
                waiting_since=one.waiting_since,
                lacks=ability.lacks(one.search) if self._config.alerts.beside else None,
            )
            for one in found
        ]

    def add(self, *, name: str, query: str, to: str, by: str) -> str:
        """Save a search; its id. Raises Mistake for an address that nothing can be sent to."""
        at = now()
        search = SavedSearch(
            id=search_id(name), name=name, query=query, created_at=at, created_by=by
        )
        if to:
            search = _sent_to(search, to)
        with open_log(self._config) as log:
            search_book(self._config, log).add(search, now=at)
        return search.id

    def remove(self, search: str) -> None:
        """Remove a search by its id. Raises Mistake."""
        with open_log(self._config) as log:
            search_book(self._config, log).remove(search)


def _sent_to(search: SavedSearch, to: str) -> SavedSearch:
    try:
        if to.startswith(("http://", "https://")):
            return replace(search, webhook=check_url(to))
        return replace(search, mail=check_address(to))
    except Mistake as error:
        raise Mistake("write a mail address, or the http(s) URL of a webhook") from error
