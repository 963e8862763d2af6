"""What an operator does: watch a process, look after the file of the log."""

import json
import os
import re
import signal
import socket
import time
from http.client import HTTPConnection
from pathlib import Path

from tests.acceptance.conftest import Onrecord
from tests.patience import PATIENCE_S

ARTICLE = {
    "url": "https://news.example/1",
    "title": "Tram",
    "text": "“We pay twice,” Mayor Ove Holm said.",
    "language": "en",
}


def imported(onrecord: Onrecord) -> None:
    onrecord("import", "-", stdin=json.dumps(ARTICLE))


def address_in(err: Path) -> str:
    """Where a process says that it answers operators."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if found := re.search(r"metrics and health on http://([\d.:]+)", err.read_text()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(err.read_text())


def get(address: str, path: str) -> tuple[int, str]:
    connection = HTTPConnection(address, timeout=PATIENCE_S)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def test_an_extractor_can_be_watched(onrecord: Onrecord) -> None:
    imported(onrecord)
    working = onrecord.start(
        "extract", ONRECORD_METRICS__LISTEN="127.0.0.1:0", ONRECORD_LOGGING__LEVEL="debug"
    )
    address = address_in(onrecord.folder / "err")
    until = time.monotonic() + PATIENCE_S
    while (
        'onrecord_quotes_total{language="en",type="direct"} 1.0' not in get(address, "/metrics")[1]
    ):
        assert time.monotonic() < until
        time.sleep(0.2)
    assert get(address, "/health/live")[0] == 200
    healthy = onrecord("health", ONRECORD_METRICS__LISTEN=address)
    assert json.loads(healthy.stdout) == {"status": "ok", "problems": {}}
    os.killpg(working.pid, signal.SIGTERM)
    assert working.wait(PATIENCE_S) == 0
    with socket.socket() as nobody:  # bound, and not listening: connections are refused
        nobody.bind(("127.0.0.1", 0))
        there = f"127.0.0.1:{nobody.getsockname()[1]}"
        gone = onrecord("health", code=1, ONRECORD_METRICS__LISTEN=there)
    assert f"{there} does not answer" in gone.stderr
    assert re.search(
        r"\d\d:\d\d:\d\d debug   article \w+: 1 quotes", (onrecord.folder / "err").read_text()
    )


def test_a_log_is_backed_up_checked_and_restored(onrecord: Onrecord) -> None:
    imported(onrecord)
    assert "sound, 1 records" in onrecord("backup", "monday.db").stderr
    assert "choose another name" in onrecord("backup", "monday.db", code=2).stderr
    onrecord("import", "-", stdin=json.dumps(ARTICLE | {"url": "https://news.example/2"}))
    assert "sound, 2 records" in onrecord("check").stderr
    assert "with --replace" in onrecord("restore", "monday.db", code=2).stderr
    assert "sound, 1 records" in onrecord("restore", "monday.db", "--replace").stderr
    assert len(onrecord.records("articles")) == 1


def test_a_cluster_is_not_backed_up_as_a_file(onrecord: Onrecord) -> None:
    done = onrecord(
        "backup", "x.db", code=2, ONRECORD_LOG__URL="kafka://broker:9092?password=hunter2"
    )
    assert "is a cluster" in done.stderr
    assert "hunter2" not in done.stderr
