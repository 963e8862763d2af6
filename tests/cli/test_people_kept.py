"""People derived beside other work: an error that ends it is told, and the work goes on."""

import io
from dataclasses import dataclass
from typing import Any

import pytest

from onrecord.cli.events import Events
from onrecord.cli.operating import Operating
from onrecord.cli.people_kept import people_kept
from onrecord.cli.signals import Stop
from onrecord.config import Config
from onrecord.errors import LogRefused, LogUnavailable
from onrecord.log.interface import Log, Member
from onrecord.logging_policy import LoggingPolicy
from tests.log.contract import eventually
from tests.people.seeing import TOPICS, names_of, naming, publish, seen


@dataclass
class _Failing:
    """A log that lets nobody join a group, for as many times as there are errors."""

    log: Log
    errors: list[Exception]

    def join(self, *args: Any, **options: Any) -> Member:
        if self.errors:
            raise self.errors.pop(0)
        return self.log.join(*args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


@pytest.fixture
def operations() -> Operating:
    return Operating(Events(LoggingPolicy(), stream=io.StringIO()))


def metric(operations: Operating, name: str) -> float:
    lines = operations.metrics.exposition().decode().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name} "))
    return float(line.split()[1])


def test_an_error_that_ends_the_deriving_stands_in_health_and_metrics(
    log: Log, operations: Operating
) -> None:
    refusing: Any = _Failing(log, [LogRefused("this user must not read")])
    with people_kept(Config(), refusing, Stop(), operations, once=False):
        eventually(lambda: "people" in operations.health.report().problems)
        eventually(lambda: metric(operations, "onrecord_people_up") == 0)
    report = operations.health.report()
    assert (report.is_live, report.is_ready) == (True, False)
    assert report.problems == {"people": "this user must not read"}


def test_an_outage_at_the_start_ends_nothing(log: Log, operations: Operating) -> None:
    publish(log, naming("a1", "Mara Lind"))
    away: Any = _Failing(log, [LogUnavailable("the log is away")])
    with people_kept(Config(), away, Stop(), operations, once=True):
        pass
    assert operations.health.report().is_ready
    assert metric(operations, "onrecord_people_up") == 1
    assert names_of(seen(log).registry) == [["mara lind"]]
    assert log.bounds(TOPICS.people)
