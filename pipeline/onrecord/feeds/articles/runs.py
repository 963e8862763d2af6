"""Hashes of the runs of words in many texts, computed together.

The hash of a run is the CRC-32 of its three words with a space between them. A CRC is linear: that
of `a + b` is made of that of `a`, moved on by the length of `b`, and that of `b`. So each word is
hashed once, whatever runs it stands in, and runs are put together in arrays.
"""

from collections.abc import Sequence
from threading import local
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WORDS_A_RUN = 3

Hashes = NDArray[np.uint32]
_Numbers = NDArray[np.intp]

# Words that are remembered from one batch of texts to the next, 150 bytes each.
_MOST_WORDS = 60_000
# Longer ones are rare, and the runs of their texts are hashed one by one.
_LONGEST_WORD = 62
_POLYNOMIAL = 0xEDB88320


def _moves() -> Hashes:
    """What each byte of a CRC adds to it, for each number of bytes by which it is moved on."""
    bytes_ = np.arange(256, dtype=np.uint32)
    step = bytes_
    for _ in range(8):
        step = np.where(step & 1, step >> 1 ^ np.uint32(_POLYNOMIAL), step >> 1)
    moves = [np.stack([bytes_ << np.uint32(8 * at) for at in range(4)])]
    for _ in range(_LONGEST_WORD + 1):
        moves.append(step[moves[-1] & 0xFF] ^ moves[-1] >> np.uint32(8))
    return np.stack(moves).ravel()


_MOVES = _moves()
_MOVE = 4 * 256  # entries for one number of bytes


class _LongWordError(Exception):
    """A word is too long to be remembered."""


class _Words(dict[bytes, int]):
    """Numbers of words, and by number the values of which the hashes of runs are made.

    `alone` and `spaced` are the CRCs of the word and of the word after a space; `moves` is the
    place in `_MOVES` for the length of the latter.
    """

    def __init__(self) -> None:
        super().__init__()
        self.alone = np.empty(1_024, dtype=np.uint32)
        self.spaced = np.empty(1_024, dtype=np.uint32)
        self.moves = np.empty(1_024, dtype=np.intp)

    def __missing__(self, word: bytes) -> int:
        if len(word) > _LONGEST_WORD:
            raise _LongWordError
        number = len(self)
        if number == len(self.alone):
            self._enlarge()
        self.alone[number] = crc32(word)
        self.spaced[number] = crc32(b" " + word)
        self.moves[number] = (len(word) + 1) * _MOVE
        self[word] = number
        return number

    def _enlarge(self) -> None:
        room = 2 * len(self.alone)
        self.alone = np.resize(self.alone, room)
        self.spaced = np.resize(self.spaced, room)
        self.moves = np.resize(self.moves, room)


_of_thread = local()


class RunHasher:
    """Hashes the runs of several texts: `add` each, then `hashes`."""

    def __init__(self) -> None:
        self._words = _remembered_words()
        self._numbered: list[_Numbers] = []
        self._singly: dict[int, Hashes] = {}
        self.words = 0

    def add(self, words: Sequence[bytes]) -> None:
        """Add the words of a text."""
        try:
            numbers = np.fromiter(map(self._words.__getitem__, words), np.intp, len(words))
        except _LongWordError:
            self._singly[len(self._numbered)] = _hashed_singly(words)
            numbers = np.empty(0, dtype=np.intp)
        self._numbered.append(numbers)
        self.words += len(words)

    def hashes(self) -> list[Hashes]:
        """The hashes of the runs of each text, in order."""
        together = self._hashed(np.concatenate([np.empty(0, dtype=np.intp), *self._numbered]))
        found, start = [], 0
        for index, numbers in enumerate(self._numbered):
            end = start + len(numbers)
            own = together[start : max(start, end - WORDS_A_RUN + 1)]
            found.append(self._singly.get(index, own))
            start = end
        return found

    def _hashed(self, numbers: _Numbers) -> Hashes:
        """The hash of each run of numbered words."""
        if len(numbers) < WORDS_A_RUN:
            return np.empty(0, dtype=np.uint32)
        spaced, moves = self._words.spaced[numbers[1:]], self._words.moves[numbers[1:]]
        hashes = _moved(self._words.alone[numbers[:-2]], moves[:-1]) ^ spaced[:-1]
        return _moved(hashes, moves[1:]) ^ spaced[1:]


def _remembered_words() -> _Words:
    words: _Words | None = getattr(_of_thread, "words", None)
    if words is None or len(words) > _MOST_WORDS:
        words = _of_thread.words = _Words()
    return words


def _moved(crcs: Hashes, moves: _Numbers) -> Hashes:
    """CRCs moved on, each by its number of bytes: the contributions of its four bytes together."""
    parts = crcs.astype("<u4", copy=False).view(np.uint8).reshape(-1, 4)
    moved = _MOVES.take(moves + parts[:, 0])
    for at in range(1, 4):
        moved ^= _MOVES.take(moves + (parts[:, at] + np.intp(256 * at)))
    return moved


def _hashed_singly(words: Sequence[bytes]) -> Hashes:
    runs = zip(*(words[start:] for start in range(WORDS_A_RUN)), strict=False)
    hashes = map(crc32, map(b" ".join, runs))
    return np.fromiter(hashes, dtype=np.uint32, count=max(0, len(words) - WORDS_A_RUN + 1))
