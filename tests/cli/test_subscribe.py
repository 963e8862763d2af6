"""What `onrecord subscribe` takes together, and how many records it prints."""

import json

import pytest

from onrecord.log.opening import open_log
from tests.builders import extraction, quote
from tests.cli.conftest import Run
from tests.filling import publish

ALL = ("--from", "earliest", "--until", "end")


@pytest.fixture(autouse=True)
def filled(url: str) -> None:
    with open_log(url) as log:
        quotes = (quote(), quote(type="mixed"))
        publish(log, "onrecord.extractions", *(extraction(f"a{n}", quotes=quotes) for n in "12"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--webhook", "https://a.example/"], "--webhook needs --group"),
        (
            ["--webhook", "https://a.example/", "--group", "g", "--fields", "words"],
            "--webhook posts whole records as JSON: leave out --format and --fields",
        ),
        (["--fields", "words", "--format", "pretty"], "use --format json or csv"),
        (["--fields", "wrods"], "no field wrods; there are"),
        (["--group", " "], "--group: a group has a name"),
        (["articles", "--type", "direct"], "subscribe to quotes"),
        (["--from", "2999-01-01"], "that is still to come"),
    ],
)
def test_options_that_do_not_go_together_are_a_mistake(
    run: Run, arguments: list[str], says: str
) -> None:
    ran = run("subscribe", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


@pytest.mark.parametrize(("limit", "lines"), [("1", 1), ("3", 3), ("9", 4)])
def test_no_more_is_printed_than_was_asked_for(run: Run, limit: str, lines: int) -> None:
    ran = run("subscribe", *ALL, "--limit", limit)
    assert (ran.code, ran.out.count("\n")) == (0, lines)


def test_programs_get_json_and_chosen_fields_only(run: Run) -> None:
    ran = run("subscribe", *ALL, "--type", "mixed", "--fields", "speaker,article.id")
    assert sorted(map(json.loads, ran.out.splitlines()), key=str) == [
        {"speaker": "Mara Lind", "article.id": "a1"},
        {"speaker": "Mara Lind", "article.id": "a2"},
    ]


def test_a_group_goes_on_after_a_message_that_was_printed_whole(run: Run) -> None:
    first = run("subscribe", *ALL, "--group", "g", "--limit", "2").out
    second = run("subscribe", *ALL, "--group", "g").out
    assert (first.count("\n"), second.count("\n")) == (2, 2)
    assert set(first.splitlines()).isdisjoint(second.splitlines())


def test_a_message_of_which_only_a_part_was_printed_comes_again(run: Run) -> None:
    run("subscribe", *ALL, "--group", "g", "--limit", "1")
    assert run("subscribe", *ALL, "--group", "g").out.count("\n") == 4
