"""Signatures of texts, by which near-duplicates are found.

A signature is a MinHash over the distinct word 3-grams of a text: the similarity of two signatures
is, within 0.06, the share of 3-grams that the texts have in common (Broder 1997).

With `runs.py` the door to numpy within the feeds. Processes that read documents sign texts; a
poller itself only compares signatures, and does without the 13 MB that numpy takes.
"""

import binascii
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from onrecord.feeds.articles.runs import WORDS_A_RUN, Hashes, RunHasher
from onrecord.feeds.articles.words import words_of

# A text with fewer 3-grams is too short to count as a copy.
_FEWEST_RUNS = 8
_MOST_WORDS = 5_000 + WORDS_A_RUN - 1
# Texts are hashed together up to about so many words, which stay in the processor's cache.
_WORDS_AT_ONCE = 32_000
_VALUES = 64

# Never change these: signatures are compared with last week's.
_PRIME_BITS = np.uint64(61)
_PRIME = np.uint64((1 << 61) - 1)
_SEEDS = np.random.RandomState(1997).randint(1, 1 << 31, size=(2, _VALUES))
_FACTORS, _SUMMANDS = _SEEDS.astype(np.uint64)
# Eight times as large, the 64 bits of a product end where a multiple of 2^61 does.
_FACTORS_BY_8, _SUMMANDS_BY_8 = (_SEEDS.astype(np.uint64) * np.uint64(8))[:, :, None]


def signature(text: str) -> str | None:
    """The signature of a text, in base64; None for a text too short to be compared."""
    return signatures([text])[0]


def signatures(texts: Sequence[str]) -> list[str | None]:
    """The signatures of texts: those of many at once take half the time."""
    return [
        None if len(distinct) < _FEWEST_RUNS else _signature_of(distinct)
        for hashes in _hashes_of(texts)
        for distinct in map(_distinct, hashes)
    ]


def _hashes_of(texts: Sequence[str]) -> Iterator[list[Hashes]]:
    """The hashes of the runs of each text, of several texts at a time."""
    hasher = RunHasher()
    for text in texts:
        hasher.add(words_of(text)[:_MOST_WORDS])
        if hasher.words >= _WORDS_AT_ONCE:
            yield hasher.hashes()
            hasher = RunHasher()
    yield hasher.hashes()


def _distinct(hashes: Hashes) -> NDArray[np.uint64]:
    """The hashes without repeats, as 64 bits."""
    ordered = np.sort(hashes)
    is_first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first].astype(np.uint64)


def _signature_of(hashes: NDArray[np.uint64]) -> str:
    """The least remainder of each multiple of the hashes by the prime: of each, 16 bits."""
    # The product modulo 2^61 differs from the remainder by four at most. So the least one belongs
    # to the same hash: once in 10^17 it does not, which costs one of 64 values.
    mixed = hashes * _FACTORS_BY_8
    mixed += _SUMMANDS_BY_8
    least = hashes[mixed.argmin(axis=1)] * _FACTORS + _SUMMANDS
    # The remainder by a Mersenne prime. One from the prime to four above it would have to be
    # reduced once more, which is as rare.
    least = (least & _PRIME) + (least >> _PRIME_BITS)
    return binascii.b2a_base64(least.astype("<u2").tobytes(), newline=False).decode()
