"""Two processes under one log.name."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable

from tests.acceptance.conftest import Onrecord
from tests.patience import PATIENCE_S

NAME = {"ONRECORD_LOG__NAME": "same"}
ARTICLE = {
    "url": "https://news.example/1",
    "title": "Tram",
    "text": "“We pay twice,” Mayor Ove Holm said.",
    "language": "en",
}


def the_older_of_two_gives_way_and_does_not_come_back_at_once(onrecord: Onrecord) -> None:
    onrecord("import", "-", stdin=json.dumps(ARTICLE))
    older = onrecord.start("extract", **NAME)
    _wait(lambda: bool(_members(onrecord)), older)
    newer = onrecord.start("extract", **NAME)
    _wait(lambda: "in use by another process (log.name)" in _said(onrecord), newer)
    os.killpg(older.pid, signal.SIGTERM)
    assert older.wait(PATIENCE_S) == 2
    assert "another process took over as 'extract@same'" in _said(onrecord)
    _wait(lambda: len(onrecord.records("extractions")) == 1, newer)
    os.killpg(newer.pid, signal.SIGTERM)
    assert newer.wait(PATIENCE_S) == 0


def _members(onrecord: Onrecord) -> list[str]:
    groups = json.loads(onrecord("status").stdout)["groups"]
    return [name for group in groups for name in group["members"]]


def _said(onrecord: Onrecord) -> str:
    return (onrecord.folder / "err").read_text("utf-8")


def _wait(holds: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.2)


def test_the_older_of_two_gives_way_and_does_not_come_back_at_once(onrecord: Onrecord) -> None:
    the_older_of_two_gives_way_and_does_not_come_back_at_once(onrecord)
