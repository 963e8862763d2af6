"""Dead letters and replays of a real worker, as operators see and settle them in the pages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import article
from tests.processing.test_replay import Replay
from tests.processing.test_worker import Run, extracted, publish
from tests.web.pages.conftest import Answer, Site, config_in, serving


@pytest.fixture
def operated(tmp_path: Path) -> Iterator[Site]:
    """Three articles were extracted, two of them in vain."""
    with serving(config_in(tmp_path), filled=False) as site:
        publish(site.log, article("a1"), article("a2", text="fail"), article("a3", text="fail"))
        Run(site.log)()
        yield site


def letters(site: Site) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(site.get("/dead-letters.json").text)["rows"]
    return rows


def settle(site: Site, letter: object, act: str) -> Answer:
    text = site.get("/dead-letters").text
    key = text.partition('name="form_key" value="')[2].partition('"')[0]
    return site.post(f"/dead-letters/{letter}/{act}", {"form_key": key})


def test_a_letter_that_is_retried_is_extracted_again(operated: Site) -> None:
    first, second = letters(operated)
    told = settle(operated, first["id"], "retry")
    assert f"{first['id']} was put back" in operated.get(told.headers["Location"]).text
    assert [letter["id"] for letter in letters(operated)] == [second["id"]]
    Run(operated.log)()
    assert sorted(letter["attempts"] for letter in letters(operated)) == [1, 2]
    assert "2 attempts" in operated.get("/dead-letters").text


def test_a_letter_that_is_dropped_is_gone_and_is_not_extracted(operated: Site) -> None:
    for letter in letters(operated):
        assert settle(operated, letter["id"], "drop").status == 303
    Run(operated.log)()
    assert letters(operated) == []
    assert extracted(operated.log) == ["a1"]
    assert "Nothing was set aside." in operated.get("/dead-letters").text


def test_a_letter_that_another_settled_meanwhile_is_told_so(operated: Site) -> None:
    letter = letters(operated)[0]["id"]
    settle(operated, letter, "drop")
    for act in ("retry", "drop"):
        answer = settle(operated, letter, act)
        assert (answer.status, str(letter) in answer.text) == (400, True), act


def test_a_replay_is_listed_and_its_report_can_be_read(operated: Site) -> None:
    Replay(operated.log).work()
    listed = operated.get("/replays").text
    assert 'href="/replays/try"' in listed
    assert "3 of 3" in listed
    report = operated.get("/replays/try")
    assert report.status == 200
    assert "style-src 'sha256-" in report.headers["Content-Security-Policy"]
    assert "<h1" in report.text
    assert operated.get("/replays/other").status == 400
