"""Which of several processes sends alerts, and what is told when none can be sent."""

import io
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from onrecord import wiring
from onrecord.alerts.searches import search_id
from onrecord.alerts.sharing import Share, must_step_in
from onrecord.cli.alerting import AlertSending, alerts_beside, send_alerts
from onrecord.cli.events import Events
from onrecord.cli.operating import Operating
from onrecord.config import Config
from onrecord.errors import LogBroken
from onrecord.log.interface import Log, Reader
from onrecord.logging_policy import LoggingPolicy
from onrecord.records import SavedSearch
from tests.builders import NOON
from tests.conftest import TOPICS
from tests.patience import PATIENCE_S
from tests.receivers import SECRET


@pytest.fixture
def operations() -> Operating:
    return Operating(Events(LoggingPolicy(), stream=io.StringIO()))


def search(name: str, **to: Any) -> SavedSearch:
    return SavedSearch(id=search_id(name), name=name, query="pier", created_at=NOON, **to)


POSTED = search("posted", webhook="https://a.example/")
MAILED = search("mailed", mail="desk@paper.example")


def sending(log: Log, operations: Operating) -> AlertSending:
    """A process with a webhook secret and without a mail server."""
    config = Config()
    config = replace(config, webhook=replace(config.webhook, secret=SECRET))
    return AlertSending(config, log, operations.say, operations.metrics)


@pytest.mark.parametrize(
    ("searches", "share"),
    [
        ([], None),
        ([POSTED], Share.ALL),
        ([MAILED], None),
        ([POSTED, MAILED], Share.SOME),
    ],
)
def test_a_lone_process_sends_what_it_can(
    log: Log, operations: Operating, searches: list[SavedSearch], share: Share | None
) -> None:
    assert sending(log, operations).share(searches) is share


def test_a_process_that_lacks_something_stays_out_while_an_able_one_sends(
    log: Log, operations: Operating
) -> None:
    with log.join("onrecord.alerts", [TOPICS.extractions], name="alerts@other:1"):
        assert sending(log, operations).share([POSTED, MAILED]) is None
        assert sending(log, operations).share([POSTED]) is Share.ALL
    assert sending(log, operations).share([POSTED, MAILED]) is Share.SOME


def test_of_several_that_lack_something_one_sends() -> None:
    names = ["alerts-partly@a:1", "alerts-partly@b:1"]
    assert [must_step_in(name, names) for name in names] == [True, False]
    assert not must_step_in(names[0], [*names, "alerts@c:1"])
    assert wiring.alert_name(Share.SOME).startswith("alerts-partly@")


@dataclass
class _Broken:
    """A log in which no topic can be read."""

    log: Log

    def reader(self, *args: Any, **options: Any) -> Reader:
        raise LogBroken("the log is damaged")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


def test_a_server_that_can_only_read_the_log_serves_and_leaves_alerts_to_others(
    log: Log, operations: Operating, tmp_path: Path
) -> None:
    config = Config()
    config = replace(config, webhook=replace(config.webhook, secret=SECRET))
    wiring.search_book(config, log).add(POSTED, now=NOON)
    (tmp_path / "file").touch()
    unwritable = replace(config, log=replace(config.log, url=f"sqlite:///{tmp_path}/file/log.db"))
    said: list[str] = []
    told = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        told.set()

    with alerts_beside(unwritable, log, say, operations.metrics, operations.health):
        assert told.wait(PATIENCE_S)
    assert said[0].startswith("alerts are left to other processes: ")
    assert operations.health.report().problems == {}


def test_an_error_that_ends_the_sending_stands_in_health_and_metrics(
    log: Log, operations: Operating
) -> None:
    broken: Any = _Broken(log)
    send_alerts(
        Config(),
        broken,
        say=operations.say,
        metrics=operations.metrics,
        health=operations.health,
        outage=operations.outage,
        stopped=lambda: False,
    )
    assert operations.health.report().problems == {"alerts": "the log is damaged"}
    assert b"onrecord_alerts_up 0.0" in operations.metrics.exposition()
