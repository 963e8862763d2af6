"""What folded words say of somebody, and when two of them exclude each other."""

import pytest

from onrecord.nlp.coreference.facts import (
    are_related,
    content_words,
    exclude_each_other,
    facts_after,
)
from onrecord.nlp.entities.spans import NamedSpan
from tests.nlp.coreference.built import built


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("the/DT/det/3 old/JJ/amod/3 minister/NN/ROOT/3", {"old", "minister"}),
        ("a/DT/det/3 GOP/NNP/amod/3 senator/NN/ROOT/3", {"republican", "senator"}),
        ("New/NNP/compound/2 Jersey/NNP/ROOT/2", {"new jersey"}),
        ("45/CD/nummod/5 -/HYPH/punct/5 year/NN/compound/5 -/HYPH/punct/5 old/JJ/ROOT/5",
         {"45-year-old"}),
    ],
)  # fmt: skip
def test_content_words_have_one_form(sentence: str, words: set[str]) -> None:
    assert content_words(built(sentence)) == words


def test_a_people_and_its_country_are_related() -> None:
    assert are_related("russian", "russia")
    assert are_related("dutch", "netherlands")
    assert not are_related("russian", "germany")


def test_two_parties_two_countries_and_two_ages_exclude_each_other() -> None:
    assert exclude_each_other("republican", "democratic")
    assert exclude_each_other("russia", "germany")
    assert exclude_each_other("45-year-old", "61-year-old")
    assert not exclude_each_other("republican", "russia")


def test_an_age_or_a_place_after_a_name_is_a_fact() -> None:
    aged = built("Weiss/NNP/nsubj/5 ,/,/punct/1 47/CD/appos/1 ,/,/punct/1 left/VBD/ROOT/5")
    assert facts_after(aged, NamedSpan(start=0, end=1, type="person")) == {"47-year-old"}
    placed = built("Weiss/NNP/nsubj/4 of/IN/prep/1 Ohio/NNP/pobj/2 left/VBD/ROOT/4")
    assert facts_after(placed, NamedSpan(start=0, end=1, type="person")) == {"ohio"}
