"""Overlapping contents: duplicates of one statement, and contents that cross."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence

import msgspec

from onrecord.nlp.quotes.reported import Reported

CharSpan = tuple[int, int]

# Characters, as of "saying " before the same clause.
MOST_ADDED = 12
# Overlapping contents begin near one another; a wider search would take time in noise.
MOST_BESIDE = 30


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A quote's content: char spans in text order; cue and source as tokens.

    `passages` are the numbers of the quoted passages in it; `is_mixed` is True if it holds other
    words too. `of_someone` is the probability that it has a source; `confidence`, that it has
    this source. `is_carried` is True if the cue belongs to an earlier quote. `clause` is the
    report found in words without marks.
    """

    spans: tuple[CharSpan, ...]
    cue: int | None
    source: int | None
    of_someone: float
    confidence: float
    passages: tuple[int, ...] = ()
    is_mixed: bool = False
    is_carried: bool = False
    clause: Reported | None = None


def without_doubles(contents: Sequence[Content]) -> list[Content]:
    """The contents, except near-duplicates with the same source and contents that cross another.

    "concludes by saying *that museums matter*" has two cues and one statement; of two that cross,
    the likelier stays.
    """
    order = sorted(
        range(len(contents)),
        key=lambda n: (not contents[n].passages, -contents[n].confidence, n),
    )
    kept: list[int] = []
    by_start: list[tuple[int, int, int]] = []  # start, end, number of those kept
    for n in order:
        start, end = contents[n].spans[0][0], contents[n].spans[-1][1]
        near = _near(by_start, start, end)
        if any(_is_double(contents[n], contents[m]) for m in near):
            continue
        kept.append(n)
        insort(by_start, (start, end, n))
    return [contents[n] for n in sorted(kept)]


def _near(by_start: Sequence[tuple[int, int, int]], start: int, end: int) -> Iterator[int]:
    """The numbers of the kept contents that may overlap a span of text."""
    high = bisect_left(by_start, (end,))
    for at in range(high - 1, max(-1, high - 1 - MOST_BESIDE), -1):
        if by_start[at][1] > start:
            yield by_start[at][2]


def _is_double(one: Content, kept: Content) -> bool:
    """Whether a content crosses a kept one, or nearly duplicates it with the same source."""
    both = sum(
        max(0, min(end, last) - max(start, first))
        for start, end in one.spans
        for first, last in kept.spans
    )
    if not both:
        return False
    own, other = _length(one), _length(kept)
    if both < min(own, other):
        return not (_is_inside(one, kept) or _is_inside(kept, one))
    same = one.source == kept.source and one.cue != kept.cue
    return own == other or (same and not one.passages and max(own, other) - both <= MOST_ADDED)


def _is_inside(one: Content, other: Content) -> bool:
    return all(
        any(first <= start and end <= last for first, last in other.spans)
        for start, end in one.spans
    )


def _length(content: Content) -> int:
    return sum(end - start for start, end in content.spans)
