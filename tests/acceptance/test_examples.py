"""The examples in the commands' help, and the README's commands, work as they stand in a clone."""

import base64
import gzip
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import zstandard
from typer.core import TyperGroup
from typer.main import get_group

from onrecord.cli import app
from tests.acceptance import prepared
from tests.acceptance.conftest import Onrecord, Publisher, story
from tests.acceptance.prepared import COMMAND
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
# These need the network, or a process that runs, which a test has not: they say so, and exit 1.
UNREACHABLE = (
    "onrecord feeds check ",
    "onrecord feeds discover ",
    "onrecord feeds poll ",
    "onrecord health",
)
# These name a person, a quote, a file or a feed that a test has not: one line, and exit 2.
UNKNOWN = (
    "onrecord evaluate ",
    "onrecord feeds move ",
    "onrecord forget ",
    "onrecord people correct ",
    "onrecord people forget ",
    "onrecord people merge ",
    "onrecord people rename ",
    "onrecord people show ",
    "onrecord people split ",
    "onrecord people suggest ",  # asks, and nobody is there
    "onrecord people undo ",
)
# These go on until they are told to stop, and then end in good order.
LASTING = ("onrecord serve ", "onrecord alerts")


def commands(group: TyperGroup, prefix: str = "onrecord") -> dict[str, str]:
    """Every command with its help, in the order of the help."""
    found: dict[str, str] = {}
    for word, command in group.commands.items():
        name = f"{prefix} {word}"
        if not isinstance(command, TyperGroup):
            found[name] = command.help or ""
            continue
        if command.invoke_without_command:
            found[name] = command.help or ""
        found |= commands(command, name)
    return found


def when_a_person_would(line: str) -> list[bool]:
    """Sorts examples: what is removed was added before, what is replayed was imported."""
    last, first = (" remove ", " drop "), ("add", "import", "replay --")
    return [word in line for word in last] + [word not in line for word in first]


def run_line(onrecord: Onrecord, line: str, *, lasts: bool) -> subprocess.CompletedProcess[str]:
    """Run a line as a person would type it, in the folder; one that lasts is told to stop."""
    environment = {k: v for k, v in onrecord.environment.items() if "LOG__URL" not in k}
    environment["PATH"] = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
    if not lasts and re.fullmatch("onrecord [^|<>$*&;`]+", line):
        return prepared.run(shlex.split(line)[1:], cwd=onrecord.folder, env=environment)
    process = subprocess.Popen(
        f"exec {line}" if lasts else line,
        shell=True,
        cwd=onrecord.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if lasts:
        stop_when_it_runs(process)
    out, err = process.communicate(timeout=PATIENCE_S)
    return subprocess.CompletedProcess(line, process.returncode, out, err)


def stop_when_it_runs(process: subprocess.Popen[str]) -> None:
    """Send SIGTERM once the process handles it, and not while it still starts."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and not handles(process.pid, signal.SIGTERM):
        assert time.monotonic() < until, "it does not begin"
        time.sleep(0.05)
    process.terminate()


def handles(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"SigCgt:\s*(\w+)", status)
    return found is not None and bool(int(found[1], 16) >> (number - 1) & 1)


@pytest.mark.timeout(900)  # some thirty processes, one after the other
def test_every_example_works_as_it_stands(onrecord: Onrecord) -> None:
    shutil.copytree(ROOT / "config", onrecord.folder / "config")
    onrecord.environment |= {  # a search with mail is saved; nothing is found that would be sent
        "ONRECORD_MAIL__HOST": "127.0.0.1",
        "ONRECORD_MAIL__SENDER": "onrecord@paper.example",
    }
    examples = {}
    for name, text in commands(get_group(app)).items():
        found = re.search(r"Example: (.*)", text)
        assert found, f"{name} has no example"
        assert name in found[1] or name.startswith("onrecord dead-letters"), found[1]
        examples[name] = found[1]
    for line in sorted(examples.values(), key=when_a_person_would):
        done = run_line(onrecord, line, lasts=line.startswith(LASTING))
        wanted = 1 if line.startswith(UNREACHABLE) else 2 if line.startswith(UNKNOWN) else 0
        assert done.returncode == wanted, f"{line}: exit {done.returncode}: {done.stderr}"
        assert "Traceback" not in done.stderr


# ── the README ───────────────────────────────────────────────────────────────────────────────


def lines_of_the_readme() -> list[str]:
    """The commands of the README's "Five minutes", in their order, without comments."""
    part = README.read_text("utf-8").partition("## Five minutes")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", part, re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line.partition("  #")[0].rstrip() for line in lines]


def lasts(line: str) -> bool:
    """Whether a command goes on until it is told to stop."""
    kind = line.split()[:2]
    if kind == ["onrecord", "subscribe"]:
        return "--until end" not in line
    return line == "onrecord run" or kind == ["onrecord", "serve"]


@pytest.fixture
def clone(onrecord: Onrecord, publisher: Publisher) -> Onrecord:
    """A folder with all files that the README's commands name, and a feed that can be polled."""
    shutil.copytree(ROOT / "config", onrecord.folder / "config")
    publisher.feeds = {"north": [story(publisher, 1), story(publisher, 2)]}
    publisher.write_list(onrecord.folder / "feeds.txt")
    outlines = f'<outline type="rss" xmlUrl="{publisher.feed_url("north")}"/>'
    opml = f'<opml version="2.0"><body>{outlines}</body></opml>'
    (onrecord.folder / "my.opml").write_text(opml)
    text = "“The pier will open in May,” Mara Lind, the harbour master, said."
    (onrecord.folder / "article.txt").write_text(text)
    row = json.dumps({"url": "https://post.example/1", "title": "The pier", "text": text})
    (onrecord.folder / "backlog.jsonl.zst").write_bytes(zstandard.compress(row.encode()))
    page = f"<html><body><article><p>{text * 5}</p></article></body></html>"
    (onrecord.folder / "crawl.warc.gz").write_bytes(gzip.compress(warc_of(page)))
    (onrecord.folder / "saved").mkdir()
    (onrecord.folder / "saved" / "page.html").write_text(page)
    onrecord.environment |= {
        "ONRECORD_FEEDS__LIST": "feeds.txt",
        "ONRECORD_WEBHOOK__SECRET": f"whsec_{base64.b64encode(bytes(32)).decode()}",
    }
    return onrecord


def warc_of(page: str) -> bytes:
    """A web archive of one page."""
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://post.example/2\r\n"
        "WARC-Date: 2026-11-02T08:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


@pytest.mark.timeout(900)
def test_every_command_of_the_readme_works_in_its_order(clone: Onrecord) -> None:
    lines = lines_of_the_readme()
    assert len(lines) >= 12
    for line in lines:
        if not lasts(line):
            check(line, run_line(clone, line, lasts=False))
    with ThreadPoolExecutor() as pool:
        lasting = [line for line in lines if lasts(line)]
        for line, done in zip(
            lasting, pool.map(partial(run_line, clone, lasts=True), lasting), strict=True
        ):
            check(line, done)
    assert "Ove Holm" in (clone.folder / "november.jsonl").read_text()


def check(line: str, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, f"{line}: exit {done.returncode}: {done.stderr}"
    assert "Traceback" not in done.stderr
