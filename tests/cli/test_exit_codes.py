"""Mistakes are 2, what is broken is 1, and a reader who has seen enough is no failure."""

import errno
import os
import sys

import pytest

import onrecord.cli as commands
from onrecord.errors import LogBroken, Mistake
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (Mistake("no such thing"), 2, "onrecord: no such thing\n"),
        (LogBroken("the disk is full"), 1, "onrecord: the disk is full\n"),
        (OSError(errno.ENOSPC, "No space left"), 1, "the output cannot be written: No space left"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "/x: Permission denied\n"),
        (BrokenPipeError(), 0, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, says: str
) -> None:
    def fail(**_: object) -> None:
        raise raised

    monkeypatch.setattr(commands, "app", fail)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setattr(sys.stdout, "fileno", lambda: 1, raising=False)
    ran = run("status")
    assert ran.code == code
    assert says in ran.err


def test_another_error_is_not_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OSError(errno.ENOENT, "no such file")

    monkeypatch.setattr(commands, "app", fail)
    with pytest.raises(OSError, match="no such file"):
        run("status")


def test_a_wrong_option_names_the_command_whose_help_says_more(run: Run) -> None:
    ran = run("subscribe", "--speker", "x")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "(see `onrecord subscribe --help`)" in ran.err
