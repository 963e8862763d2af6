"""`onrecord searches`: saving, listing and removing."""

import json

import pytest

from tests.cli.conftest import Run


def test_a_search_is_saved_listed_and_removed(run: Run) -> None:
    hook = "https://a.example/secret-path"
    assert run("searches", "add", "Pier", 'speaker:lind "the pier"', "--webhook", hook).code == 0
    assert run("searches", "add", "boats", "boat*", "--mail", "desk@paper.example").code == 0
    listed = run("searches", "list").out
    assert [json.loads(line)["name"] for line in listed.splitlines()] == ["boats", "Pier"]
    assert "secret-path" not in listed
    assert run("searches", "remove", "Pier").code == 0
    assert [json.loads(line)["name"] for line in run("searches", "list").out.splitlines()] == [
        "boats"
    ]


def test_one_name_is_one_search(run: Run) -> None:
    run("searches", "add", "pier", "pier")
    ran = run("searches", "add", "PIER", "boats")
    assert (ran.code, ran.out) == (2, "")
    assert "there is a saved search 'PIER'" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["add", "x", "speaker:"], "query, column 1"),
        (["add", " ", "pier"], "NAME: a name has characters"),
        (["add", "x", "pier", "--mail", "desk"], "--mail 'desk': write an address"),
        (["add", "x", "pier", "--webhook", "ftp://a"], "write an http:// or https:// URL"),
        (["add", "x", "p", "--webhook", "http://a", "--mail", "a@b.example"], "one of them"),
    ],
)
def test_a_mistake_is_one_line_and_saves_nothing(run: Run, arguments: list[str], says: str) -> None:
    run("searches", "add", "kept", "pier")
    ran = run("searches", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert says in ran.err
    assert run("searches", "list").out.count("\n") == 1


def test_what_is_not_there_cannot_be_removed(run: Run) -> None:
    run("searches", "add", "pier", "pier")
    ran = run("searches", "remove", "boats")
    assert (ran.code, "no saved search 'boats'; there are: pier" in ran.err) == (2, True)
