"""`onrecord run` is also a place to read: it says first where its pages are."""

import re
import signal
import socket
import subprocess
import time
import urllib.request

import pytest

from tests.acceptance.conftest import Onrecord, Publisher

PATIENCE_S = 120.0


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


def test_run_works_without_pages_where_their_port_is_taken(onrecord: Onrecord, feeds: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = onrecord.start("run", "--feeds", feeds, ONRECORD_SERVE__PORT=str(port))
        try:
            told(onrecord, running, rf"no pages to read: cannot listen on 127\.0\.0\.1 port {port}")
            told(onrecord, running, r"onrecord [\d.]+: 1 feeds")
            running.send_signal(signal.SIGTERM)
            assert running.wait(PATIENCE_S) == 0
        finally:
            running.kill()
