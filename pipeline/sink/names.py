"""Whether a name is the one a person asked for: case, accents and word order do not matter."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\w+")


@lru_cache(maxsize=10_000)
def words_of(name: str) -> frozenset[str]:
    """A name's words, folded: `"Żółć, Ana"` gives `{"zolc", "ana"}`."""
    # Letters that carry a stroke do not decompose; people type them without it all the same.
    plain = name.translate(_STROKES)
    decomposed = unicodedata.normalize("NFKD", plain)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return frozenset(_WORD.findall(bare.casefold()))


_STROKES = str.maketrans("łŁøØđĐ", "lLoOdD")


def is_called(name: str, wanted: frozenset[str]) -> bool:
    """Whether every wanted word stands in the name: `lavrov` finds `Sergei Lavrov`."""
    return wanted <= words_of(name)
