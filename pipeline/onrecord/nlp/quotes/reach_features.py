"""Features of a cue and a source in reach of a quoted passage, by which one is chosen.

They are groups: a function that names features, and the few values on which the names depend.
"""

from collections.abc import Iterator
from functools import cache
from typing import Self

import msgspec

from onrecord.nlp.quotes.context import WHOLE_PARAGRAPH, Surroundings
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.weights import Group, alone

WEAK_CUE, RIVALS = alone("cue is weak"), alone("cue over its rivals")
NOUN = alone("source noun evidence")

_TOPS = (0, 1, 2, 3, 5, 8, 12, 20)
_BINS = [str(next(top for top in _TOPS if count <= top)) for count in range(_TOPS[-1] + 1)]


class CuePlace(msgspec.Struct, frozen=True):
    """The position of a cue relative to a passage: its side, the adjacent edge and the distance.

    Distances are in words, sentences and paragraphs; `near` and `spot` (`name_of_spot`) name them.
    """

    side: str
    edge: int
    gap: int
    sentences: int
    paragraphs: int
    near: str
    spot: str


class CueSyntax(msgspec.Struct, frozen=True):
    """The dependents of a cue that are features, with their names, in text order."""

    dependents: tuple[tuple[int, str], ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, parse: Parse, cue: int) -> Self:
        found = []
        for i in parse.children[cue]:
            dep = parse.deps[i]
            if dep in ("aux", "mark"):
                found.append((i, f"{dep} {parse.lower[i]}"))
            elif dep in ("neg", "dobj", "ccomp", "xcomp"):
                found.append((i, f"{dep} "))
        return cls(tuple(found), tuple(name for _, name in found))

    def dependents_outside(self, first: int, last: int) -> tuple[str, ...]:
        """The names of the dependents that are not in a run of tokens."""
        outside = [name for i, name in self.dependents if not first <= i <= last]
        return tuple(outside) if len(outside) < len(self.names) else self.names


def order(candidate: Candidate) -> str:
    """Whether the source or the cue stands first."""
    return "source-cue" if candidate.source < candidate.cue else "cue-source"


def bin_of(count: int) -> str:
    """The name of a range of counts, of 0 or more."""
    return _BINS[count] if count < len(_BINS) else "more"


def names_of_distance(
    side: str, gap: str, sentences: int, paragraphs: int, strong: int, others: int, rank: int
) -> tuple[str, ...]:
    """By what stands between the cue and the passage, and how much."""
    return (
        "someone",
        f"{side} gap {gap}",
        f"{side} strong between {strong}",
        f"{side} sentences {sentences}",
        f"{side} paragraphs {paragraphs}",
        f"{side} passages between {others}",
        f"{side} rank in sentence {rank}",
    )


def names_of_marks(
    side: str, near: str, spot: str, before: str, after: str, ends: str
) -> tuple[str, ...]:
    """By the text at the edges of the passage."""
    return (
        f"{side} before {before}",
        f"{side} after {after}",
        f"{side} {near} before {before}",
        f"{side} {near} ends {ends}",
        f"{spot} {before if side == 'left' else after} {ends}",
    )


@cache
def name_of_spot(side: str, touches: str, sentences: int, paragraphs: int) -> str:
    """By a side of the passage, a coarse distance, and 1 where a sentence or a paragraph ends."""
    return f"{side} {touches} s{sentences}p{paragraphs}"


def names_of_evidence(side: str, near: str) -> tuple[str, ...]:
    """By the lexicon's evidence for the cue."""
    return "cue", f"cue {side} {near}"


def names_of_syntax(
    dep: str, tag: str, governs: str, is_governed: bool, has: tuple[str, ...]
) -> Iterator[str]:
    """By the relations of the cue in the parse, `has` being its dependents."""
    yield from (f"cue is {dep}", f"cue tag {tag}")
    if governs:
        yield governs
    if is_governed:
        yield f"governed as {dep}"
    yield from (f"cue has {dependent}" for dependent in has)


def both_here(around: Surroundings, candidate: Candidate, place: CuePlace) -> Group:
    """Features of cue and source together, relative to the passage."""
    cue, source = candidate.cue, candidate.source
    between = cue < around.first < source or source < around.first < cue
    of_place = (place.side, place.near, place.spot)
    return (_names_of_both, *of_place, order(candidate), candidate.path, between)


def _names_of_both(
    side: str, near: str, spot: str, order: str, path: str, between: bool
) -> tuple[str, ...]:
    names = (f"{side} {near} {order}", f"{spot} {path}")
    return (*names, "passage between source and cue") if between else names


def names_of_source(path: str, kind: str, rank: int) -> tuple[str, ...]:
    """By the source alone."""
    number = f"source number {rank} of its cue"
    return f"path {path}", f"source {kind}", f"{path} {kind}", number


def names_of_order(order: str, distance: str, other: bool) -> tuple[str, ...]:
    """By the positions of cue and source."""
    name = f"{order} distance {distance}"
    return (name, "other passage between source and cue") if other else (name,)


def names_as_before(
    same_cue: bool, same: bool, edges: tuple[str, str], left_open: bool, gap: str
) -> Iterator[str]:
    """By the previous passage, whose source this is as well."""
    before, after = edges
    where = "same paragraph" if same else "other paragraph"
    yield f"as before {'and cue' if same_cue else ''} {where}"
    yield f"as before {where} before {before}"
    yield f"as before {where} after {after}"
    if edges == WHOLE_PARAGRAPH:
        yield f"as before {where} whole"
    if left_open:
        yield "as before, which was left open"
    yield f"as before gap {gap}"
