"""Runs of tokens, first and last inclusive, in text order, and complements made of them."""

import msgspec

from onrecord.nlp.quotes.syntax import OUTSIDE, Parse
from onrecord.nlp.reading.quotation_marks import MARK_CHARACTERS

Pieces = tuple[tuple[int, int], ...]

MONEY = frozenset("$€£%")
CONJUNCTIONS = frozenset({"and", "or", "but"})


# A struct is made three times as fast as a named tuple or a dataclass.
class Complement(msgspec.Struct, frozen=True):
    """A cue and its possible content: runs of tokens, first and last inclusive, in text order.

    `relation` names its relation to the cue, as counted in the lexicon: "ccomp_that", "dobj",
    "pobj_for", "according_first". `head` is the token that governs it.
    """

    cue: int
    relation: str
    head: int
    pieces: Pieces


def around(parse: Parse, whole: tuple[int, int], hole: tuple[int, int]) -> Pieces:
    """The pieces on both sides of a hole."""
    before, after = trimmed(parse, whole[0], hole[0] - 1), trimmed(parse, hole[1] + 1, whole[1])
    return (*before, *after)


def trimmed(parse: Parse, first: int, last: int) -> Pieces:
    """One run of tokens without punctuation and space at its ends; none if nothing is left."""
    while first <= last and _is_trim(parse, first):
        first += 1
    while last >= first and (_is_dangling(parse, last) or _is_trim(parse, last)):
        last -= 1
    return ((first, last),) if first <= last else ()


def _is_dangling(parse: Parse, i: int) -> bool:
    """Whether the token is an "and" whose conjunct is elsewhere."""
    return parse.lower[i] in CONJUNCTIONS and parse.quoted[i] == OUTSIDE


def _is_trim(parse: Parse, i: int) -> bool:
    if parse.has_letters[i] or parse.quoted[i] != OUTSIDE:
        return False
    return MONEY.isdisjoint(parse.words[i])


def head_of(parse: Parse, piece: tuple[int, int]) -> int:
    """The token of a piece that governs the rest of it."""
    first, last = piece
    return next((i for i in range(first, last + 1) if not first <= parse.heads[i] <= last), first)


def before_marks(parse: Parse, i: int) -> int | None:
    """The nearest token before `i` that is neither a quotation mark nor space."""
    i -= 1
    while i >= 0 and not parse.has_letters[i] and _is_mark_or_space(parse, i):
        i -= 1
    return i if i >= 0 else None


def _is_mark_or_space(parse: Parse, i: int) -> bool:
    return parse.is_space(i) or not parse.words[i].strip(MARK_CHARACTERS)


def passage_between(parse: Parse, first: int, end: int) -> int | None:
    """The comma or colon directly before a quoted passage, from `first` up to `end`, exclusive."""
    if max(parse.quoted[first : end + 2], default=OUTSIDE) == OUTSIDE:
        return None
    marks = (i for i in range(first, end) if parse.words[i] in (",", ":"))
    return next((i for i in marks if opens_passage(parse, i)), None)


def opens_passage(parse: Parse, mark: int) -> bool:
    """Whether a quoted passage begins behind this comma or colon, with its quotation mark."""
    after = parse.quoted[mark + 1 : mark + 3]
    return parse.quoted[mark] == OUTSIDE and max(after, default=OUTSIDE) != OUTSIDE
