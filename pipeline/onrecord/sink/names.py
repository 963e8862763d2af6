"""Whether a name is the one a person asked for: case, accents and word order do not matter."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\w+")
# Letters that do not decompose into a plain one and an accent; people type them so all the same.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)
# How German and the Nordic languages spell them where there is no such key.
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
    """Whether every word asked for stands in the name: `lavrov` finds `Sergei Lavrov`.

    Nothing is called by a text without words.
    """
    wanted = words_of(asked)
    spellings: Word = frozenset().union(*words_of(name))
    return bool(wanted) and all(not word.isdisjoint(spellings) for word in wanted)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
