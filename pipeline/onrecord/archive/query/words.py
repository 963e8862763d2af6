"""Splits texts into folded words, once for both engines, so that both give the same answers.

A word is a run of letters and digits; case, accents and ligatures are folded away ("Øresund" and
"oresund" are one word). Apostrophes, hyphens and points split words ("L'État" is "l etat", "3.5"
is "3 5"); an abbreviation of single letters is one word ("U.S." is "us"). Scripts that are
written without spaces are split into characters, so that a phrase finds any run of them.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple


class FoldedWord(NamedTuple):
    """A word as it is indexed, with its half-open place in the text, in code points."""

    text: str
    start: int
    end: int


# Letters without a decomposition into base letter and accent.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)
# Combining marks belong to the letter before them, though `\w` does not match them.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0903"
    "\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u200c\u200d\u00ad"
)
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(
    rf"(?P<abbreviation>\b(?:[^\W\d_]\.){{2,}}(?:[^\W\d_]\b)?)"
    rf"|[{_UNSPACED}]"
    rf"|(?:(?![{_UNSPACED}])[^\W_][{_MARKS}]*)+"
)
_ASCII = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """One word without case, accents and ligatures; "" where nothing is left of it."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_PLAIN))
    return "".join(filter(str.isalnum, decomposed)).casefold()


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order."""
    if text.isascii() and "." not in text:
        return _ASCII.findall(text.lower())  # ten times as fast, and most texts are of this kind
    return [word.text for word in folded_words(text)]


def folded_words(text: str) -> list[FoldedWord]:
    """The folded words of a text with their places."""
    return [
        FoldedWord(folded, match.start(), match.end())
        for match in _WORD.finditer(text)
        if (folded := fold(match.group().replace(".", "")))
    ]
