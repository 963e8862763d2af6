"""Saving searches from the pages."""

from msgspec.structs import replace

from onrecord.alerts.mail import check_address
from onrecord.alerts.searches import search_id
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.records import SavedSearch
from onrecord.web.webhook import check_url
from onrecord.wiring.alerting import search_book
from onrecord.wiring.opening import open_log
from onrecord.wiring.process import now


class LogSearches:
    """The saved searches of the configured log, which is opened for each question."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def all(self) -> list[SavedSearch]:
        """Every search, in the order of their names."""
        with open_log(self._config) as log:
            return search_book(self._config, log).all()

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
