"""Repeated quotes in an article: from a heading, a standfirst or a caption."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from onrecord.nlp.quotes.overlaps import CharSpan

# Shorter statements can be alike by chance.
SHORTEST = 4
SHARED = 0.75
# A run of words shared by many quotes is no evidence, and would take time.
MOST_WITH_RUN = 20

_WORD = re.compile(r"\w+(?:['’]\w+)*")


def find_repeats(text: str, contents: Sequence[Sequence[CharSpan]]) -> dict[int, int]:
    """The number of the earlier content that each repeat duplicates, by the repeat's number."""
    by_run: dict[tuple[str, str], list[int]] = defaultdict(list)
    sizes: list[int] = []
    found: dict[int, int] = {}
    for n, spans in enumerate(contents):
        runs = _runs(text, spans)
        sizes.append(len(runs))
        earlier = _earlier(runs, by_run, sizes, contents, n)
        if earlier is not None:
            found[n] = found.get(earlier, earlier)
    return found


def _runs(text: str, spans: Sequence[CharSpan]) -> set[tuple[str, str]]:
    """The pairs of adjacent words; empty for a content too short to be recognised."""
    words = [
        word.lower()
        for start, end in spans
        for word in _WORD.findall(text[start:end].replace("’", "'"))
    ]
    if len(words) < SHORTEST:
        return set()
    return set(pairwise(words))


def _earlier(
    runs: set[tuple[str, str]],
    by_run: dict[tuple[str, str], list[int]],
    sizes: Sequence[int],
    contents: Sequence[Sequence[CharSpan]],
    n: int,
) -> int | None:
    """The first content elsewhere in the text that shares most runs with the n-th.

    Enters the runs of that in `by_run`.
    """
    shared: Counter[int] = Counter()
    for run in runs:
        with_run = by_run[run]
        if with_run and len(with_run) <= MOST_WITH_RUN:
            shared.update(with_run)
        with_run.append(n)
    enough = (
        m
        for m, count in shared.items()
        if count >= SHARED * min(len(runs), sizes[m]) and not _overlap(contents[m], contents[n])
    )
    return min(enough, default=None)


def _overlap(one: Sequence[CharSpan], other: Sequence[CharSpan]) -> bool:
    return one[0][0] < other[-1][1] and other[0][0] < one[-1][1]
