"""MinHash signatures of texts over their word 3-grams (Broder 1997).

The door to numpy within the feeds. Processes that read documents sign texts; a poller itself only
compares signatures, and does without the 13 MB that numpy takes.
"""

import binascii
import re
from zlib import crc32

import numpy as np

_WORDS_A_RUN = 3
# A text with fewer 3-grams is too short to count as a copy.
_FEWEST_RUNS = 8
_MOST_RUNS = 5_000
_VALUES = 64
# Never change these: signatures are compared with last week's.
_PRIME_BITS = np.uint64(61)
_PRIME = np.uint64((1 << 61) - 1)
_SEEDS = np.random.RandomState(1997).randint(1, 1 << 31, size=(2, _VALUES)).astype(np.uint64)
_FACTORS, _SUMMANDS = _SEEDS[0][:, None].copy(), _SEEDS[1][:, None].copy()
# Characters that separate words: others than letters, digits and the underscore.
_SEPARATOR = re.compile(r"[^\x00-\x7f\w]")
_SPACES = bytes(
    byte if byte > 127 or chr(byte).isalnum() or byte == ord("_") else ord(" ")
    for byte in range(256)
)


def signature(text: str) -> str | None:
    """The signature of a text, in base64; None for a text too short to be compared."""
    words = _words(text)[: _MOST_RUNS + _WORDS_A_RUN - 1]
    runs = zip(*(words[start:] for start in range(_WORDS_A_RUN)), strict=False)
    hashes = set(map(crc32, map(b" ".join, runs)))
    if len(hashes) < _FEWEST_RUNS:
        return None
    values = np.fromiter(hashes, dtype=np.uint64, count=len(hashes))
    mixed = values * _FACTORS
    mixed += _SUMMANDS
    # The remainder by a Mersenne prime, without a division: as fast again. A value from the prime
    # to four above it would have to be reduced once more: one in 10^17, which costs one of 64.
    above = mixed >> _PRIME_BITS
    mixed &= _PRIME
    mixed += above
    least = (mixed.min(axis=1) & np.uint64(0xFFFF)).astype("<u2")
    return binascii.b2a_base64(least.tobytes(), newline=False).decode()


def _words(text: str) -> list[bytes]:
    """The words of a text, in lower case. Splitting bytes takes half the time of an expression."""
    folded = text.casefold()
    if not folded.isascii():
        folded = _SEPARATOR.sub(" ", folded)
    return folded.encode().translate(_SPACES).split()
