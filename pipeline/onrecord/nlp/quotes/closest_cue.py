"""The cue nearest to a passage, once the reports of its sentence are known.

A passage is attributed by what stands beside it; the report that holds it can show that another
cue governs it, or another's claim, or that a single word has a speaker at all.
"""

from collections.abc import Mapping
from dataclasses import replace

from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.reported import Reported
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.syntax import Parse, is_word

# A word between marks inside a report, and the share of them that are the speaker's: nine of ten
# that were read.
AROUND_A_WORD = 0.5
WORD_IS_SAID = 0.85


def with_closest_cue(
    parse: Parse, k: int, choice: Choice, by_source: Mapping[int, list[Reported]]
) -> Choice:
    """The choice with the cue that governs the passage, if that cue has the same source.

    "called it “a joke” and warned that it was “no laughing matter”" has two cues.
    """
    by = choice.candidate
    if by is None:
        return _by_the_clause(parse, k, choice, by_source)
    owner = _owner_of_claim(parse, k, by, by_source)
    if owner is not None:
        likely = max(choice.probability, WORD_IS_SAID)
        return replace(choice, candidate=owner, probability=likely)
    over = [one for one in by_source.get(by.source, ()) if _holds(parse, one, k)]
    if not over or any(one.complement.cue == by.cue for one in over):
        return choice
    closest = min(over, key=lambda one: abs(one.complement.cue - parse.bounds[k][0]))
    return replace(choice, candidate=closest.source)


def _by_the_clause(
    parse: Parse, k: int, choice: Choice, by_source: Mapping[int, list[Reported]]
) -> Choice:
    """The choice for a word without a cue of its own, by the report around it.

    In "condemned the “vandalism” in some streets" the word is the speaker's.
    """
    over = [
        one
        for reports in by_source.values()
        for one in reports
        if _says(parse, one) and _holds(parse, one, k)
    ]
    words = [parse.words[i] for i in range(parse.bounds[k][0], parse.bounds[k][1] + 1)]
    if not over or not all(word.islower() for word in words if is_word(word)):
        return choice
    closest = max(over, key=lambda one: one.complement.cue)
    likely = max(closest.probability, WORD_IS_SAID)
    return replace(choice, candidate=closest.source, probability=likely, of_someone=likely)


def _says(parse: Parse, one: Reported) -> bool:
    """Whether a report by a verb is sure enough to attribute a single word inside it."""
    by_verb = parse.tags[one.complement.cue].startswith("VB")
    return one.has_manner and by_verb and one.probability >= AROUND_A_WORD


def _owner_of_claim(
    parse: Parse, k: int, by: Candidate, by_source: Mapping[int, list[Reported]]
) -> Candidate | None:
    """The owner of the claim of which a passage is part, where another speaks of the claim.

    In "countered *her claims* that she had a “golden voice”" the words are hers.
    """
    for reports in by_source.values():
        for one in reports:
            owned = one.source is not None and one.source.path == "noun:poss"
            between = by.cue < one.complement.cue < parse.bounds[k][0]
            states = one.complement.relation.endswith("_that")
            if owned and states and between and _holds(parse, one, k):
                return one.source
    return None


def _holds(parse: Parse, one: Reported, k: int) -> bool:
    return any(begin <= parse.bounds[k][0] <= end for begin, end in one.complement.pieces)
