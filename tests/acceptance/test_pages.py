"""`onrecord run` is also a place to read: it says first where its pages are."""

import re
import signal
import socket
import subprocess
import time
import urllib.request
from urllib.error import HTTPError

import pytest

from onrecord.web.operations import ask_health
from tests.acceptance.conftest import Onrecord, Publisher
from tests.patience import PATIENCE_S


@pytest.fixture
def feeds(onrecord: Onrecord, publisher: Publisher) -> str:
    publisher.feeds = {"empty": []}
    return str(publisher.write_list(onrecord.folder / "feeds.txt"))


def told(onrecord: Onrecord, running: subprocess.Popen[bytes], pattern: str) -> re.Match[str]:
    """Wait until the command has said so."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and running.poll() is None:
        if found := re.search(pattern, (onrecord.folder / "err").read_text()):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{pattern!r} was not said: {(onrecord.folder / 'err').read_text()}")


def test_run_says_first_where_its_pages_are(onrecord: Onrecord, feeds: str) -> None:
    running = onrecord.start("run", "--feeds", feeds, ONRECORD_SERVE__PORT="0")
    try:
        address = told(onrecord, running, r"^\S+ \S+ info +read it at (http://127\.0\.0\.1:\d+)\n")
        request = urllib.request.Request(address[1], headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            assert b"<h1>Latest quotes</h1>" in answer.read()
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE_S) == 0
    finally:
        running.kill()


def wait_until_ready(address: str) -> None:
    """Wait until every part of a process works. Fails with what it says of itself."""
    until = time.monotonic() + PATIENCE_S
    found: tuple[bool | None, str] = (False, "")
    while not found[0] and time.monotonic() < until:
        found = ask_health(address)
        time.sleep(0.1)
    assert found[0], found[1]


def test_run_works_and_is_ready_without_pages_where_their_port_is_taken(
    onrecord: Onrecord, feeds: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = onrecord.start(
            "run",
            "--feeds",
            feeds,
            ONRECORD_SERVE__PORT=str(port),
            ONRECORD_METRICS__LISTEN="127.0.0.1:0",
        )
        try:
            told(onrecord, running, rf"no pages to read: cannot listen on 127\.0\.0\.1 port {port}")
            told(onrecord, running, r"onrecord [\d.]+: 1 feeds")
            address = told(onrecord, running, r"metrics and health on http://([\d.:]+)")
            wait_until_ready(address[1])
            running.send_signal(signal.SIGTERM)
            assert running.wait(PATIENCE_S) == 0
        finally:
            running.kill()


def test_pages_of_a_log_without_topics_are_served_without_a_warning(
    onrecord: Onrecord, feeds: str
) -> None:
    running = onrecord.start("run", "--feeds", feeds, ONRECORD_SERVE__PORT="0")
    try:
        told(onrecord, running, r"onrecord [\d.]+: 1 feeds")
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE_S) == 0
    finally:
        running.kill()
    assert "warning" not in (onrecord.folder / "err").read_text()


def test_run_with_pages_waits_for_a_broker_that_is_away(onrecord: Onrecord, feeds: str) -> None:
    with socket.socket() as nobody:  # bound, and not listening: connections are refused
        nobody.bind(("127.0.0.1", 0))
        running = onrecord.start(
            "run",
            "--feeds",
            feeds,
            ONRECORD_LOG__URL=f"kafka://127.0.0.1:{nobody.getsockname()[1]}",
            ONRECORD_KAFKA__TIMEOUT_S="2",
            ONRECORD_SERVE__PORT="0",
            ONRECORD_METRICS__LISTEN="127.0.0.1:0",
        )
        try:
            told(onrecord, running, "the log does not answer, waiting for it")
            address = told(onrecord, running, r"metrics and health on (http://[\d.:]+)")
            with pytest.raises(HTTPError, match="503") as answer:
                urllib.request.urlopen(f"{address[1]}/health/ready", timeout=PATIENCE_S)
            assert b"connection refused" in answer.value.read()
            running.send_signal(signal.SIGTERM)
            assert running.wait(PATIENCE_S) == 0
        finally:
            running.kill()
    assert "ended without waiting" not in (onrecord.folder / "err").read_text()
