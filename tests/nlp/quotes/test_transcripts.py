"""Transcripts: a name in capitals and a colon begin a turn; what looks like one and is none."""

import pytest

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.find import find_quotes
from tests.nlp.parsed import read

pytestmark = pytest.mark.model

INTERVIEW = """\
LIND: Governor, you are for the pier. How will it pay?

VARGA: It will pay in time.

We have counted the ferries twice.

LIND: Thank you."""
TURNS = [
    (
        "two speakers, a turn of two paragraphs",
        INTERVIEW,
        [
            ("LIND", "Governor, you are for the pier. How will it pay"),
            ("VARGA", "It will pay in time|We have counted the ferries twice"),
            ("LIND", "Thank you"),
        ],
    ),
    (
        "with a party and a state",
        "SEN. ADA LIND (D-OH): It is safe.\nVARGA: It is not.\nSEN. ADA LIND (D-OH): It is.",
        [
            ("SEN. ADA LIND", "It is safe"),
            ("VARGA", "It is not"),
            ("SEN. ADA LIND", "It is"),
        ],
    ),
    (
        "with words between marks",
        "LIND: He said “never again” to me.\nVARGA: No.\nLIND: Yes.",
        [("LIND", "He said “never again” to me"), ("VARGA", "No"), ("LIND", "Yes")],
    ),
    ("a live blog", "BREAKING: Pier shut.\nUPDATE: Pier open.\nBREAKING: Pier shut.", []),
    ("one label", "LIND: The pier is safe.", []),
    ("a recipe", "INGREDIENTS: 2 eggs.\nMETHOD: Beat the eggs.", []),
    ("a table", "Lind: 547\nVarga: 46\n\nTotal\n\nLind: 2,316\nVarga: 1,547", []),
    ("questions and answers name no one", "Q: Who came?\nA: The mayor.\nQ: When?\nA: Today.", []),
    ("times and places", "TIME: 10:30\nPLACE: Town hall\nTIME: 11:30\nPLACE: Pier", []),
]


@pytest.mark.parametrize(("text", "turns"), [pytest.param(*row[1:], id=row[0]) for row in TURNS])
def test_the_turns_of_a_transcript(text: str, turns: list[tuple[str, str]]) -> None:
    found = [
        (text[slice(*quote.source)], "|".join(text[start:end] for start, end in quote.content))
        for quote in find_quotes(read(text), ruleset())
        if quote.source and quote.cue and text[slice(*quote.cue)].endswith(":")
    ]
    assert found == turns


def test_a_turn_is_speech_without_marks() -> None:
    (first, *_) = find_quotes(read(INTERVIEW), ruleset())
    assert (first.type, first.manner) == ("indirect", "speech")


def test_labels_between_marks_are_left_to_the_marks() -> None:
    text = "LIND: “The pier is safe.”\nVARGA: “It is not.”\nLIND: “It is.”"
    assert [text[slice(*q.content[0])] for q in find_quotes(read(text), ruleset())] == [
        "The pier is safe.", "It is not.", "It is.",
    ]  # fmt: skip


def test_a_time_stamp_is_no_part_of_the_name() -> None:
    text = "10:32 The pier is shut.\n10:50 Varga: “We are closed until Monday.”"
    assert [text[slice(*q.source)] for q in find_quotes(read(text), ruleset()) if q.source] == [
        "Varga"
    ]
