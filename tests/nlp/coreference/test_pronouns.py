"""Whom "he" and "she" refer to."""

from onrecord.nlp.coreference.pronouns import by_pronoun
from tests.nlp.coreference.built import built, discourse_of, entity, read_names, source

MET = "Ana/NNP/compound/2 Weiss/NNP/nsubj/3 met/VBD/ROOT/3 Ben/NNP/compound/5 Okafor/NNP/dobj/3"
SAID = "She/PRP/nsubj/2 spoke/VBD/ROOT/2"


def test_a_pronoun_refers_to_the_most_present_person_of_its_gender() -> None:
    doc = built(MET, SAID)
    people = (
        entity(doc, "Ana Weiss", gender="feminine"),
        entity(doc, "Ben Okafor", gender="masculine"),
    )
    found = by_pronoun(source(doc, "She"), read_names(discourse_of(doc, *people)))
    assert found is not None
    assert (found.who, found.second) == (0, None)


def test_two_who_are_possible_leave_a_smaller_margin() -> None:
    doc = built(MET, SAID)
    people = (entity(doc, "Ana Weiss", gender="feminine"), entity(doc, "Ben Okafor"))
    found = by_pronoun(source(doc, "She"), read_names(discourse_of(doc, *people)))
    assert found is not None
    assert (found.who, found.second) == (0, 1)
    assert 0.5 < found.margin < 1.0


def test_a_speaker_is_not_whom_the_words_name() -> None:
    doc = built("Ben/NNP/compound/2 Okafor/NNP/nsubj/3 left/VBD/ROOT/3", MET, SAID)
    people = (entity(doc, "Ana Weiss", gender="feminine"), entity(doc, "Ben Okafor"))
    discourse = read_names(discourse_of(doc, *people))
    found = by_pronoun(source(doc, "She", spoken_of=(0,)), discourse)
    assert found is not None
    assert found.who == 1


def test_an_object_is_not_the_subject_of_its_verb() -> None:
    doc = built(MET, "Weiss/NNP/nsubj/2 told/VBD/ROOT/2 her/PRP/dobj/2")
    ana = entity(doc, "Ana Weiss", "Weiss", gender="feminine")
    assert by_pronoun(source(doc, "her"), read_names(discourse_of(doc, ana))) is None


def test_the_name_may_follow_in_the_sentence() -> None:
    doc = built(
        "When/RB/advmod/3 she/PRP/nsubj/3 spoke/VBD/advcl/5 Weiss/NNP/nsubj/5 wept/VBD/ROOT/5"
    )
    weiss = entity(doc, "Weiss", gender="feminine")
    found = by_pronoun(source(doc, "she"), discourse_of(doc, weiss))
    assert found is not None
    assert found.reason == "pronoun: named later"
    man = entity(doc, "Weiss", gender="masculine")
    assert by_pronoun(source(doc, "she"), discourse_of(doc, man)) is None
