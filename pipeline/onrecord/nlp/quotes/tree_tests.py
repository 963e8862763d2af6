"""What the repairs ask of a parse, and the one change they make to it."""

from collections.abc import Iterator

from onrecord.nlp.quotes.cues import VERB, Lexicon
from onrecord.nlp.quotes.syntax import Parse

FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
SUBJECTS = ("nsubj", "nsubjpass", "csubj", "expl")
FARTHEST_CLIMB = 6


def reports(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """Whether the token is a verb that mostly reports speech in its position."""
    if not parse.tags[i].startswith("VB") or parse.deps[i] in ("aux", "auxpass"):
        return False
    cue = lexicon.find(parse.lower[i], VERB)
    return cue is not None and cue.manner == "speech" and 2 * cue.cued > cue.seen


def believes(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """Whether the token is a verb whose clause is speech or belief."""
    cue = lexicon.find(parse.lower[i], VERB)
    return cue is not None and cue.manner in ("speech", "belief")


def has_subject(parse: Parse, i: int) -> bool:
    """Whether a verb has a subject of its own."""
    return parse.child(i, *SUBJECTS) is not None


def is_finite(parse: Parse, i: int) -> bool:
    """Whether a verb is finite: it or its auxiliary has a tense."""
    return parse.tags[i] in FINITE or any(
        parse.deps[j] in ("aux", "auxpass") and parse.tags[j] in FINITE for j in parse.children[i]
    )


def ancestors(parse: Parse, i: int) -> Iterator[int]:
    """The governors of a token, nearest first."""
    for _ in range(FARTHEST_CLIMB):
        if parse.heads[i] == i:
            return
        i = parse.heads[i]
        yield i


def is_below(parse: Parse, i: int, top: int) -> bool:
    """Whether `top` is the token or one of its governors."""
    while i != top:
        if parse.heads[i] == i:
            return False
        i = parse.heads[i]
    return True


def attach(parse: Parse, i: int, head: int, dep: str) -> bool:
    """Attach a token to another head; does nothing if that would create a cycle."""
    if is_below(parse, head, i):
        return False
    parse.heads[i], parse.deps[i] = head, dep
    return True


def comma_before(parse: Parse, i: int) -> bool:
    """Whether a comma precedes the token."""
    return i > 0 and parse.words[i - 1] == ","
