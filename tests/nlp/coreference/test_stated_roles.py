"""Which people a description fits, by the roles that the text states."""

from onrecord.nlp.coreference.descriptions import Description, read_description
from onrecord.nlp.coreference.stated_roles import StatedRoles
from tests.nlp.coreference.built import built, entity, role, source

TWO = (
    "Ana/NNP/compound/2 Weiss/NNP/nsubj/5 ,/,/punct/2 minister/NN/appos/2 left/VBD/ROOT/5",
    "Ben/NNP/compound/2 Okafor/NNP/nsubj/5 ,/,/punct/2 baker/NN/appos/2 left/VBD/ROOT/5",
)


def described(sentence: str, words: str) -> Description:
    phrase = source(built(sentence), words)
    found = read_description(phrase.span, phrase.head)
    assert found is not None
    return found


def test_a_description_fits_whoever_has_the_role() -> None:
    doc = built(*TWO)
    people = [
        entity(doc, "Ana Weiss", roles=[role(doc, "minister", "minister")]),
        entity(doc, "Ben Okafor", roles=[role(doc, "baker", "baker")]),
    ]
    phrase = described("the/DT/det/2 minister/NN/nsubj/3 spoke/VBD/ROOT/3", "the minister")
    assert set(StatedRoles(doc, people).fitting(phrase)) == {0}


def test_a_contradiction_excludes() -> None:
    doc = built(
        "German/JJ/compound/2 minister/NN/compound/4 Ana/NNP/compound/4 Weiss/NNP/nsubj/5 "
        "left/VBD/ROOT/5"
    )
    people = [entity(doc, "Ana Weiss", roles=[role(doc, "German minister", "minister")])]
    roles = StatedRoles(doc, people)
    russian = described(
        "the/DT/det/3 Russian/JJ/amod/3 minister/NN/nsubj/4 spoke/VBD/ROOT/4",
        "the Russian minister",
    )
    german = described(
        "the/DT/det/3 German/JJ/amod/3 minister/NN/nsubj/4 spoke/VBD/ROOT/4", "the German minister"
    )
    assert not roles.fitting(russian)
    assert set(roles.fitting(german)) == {0}


def test_the_head_of_one_body_is_not_the_leader_of_another() -> None:
    doc = built(
        "Ana/NNP/compound/2 Weiss/NNP/nsubj/8 ,/,/punct/2 leader/NN/appos/2 of/IN/prep/4 "
        "Burn/NNP/compound/7 Council/NNP/pobj/5 left/VBD/ROOT/8"
    )
    people = [entity(doc, "Ana Weiss", roles=[role(doc, "leader of Burn Council", "leader")])]
    head = described(
        "the/DT/det/2 head/NN/nsubj/7 of/IN/prep/2 the/DT/det/6 postal/JJ/amod/6 service/NN/pobj/3 "
        "spoke/VBD/ROOT/7",
        "the head of the postal service",
    )
    assert not StatedRoles(doc, people).fitting(head)


def test_a_minister_is_not_called_the_deputy_minister() -> None:
    doc = built(*TWO)
    people = [entity(doc, "Ana Weiss", roles=[role(doc, "minister", "minister")])]
    deputy = described(
        "the/DT/det/3 deputy/NN/compound/3 minister/NN/nsubj/4 spoke/VBD/ROOT/4",
        "the deputy minister",
    )
    assert not StatedRoles(doc, people).fitting(deputy)
