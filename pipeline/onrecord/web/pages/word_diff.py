"""What an edit changed, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Beyond so many words a comparison takes seconds: then paragraphs are compared.
_MOST_WORDS = 6_000
# Unchanged text is shortened to so many words on each side of a change.
_AROUND = 30

_WORDS = re.compile(r"\s+|[^\s]+")
_PARAGRAPHS = re.compile(r"\n\n+|(?:(?!\n\n).)+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of text that is the same in both, or is only in one. `skipped` text is left out."""

    kind: Literal["same", "removed", "added", "skipped"]
    text: str


def word_diff(before: str, after: str) -> list[Change]:
    """The pieces of both texts in order."""
    pattern = _WORDS
    if len(before) + len(after) > _MOST_WORDS * 12:
        pattern = _PARAGRAPHS
    old, new = pattern.findall(before), pattern.findall(after)
    changes: list[Change] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            changes.append(Change("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            changes.append(Change("removed", "".join(old[i1:i2])))
        if j2 > j1:
            changes.append(Change("added", "".join(new[j1:j2])))
    return changes


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
