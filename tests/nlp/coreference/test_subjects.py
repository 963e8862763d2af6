"""Whom "it" and "they" refer to where only the subject before tells."""

from onrecord.nlp.coreference.discourse import Resolution, Unnamed
from onrecord.nlp.coreference.subjects import by_last_speaker, by_subject
from tests.nlp.coreference.built import built, discourse_of, entity, read_names, source

WROTE = "The/DT/det/2 Council/NNP/nsubj/3 wrote/VBD/ROOT/3"
IT = "It/PRP/nsubj/2 argued/VBD/ROOT/2"
THEY = "They/PRP/nsubj/2 argued/VBD/ROOT/2"


def test_it_is_the_organisation_that_was_the_subject() -> None:
    doc = built(WROTE, IT)
    discourse = read_names(discourse_of(doc, entity(doc, "Council", type_="organisation")))
    found = by_subject(source(doc, "It"), discourse)
    assert found is not None
    assert found.who == 0


def test_it_is_no_person() -> None:
    doc = built("Weiss/NNP/nsubj/2 wrote/VBD/ROOT/2", IT)
    discourse = read_names(discourse_of(doc, entity(doc, "Weiss")))
    assert by_subject(source(doc, "It"), discourse) is None


def test_a_country_can_be_it() -> None:
    doc = built("Norway/NNP/nsubj/2 objected/VBD/ROOT/2", IT)
    discourse = read_names(discourse_of(doc, entity(doc, "Norway", type_="place")))
    found = by_subject(source(doc, "It"), discourse)
    assert found is not None
    assert found.who == 0


def test_they_are_several_who_were_the_subject() -> None:
    doc = built("The/DT/det/2 lawmakers/NNS/nsubj/3 came/VBD/ROOT/3", THEY)
    discourse = discourse_of(doc)
    found = by_subject(source(doc, "They"), discourse)
    assert found is not None
    assert discourse.name_of(found.who) == "The lawmakers"


def test_they_are_several_who_spoke_before_and_not_one_who_did() -> None:
    doc = built("The/DT/det/2 lawmakers/NNS/nsubj/3 came/VBD/ROOT/3", THEY)
    discourse = discourse_of(doc)
    several = discourse.add_unnamed(Unnamed("The lawmakers", None))
    discourse.speak(source(doc, "The lawmakers"), Resolution(several, "as the text puts it"))
    found = by_last_speaker(source(doc, "They"), discourse)
    assert found is not None
    assert found.who == several
    thing = discourse.add_unnamed(Unnamed("a report", None, is_thing=True))
    discourse.speak(source(doc, "The lawmakers"), Resolution(thing, "as the text puts it"))
    assert by_last_speaker(source(doc, "They"), discourse) is None
