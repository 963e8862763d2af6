"""What is in memory of alerts agrees with the log, also while others write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onrecord.alerts.searches import SearchBook
from onrecord.alerts.table import AlertTable
from onrecord.log.interface import Log, Partition
from onrecord.processing.retention import search_settings
from onrecord.records import Alert, SavedSearch, to_json
from tests.builders import NOON
from tests.conftest import TOPICS


@dataclass
class _Busy:
    """A log in which somebody saves a search, and finds its first alert, between two reads."""

    log: Log
    reads: int = 0

    def ends(self, topic: str) -> Mapping[Partition, int]:
        self.reads += 1
        if self.reads == 2:
            search = SavedSearch(
                id="s1", name="pier", query="pier", webhook="https://a.example/", created_at=NOON
            )
            SearchBook(self.log, TOPICS, prefix="onrecord").add(search, now=NOON)
            alert = Alert(id="a1", search="s1", state="due", partition=0, made_at=NOON)
            with self.log.writer("other") as writer, writer.transaction() as tx:
                tx.publish(TOPICS.alerts, key=b"a1", value=to_json(alert))
        return self.log.ends(topic)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


def test_an_alert_is_never_known_before_its_search(log: Log) -> None:
    for topic, settings in search_settings(TOPICS).items():
        log.create_topic(topic, settings)
    busy: Any = _Busy(log)
    table = AlertTable(busy, TOPICS)
    table.catch_up()
    assert table.due().keys() <= table.searches.keys()
    table.catch_up()
    assert (list(table.due()), list(table.searches)) == (["s1"], ["s1"])
    table.close()
