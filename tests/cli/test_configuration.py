"""`onrecord config check`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from onrecord.cli import app
from onrecord.log.sqlite import SqliteLog


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONRECORD_LOG__URL", "sqlite:///log.db")
    return tmp_path


def checked(*options: str, code: int = 0) -> list[str]:
    done = CliRunner().invoke(app, ["config", "check", *options])
    assert done.exit_code == code, done.output
    return done.output.splitlines()


def test_what_is_configured_is_told_and_nothing_is_made(folder: Path) -> None:
    lines = checked()
    assert lines[0] == "configuration: the defaults, no file"
    assert any(line.startswith("log: sqlite:///log.db: log.db is not there yet") for line in lines)
    assert any(line.startswith("serve: 127.0.0.1 port 8040, without a token") for line in lines)
    assert list(folder.iterdir()) == []


def test_a_log_that_is_there_is_looked_at_and_left_as_it_is(folder: Path) -> None:
    SqliteLog(folder / "log.db").close()
    before = (folder / "log.db").read_bytes()
    assert "log: sqlite:///log.db: a log of format 2 with 0 topics" in checked()
    assert (folder / "log.db").read_bytes() == before


def test_every_problem_is_named_not_only_the_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "log.db").write_text("not a log " * 1000)
    monkeypatch.setenv("ONRECORD_EXTRACT__MODEL", "en_core_web_xxl")
    monkeypatch.setenv("ONRECORD_FEEDS__LIST", "missing.opml")
    problems = [line.partition(":")[0] for line in checked(code=2) if "PROBLEM" in line]
    assert problems == ["feeds", "log", "extraction"]


def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_SERVE__TOKEN", "hunter2hunter2hunter2")
    lines = checked()
    assert any("with a token" in line for line in lines)
    assert not any("hunter2" in line for line in lines)
