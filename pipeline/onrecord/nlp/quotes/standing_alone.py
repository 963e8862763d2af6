"""Quoted sentences that stand alone: no cue introduces them, and none follows.

    Lind won the race on Sunday. “I never thought I would hold on.”

    When will you stop?
    “In May.”

The speaker is the person whom the sentence before is about. In an interview, where a question
stands before, it is the speaker of the answer before.
"""

from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.context import surroundings
from onrecord.nlp.quotes.cues import VERB, Lexicon
from onrecord.nlp.quotes.sources import Candidate, is_verb
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse

PATH = "introduced"
FEWEST_WORDS = 4
LIKELY = 0.75  # probability that whole sentences between marks are somebody's words. By eye.
_PEOPLE = frozenset({"he", "she"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})


def introduced(
    parse: Parse, k: int, choice: Choice, before: Candidate | None, lexicon: Lexicon
) -> Choice:
    """The choice for a passage; if it has no cue, and stands alone, the person introduced."""
    has_cue = choice.candidate is not None and not _is_narrated(
        parse, k, choice.candidate.cue, lexicon
    )
    if has_cue or not _stands_alone(parse, k):
        return choice
    source = _introduction(parse, k, before)
    if source is None:
        return choice
    likely = max(LIKELY, choice.of_someone)
    return Choice(Candidate(source, source, PATH), likely, likely)


def _is_narrated(parse: Parse, k: int, cue: int, lexicon: Lexicon) -> bool:
    """Whether a verb after a passage tells what happened next: "“I held on.” His boat sank."."""
    last = parse.bounds[k][1]
    if cue < last or parse.sentences[cue] == parse.sentences[last]:
        return False
    verb = lexicon.find(parse.lower[cue], VERB)
    speaks = verb is not None and verb.manner is not None
    return is_verb(parse, cue) and not speaks


def _stands_alone(parse: Parse, k: int) -> bool:
    """Whether a passage of whole sentences begins and ends where sentences do."""
    around = surroundings(parse, k)
    words = parse.count_words(around.first, around.last)
    begins = around.before in {"start", "stop"} and parse.words[around.first][:1].isupper()
    ends = around.after in {"end", "capital"} and around.ends in {"period", "stop"}
    return begins and ends and words >= FEWEST_WORDS


def _introduction(parse: Parse, k: int, before: Candidate | None) -> int | None:
    """The source that the text before a passage brings up, as a token."""
    last = parse.bounds[k][0] - 2  # before the mark
    while last >= 0 and parse.is_space(last):
        last -= 1
    if last < 0:
        return None
    if parse.quoted[last] != OUTSIDE:
        goes_on = not parse.passages[parse.quoted[last]].closed
        return before.source if goes_on and before is not None else None
    if parse.words[last] == "?":
        return None if before is None else before.source
    first, end = parse.spans[parse.sentences[last]]
    if parse.paragraphs[parse.bounds[k][0]] - parse.paragraphs[last] > 2:
        return None
    if any(parse.quoted[i] != OUTSIDE for i in range(first, end + 1)):
        return None
    return _person_in(parse, first, end)


def _person_in(parse: Parse, first: int, end: int) -> int | None:
    """The person who is the subject of a sentence's main clause."""
    root = next((i for i in range(first, end + 1) if parse.heads[i] == i), None)
    subject = None if root is None else parse.child(root, *_SUBJECTS)
    if subject is None:
        return None
    named = parse.tags[subject] == "NNP" and parse.entities[subject] in {"PERSON", "ORG", ""}
    return subject if named or parse.lower[subject] in _PEOPLE else None
