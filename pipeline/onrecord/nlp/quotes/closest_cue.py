"""The cue nearest to a passage, once the reports of its sentence are known.

A passage is attributed by what stands beside it; the report that holds it can show that another
cue governs it, or another's claim, or that a single word has a speaker at all.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from msgspec.structs import replace

from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.reported import Reported
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.syntax import Parse, is_word

# A word between marks inside a report, and the share of them that are the speaker's: nine of ten
# that were read.
AROUND_A_WORD = 0.5
WORD_IS_SAID = 0.85


def reports_over(parse: Parse, reported: Sequence[Reported]) -> dict[int, list[Reported]]:
    """The sourced reports that hold the beginning of each passage, by the passage's number.

    Those of one source are adjacent, in the order of each source's first report.
    """
    by_source: dict[int, list[Reported]] = {}
    for one in reported:
        if one.source is not None:
            by_source.setdefault(one.source.source, []).append(one)
    begins = [first for first, _ in parse.bounds]
    over: dict[int, list[Reported]] = {}
    for reports in by_source.values():
        for one in reports:
            for k in _passages_held(one, begins):
                over.setdefault(k, []).append(one)
    return over


def _passages_held(one: Reported, begins: Sequence[int]) -> set[int]:
    """The numbers of the passages that begin inside a report; `begins` are their first tokens."""
    return {
        k
        for first, last in one.complement.pieces
        for k in range(bisect_left(begins, first), bisect_right(begins, last))
    }


def with_closest_cue(parse: Parse, k: int, choice: Choice, reports: Sequence[Reported]) -> Choice:
    """The choice with the cue that governs the passage, if that cue has the same source.

    "called it “a joke” and warned that it was “no laughing matter”" has two cues. `reports` are
    those over the passage.
    """
    by = choice.candidate
    if by is None:
        return _by_the_clause(parse, k, choice, reports)
    owner = _owner_of_claim(parse, k, by, reports)
    if owner is not None:
        likely = max(choice.probability, WORD_IS_SAID)
        return replace(choice, candidate=owner, probability=likely)
    over = [one for one in reports if one.source is not None and one.source.source == by.source]
    if not over or any(one.complement.cue == by.cue for one in over):
        return choice
    closest = min(over, key=lambda one: abs(one.complement.cue - parse.bounds[k][0]))
    return replace(choice, candidate=closest.source)


def _by_the_clause(parse: Parse, k: int, choice: Choice, reports: Sequence[Reported]) -> Choice:
    """The choice for a word without a cue of its own, by the report around it.

    In "condemned the “vandalism” in some streets" the word is the speaker's.
    """
    over = [one for one in reports if _says(parse, one)]
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
    parse: Parse, k: int, by: Candidate, reports: Sequence[Reported]
) -> Candidate | None:
    """The owner of the claim of which a passage is part, where another speaks of the claim.

    In "countered *her claims* that she had a “golden voice”" the words are hers.
    """
    for one in reports:
        owned = one.source is not None and one.source.path == "noun:poss"
        between = by.cue < one.complement.cue < parse.bounds[k][0]
        states = one.complement.relation.endswith("_that")
        if owned and states and between:
            return one.source
    return None
