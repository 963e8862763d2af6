"""What a long-running command tells its operators."""

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from onrecord.cli.events import Events
from onrecord.cli.operating import Operating, operating
from onrecord.config import load_config
from onrecord.errors import LogUnavailable
from onrecord.feeds.polling.poller import PollReport
from onrecord.log.interface import Log, Message, Partition
from onrecord.logging_policy import LoggingPolicy
from onrecord.processing.reasons import Failure, ReasonCode
from onrecord.processing.worker import BatchReport
from tests.builders import NOON
from tests.patience import PATIENCE_S


@pytest.fixture
def events() -> Events:
    return Events(LoggingPolicy(), stream=io.StringIO())


def report(**changed: object) -> PollReport:
    fields = {
        "url": "https://a.example/feed",
        "title": None,
        "status": 200,
        "entries": 5,
        "new": 2,
        "edited": 1,
        "error": None,
        "took_ms": 120.0,
        "next_poll_at": None,
    }
    return PollReport(**(fields | changed))  # type: ignore[arg-type]


def lines(operations: Operating, name: str) -> set[str]:
    shown = operations.metrics.exposition().decode().splitlines()
    return {line for line in shown if line.startswith(name)}


def test_polls_are_counted_by_outcome(events: Events) -> None:
    operations = Operating(events)
    operations.polled(report(), "A")
    operations.polled(report(status=304, entries=0, new=0, edited=0), "A")
    operations.polled(report(error="HTTP 500", entries=0, new=0, edited=0), "A")
    assert lines(operations, "onrecord_polls_total") == {
        'onrecord_polls_total{outcome="read"} 1.0',
        'onrecord_polls_total{outcome="unchanged"} 1.0',
        'onrecord_polls_total{outcome="failed"} 1.0',
    }


def test_an_outage_is_told_to_health_and_metrics(events: Events) -> None:
    operations = Operating(events)
    operations.outage.note("extract", LogUnavailable("no broker answers"))
    assert operations.health.report().problems == {"log": "no broker answers"}
    assert lines(operations, "onrecord_log_up") == {"onrecord_log_up 0.0"}
    operations.outage.note("extract", None)
    assert operations.health.report().is_ready
    assert lines(operations, "onrecord_log_up") == {"onrecord_log_up 1.0"}


def test_dead_letters_are_counted_by_reason_code_alone(events: Events) -> None:
    operations = Operating(events)
    aside = [
        (Message("t", 0, offset, NOON, b"a", b"x"), Failure(code, f"words {offset}", "Error"))
        for offset, code in enumerate([*ReasonCode, ReasonCode.TIMED_OUT])
    ]
    operations.extracted(BatchReport(dead_letters=aside))
    assert lines(operations, "onrecord_dead_letters_total") == {
        f'onrecord_dead_letters_total{{reason="{code.value}"}} '
        f"{2.0 if code is ReasonCode.TIMED_OUT else 1.0}"
        for code in ReasonCode
    }


def test_asking_whether_to_stop_is_a_sign_of_life(events: Events) -> None:
    operations = Operating(events)
    stopped = operations.asked("extract", lambda: False)
    assert operations.health.report().problems == {"extract": "has not begun"}
    assert stopped() is False
    assert operations.health.report().is_ready


def test_groups_and_feeds_of_the_log_are_reported(log: Log, events: Events) -> None:
    with log.join("onrecord.extract", ["onrecord.articles"], name="one") as member:
        member.poll(limit=1, timeout_s=0)
        with operating(load_config({}, None), log, events) as operations:
            shown = lines(operations, "onrecord_consumergroup_members")
    assert shown == {'onrecord_consumergroup_members{group="onrecord.extract"} 1.0'}


def test_the_archive_that_joins_no_group_is_not_said_to_have_no_members(
    log: Log, events: Events
) -> None:
    log.reset("onrecord.archive", {Partition("onrecord.articles", 0): 0})
    with operating(load_config({}, None), log, events) as operations:
        assert lines(operations, "onrecord_consumergroup_lag")
        assert lines(operations, "onrecord_consumergroup_members") == set()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket on which systemd would listen."""
    address = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(PATIENCE_S)
        yield listening


def test_systemd_hears_that_we_are_ready_alive_and_stopping(
    log: Log, events: Events, systemd: socket.socket
) -> None:
    heard: list[str] = []
    with operating(load_config({}, None), log, events):
        while not any("WATCHDOG=1" in message for message in heard):
            heard.append(systemd.recv(4096).decode())
    while "STOPPING=1" not in heard:
        heard.append(systemd.recv(4096).decode())
    assert heard[0] == "READY=1"


def test_systemd_hears_no_watchdog_of_a_process_that_hangs(
    log: Log, events: Events, systemd: socket.socket
) -> None:
    with operating(load_config({}, None), log, events) as operations:
        operations.health.part("extract", late_s=0.0)
        systemd.recv(4096)
        said = {systemd.recv(4096).decode() for _ in range(4)}
    assert any(message.startswith("STATUS=extract: no sign of life") for message in said)
