"""Who "her husband" and "Weiss's mother" are."""

from onrecord.nlp.coreference.kinship import by_kinship
from tests.nlp.coreference.built import built, discourse_of, entity, read_names, role, source

HUSBAND = (
    "Weiss/NNP/poss/3 ’s/POS/case/1 husband/NN/nsubj/6 ,/,/punct/3 Ole/NNP/appos/3 left/VBD/ROOT/6"
)


def test_a_relative_is_found_by_the_stated_kinship() -> None:
    doc = built(HUSBAND, "Weiss/NNP/poss/3 ’s/POS/case/1 husband/NN/nsubj/4 spoke/VBD/ROOT/4")
    weiss = entity(doc, "Weiss", gender="feminine")
    ole = entity(doc, "Ole", gender="masculine", roles=[role(doc, "Weiss ’s husband", "husband")])
    discourse = read_names(discourse_of(doc, weiss, ole))
    found = by_kinship(source(doc, "Weiss ’s husband", nth=1), discourse)
    assert found is not None
    assert (found.who, found.reason) == (1, "husband of Weiss")


def test_the_kinship_is_read_both_ways() -> None:
    doc = built(HUSBAND, "Ole/NNP/poss/3 ’s/POS/case/1 wife/NN/nsubj/4 spoke/VBD/ROOT/4")
    weiss = entity(doc, "Weiss", gender="feminine")
    ole = entity(doc, "Ole", gender="masculine", roles=[role(doc, "Weiss ’s husband", "husband")])
    found = by_kinship(source(doc, "Ole ’s wife"), read_names(discourse_of(doc, weiss, ole)))
    assert found is not None
    assert found.who == 0


def test_another_relative_is_nobody_known() -> None:
    doc = built(HUSBAND, "Weiss/NNP/poss/3 ’s/POS/case/1 brother/NN/nsubj/4 spoke/VBD/ROOT/4")
    weiss = entity(doc, "Weiss")
    ole = entity(doc, "Ole", roles=[role(doc, "Weiss ’s husband", "husband")])
    discourse = read_names(discourse_of(doc, weiss, ole))
    assert by_kinship(source(doc, "Weiss ’s brother"), discourse) is None
