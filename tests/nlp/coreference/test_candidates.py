"""Whom a description refers to at its place in a text."""

from onrecord.nlp.coreference.candidates import by_description, recalled
from tests.nlp.coreference.built import (
    built,
    discourse_of,
    entity,
    phrase,
    read_names,
    role,
    source,
)

MINISTER = "Ana/NNP/compound/2 Weiss/NNP/nsubj/5 ,/,/punct/2 minister/NN/appos/2 left/VBD/ROOT/5"
BARE = "Ana/NNP/compound/2 Weiss/NNP/nsubj/3 left/VBD/ROOT/3"
SPOKE = "the/DT/det/2 {}/NN/nsubj/3 spoke/VBD/ROOT/3"


def test_the_only_holder_of_a_role_is_meant() -> None:
    doc = built(MINISTER, SPOKE.format("minister"))
    weiss = entity(doc, "Ana Weiss", roles=[role(doc, "minister", "minister")])
    found = by_description(source(doc, "the minister"), read_names(discourse_of(doc, weiss)))
    assert found is not None
    assert (found.who, found.reason) == (0, "the only minister named")


def test_an_unnamed_person_introduced_by_the_noun_comes_before_anybody_else() -> None:
    doc = built(
        BARE,
        "a/DT/det/2 driver/NN/nsubj/3 came/VBD/ROOT/3",
        SPOKE.format("driver"),
    )
    discourse = read_names(discourse_of(doc, entity(doc, "Ana Weiss")))
    discourse.introduce(doc[4])
    found = by_description(source(doc, "the driver"), discourse)
    assert found is not None
    assert discourse.unnamed_at(found.who) is not None


def test_elegant_variation_means_whom_the_text_is_about() -> None:
    doc = built(BARE, SPOKE.format("mogul"))
    found = by_description(
        source(doc, "the mogul"), read_names(discourse_of(doc, entity(doc, "Ana Weiss")))
    )
    assert found is not None
    assert found.who == 0


def test_a_function_means_nobody_who_is_only_present() -> None:
    doc = built(BARE, SPOKE.format("judge"))
    discourse = read_names(discourse_of(doc, entity(doc, "Ana Weiss")))
    assert by_description(source(doc, "the judge"), discourse) is None


def test_a_phrase_that_is_no_source_recalls_whom_the_text_calls_so() -> None:
    doc = built(MINISTER, SPOKE.format("minister"), SPOKE.format("judge"))
    weiss = entity(doc, "Ana Weiss", roles=[role(doc, "minister", "minister")])
    discourse = read_names(discourse_of(doc, weiss))
    minister, judge = phrase(doc, "the minister"), phrase(doc, "the judge")
    found = recalled(minister[-1], discourse)
    assert found is not None
    assert found.who == 0
    assert recalled(judge[-1], discourse) is None
