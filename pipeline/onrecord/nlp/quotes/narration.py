"""Narration with the verb of a report: "posted a profit", "offers visitors wide views"."""

from onrecord.nlp.quotes.cues import NOUN, Lexicon
from onrecord.nlp.quotes.overlaps import Content
from onrecord.nlp.quotes.reported import Reported, known_cue
from onrecord.nlp.quotes.sources import kind_of_source
from onrecord.nlp.quotes.syntax import Parse

# Fitted confidence below which a sentence without other evidence is not a report.
NARRATED_BELOW = 0.35
WITHOUT_MANNER_BELOW = 0.06
BY_NO_ONE_BELOW = 0.1
PURPOSE_BELOW = 0.13
THING_BELOW = -2.0
# Below this, a construction that mostly narrates is not a report.
CONSTRUED_BELOW = 0.5

GIVES = frozenset({"offer", "offers", "offered", "offering"})
POSTS = frozenset({"post", "posts", "posted", "posting"})
FIGURES = frozenset(
    {"profit", "profits", "loss", "losses", "sales", "revenue", "revenues", "earnings", "income",
     "growth", "gain", "gains", "turnover", "surplus", "deficit", "drop", "rise", "fall",
     "increase", "decline", "jump", "win", "victory"}
)  # fmt: skip
# "To find who left": the answer is not known yet.
SEEKS = frozenset(
    {"find", "establish", "determine", "identify", "discover", "learn", "see", "check", "know"}
)
QUESTIONS = frozenset({"who", "whom", "whose", "what", "which", "when", "where", "why", "how",
                       "whether", "if"})  # fmt: skip


def is_narration(
    parse: Parse, content: Content, likely: float, lexicon: Lexicon, *, by_no_one: bool
) -> bool:
    """Whether the shape of the sentence is the only evidence for a report.

    `likely` is the confidence of the content.
    """
    if content.cue is None or likely >= CONSTRUED_BELOW:
        return False
    if content.clause is not None and _narrates(parse, content.clause, lexicon):
        return True
    return likely < NARRATED_BELOW and _is_unlikely(parse, content, lexicon, likely, by_no_one)


def _is_unlikely(
    parse: Parse, content: Content, lexicon: Lexicon, likely: float, by_no_one: bool
) -> bool:
    assert content.cue is not None  # noqa: S101 - so it was called
    cue = known_cue(parse, content.cue, lexicon)
    names_no_report = cue is None or cue.manner is None
    return (
        _is_thing(parse, content.source, lexicon)
        or (by_no_one and likely < BY_NO_ONE_BELOW)
        or (names_no_report and likely < WITHOUT_MANNER_BELOW)
        or (_is_purpose(parse, content.cue) and likely < PURPOSE_BELOW)
    )


def _narrates(parse: Parse, one: Reported, lexicon: Lexicon) -> bool:
    """Whether the verb and its complement tell an event, though the verb often reports."""
    complement = one.complement
    verb, begins = parse.lower[complement.cue], parse.lower[complement.pieces[0][0]]
    if verb in SEEKS and _is_purpose(parse, complement.cue):
        return begins in QUESTIONS
    if complement.relation == "dobj" and _is_search(parse, complement.head):
        return True
    if verb in POSTS:
        return complement.relation == "dobj" and parse.lower[complement.head] in FIGURES
    return verb in GIVES and _is_given(parse, one, lexicon)


def _is_search(parse: Parse, noun: int) -> bool:
    """Whether a noun is there to answer a question: "an inquiry to find who left the bag"."""
    after = parse.lower[noun + 1 : noun + 4]
    return len(after) == 3 and after[0] == "to" and after[1] in SEEKS and after[2] in QUESTIONS


def _is_given(parse: Parse, one: Reported, lexicon: Lexicon) -> bool:
    """Whether an offer is a thing, and no words: "visitors wide views", not "an apology"."""
    verb = one.complement.cue
    given = parse.child(verb, "dobj")
    by_one = one.source is not None and kind_of_source(parse, one.source.source) == "noun"
    if not by_one or given is None or parse.child(verb, "xcomp", "ccomp") is not None:
        return False
    word = lexicon.find(parse.lower[given], NOUN)
    return word is None or word.manner != "speech"


def _is_thing(parse: Parse, source: int | None, lexicon: Lexicon) -> bool:
    """Whether a source is a noun that rarely speaks: "the garden offers views"."""
    if source is None or kind_of_source(parse, source) != "noun":
        return False
    return lexicon.speaker_evidence(parse.lower[source]) < THING_BELOW


def _is_purpose(parse: Parse, cue: int) -> bool:
    """Whether a cue states a purpose: "an inquiry to find who left"."""
    return any(parse.tags[i] == "TO" for i in parse.children[cue])
