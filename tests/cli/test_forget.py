"""`onrecord forget`: asked for by id, and not undone by an import."""

import json
from pathlib import Path

import pytest

from onrecord import wiring
from onrecord.log.opening import open_log
from tests.builders import TEXT as PIER
from tests.builders import article, extraction, quote
from tests.cli.conftest import Run
from tests.filling import publish

TEXT = {"text": 'Mara Lind said "it rains" on Monday.', "url": "https://post.example/rain"}


def imported(run: Run) -> str:
    """What an import of one article says."""
    Path("rain.jsonl").write_text(json.dumps(TEXT) + "\n")
    ran = run("import", "rain.jsonl")
    assert ran.code == 0, ran.err
    return ran.err


def articles(run: Run) -> list[str]:
    ran = run("subscribe", "articles", "--from", "earliest", "--until", "end")
    return [json.loads(line)["id"] for line in ran.out.splitlines()]


def test_a_forgotten_article_is_not_imported_again(run: Run) -> None:
    imported(run)
    [article] = articles(run)
    ran = run("forget", article, "--yes", "--why", "a court order")
    assert (ran.code, ran.out) == (0, "")
    assert f"forgot article {article}" in ran.err
    assert "onrecord.articles: 1 record removed" in ran.err
    assert "what remains: backups" in ran.err
    imported(run)
    assert articles(run) == []


def test_it_is_not_done_without_being_asked_for_twice(run: Run, url: str) -> None:
    with open_log(url) as log:
        publish(log, "onrecord.extractions", extraction("a1"))
    ran = run("forget", "a1")
    assert (ran.code, "say --yes" in ran.err) == (2, True)
    assert run("export", "quotes", "--format", "jsonl").out.count("\n") == 1
    assert run("forget", "a1", "--yes").code == 0
    assert run("export", "quotes", "--format", "jsonl").out == ""


def test_an_unknown_id_is_a_mistake(run: Run, url: str) -> None:
    with open_log(url) as log:
        publish(log, "onrecord.extractions", extraction("a1"))
    ran = run("forget", "nothing", "--yes")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "no article and no quote of this id is in the log" in ran.err


def test_the_archive_lets_go_of_it_at_once(run: Run, url: str) -> None:
    with open_log(url) as log:
        for name in ("a1", "a2"):
            said = (quote(PIER, id=f"quote-of-{name}"),)
            publish(log, "onrecord.articles", article(name, text=PIER))
            publish(log, "onrecord.extractions", extraction(name, quotes=said, entities=()))
    assert run("search", "pier", "--format", "json").out.count("\n") == 2
    ran = run("forget", "a1", "--yes")
    assert ran.code == 0, ran.err
    assert "the archive has read that it is gone" in ran.err
    assert run("search", "pier", "--format", "json").out.count("\n") == 1
    assert run("forget", "quote-of-a2", "--yes").code == 0
    assert run("search", "pier", "--format", "json").out == ""


@pytest.mark.parametrize("error", [KeyError("uid not found: 4711"), OSError("no user")])
def test_a_user_without_a_name_can_ask_for_it_all_the_same(error: Exception) -> None:
    def asked() -> str:
        raise error

    assert wiring.user_name(asked) == "unknown"
