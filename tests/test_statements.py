"""Equal words have one key, and longer and shorter cuts of a statement are tied."""

import pytest

from onrecord.records import Span
from onrecord.records.statements import (
    are_one_statement,
    fingerprints,
    folded_words,
    share_in_common,
    words_key,
    words_of_quote,
)
from tests.builders import quote

WHOLE = (
    "We will rebuild the old pier before winter comes, and nobody in this town will pay a single "
    "crown more for it than they did last year."
)
UNLIKE = (
    "The ferry will stop at the old pier from Monday, and passengers in this town will need a new "
    "ticket for the crossing to the islands."
)


def key(text: str) -> str | None:
    return words_key(folded_words(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We will vote.", "we WILL vote"),
        ("We won’t co-operate", "We won't cooperate"),
        ("“No” — never!", "no, never"),
        ("Café Żółć costs 10,000", "cafe zołc costs 10 000"),
        ("to N.A.T.O.", "to NATO"),
        ("so\u00adcalled \u201cwar\u201d", "socalled war"),
        ("the end …", "The end"),
        ("Straße", "STRASSE"),
        ("it’s ‘over’", 'it\'s "over"'),
    ],
)
def test_the_same_words_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [("We will vote", "We will not vote"), ("5%", "5"), ("a b", "b a"), ("पानी", "पुन")],
)
def test_other_words_have_another_key(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_what_has_no_words_has_no_key() -> None:
    assert key("… — !") is None
    assert fingerprints(folded_words("…")) == frozenset()


def test_the_that_of_reported_speech_is_not_part_of_the_words() -> None:
    said = quote(
        type="indirect", content=(Span(start=3, end=29, text="that the pier will open in May"),)
    )
    assert words_key(words_of_quote(said)) == key("The pier will open in May.")


CUTS = [
    "We will rebuild the old pier before winter comes",
    "nobody in this town will pay a single crown more for it",
    "[The council] will rebuild the old pier before winter comes, and nobody in town will",
    "rebuild the old pier before winter comes … nobody in this town will pay a single crown more",
]


@pytest.mark.parametrize("cut", CUTS)
def test_cuts_of_one_statement_are_tied_whoever_is_named(cut: str) -> None:
    whole, words = folded_words(WHOLE), folded_words(cut)
    assert are_one_statement(whole, words, same_speaker=False)
    assert are_one_statement(words, whole, same_speaker=False)
    assert fingerprints(whole) & fingerprints(words)


def test_another_statement_is_not_tied() -> None:
    assert not are_one_statement(folded_words(WHOLE), folded_words(UNLIKE), same_speaker=True)
    assert share_in_common(folded_words(WHOLE), folded_words(UNLIKE)) < 0.3


def test_few_words_are_tied_only_in_one_mouth() -> None:
    short, longer = folded_words("We will rebuild it"), folded_words("Yes: we will rebuild it, so.")
    assert are_one_statement(short, longer, same_speaker=True)
    assert not are_one_statement(short, longer, same_speaker=False)
    no = folded_words("No comment")
    assert are_one_statement(no, no, same_speaker=True)
    assert not are_one_statement(no, no, same_speaker=False)
    assert not are_one_statement(no, folded_words("No comment today"), same_speaker=True)
    assert not are_one_statement((), (), same_speaker=True)


@pytest.mark.parametrize("start", range(40))
def test_six_words_in_a_row_share_a_fingerprint(start: int) -> None:
    words = [f"w{(7 * n) % 61}" for n in range(50)]
    cut = ["x", "y", *words[start : start + 6], "z"]
    assert fingerprints(words) & fingerprints(cut)


def test_a_statement_of_any_length_has_a_bounded_number_of_fingerprints() -> None:
    words = [str(n) for n in range(5_000)]
    assert len(fingerprints(words)) == 128
    assert len(fingerprints(words[:30])) <= 20
