"""Longer and shorter cuts of one statement, found when somebody asks for them.

Nothing is stored for it. Candidates are the quotes of some days before and after that contain a
phrase of the quote, which an index finds at a cost that depends on these days and not on history;
`records/statements.py` decides which of them are cuts of the same statement.
"""

from collections.abc import Sequence

from onrecord.archive.documents import words_said
from onrecord.archive.results import ArchivedQuote
from onrecord.naming import name_key
from onrecord.records.statements import are_one_statement

# Two cuts that share six words in a row share a phrase of five that begins at an even word.
_WORDS_A_PHRASE = 5
_STEP = 2
_MOST_PHRASES = 40


def phrases_of(said: Sequence[str]) -> list[tuple[str, ...]]:
    """Phrases of a quote's folded words, of which any cut of six words has at least one.

    Those of the first 80 words; none for fewer than five words.
    """
    starts = range(0, len(said) - _WORDS_A_PHRASE + 1, _STEP)
    return [tuple(said[start : start + _WORDS_A_PHRASE]) for start in starts[:_MOST_PHRASES]]


def is_cut_of(one: ArchivedQuote, other: ArchivedQuote) -> bool:
    """Whether two quotes are cuts of one statement."""
    return are_one_statement(
        words_said(one.quote),
        words_said(other.quote),
        same_speaker=_have_one_speaker(one, other),
    )


def _have_one_speaker(one: ArchivedQuote, other: ArchivedQuote) -> bool:
    """Whether two quotes have one speaker: one person, or one name where nobody is known."""
    if one.speaker is None or other.speaker is None:
        return False
    if one.speaker.person is not None and other.speaker.person is not None:
        return one.speaker.person == other.speaker.person
    return name_key(one.speaker.name) == name_key(other.speaker.name)
