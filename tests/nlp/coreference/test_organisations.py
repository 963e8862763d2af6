"""Which organisation "the ministry", "the company" and "it" refer to."""

from onrecord.nlp.coreference.discourse import Discourse, Resolution
from onrecord.nlp.coreference.resolvers import by_organisation
from tests.nlp.coreference.built import built, discourse_of, entity, read_names, source

PLANNED = "{}/NNP/compound/2 {}/NNP/nsubj/3 planned/VBD/ROOT/3"
SPOKE = "the/DT/det/2 {}/NN/nsubj/3 spoke/VBD/ROOT/3"


def discourse_after(*names: str, then: str) -> Discourse:
    sentences = [PLANNED.format(*name.split()) for name in names]
    doc = built(*sentences, then)
    return read_names(
        discourse_of(doc, *(entity(doc, name, type_="organisation") for name in names))
    )


def resolved(discourse: Discourse, words: str) -> Resolution | None:
    return by_organisation(source(discourse.document.doc, words), discourse)


def test_a_noun_of_its_name_means_the_one_named_last() -> None:
    discourse = discourse_after("Tarn Ministry", "Okafor Energy", then=SPOKE.format("ministry"))
    found = resolved(discourse, "the ministry")
    assert found is not None
    assert found.who == 0


def test_a_kind_means_the_most_present_that_can_be_of_it() -> None:
    discourse = discourse_after("Tarn Ministry", "Okafor Energy", then=SPOKE.format("company"))
    found = resolved(discourse, "the company")
    assert found is not None
    assert found.who == 1


def test_another_country_s_government_is_not_the_one_here() -> None:
    discourse = discourse_after(
        "Tarn Government",
        then="the/DT/det/3 Norwegian/JJ/amod/3 government/NN/nsubj/4 spoke/VBD/ROOT/4",
    )
    assert resolved(discourse, "the Norwegian government") is None


def test_it_means_the_organisation_that_just_spoke() -> None:
    discourse = discourse_after("Okafor Energy", then="it/PRP/nsubj/2 spoke/VBD/ROOT/2")
    assert resolved(discourse, "it") is None
    discourse.speak(source(discourse.document.doc, "Okafor Energy"), Resolution(0, "named here"))
    found = resolved(discourse, "it")
    assert found is not None
    assert found.who == 0
