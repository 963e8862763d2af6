"""`onrecord config check`."""

import errno
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from onrecord.cli import app
from onrecord.log.interface import TopicSettings
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


def test_a_log_that_a_killed_process_left_is_left_as_it_is(folder: Path) -> None:
    child = os.fork()
    if child == 0:
        SqliteLog(folder / "log.db").create_topic("t", TopicSettings(partitions=1))
        os._exit(0)  # without closing: what it wrote stands in the file beside
    os.waitpid(child, 0)
    kept = [folder / "log.db", folder / "log.db-wal"]
    before = [path.read_bytes() for path in kept]
    assert "log: sqlite:///log.db: a log of format 2 with 1 topics" in checked()
    assert [path.read_bytes() for path in kept] == before


def test_no_shared_memory_is_made_for_the_rest_of_a_killed_process(folder: Path) -> None:
    with SqliteLog(folder / "log.db") as log:
        log.create_topic("t", TopicSettings(partitions=1))
        kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "log.db").write_bytes(kept["log.db"])
    (folder / "log.db-wal").write_bytes(kept["log.db-wal"])
    (line,) = (line for line in checked() if line.startswith("log:"))
    assert line.endswith(
        "log.db was not closed: the next command that uses it reads log.db-wal too"
    )
    assert {path.name for path in folder.iterdir()} == {"log.db", "log.db-wal"}


def refuse(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    """Take the right to write there, which root would have."""
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda path, right: Path(path) not in folders and allowed(path, right)
    )


def test_a_folder_that_must_not_be_searched_is_a_problem_of_its_part_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, there = folder / "closed", Path.exists

    def exists(path: Path) -> bool:
        if closed in path.absolute().parents:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return there(path)

    monkeypatch.setattr(Path, "exists", exists)
    monkeypatch.setenv("ONRECORD_LOG__URL", f"sqlite:///{closed}/log.db")
    monkeypatch.setenv("ONRECORD_FEEDS__KEEP_ANSWERS", f"{closed}/answers")
    lines = checked(code=2)
    problems = [line for line in lines if "PROBLEM" in line]
    assert [line.partition(":")[0] for line in problems] == ["log", "archive", "folders"]
    assert all(f"{closed}/" in line and "Permission denied" in line for line in problems)
    assert any(line.startswith("serve: 127.0.0.1") for line in lines)


def test_a_file_in_a_folder_that_cannot_be_written_is_a_problem(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "kept").mkdir()
    (folder / "kept" / "archive.db").touch()
    monkeypatch.setenv("ONRECORD_ARCHIVE__URL", "sqlite:///kept/archive.db")
    checked()
    refuse(monkeypatch, folder / "kept")
    (problem,) = (line for line in checked(code=2) if "PROBLEM" in line)
    assert f"archive.url = 'kept/archive.db': {folder / 'kept'} cannot be written" in problem


@pytest.mark.parametrize(
    ("callback", "hub_key", "is_enough"),
    [
        ("", "", True),
        ("https://here.example/", "ab" * 32, True),
        ("https://here.example/", "", False),
    ],
)
def test_a_private_file_that_can_only_be_read_is_enough_if_nothing_must_be_added(
    folder: Path, monkeypatch: pytest.MonkeyPatch, callback: str, hub_key: str, is_enough: bool
) -> None:
    (folder / "secret").mkdir()
    (folder / "secret" / "private.json").write_text(json.dumps({"urls": {}, "hub_key": hub_key}))
    monkeypatch.setenv("ONRECORD_FEEDS__PRIVATE_FILE", "secret/private.json")
    if callback:
        monkeypatch.setenv("ONRECORD_FEEDS__WEBSUB_URL", callback)
    refuse(monkeypatch, folder / "secret")
    (line,) = (line for line in checked(code=0 if is_enough else 2) if line.startswith("folders"))
    expected = "which can only be read" if is_enough else "has no hub_key"
    assert expected in line
    assert ("PROBLEM" in line) is not is_enough


def test_secrets_of_a_feed_list_are_not_kept_by_a_look_at_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "token.txt").write_text("X-Token: s3cret")
    (folder / "feeds.opml").write_text(
        "<opml version='2.0'><body>"
        "<outline xmlUrl='https://who:s3cret@a.example/feed'/>"
        "<outline xmlUrl='https://b.example/feed' headersFrom='token.txt'/>"
        "<outline xmlUrl='https://c.example/feed' headersFrom='../token.txt'/>"
        "</body></opml>"
    )
    monkeypatch.setenv("ONRECORD_FEEDS__LIST", "feeds.opml")
    monkeypatch.setenv("ONRECORD_FEEDS__PRIVATE_FILE", "private.json")
    before = {path.name for path in folder.iterdir()}
    (line,) = (line for line in checked() if line.startswith("feeds:"))
    assert "2 feeds in" in line
    assert "c.example/feed: a feed list may only name files beside it" in line
    assert "s3cret" not in line
    assert {path.name for path in folder.iterdir()} == before


def test_nothing_is_left_beside_a_log_that_is_looked_at(folder: Path) -> None:
    SqliteLog(folder / "log.db").close()
    (folder / "empty.db").touch()
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    checked()
    assert any("empty.db is empty" in line for line in checked("--log", "sqlite:///empty.db"))
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_place_where_nothing_can_be_made_is_a_problem(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").touch()
    monkeypatch.setenv("ONRECORD_LOG__URL", "sqlite:///file/log.db")
    monkeypatch.setenv("ONRECORD_FEEDS__KEEP_ANSWERS", "file/answers")
    monkeypatch.setenv("ONRECORD_METRICS__LISTEN", "192.0.2.1:9465")
    problems = [line for line in checked(code=2) if "PROBLEM" in line]
    assert [line.partition(":")[0] for line in problems] == [
        "log", "archive", "folders", "metrics and health",
    ]  # fmt: skip
    assert f"{folder / 'file'} cannot be written" in problems[0]
    assert "feeds.keep_answers = 'file/answers'" in problems[2]


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
