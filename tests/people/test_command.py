"""`onrecord people`: shown and said by hand, on a real log."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from onrecord import wiring
from onrecord.cli import main
from onrecord.config import Config
from onrecord.log.interface import SessionPolicy
from onrecord.log.opening import open_log
from tests.people.seeing import naming, publish


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


People = Callable[..., Ended]


@pytest.fixture
def people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> People:
    """Runs `onrecord people` on a log that names a few people."""
    url = f"sqlite:///{tmp_path}/log.db"
    monkeypatch.setenv("ONRECORD_LOG__URL", url)
    with open_log(url, session=SessionPolicy()) as log:
        for topic, settings in wiring.topic_settings(Config()).items():
            log.create_topic(topic, settings)
        publish(
            log,
            naming("a1", ("Sergei Lavrov", "Russian Foreign Minister")),
            naming("a2", "Sergey Lavrov", "Ivana Marr"),
            naming("a3", ("Kirill Lavrov", "farmer"), "Ivanka Marr"),
            naming("a4", ("Kirill Lavrov", "Olympic swimmer")),
        )

    def run(*words: str, command: str = "people") -> Ended:
        monkeypatch.setattr("sys.argv", ["onrecord", command, *words])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    return run


def id_of_person(people: People, name: str) -> str:
    (found,) = people("list", name).lines
    return str(found["id"])


def test_people_are_listed_and_shown_with_their_names_roles_and_quotes(people: People) -> None:
    names = [[name["key"] for name in person["names"]] for person in people("list").lines]
    assert sorted(names) == [
        ["ivana marr"],
        ["ivanka marr"],
        ["kirill lavrov"],
        ["sergei lavrov", "sergey lavrov"],
    ]
    (shown,) = people("show", "sergej lavrov").lines
    assert shown["roles"] == ["Russian Foreign Minister"]
    assert {quote["article"]["id"] for quote in shown["quotes"]} == {"a1", "a2"}
    table = people("list", "--format", "pretty").out
    assert "Kirill" in table
    text = people("show", "sergei lavrov", "--format", "pretty").out
    assert "role: Russian Foreign Minister" in text


def test_nobody_is_derived_twice_and_the_command_can_derive(people: People) -> None:
    assert "people of 4 extractions" in people("update", "--once").err
    assert "people of 0 extractions" in people("update", "--once").err
    (shown,) = people("show", "sergei lavrov").lines
    assert [it["by"] for it in shown["judgements"]] == ["rule spelling"]


def test_a_merge_by_hand_is_one_judgement_and_undo_takes_it_back(people: People) -> None:
    one, other = id_of_person(people, "ivana marr"), id_of_person(people, "ivanka marr")
    refused = people("merge", one, other)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert people("merge", one[:8], "ivanka marr", "--yes", "--by", "ana", "--why", "x").code == 0
    again = people("merge", one, other, "--yes")
    assert (again.code, "one person already" in again.err) == (2, True)
    (shown,) = people("show", other).lines
    (judgement,) = shown["judgements"]
    assert (judgement["kind"], judgement["by"], judgement["why"]) == ("same", "ana", "x")
    assert people("undo", judgement["id"][:10]).code == 0
    assert id_of_person(people, "ivanka marr") == other
    assert people("undo", judgement["id"]).code == 2


def test_likely_pairs_are_suggested_until_somebody_judged(people: People) -> None:
    (pair,) = people("suggest").lines
    assert {pair["left"]["name"], pair["right"]["name"]} == {"Ivana Marr", "Ivanka Marr"}
    assert pair["left"]["name"] in people("suggest", "--format", "pretty").out
    assert people("suggest", "--ask").code == 2, "there is nobody to be asked"
    people("merge", pair["left"]["id"], pair["right"]["id"], "--yes")
    assert people("suggest").lines == []


def test_namesakes_are_split_by_role_and_their_quotes_go_along(people: People) -> None:
    farmer = id_of_person(people, "kirill lavrov")
    assert people("split", farmer).code == 2, "a single name needs to be told what is whose"
    assert people("split", farmer, "--role", "swimmer").code == 0
    everything = ("quotes", "--from", "earliest", "--until", "end", "--format", "json")
    found = people(*everything, "--speaker-id", farmer, command="subscribe").lines
    assert [it["article"]["id"] for it in found] == ["a3"]
    assert len(people("list", "kirill lavrov").lines) == 2


def test_one_quote_is_corrected(people: People) -> None:
    everything = ("quotes", "--from", "earliest", "--until", "end", "--format", "json")

    def articles(name: str) -> list[str]:
        found = people(*everything, "--speaker", name, command="subscribe").lines
        return [it["article"]["id"] for it in found]

    assert people("correct", "a3-q1", "--speaker", "kirill lavrov", "--nobody").code == 2
    assert people("correct", "nothing", "--nobody").code == 2
    assert people("correct", "a3-q1", "--speaker", "ivana marr").code == 0
    assert articles("ivana marr") == ["a2", "a3"]
    assert articles("ivanka marr") == []
    assert people("correct", "a2-q1", "--not-a-quote").code == 0
    assert articles("ivana marr") == ["a3"]


def test_a_person_is_renamed_and_found_by_both_names(people: People) -> None:
    some_id = id_of_person(people, "ivana marr")
    assert people("rename", "ivana marr", "Ivana of Tarn").code == 0
    assert id_of_person(people, "ivana of tarn") == id_of_person(people, "ivana marr") == some_id


def test_somebody_forgotten_is_gone_from_the_registry_and_its_topic(people: People) -> None:
    people("update", "--once")
    assert people("forget", "ivana marr", "--yes").code == 0
    assert people("list", "ivana marr").lines == []
    people("update", "--once")
    assert people("show", "ivana marr").code == 2
    assert len(people("list").lines) == 3


def test_a_name_of_several_people_asks_for_an_id(people: People) -> None:
    ended = people("show", "lavrov")
    assert (ended.code, "2 people, give an id" in ended.err) == (2, True)
