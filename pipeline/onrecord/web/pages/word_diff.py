"""What an edit changed, word by word."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Pairs of equal words that a comparison looks at, at most: a second of work. Texts that repeat
# themselves have more, and are compared by paragraphs, or as wholes.
_MOST_PAIRS = 2_000_000
# Unchanged text is shortened to so many words on each side of a change.
_AROUND = 30

# A word with the blanks after it: blanks by themselves would all be equal.
_WORDS = re.compile(r"\S+\s*|\s+")
_PARAGRAPHS = re.compile(r"\n\n+|(?:(?!\n\n).)+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of text that is the same in both, or is only in one. `skipped` text is left out."""

    kind: Literal["same", "removed", "added", "skipped"]
    text: str


def word_diff(before: str, after: str) -> list[Change]:
    """The pieces of both texts in order."""
    for pattern in (_WORDS, _PARAGRAPHS):
        old, new = pattern.findall(before), pattern.findall(after)
        if _pairs(old, new) <= _MOST_PAIRS:
            return list(_changes(old, new))
    return [Change("removed", before), Change("added", after)]


def _pairs(old: list[str], new: list[str]) -> int:
    counts = Counter(new)
    return sum(times * counts[word] for word, times in Counter(old).items())


def _changes(old: list[str], new: list[str]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Change("same", "".join(old[i1:i2]))
            continue
        if i2 > i1:
            yield Change("removed", "".join(old[i1:i2]))
        if j2 > j1:
            yield Change("added", "".join(new[j1:j2]))


def shortened(changes: list[Change]) -> list[Change]:
    """The changes with long unchanged pieces left out in the middle."""
    found: list[Change] = []
    for number, change in enumerate(changes):
        words = _WORDS.findall(change.text)
        is_first, is_last = number == 0, number == len(changes) - 1
        if change.kind != "same" or len(words) <= 4 * _AROUND:
            found.append(change)
            continue
        if not is_first:
            found.append(Change("same", "".join(words[: 2 * _AROUND])))
        found.append(Change("skipped", "…"))
        if not is_last:
            found.append(Change("same", "".join(words[-2 * _AROUND :])))
    return found
