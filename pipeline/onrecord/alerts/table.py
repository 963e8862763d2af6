"""The alerts of a log, kept in memory and up to date with what every process publishes."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from onrecord.alerts.searches import SearchesHeard
from onrecord.errors import RecordError
from onrecord.log.interface import Log
from onrecord.log.read_to_end import everything, read_to_end
from onrecord.records import Alert, SavedSearch, from_json
from onrecord.topics import Topics

_logger = logging.getLogger(__name__)


class AlertTable:
    """Searches by id, the alerts that are due, and the ids of all alerts that were ever made."""

    def __init__(self, log: Log, topics: Topics) -> None:
        """Raises UnknownTopic where the topics were not made yet."""
        self._log = log
        self._topics = topics
        self._heard = SearchesHeard(log, topics)
        self._searches: dict[str, SavedSearch] = {}
        self._alert_reader = log.reader([topics.alerts])
        self._known: set[bytes] = set()
        self._settled: dict[bytes, Alert] = {}
        self._found_again: set[bytes] = set()
        self._due: defaultdict[str, dict[str, Alert]] = defaultdict(dict)

    def catch_up(self) -> None:
        """Read what was published since the last call, by any process."""
        for message in read_to_end(self._log, self._alert_reader):
            key = message.key or b""
            if message.value is None:
                self._forget(key)
                continue
            try:
                alert = from_json(message.value, Alert)
            except RecordError as error:
                _logger.warning("%s offset %d skipped: %s", message.source, message.offset, error)
                continue
            self._note(key, alert)
        # After the alerts: each of them is then of a search that is known here, or was removed.
        self._searches = {search.id: search for search in self._heard.listen()}

    @property
    def searches(self) -> Mapping[str, SavedSearch]:
        """The saved searches by id."""
        return self._searches

    def is_known(self, alert_id: str) -> bool:
        """Whether this alert was made before."""
        return alert_id.encode() in self._known

    def due(self) -> dict[str, list[Alert]]:
        """The alerts to be sent, by search, oldest first."""
        return {search: list(alerts.values()) for search, alerts in self._due.items() if alerts}

    def found_again(self) -> list[Alert]:
        """Settled alerts whose newest record says *due*, to be published again as they stand.

        Two copies of a story in two partitions are one alert. The process that reads the second
        can publish it as due after the first was sent.
        """
        return [self._settled[key] for key in self._found_again]

    def outdated(self, before: datetime) -> Iterator[str]:
        """The ids of the alerts that were settled before a time."""
        newest: dict[bytes, Alert | None] = {}
        for message in everything(self._log, self._topics.alerts):
            try:
                alert = None if message.value is None else from_json(message.value, Alert)
            except RecordError:
                continue
            newest[message.key or b""] = alert
        for alert in newest.values():
            if alert is not None and alert.state != "due" and alert.made_at < before:
                yield alert.id

    def close(self) -> None:
        self._heard.close()
        self._alert_reader.close()

    def _note(self, key: bytes, alert: Alert) -> None:
        self._known.add(key)
        if alert.state != "due":
            self._settled[key] = alert
            self._found_again.discard(key)
            self._due[alert.search].pop(alert.id, None)
        elif key in self._settled:
            self._found_again.add(key)
        else:
            self._due[alert.search][alert.id] = alert

    def _forget(self, key: bytes) -> None:
        self._known.discard(key)
        self._settled.pop(key, None)
        self._found_again.discard(key)
