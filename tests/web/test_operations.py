"""What operators ask of a process without a port of its own."""

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from onrecord.errors import Mistake
from onrecord.health import Health
from onrecord.measurements import Metrics
from onrecord.web.operations import OperationsServer, ask_health
from tests.patience import PATIENCE_S


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def server(health: Health) -> Iterator[OperationsServer]:
    metrics = Metrics()
    with OperationsServer(
        "127.0.0.1:0", exposition=metrics.exposition, report=health.report
    ) as started:
        yield started


def get(server: OperationsServer, path: str) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=PATIENCE_S)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def test_metrics_are_answered_as_text(server: OperationsServer) -> None:
    status, body = get(server, "/metrics")
    assert status == 200
    assert "# TYPE onrecord_log_up gauge" in body


def test_a_process_that_waits_for_the_log_is_live_and_not_ready(
    server: OperationsServer, health: Health
) -> None:
    assert get(server, "/health/live")[0] == 200
    assert get(server, "/health/ready") == (200, '{"status":"ok","problems":{}}')
    health.log_answers("no broker answers")
    assert get(server, "/health/live")[0] == 200
    status, body = get(server, "/health/ready")
    assert (status, body) == (
        503,
        '{"status":"failing","problems":{"log":"no broker answers"}}',
    )


def test_a_container_check_says_what_is_wrong(server: OperationsServer, health: Health) -> None:
    listen = urlsplit(server.address).netloc
    assert ask_health(listen)[0]
    health.log_answers("no broker answers")
    ready, said = ask_health(listen)
    assert not ready
    assert "no broker answers" in said


def test_a_process_that_does_not_answer_is_not_ready(health: Health) -> None:
    with OperationsServer("127.0.0.1:0", exposition=bytes, report=health.report) as server:
        listen = urlsplit(server.address).netloc
    ready, said = ask_health(listen)
    assert not ready
    assert listen in said


def test_an_address_that_is_taken_is_a_mistake(server: OperationsServer, health: Health) -> None:
    listen = urlsplit(server.address).netloc
    with pytest.raises(Mistake, match="cannot listen"):
        OperationsServer(listen, exposition=bytes, report=health.report).__enter__()
