"""Matches names as people type them: case, accents and word order do not matter."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\w+")
# Letters without a decomposition into base letter and accent; people type the base letter.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)
# The spellings used in German and the Nordic languages when the key is missing.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

Word = frozenset[str]
"""The spellings of one word: `Müller` is `muller` and `mueller`."""


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[Word, ...]:
    """A name's words, each in its spellings, folded: `"Żółć, Ana"` gives `{"zolc"}, {"ana"}`."""
    composed = unicodedata.normalize("NFKC", name).lower()
    plain = _WORD.findall(_folded(composed))
    spelt_out = _WORD.findall(_folded(composed.translate(_SPELT_OUT)))
    return tuple(map(frozenset, zip(plain, spelt_out, strict=True)))


@lru_cache(maxsize=50_000)
def is_called(name: str, asked: str) -> bool:
    """Whether every requested word is in the name: `lavrov` finds `Sergei Lavrov`.

    A request without words matches nothing.
    """
    wanted = words_of(asked)
    spellings: Word = frozenset().union(*words_of(name))
    return bool(wanted) and all(not word.isdisjoint(spellings) for word in wanted)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
