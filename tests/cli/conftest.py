"""Commands run in this process, in a folder of their own with a log."""

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import onrecord.cli as commands

Run = Callable[..., "Ran"]


@dataclass(frozen=True)
class Ran:
    """What a command wrote, and its exit code."""

    out: str
    err: str
    code: int


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The log that commands use, not made yet; the working folder is empty."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ONRECORD_")]:
        monkeypatch.delenv(name)
    made = f"sqlite:///{tmp_path}/log.db"
    monkeypatch.setenv("ONRECORD_LOG__URL", made)
    monkeypatch.setenv("COLUMNS", "80")
    return made


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["onrecord", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        with pytest.raises(SystemExit) as ended:
            commands.main()
        out, err = capsys.readouterr()
        return Ran(out, err, int(ended.value.code or 0))

    return run_command
