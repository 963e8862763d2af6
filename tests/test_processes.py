"""Child processes, and how they are counted."""

import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from onrecord.processes import ChildProcess, running_children, started_children


def wait_for_word(pipe: Connection) -> None:
    pipe.send("ready")
    pipe.recv()


@pytest.fixture
def child() -> Iterator[ChildProcess]:
    child = ChildProcess(wait_for_word, name="counted")
    assert child.receive(90) == "ready"
    yield child
    child.end()


def test_a_child_that_was_killed_does_not_run(child: ChildProcess) -> None:
    assert running_children()["counted"] == 1
    started = started_children()["counted"]
    assert child._process.pid is not None
    os.kill(child._process.pid, signal.SIGKILL)
    with pytest.raises(EOFError):
        child.receive(90)
    while running_children()["counted"]:  # the pipe is closed a moment before the process ends
        time.sleep(0.01)
    assert child.exit_code() == -signal.SIGKILL, "counting collects no exit code"
    assert (running_children()["counted"], started_children()["counted"]) == (0, started)


def test_children_are_counted_by_what_every_system_has(
    child: ChildProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "waitid")  # macOS has it since Python 3.13
    assert running_children()["counted"] == 1


def test_a_child_that_was_ended_is_counted_no_more(child: ChildProcess) -> None:
    child.end()
    assert running_children()["counted"] == 0
