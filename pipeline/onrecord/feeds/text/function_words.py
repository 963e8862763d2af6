"""English by its function words: the quick answer for plain English prose.

The model of languages takes 0.1 ms for 300 characters, and half a second and 74 MB once it is
loaded. Most texts need neither: a fifth and more of English prose is words that no other language
has so many of. Names, lists, mixed languages and short texts are left to the model.
"""

import re
from string import ascii_lowercase

FUNCTION_WORDS = frozenset(
    b"""
    a about after against all also an and any are as at be because been before being between both
    but by can could did do does during for from had has have he her him his how i if in into is it
    its me my no not of on only or other our out over she should so some such than that the their
    them then there these they this those through to under until up was we were what when where
    which while who will with would you your
    """.split()
)

_FEWEST_CHARS = 200
_FEWEST_DIFFERENT = 8
# Of the words of each stretch so many are function words: a sentence in another language between
# English ones has fewer.
_STRETCH = 16
_FEWEST_A_STRETCH = 4

_ASCII = bytes(range(128))
# Everything but English letters separates words.
_SPACES = bytes(byte if chr(byte) in ascii_lowercase else ord(" ") for byte in range(256))
# Letters that English words do not have: "café", "Łódź", "новости".
_OTHER_LETTER = re.compile(r"[^\W\d_]")


def is_surely_english(text: str) -> bool:
    """Whether function words alone show that a text is English from its beginning to its end."""
    text = text.lower()
    if len(text) < _FEWEST_CHARS:
        return False
    # Bytes, which are deleted and split in a third of the time of an expression.
    written = text.encode("utf-8", "surrogatepass")
    others = written.translate(None, _ASCII)
    if others and _OTHER_LETTER.search(others.decode("utf-8", "surrogatepass")):
        return False
    words = written.translate(_SPACES).split()
    starts = [*range(0, len(words) - _STRETCH, _STRETCH), max(0, len(words) - _STRETCH)]
    return len(FUNCTION_WORDS.intersection(words)) >= _FEWEST_DIFFERENT and all(
        _has_enough(words[start : start + _STRETCH]) for start in starts
    )


def _has_enough(words: list[bytes]) -> bool:
    return sum(map(FUNCTION_WORDS.__contains__, words)) >= _FEWEST_A_STRETCH
