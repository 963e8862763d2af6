"""Where saved searches stand: what they sent, and what waits."""

from dataclasses import dataclass
from datetime import datetime

from onrecord.alerts.searches import SearchBook
from onrecord.errors import RecordError, UnknownTopic
from onrecord.log.interface import Log
from onrecord.log.read_to_end import everything
from onrecord.records import Alert, SavedSearch, from_json
from onrecord.topics import Topics


@dataclass(slots=True)
class SearchStanding:
    """A saved search with its alerts: how many wait and since when, how many were sent."""

    search: SavedSearch
    waiting: int = 0
    waiting_since: datetime | None = None
    sent: int = 0
    last_sent_at: datetime | None = None

    def add(self, alert: Alert) -> None:
        """Count the newest record of an alert."""
        if alert.state == "due":
            self.waiting += 1
            self.waiting_since = min(self.waiting_since or alert.made_at, alert.made_at)
        elif alert.state == "sent":
            self.sent += 1
            at = alert.settled_at or alert.made_at
            self.last_sent_at = max(self.last_sent_at or at, at)


def standings(log: Log, topics: Topics, *, prefix: str) -> list[SearchStanding]:
    """Every saved search, in the order of their names. Alerts count while they are remembered."""
    searches = SearchBook(log, topics, prefix=prefix).all()
    found = {search.id: SearchStanding(search) for search in searches}
    for alert in _alerts(log, topics) if found else ():
        if alert.search in found:
            found[alert.search].add(alert)
    return list(found.values())


def _alerts(log: Log, topics: Topics) -> list[Alert]:
    newest: dict[bytes, Alert] = {}
    try:
        for message in everything(log, topics.alerts):
            key = message.key or b""
            if message.value is None:
                newest.pop(key, None)
                continue
            try:
                newest[key] = from_json(message.value, Alert)
            except RecordError:
                continue  # whoever sends says so
    except UnknownTopic:
        return []  # nothing was ever found
    return list(newest.values())
