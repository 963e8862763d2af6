"""Whose words "the letter" and "it" are."""

import pytest

from onrecord.nlp.coreference.discourse import Resolution, Unnamed
from onrecord.nlp.coreference.documents import by_document, by_thing
from tests.nlp.coreference.built import built, discourse_of, entity, read_names, source

SAYS = "the/DT/det/2 letter/NN/nsubj/3 says/VBZ/ROOT/3"


@pytest.mark.parametrize(
    "before",
    [
        "Weiss/NNP/poss/3 ’s/POS/case/1 letter/NN/nsubj/4 came/VBD/ROOT/4",
        "a/DT/det/2 letter/NN/nsubj/5 by/IN/prep/2 Weiss/NNP/pobj/3 came/VBD/ROOT/5",
        "Weiss/NNP/nsubj/2 sent/VBD/ROOT/2 a/DT/det/4 letter/NN/dobj/2",
    ],
    ids=["a possessive", "by", "the subject of sending it"],
)
def test_a_letter_speaks_for_its_author(before: str) -> None:
    doc = built(before, SAYS)
    discourse = read_names(discourse_of(doc, entity(doc, "Weiss")))
    found = by_document(source(doc, "the letter"), discourse)
    assert found is not None
    assert (found.who, found.reason) == (0, "whose letter it is")


def test_a_letter_by_nobody_known_stays_a_letter() -> None:
    doc = built("a/DT/det/2 letter/NN/nsubj/3 came/VBD/ROOT/3", SAYS)
    assert by_document(source(doc, "the letter"), discourse_of(doc)) is None


def test_who_found_a_letter_did_not_write_it() -> None:
    written = (
        "a/DT/det/2 letter/NN/nsubj/6 {}/VBN/acl/2 by/IN/agent/3 Weiss/NNP/pobj/4 came/VBD/ROOT/6"
    )
    for participle, author in [("signed", 0), ("seen", None), ("obtained", None)]:
        doc = built(written.format(participle), SAYS)
        discourse = read_names(discourse_of(doc, entity(doc, "Weiss")))
        found = by_document(source(doc, "the letter"), discourse)
        assert (found.who if found else None) == author, participle


def test_it_is_the_letter_that_was_the_subject_before() -> None:
    doc = built(
        "Weiss/NNP/poss/3 ’s/POS/case/1 letter/NN/nsubj/4 came/VBD/ROOT/4",
        "It/PRP/nsubj/2 says/VBZ/ROOT/2",
    )
    discourse = read_names(discourse_of(doc, entity(doc, "Weiss")))
    found = by_document(source(doc, "It"), discourse)
    assert found is not None
    assert found.who == 0


def test_it_is_the_report_that_spoke_before() -> None:
    doc = built("the/DT/det/2 report/NN/nsubj/3 says/VBZ/ROOT/3", "It/PRP/nsubj/2 adds/VBZ/ROOT/2")
    discourse = discourse_of(doc)
    assert by_thing(source(doc, "It"), discourse) is None
    report = discourse.add_unnamed(Unnamed("the report", None, is_thing=True))
    discourse.speak(source(doc, "the report"), Resolution(report, "as the text puts it"))
    found = by_thing(source(doc, "It"), discourse)
    assert found is not None
    assert found.who == report
