"""A text read from top to bottom."""

from spacy.tokens import Doc

from onrecord.nlp.coreference.reader import DiscourseReader
from onrecord.nlp.quotes.find import FoundQuote
from tests.nlp.coreference.built import built, entity, phrase


def indirect(doc: Doc, content: str) -> FoundQuote:
    words = phrase(doc, content)
    return FoundQuote(
        content=((words.start_char, words.end_char),),
        cue=None,
        source=None,
        type="indirect",
        confidence=1.0,
        context=(0, len(doc.text)),
    )


def test_the_pronouns_show_the_gender_that_a_name_does_not() -> None:
    """Tarn may be a man or a woman until "she" has no one else; then "he" is Okafor."""
    doc = built(
        "Tarn/NNP/nsubj/2 said/VBD/ROOT/2 yes/NN/dobj/2",
        "she/PRP/nsubj/2 said/VBD/ROOT/2 more/NN/dobj/2",
        "she/PRP/nsubj/2 said/VBD/ROOT/2 most/NN/dobj/2",
        "Okafor/NNP/nsubj/2 met/VBD/ROOT/2 Tarn/NNP/dobj/2",
        "Tarn/NNP/nsubj/2 wept/VBD/ROOT/2",
        "he/PRP/nsubj/2 said/VBD/ROOT/2 less/NN/dobj/2",
    )
    people = [entity(doc, "Tarn"), entity(doc, "Okafor", gender="masculine")]
    sources = [phrase(doc, "Tarn"), *(phrase(doc, "she", nth=n) for n in (0, 1))]
    sources.append(phrase(doc, "he"))
    quotes = [indirect(doc, words) for words in ("yes", "more", "most", "less")]
    discourse = DiscourseReader(doc, quotes, sources, people).read()
    found = [discourse.resolution_of((one.start, one.end)) for one in sources]
    assert [one.who if one else None for one in found] == [0, 0, 0, 1]


def test_an_official_is_introduced_and_found_again() -> None:
    doc = built(
        "an/DT/det/2 official/NN/nsubj/3 came/VBD/ROOT/3",
        "the/DT/det/2 official/NN/nsubj/3 said/VBD/ROOT/3 yes/NN/dobj/3",
    )
    source = phrase(doc, "the official")
    discourse = DiscourseReader(doc, [indirect(doc, "yes")], [source], []).read()
    found = discourse.resolution_of((source.start, source.end))
    assert found is not None
    assert discourse.name_of(found.who) == "an official"


def test_a_quote_without_a_source_has_no_speaker() -> None:
    doc = built("Weiss/NNP/nsubj/2 left/VBD/ROOT/2")
    discourse = DiscourseReader(doc, [indirect(doc, "left")], [None], [entity(doc, "Weiss")]).read()
    assert discourse.last_speaker == (None, 0)
