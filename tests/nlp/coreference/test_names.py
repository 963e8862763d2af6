"""Which entity a source names by itself."""

import pytest

from onrecord.nlp.coreference.names import Naming
from tests.nlp.coreference.built import built, entity, source

SAID = "said/VBD/ROOT/{}"


@pytest.mark.parametrize(
    ("sentence", "words", "named"),
    [
        ("Weiss/NNP/nsubj/2 spoke/VBD/ROOT/2", "Weiss", "Weiss"),
        (
            "the/DT/det/2 lawyer/NN/nsubj/5 Ana/NNP/compound/4 Weiss/NNP/appos/2 spoke/VBD/ROOT/5",
            "the lawyer Ana Weiss",
            "Ana Weiss",
        ),
        (
            "Weiss/NNP/poss/3 ’s/POS/case/1 lawyer/NN/nsubj/4 spoke/VBD/ROOT/4",
            "Weiss ’s lawyer",
            None,
        ),
        (
            "Weiss/NNP/nmod/3 ’/POS/case/1 team/NN/nsubj/4 spoke/VBD/ROOT/4",
            "Weiss ’ team",
            None,
        ),
        (
            "Weiss/NNP/nsubj/4 and/CC/cc/1 Okafor/NNP/conj/1 spoke/VBD/ROOT/4",
            "Weiss and Okafor",
            None,
        ),
    ],
    ids=["a surname", "a role before it", "somebody's lawyer", "a bare apostrophe", "two people"],
)
def test_who_is_named(sentence: str, words: str, named: str | None) -> None:
    doc = built(sentence)
    full = [name for name in ("Ana Weiss", "Okafor") if name in doc.text]
    people = [entity(doc, name) for name in full or ["Weiss"]]
    if words == "Weiss and Okafor":
        people.append(entity(doc, "Weiss"))
    phrase = source(doc, words)
    found = Naming(doc, people).named(phrase.span, phrase.head)
    assert (None if found is None else people[found].entity.name) == named


def test_an_organisation_among_others_does_not_speak_alone() -> None:
    doc = built(
        "The/DT/det/2 Union/NNP/nsubj/7 and/CC/cc/2 other/JJ/amod/6 aid/NN/compound/6 "
        "groups/NNS/conj/2 spoke/VBD/ROOT/7"
    )
    union = entity(doc, "Union", type_="organisation")
    phrase = source(doc, "The Union and other aid groups")
    assert Naming(doc, [union]).named(phrase.span, phrase.head) is None


def test_a_name_between_a_noun_and_its_verb_is_the_noun_s() -> None:
    doc = built(
        "The/DT/det/2 firm/NN/nsubj/10 that/WDT/nsubj/4 runs/VBZ/relcl/2 it/PRP/dobj/4 ,/,/punct/2 "
        "Okafor/NNP/compound/8 Shows/NNP/parataxis/10 ,/,/punct/2 agrees/VBZ/ROOT/10"
    )
    shows = entity(doc, "Okafor Shows", type_="organisation")
    phrase = source(doc, "The firm")
    assert Naming(doc, [shows]).named(phrase.span, phrase.head) == 0


def test_the_reason_says_how_the_name_was_given() -> None:
    doc = built(
        "Ana/NNP/compound/2 Weiss/NNP/nsubj/3 spoke/VBD/ROOT/3", "Weiss/NNP/nsubj/2 left/VBD/ROOT/2"
    )
    naming = Naming(doc, [entity(doc, "Ana Weiss", "Weiss")])
    assert naming.reason_of_name(doc[0:2], 0) == "named here"
    assert naming.reason_of_name(doc[3:4], 0) == "surname of Ana Weiss"
