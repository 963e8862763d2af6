"""What a definite noun phrase says of somebody."""

import pytest

from onrecord.nlp.coreference.descriptions import (
    is_introduction,
    read_age,
    read_demonym,
    read_description,
)
from tests.nlp.coreference.built import built, source

SPOKE = "spoke/VBD/ROOT/{0}"


def test_a_definite_phrase_with_the_noun_of_a_role_is_a_description() -> None:
    doc = built("the/DT/det/3 German/JJ/amod/3 minister/NN/nsubj/4 spoke/VBD/ROOT/4")
    phrase = source(doc, "the German minister")
    found = read_description(phrase.span, phrase.head)
    assert found is not None
    assert found.noun == "minister"
    assert found.words == {"german"}
    assert not found.possessive


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("a/DT/det/2 minister/NN/nsubj/3 spoke/VBD/ROOT/3", "a minister"),
        ("the/DT/det/2 ministers/NNS/nsubj/3 spoke/VBD/ROOT/3", "the ministers"),
        ("the/DT/det/2 report/NN/nsubj/3 spoke/VBD/ROOT/3", "the report"),
    ],
    ids=["somebody new", "several", "a thing"],
)
def test_what_is_no_description(sentence: str, words: str) -> None:
    phrase = source(built(sentence), words)
    assert read_description(phrase.span, phrase.head) is None


def test_somebody_new_is_described_where_that_is_asked() -> None:
    phrase = source(built("a/DT/det/2 minister/NN/nsubj/3 spoke/VBD/ROOT/3"), "a minister")
    assert read_description(phrase.span, phrase.head, new=True) is not None


def test_what_follows_of_is_kept_apart() -> None:
    doc = built("the/DT/det/2 mayor/NN/nsubj/5 of/IN/prep/2 Tarn/NNP/pobj/3 spoke/VBD/ROOT/5")
    phrase = source(doc, "the mayor of Tarn")
    found = read_description(phrase.span, phrase.head)
    assert found is not None
    assert found.complement
    assert found.of == {"tarn"}


def test_an_origin_or_an_age_alone_describes() -> None:
    doc = built("the/DT/det/2 Spaniard/NNP/nsubj/3 spoke/VBD/ROOT/3")
    found = read_demonym(source(doc, "the Spaniard").span)
    assert found is not None
    assert found.is_known
    aged = built(
        "the/DT/det/6 26/CD/nummod/6 -/HYPH/punct/6 year/NN/compound/6 -/HYPH/punct/6 "
        "old/JJ/nsubj/7 spoke/VBD/ROOT/7"
    )
    described = read_age(source(aged, "the 26 - year - old").span)
    assert described is not None
    assert described.words == {"26-year-old"}


def test_an_indefinite_subject_introduces_somebody_and_an_apposition_does_not() -> None:
    doc = built("an/DT/det/2 official/NN/nsubj/3 spoke/VBD/ROOT/3")
    assert is_introduction(doc[1])
    apposed = built(
        "Weiss/NNP/nsubj/5 ,/,/punct/1 an/DT/det/4 official/NN/appos/1 spoke/VBD/ROOT/5"
    )
    assert not is_introduction(apposed[3])
