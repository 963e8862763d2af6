"""The alerts of a log, kept in memory and up to date with what every process publishes."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from onrecord.alerts.searches import note_searches
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
        self._searches: dict[bytes, SavedSearch] = {}
        self._search_reader = log.reader([topics.searches])
        self._alert_reader = log.reader([topics.alerts])
        self._known: set[bytes] = set()
        self._due: defaultdict[str, dict[str, Alert]] = defaultdict(dict)

    def catch_up(self) -> None:
        """Read what was published since the last call, by any process."""
        note_searches(self._searches, read_to_end(self._log, self._search_reader))
        for message in read_to_end(self._log, self._alert_reader):
            key = message.key or b""
            if message.value is None:
                self._known.discard(key)
                continue
            try:
                alert = from_json(message.value, Alert)
            except RecordError as error:
                _logger.warning("%s offset %d skipped: %s", message.source, message.offset, error)
                continue
            self._note(key, alert)

    @property
    def searches(self) -> Mapping[str, SavedSearch]:
        """The saved searches by id."""
        return {search.id: search for search in self._searches.values()}

    def is_known(self, alert_id: str) -> bool:
        """Whether this alert was made before."""
        return alert_id.encode() in self._known

    def due(self, partitions: Collection[int]) -> dict[str, list[Alert]]:
        """The alerts to be sent from these partitions, by search, oldest first."""
        found = {
            search: [alert for alert in alerts.values() if alert.partition in partitions]
            for search, alerts in self._due.items()
        }
        return {search: alerts for search, alerts in found.items() if alerts}

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
        self._search_reader.close()
        self._alert_reader.close()

    def _note(self, key: bytes, alert: Alert) -> None:
        self._known.add(key)
        if alert.state == "due":
            self._due[alert.search][alert.id] = alert
        else:
            self._due[alert.search].pop(alert.id, None)
