"""What `onrecord health` says where a process answers, and where none can."""

from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from onrecord.health import Health
from onrecord.web.operations import OperationsServer
from tests.cli.conftest import Run


@pytest.fixture
def closed_port() -> int:
    """A port of this machine that was free a moment ago."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


def test_without_an_address_it_says_what_to_set_or_start(
    run: Run, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("ONRECORD_SERVE__PORT", str(closed_port))
    asked = run("health")
    assert asked.code == 1
    assert asked.err == (
        f"127.0.0.1:{closed_port} does not answer: Connection refused; metrics.listen is empty: "
        "set it, as 127.0.0.1:9465, for `run`, `poll` or `extract`, or start `onrecord serve`\n"
    )


def test_an_address_that_does_not_answer_is_named_without_advice(
    run: Run, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("ONRECORD_METRICS__LISTEN", f"127.0.0.1:{closed_port}")
    monkeypatch.setenv("ONRECORD_SERVE__PORT", "0")
    asked = run("health")
    assert asked.code == 1
    assert asked.err == f"127.0.0.1:{closed_port} does not answer: Connection refused\n"


def test_a_configuration_that_nobody_can_answer_is_a_mistake(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONRECORD_SERVE__PORT", "0")
    asked = run("health")
    assert asked.code == 2
    assert "metrics.listen is empty and serve.port is 0: set one" in asked.err


def test_a_process_on_the_port_of_serve_is_found(
    run: Run, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    report = Health().report
    with OperationsServer("127.0.0.1:0", exposition=bytes, report=report) as server:
        monkeypatch.setenv("ONRECORD_METRICS__LISTEN", f"127.0.0.1:{closed_port}")
        monkeypatch.setenv("ONRECORD_SERVE__PORT", server.address.rpartition(":")[2])
        asked = run("health")
    assert (asked.code, asked.out) == (0, '{"status":"ok","problems":{}}\n')


def test_a_process_that_is_not_ready_gives_its_reason_alone(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health()
    health.log_answers("no broker answers")
    with OperationsServer("127.0.0.1:0", exposition=bytes, report=health.report) as server:
        monkeypatch.setenv("ONRECORD_SERVE__PORT", server.address.rpartition(":")[2])
        asked = run("health")
    assert asked.code == 1
    assert asked.err == '{"status":"failing","problems":{"log":"no broker answers"}}\n'
