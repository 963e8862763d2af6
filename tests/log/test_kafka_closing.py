"""After SIGTERM a log closes in a limited time, whatever its clients wait for."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest

from onrecord.errors import LogUnavailable
from onrecord.log.interface import Log
from onrecord.log.kafka import closing
from onrecord.log.kafka.closing import ClosingLimit, close_within
from onrecord.log.kafka.member import KafkaMember
from tests.log.contract import fill, gather, topic
from tests.log.test_kafka import KafkaHarness, admin, harness

__all__ = ["admin", "harness"]  # fixtures

_AT_MOST_S = 90.0  # on a loaded machine; far less than the log's own limit here


@pytest.fixture
def log(harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    monkeypatch.setattr(closing, "_HURRIED_S", 0.5)
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
    thread = Thread(target=opened.close, daemon=True)
    thread.start()
    thread.join(_AT_MOST_S)
    return not thread.is_alive()


def test_a_member_whose_consumer_never_returns_is_left_behind(log: Log, never: Event) -> None:
    member = log.join("g", ["t"], name="m")
    gather(member, 1)
    consumer: Any = member._consumer  # type: ignore[attr-defined]
    close, consumer.close = consumer.close, lambda **_: never.wait()
    log.hurry()
    assert closes(member)
    close(autocommit=False, timeout_ms=1000)


def test_a_writer_whose_producer_never_returns_is_left_behind(
    log: Log, never: Event, caplog: pytest.LogCaptureFixture
) -> None:
    writer = log.writer("w")
    producer: Any = writer._publisher._producer  # type: ignore[attr-defined]
    discard, producer.discard = producer.discard, never.wait
    log.hurry()
    assert closes(writer)
    assert "writer w did not close" in caplog.text
    discard()


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


class _Clock:
    """A clock that moves a little whenever it is read."""

    def __init__(self, step_s: float = 0.0) -> None:
        self._step_s = step_s
        self.now = 1000.0

    def monotonic(self) -> float:
        self.now += self._step_s
        return self.now


@pytest.fixture
def limit() -> ClosingLimit:
    limit = ClosingLimit(usual_s=600.0)
    assert limit.left_s() == 600
    limit.hurry()
    return limit


def test_clients_that_hang_one_after_another_share_one_limit(
    limit: ClosingLimit, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _Clock()
    monkeypatch.setattr(closing, "time", clock)
    clock.now += 60  # what the process was doing when it was told to end
    given = []
    for _ in range(5):
        given.append(limit.left_s())
        clock.now += given[-1]
    assert given == [4.0, 0.3, 0.3, 0.3, 0.3]


def test_a_client_that_hangs_has_all_that_is_left_of_the_limit(
    limit: ClosingLimit,
    monkeypatch: pytest.MonkeyPatch,
    never: Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = _Clock(step_s=0.01)
    monkeypatch.setattr(closing, "time", clock)
    monkeypatch.setattr(closing, "_STEP_S", 0.0)
    began = clock.now
    close_within(limit.left_s, "a client", never.wait)
    assert clock.now - began == pytest.approx(4.0, abs=0.1)
    assert "a client did not close in 4.0 s" in caplog.text


def test_a_reader_that_is_left_behind_is_named_by_its_topics(
    log: Log, never: Event, caplog: pytest.LogCaptureFixture
) -> None:
    reader = log.reader(["t"])
    consumer: Any = reader._consumer  # type: ignore[attr-defined]
    close, consumer.close = consumer.close, lambda **_: never.wait()
    log.hurry()
    assert closes(reader)
    assert "a reader of t did not close" in caplog.text
    close(autocommit=False, timeout_ms=1000)


def test_a_member_that_cannot_join_is_left_behind_as_well(
    log: Log, never: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object) -> None:
        never.wait()

    def fail(*_: object, **__: object) -> None:
        raise LogUnavailable("away")

    monkeypatch.setattr(KafkaMember, "_leave", hang)
    monkeypatch.setattr(KafkaMember, "_enter", fail)
    log.hurry()
    errors: list[Exception] = []

    def join() -> None:
        try:
            log.join("g", ["t"], name="m")
        except LogUnavailable as error:
            errors.append(error)

    joining = Thread(target=join, daemon=True)
    joining.start()
    joining.join(_AT_MOST_S)
    assert errors, "it hangs"
