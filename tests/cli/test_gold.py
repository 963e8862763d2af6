"""What people corrected becomes gold, and an extractor is measured against it."""

import json
from pathlib import Path

import pytest

from onrecord.log.opening import open_log
from onrecord.people.judgement_book import JudgementBook, new_judgement
from onrecord.records import to_json
from onrecord.topics import Topics
from tests.builders import NOON, TEXT, article, extraction, quote, span
from tests.cli.conftest import Run
from tests.filling import publish

RIGHT = quote(id="q1")
WRONG = quote(id="q2", content=(span(TEXT, "open in May,"),))


@pytest.fixture(autouse=True)
def corrected(url: str) -> None:
    """An article with a quote by somebody unknown, and a span that is none."""
    with open_log(url) as log:
        publish(log, "onrecord.articles", article("a1", language="en"))
        publish(log, "onrecord.extractions", extraction("a1", quotes=(RIGHT, WRONG)))
        JudgementBook(log, Topics(), writer="test").write(
            [
                new_judgement("wrong-speaker", by="anna", at=NOON, quote="q1", article="a1"),
                new_judgement("not-a-quote", by="anna", at=NOON, quote="q2", article="a1"),
                new_judgement("not-a-quote", by="anna", at=NOON, quote="lost", article="a9"),
            ]
        )


def test_corrections_are_exported_as_gold(run: Run) -> None:
    ran = run("corrections", "export")
    [line] = [json.loads(line) for line in ran.out.splitlines()]
    content = RIGHT.content[0]
    assert line["id"] == "a1.1"
    assert line["text"] == TEXT
    assert line["gold"] == [
        {"content": [[content.start, content.end]], "speaker": None, "type": "direct"}
    ]
    assert line["wrong"] == [{"content": [[WRONG.content[0].start, WRONG.content[0].end]]}]
    assert line["is_partial"] is True
    assert "2 corrections of 1 articles exported; 1 whose text is not kept" in ran.err


def test_predictions_are_measured_against_the_gold(run: Run) -> None:
    run("corrections", "export", "--out", "gold.jsonl")
    predicted = extraction("a1.1", quotes=(RIGHT, WRONG))
    Path("found.jsonl").write_bytes(to_json(predicted) + b"\n")
    ran = run("evaluate", "gold.jsonl", "--predictions", "found.jsonl", "--format", "json")
    assert ran.code == 0, ran.err
    result = json.loads(ran.out)
    assert (result["judged"], result["found"], result["attributed"]) == (1, 1, 0)
    assert (result["wrong"], result["repeated"], result["repeated_share"]) == (1, 1, 1.0)
    shown = run("evaluate", "gold.jsonl", "--predictions", "found.jsonl", "--format", "pretty")
    assert "given to the right speaker:         0 of 1 (0.0%)" in shown.out


def test_an_extractor_of_ones_own_is_measured(run: Run) -> None:
    run("corrections", "export", "--out", "gold.jsonl")
    factory = "tests.fakes:make_scripted_extractor_of_settings"
    ran = run("evaluate", "gold.jsonl", "--extractor", factory, "--format", "json")
    assert ran.code == 0, ran.err
    result = json.loads(ran.out)
    assert (result["articles"], result["found"], result["repeated"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no.jsonl"], "no.jsonl: No such file"),
        (["empty.jsonl"], "there is no article in it"),
        (["gold.jsonl", "--predictions", "bad.jsonl"], "bad.jsonl line 1: not an"),
        (["gold.jsonl", "--predictions", "x", "--extractor", "y"], "one of them"),
    ],
)
def test_a_mistake_is_one_line(run: Run, arguments: list[str], says: str) -> None:
    run("corrections", "export", "--out", "gold.jsonl")
    Path("empty.jsonl").touch()
    Path("bad.jsonl").write_text("{}\n")
    ran = run("evaluate", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert says in ran.err
