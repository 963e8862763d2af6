"""`onrecord status`: what it says of an archive."""

import json
from pathlib import Path

import pytest

from onrecord.config import load_config
from onrecord.wiring import archive_url
from tests.cli.conftest import Run


@pytest.fixture
def archive(run: Run, url: str) -> Path:
    """The file of the archive beside a log that is there."""
    assert run("feeds", "list").code == 0
    found = archive_url(load_config({"ONRECORD_LOG__URL": url}, None))
    return Path(found.removeprefix("sqlite:///"))


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (None, "there is no archive yet"),
        (b"", "is not an onrecord archive"),
        (b"hello\n" * 1_000, "`onrecord archive rebuild` makes another"),
    ],
)
def test_an_archive_that_cannot_be_read_is_not_passed_over(
    run: Run,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    found: bytes | None,
    fault: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    if found is not None:
        archive.write_bytes(found)
    assert fault in json.loads(run("status").out)["archive_fault"]
    assert f"archive: {archive}" in run("status", "--format", "pretty").out
