"""What reading a text changes in what is known of it."""

from onrecord.nlp.coreference.descriptions import Description
from onrecord.nlp.coreference.discourse import Resolution, Unnamed
from tests.nlp.coreference.built import built, discourse_of, entity, source

TEXT = (
    "Ana/NNP/compound/2 Weiss/NNP/nsubj/3 met/VBD/ROOT/3 Okafor/NNP/compound/5 Energy/NNP/dobj/3",
    "she/PRP/nsubj/2 spoke/VBD/ROOT/2",
)


def test_a_mention_makes_present() -> None:
    doc = built(*TEXT)
    discourse = discourse_of(
        doc, entity(doc, "Ana Weiss"), entity(doc, "Okafor Energy", type_="organisation")
    )
    assert discourse.salience.is_empty
    discourse.mention(0, doc[1])
    discourse.mention(1, doc[4])
    assert discourse.salience.weight(0, 0) > 0
    assert discourse.salience.weight(1, 0) == 0
    assert discourse.organisations.salience.weight(1, 0) > 0
    assert discourse.organisations.last_named == {0: 1, 1: 4}


def test_speaking_is_remembered_with_its_pronoun() -> None:
    doc = built(*TEXT)
    discourse = discourse_of(doc, entity(doc, "Ana Weiss", gender="feminine"))
    she = source(doc, "she")
    discourse.speak(she, Resolution(0, "pronoun"))
    assert discourse.last_speaker == (0, 1)
    assert discourse.resolution_of(she.place) == Resolution(0, "pronoun")
    assert discourse.referent_at(she.head.i) == 0
    assert discourse.pronouns[0]["feminine"] == 1


def test_a_source_that_is_not_resolved_leaves_no_last_speaker() -> None:
    doc = built(*TEXT)
    discourse = discourse_of(doc, entity(doc, "Ana Weiss"))
    discourse.speak(source(doc, "Ana Weiss"), Resolution(0, "named here"))
    discourse.speak(source(doc, "she"), None)
    assert discourse.last_speaker == (None, 1)
    assert discourse.resolution_of(source(doc, "she").place) is None


def test_an_unnamed_speaker_is_a_person_if_described() -> None:
    doc = built(*TEXT)
    discourse = discourse_of(doc, entity(doc, "Ana Weiss"))
    nurse = discourse.add_unnamed(
        Unnamed("a nurse", Description("nurse", frozenset(), "feminine", 5))
    )
    report = discourse.add_unnamed(Unnamed("a report", None, is_thing=True))
    assert (nurse, report) == (1, 2)
    assert discourse.is_person(nurse)
    assert not discourse.is_person(report)
    assert discourse.can_be(nurse, "feminine")
    assert not discourse.can_be(nurse, "masculine")
    assert discourse.name_of(nurse) == "a nurse"


def test_the_last_introduction_of_a_noun_counts() -> None:
    doc = built(
        "an/DT/det/2 official/NN/nsubj/3 came/VBD/ROOT/3",
        "an/DT/det/2 official/NN/nsubj/3 left/VBD/ROOT/3",
    )
    discourse = discourse_of(doc)
    assert discourse.introduced_at("official") == -1
    discourse.introduce(doc[1])
    discourse.introduce(doc[4])
    assert discourse.introduced_at("official") == 4
