"""After SIGTERM a log closes in a limited time, whatever its clients wait for."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest

from onrecord.log.interface import Log
from onrecord.log.kafka import cluster
from onrecord.log.kafka.closing import close_within
from tests.log.contract import fill, gather, topic
from tests.log.test_kafka import KafkaHarness, admin, harness

__all__ = ["admin", "harness"]  # fixtures

_AT_MOST_S = 90.0  # on a loaded machine; far less than the log's own limit here


@pytest.fixture
def log(harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    monkeypatch.setattr(cluster, "_HURRIED_CLOSE_S", 0.5)
    harness.policy = replace(harness.policy, timeout_s=600.0)
    with harness.open() as opened:
        topic(opened, "t", partitions=1)
        fill(opened, "t", 1)
        yield opened


@pytest.fixture
def never() -> Iterator[Event]:
    """Happens after the test only."""
    event = Event()
    yield event
    event.set()


def closes(opened: Any) -> bool:
    closing = Thread(target=opened.close, daemon=True)
    closing.start()
    closing.join(_AT_MOST_S)
    return not closing.is_alive()


def test_a_member_whose_consumer_never_returns_is_left_behind(log: Log, never: Event) -> None:
    member = log.join("g", ["t"], name="m")
    gather(member, 1)
    consumer: Any = member._consumer  # type: ignore[attr-defined]
    close, consumer.close = consumer.close, lambda **_: never.wait()
    log.hurry()
    assert closes(member)
    close(autocommit=False, timeout_ms=1000)


class _Deaf:
    """An administrative client of which every call waits for an event."""

    def __init__(self, never: Event) -> None:
        self._never = never

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self._never.wait()


def test_a_log_closes_while_a_request_that_is_never_answered_holds_it(
    log: Log, never: Event
) -> None:
    member = log.join("g", ["t"], name="m")
    gather(member, 1)
    of_log: Any = log
    of_log._cluster._disconnect()
    of_log._cluster._client = _Deaf(never)
    log.hurry()
    assert closes(log)


def test_a_close_that_fails_in_time_fails_where_it_was_asked_for() -> None:
    def fail() -> None:
        raise ValueError("as a library does")

    with pytest.raises(ValueError, match="as a library does"):
        close_within(lambda: _AT_MOST_S, "a client", fail)
