"""From what confidence on quotes are listed: for people, for programs, and as asked."""

import json

import msgspec
import pytest

from onrecord import subscribe
from onrecord.log.interface import TopicSettings
from onrecord.log.opening import open_log
from onrecord.records import Record
from onrecord.sink.filters import FOR_PEOPLE
from tests.acceptance.conftest import Onrecord
from tests.acceptance.test_subscribing import publish
from tests.builders import extraction, quote, span
from tests.receivers import SECRET, Receiver

TEXT = 'Mara Lind said "it rains" on Monday, she hopes it stops, it may snow, says Ove Holm.'
ALL = ("--from", "earliest", "--until", "end")


def found() -> Record:
    """Quoted words of an unsure speaker, likely reported speech, and unlikely reported speech."""
    kinds = (
        ("it rains", "direct", 0.3),
        ("it stops", "indirect", 0.7),
        ("it may snow", "indirect", 0.4),
    )
    base = msgspec.structs.replace(quote(), context=span(TEXT, TEXT), cue=None, source=None)
    quotes = tuple(
        msgspec.structs.replace(base, content=(span(TEXT, words),), type=kind, confidence=sure)
        for words, kind, sure in kinds
    )
    return extraction("a1", quotes=quotes, entities=())


@pytest.fixture
def unsure(onrecord: Onrecord) -> Onrecord:
    publish(onrecord, "onrecord.extractions", [found()])
    return onrecord


def words(lines: str) -> list[str]:
    return [json.loads(line)["quote"]["content"][0]["text"] for line in lines.splitlines()]


def test_people_are_shown_what_is_likely_and_told_how_much_is_not(unsure: Onrecord) -> None:
    done = unsure("subscribe", "quotes", *ALL, "--format", "pretty")
    assert done.stdout.count("—") == 2
    assert "1 quote without quotation marks left out, less sure than 0.5" in done.stderr
    everything = unsure("subscribe", "quotes", *ALL, "--format", "pretty", "--min-confidence", "0")
    assert everything.stdout.count("—") == 3
    assert "left out" not in everything.stderr


def test_an_extraction_is_shown_without_what_is_unlikely(unsure: Onrecord) -> None:
    done = unsure("subscribe", "extractions", *ALL, "--format", "pretty")
    assert "it may snow" not in done.stdout
    assert "it rains" in done.stdout
    assert "1 quote without quotation marks left out" in done.stderr


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ((), ["it rains", "it stops", "it may snow"]),
        (("--min-confidence", "0.4"), ["it stops", "it may snow"]),
        (("--min-confidence", "0.9"), []),
    ],
)
def test_programs_get_everything_unless_they_ask(
    unsure: Onrecord, asked: tuple[str, ...], listed: list[str]
) -> None:
    done = unsure("subscribe", "quotes", *ALL, *asked, "--format", "json")
    assert (words(done.stdout), done.stderr) == (listed, "")
    table = unsure("subscribe", "quotes", *ALL, *asked, "--format", "csv", "--fields", "words")
    assert table.stdout.splitlines()[1:] == listed
    whole = unsure("subscribe", "extractions", *ALL, *asked, "--format", "json")
    quotes = json.loads(whole.stdout)["quotes"]
    assert [one["content"][0]["text"] for one in quotes] == listed


def test_python_gets_what_it_asks_for(unsure: Onrecord, monkeypatch: pytest.MonkeyPatch) -> None:
    url = unsure.environment["ONRECORD_LOG__URL"]
    got = {
        least: [
            one.quote.content[0].text
            for one in subscribe("quotes", since="earliest", until="end", log=url, **options)  # type: ignore[call-overload]
        ]
        for least, options in ((None, {}), (0.5, {"min_confidence": 0.5}))
    }
    assert got == {None: ["it rains", "it stops", "it may snow"], 0.5: ["it stops"]}


def test_a_webhook_is_posted_what_it_asks_for(
    unsure: Onrecord,
    receiver: Receiver,
) -> None:
    unsure.environment["ONRECORD_WEBHOOK__SECRET"] = SECRET
    for group, asked in (("all", ()), ("sure", ("--min-confidence", "0.5"))):
        unsure("subscribe", "quotes", *ALL, "--group", group, "--webhook", receiver.url, *asked)
    got = [post["quote"]["content"][0]["text"] for _, post in receiver.posts]  # type: ignore[index]
    assert got == ["it rains", "it stops", "it may snow", "it stops"]


def test_a_comparison_counts_what_is_likely(unsure: Onrecord) -> None:
    with open_log(unsure.environment["ONRECORD_LOG__URL"]) as log:
        log.create_topic("other", TopicSettings())
    publish(unsure, "other", [found()])
    sides = {
        least: json.loads(
            unsure("compare", "extractions", "other", "--min-confidence", least).stdout
        )["before"]["quotes"]
        for least in ("0", "0.5")
    }
    assert sides == {"0": 3, "0.5": 1}


@pytest.mark.parametrize("command", ["subscribe", "annotate", "run", "compare extractions x"])
def test_a_confidence_that_is_none_is_a_mistake(onrecord: Onrecord, command: str) -> None:
    done = onrecord(*command.split(), "--min-confidence", "2", code=2)
    assert "--min-confidence" in done.stderr


@pytest.mark.model
def test_texts_are_annotated_for_people_without_what_is_unlikely(onrecord: Onrecord) -> None:
    text = "".join(
        f"“The pier will open,” Mara Lind said. The board {verb} the plan of the town.\n\n"
        for verb in ("welcomed", "approved", "discussed", "hailed", "considered", "backed")
    )
    done = onrecord("annotate", "-", "--format", "json", stdin=text)
    quotes = json.loads(done.stdout)["quotes"]
    unlikely = [
        one
        for one in quotes
        if one["type"] == "indirect" and one["confidence"] < FOR_PEOPLE.indirect
    ]
    assert unlikely
    shown = onrecord("annotate", "-", "--format", "pretty", stdin=text)
    assert f"{len(unlikely)} quote" in shown.stderr
    sure = onrecord("annotate", "-", "--format", "json", "--min-confidence", "0.9", stdin=text)
    assert all(one["confidence"] >= 0.9 for one in json.loads(sure.stdout)["quotes"])
