"""`onrecord serve` as an operator starts it and a reader reads it."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

from tests.acceptance.conftest import Onrecord
from tests.acceptance.test_subscribing import publish, said
from tests.patience import PATIENCE_S

TOKEN = "0123456789abcdef0123456789abcdef"


def url_of(onrecord: Onrecord, serving: subprocess.Popen[bytes]) -> str:
    """What the server says it serves on."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert serving.poll() is None, (onrecord.folder / "err").read_text()
        if found := re.search(r"on (http://\S+),", (onrecord.folder / "err").read_text()):
            return found[1].replace("0.0.0.0", "127.0.0.1")
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def read(url: str, **headers: str) -> str:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        return str(response.read().decode())


def test_what_was_published_is_streamed_until_it_is_stopped(onrecord: Onrecord) -> None:
    publish(onrecord, "onrecord.extractions", [said(0), said(1, name="Ana Müller")])
    serving = onrecord.start("serve", "--port", "0")
    url = url_of(onrecord, serving)
    stream = read(f"{url}/quotes?from=earliest&until=end&speaker=muller")
    assert stream.count("\ndata: ") == 1
    assert '"name":"Ana Müller"' in stream
    with urllib.request.urlopen(f"{url}/quotes", timeout=PATIENCE_S) as following:
        following.readline()
        os.killpg(serving.pid, signal.SIGINT)
        assert "the server is stopping" in following.read().decode()
    assert serving.wait(PATIENCE_S) == 0
    assert "Traceback" not in (onrecord.folder / "err").read_text()


def test_to_others_it_is_open_with_a_token_that_it_never_shows(onrecord: Onrecord) -> None:
    file = onrecord.folder / "token"
    file.write_text(f"{TOKEN}\n")
    onrecord("feeds", "list")  # creates the log
    serving = onrecord.start(
        "serve", "--port", "0", "--host", "0.0.0.0", ONRECORD_SERVE__TOKEN_FILE=str(file)
    )
    url = url_of(onrecord, serving)
    assert '"openapi":"3.1.0"' in read(f"{url}/openapi.json", Authorization=f"Bearer {TOKEN}")
    os.killpg(serving.pid, signal.SIGTERM)
    assert serving.wait(PATIENCE_S) == 0
    assert TOKEN not in (onrecord.folder / "err").read_text()


def test_an_address_in_use_and_a_token_of_no_use_are_mistakes(onrecord: Onrecord) -> None:
    onrecord("feeds", "list")  # creates the log
    serving = onrecord.start("serve", "--port", "0")
    port = url_of(onrecord, serving).rpartition(":")[2]
    done = onrecord("serve", "--port", port, code=2)
    assert f"cannot listen on 127.0.0.1 port {port}: " in done.stderr
    os.killpg(serving.pid, signal.SIGTERM)
    serving.wait(PATIENCE_S)
    done = onrecord("serve", "--host", "0.0.0.0", code=2, ONRECORD_SERVE__TOKEN="hunter2")
    assert "16 ASCII characters at least" in done.stderr
    assert "hunter2" not in done.stderr
    missing = str(Path("nowhere") / "token")
    done = onrecord("serve", code=2, ONRECORD_SERVE__TOKEN_FILE=missing)
    assert f"serve.token_file = '{missing}': No such file" in done.stderr
