"""Names as strings: whether two spellings can denote one person; the gender of given names.

A name arrives as its tokens in text order, without titles ("Volodymyr", "Zelensky").
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Literal

from onrecord.nlp.lexicon import WordLists
from onrecord.nlp.reading.quotation_marks import MARK_CHARACTERS

Gender = Literal["masculine", "feminine"]

_BOTH: tuple[Gender, ...] = ("masculine", "feminine")
_LIST = "given_names"
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_AROUND = MARK_CHARACTERS + ".,()"
_APOSTROPHES = re.compile("[’‘ʼ`´]")
_HYPHENS = re.compile("[‐‑–—]")


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """The text folded for comparison: lower case, no diacritics, plain apostrophes and hyphens."""
    plain = _HYPHENS.sub("-", _APOSTROPHES.sub("'", text.casefold())).translate(_LETTERS)
    if plain.isascii():
        return plain
    apart = unicodedata.normalize("NFKD", plain)
    return "".join(char for char in apart if not unicodedata.combining(char))


def name_key(words: Sequence[str]) -> tuple[str, ...]:
    """The folded words of a name, without full stops and generation suffixes, for comparison."""
    key = [word.strip(_AROUND) for word in map(fold, words)]
    return tuple(word for word in key if word and word not in _SUFFIXES)


@lru_cache(maxsize=16384)
def key_of_text(text: str) -> tuple[str, ...]:
    """The key of a name as it stands in a text."""
    return name_key(text.split())


@lru_cache(maxsize=16384)
def spelling(word: str) -> str:
    """One form for the usual transliterations of a Slavic or Arabic name, of a folded word.

    Zelensky, Zelenskyy, Zelenskiy and Zelenskyi are one; so are Dmitri and Dmitry, Sergei and
    Sergey, Aleksei and Alexey. Short words keep their spelling: they differ by less.
    """
    if len(word) < 5:
        return word
    one = word.replace("ks", "x").replace("kh", "h").replace("yev", "ev")
    one = re.sub(r"(?<=[aeo])[iyj]", "y", one)
    return re.sub(r"(?<=[bcdfghklmnprstvz])(?:iy|yy|ii|yi|ij|yj|i)$", "y", one)


def same_word(one: str, other: str) -> bool:
    """Whether two folded words are one name, or two spellings of it."""
    return one == other or spelling(one) == spelling(other)


def _is_initial_of(initial: str, name: str) -> bool:
    letters = initial.replace(".", "")
    return len(letters) <= 2 and len(letters) < len(name) and name.startswith(letters[:1])


class NameWords:
    """A language's word lists of given names and other words in names."""

    def __init__(self, lists: WordLists) -> None:
        self._lists = lists

    def same_given(self, one: str, other: str) -> bool:
        """Whether two folded given names can be one person's: spelling, initial or short form."""
        if same_word(one, other) or _is_initial_of(one, other) or _is_initial_of(other, one):
            return True
        lines = self._nicknames
        return bool(lines.get(one, frozenset()) & lines.get(other, frozenset()))

    def same_person(self, one: Sequence[str], other: Sequence[str]) -> bool:
        """Whether two keys of two or more words can name one person.

        The surname must agree; given names must be the same, short for one another or an initial;
        middle names may be missing but not differ. A compound surname alone ("lopez obrador")
        agrees with the name that ends in it.
        """
        short, full = sorted((tuple(one), tuple(other)), key=len)
        if len(short) < 2:
            return False
        if full[-len(short) :] == short:
            return True
        if not same_word(short[-1], full[-1]):
            return False
        return self.same_given(short[0], full[0]) and self._middle_agrees(short[1:-1], full[1:-1])

    def is_given(self, word: str) -> bool:
        """Whether a word is known as a given name; its case does not matter."""
        return fold(word) in self._given

    def is_family_first(self, word: str) -> bool:
        """Whether a family name stands before the given one: "Chen" Lihua, "Nguyen" Van Minh."""
        return fold(word) in self._lists.words("given_names", "families first")

    def is_particle(self, word: str) -> bool:
        """Whether a lower-case word can be part of a surname: "van" in "van der Berg"."""
        return fold(word) in self._lists.words(_LIST, "particles")

    def is_headline_verb(self, word: str) -> bool:
        """Whether a capitalised word after a surname is a headline's verb: "Okafor Says"."""
        return fold(word) in self._lists.words(_LIST, "headline verbs")

    def gender_of(self, word: str) -> Gender | None:
        """The gender of a given name; None when it is unknown or used for both."""
        folded = fold(word)
        gender = self._genders.get(folded)
        if gender is None and "-" in folded:
            return self._genders.get(folded.partition("-")[0])
        return gender

    def _middle_agrees(self, few: tuple[str, ...], many: tuple[str, ...]) -> bool:
        return all(any(self.same_given(word, other) for other in many) for word in few)

    @cached_property
    def _genders(self) -> dict[str, Gender]:
        genders: dict[str, Gender] = {}
        for gender in _BOTH:
            for name in self._lists.words(_LIST, gender):
                genders[fold(name)] = gender
        return genders

    @cached_property
    def _given(self) -> frozenset[str]:
        either = (fold(name) for name in self._lists.words(_LIST, "either"))
        return frozenset(self._genders) | frozenset(either)

    @cached_property
    def _nicknames(self) -> dict[str, frozenset[int]]:
        """The lines of the list of short forms that contain a given name."""
        lines: dict[str, set[int]] = defaultdict(set)
        for number, names in enumerate(self._lists.phrases(_LIST, "nicknames")):
            for name in names:
                lines[fold(name)].add(number)
        return {name: frozenset(numbers) for name, numbers in lines.items()}
