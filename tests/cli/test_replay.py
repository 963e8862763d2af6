"""What `onrecord replay` decides before and after a worker is at work."""

import json

import pytest

from onrecord.log.opening import open_log
from tests.builders import article
from tests.cli.conftest import Run
from tests.filling import publish

# An extractor that is not asked for anything needs no model.
OWN = {"ONRECORD_EXTRACT__EXTRACTOR": "own:make"}


@pytest.fixture(autouse=True)
def filled(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_log(url) as log:
        publish(log, "onrecord.articles", *(article(f"a{n}") for n in range(3)))
    for name, value in OWN.items():
        monkeypatch.setenv(name, value)
    with open("own.py", "w", encoding="utf-8") as file:  # noqa: PTH123 (the working folder)
        file.write(
            "from tests.builders import extraction\n"
            "def make(section):\n"
            "    return lambda articles: [extraction(a.id) for a in articles]\n"
        )


def test_a_replay_is_made_once_and_is_done(run: Run) -> None:
    first = run("replay", "--into", "try", "--workers", "1")
    assert (first.code, first.err) == (
        0,
        "3 articles extracted into onrecord.replay.try, 0 dead letters\n",
    )
    again = run("replay", "--into", "try")
    assert again.err == "replay try is done: 3 articles in onrecord.replay.try\n"
    assert run("subscribe", "extractions", "--topic", "try", "--from", "earliest", "--until", "end")
    (shown,) = map(json.loads, run("replay", "list").out.splitlines())
    assert (shown["name"], shown["state"], shown["extracted"]) == ("try", "done", 3)
    assert run("replay", "pause", "try").err == "replay try is done: there is nothing to stop\n"
    assert run("replay", "drop", "try").err == "dropped, with 3 results\n"
    assert run("replay", "list").out == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--into", "extractions"], "a replay needs a topic of its own"),
        (["--into", "onrecord.replays"], "a replay needs a topic of its own"),
        (["--into", "é"], "use letters, digits"),
        (["--from", "-1h", "--until", "-2h"], "--until -2h is not after --from -1h"),
        (["--match", "("], "is not a regular expression"),
        (["--report", "a.html"], "--report is what --compare writes"),
        (["--rate", "2", "list"], "--rate belongs to `onrecord replay` alone, or after `list`"),
        (["--into", "onrecord.articles2", "--from", "latest"], "--from latest: not a time"),
    ],
)
def test_what_cannot_be_replayed_is_a_mistake(run: Run, arguments: list[str], says: str) -> None:
    ran = run("replay", *arguments)
    assert ran.code == 2
    assert says in ran.err


def test_a_topic_that_is_in_use_is_not_written_into(run: Run, url: str) -> None:
    with open_log(url) as log:
        publish(log, "my.topic", article("x"))
    ran = run("replay", "--into", "my.topic")
    assert "topic my.topic holds records already, and not of a replay" in ran.err


def test_a_replay_of_other_articles_keeps_its_name(run: Run) -> None:
    run("replay", "--into", "try", "--workers", "1", "--language", "de")
    ran = run("replay", "--into", "try", "--language", "fr")
    assert ran.code == 2
    assert "there is a replay 'try' of other articles" in ran.err


def test_nothing_is_made_of_a_replay_that_is_only_thought_of(run: Run) -> None:
    ran = run("replay", "--dry-run", "--publisher", "nobody")
    assert json.loads(ran.out)["articles"] == 0
    assert run("replay", "list").out == ""
