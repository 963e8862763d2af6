"""Names as people write them, folded for comparison: the `name_key` of a speaker or an entity."""

import re
import unicodedata
from functools import lru_cache

# Letters without a decomposition into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d", "ə": "a"}
    | {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
)
_NICKNAME = re.compile(r"\s[\"“”„«»‘'’(\[][^\"“”„«»()\[\]]*[\"“”»’'\])](?=\s)")
_APOSTROPHES = re.compile("['’‘ʼ`´ʻ\u02bf]")
_POSSESSIVE = re.compile(r"['’]s?$")
_INITIALS = re.compile(r"\b[A-Z]{2,3}(?=\s+[A-Z])")
_NOT_WORDS = re.compile(r"[^\w\s]|_")
_SUFFIXES = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr"}
_SUFFIXES |= {numeral: numeral for numeral in ("ii", "iii", "iv", "v")}
GENERATIONS = frozenset(_SUFFIXES)
"""The words after a name that tell one of a family from another, folded."""


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """A name folded for comparison: equal for the spellings that differ in nothing but form.

    Case, marks on letters, punctuation and hyphens do not count, nor a nickname in quotation
    marks: `Jean-Luc "Jo" Müller, Jr.` is `jean luc muller jr`. "Lavrov, Sergei" is turned round.
    Letters of other scripts stay as they are. Empty for a text without letters or digits.

    The key is stored in records, so the same name must always give the same key.
    """
    text = _NICKNAME.sub(" ", unicodedata.normalize("NFKC", name).strip())
    text = _with_initials_apart(_turned(_POSSESSIVE.sub("", text)))
    words = _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", fold_letters(text))).split()
    if len(words) > 2 and words[-1] in _SUFFIXES:
        words[-1] = _SUFFIXES[words[-1]]
    return " ".join(words)


@lru_cache(maxsize=65536)
def fold_letters(text: str) -> str:
    """The text in lower case without marks on its letters: `Żółć` is `zolc`."""
    plain = text.casefold().translate(_LETTERS)
    if plain.isascii():
        return plain
    # "й" is a letter of its own, "é" is an e with a mark: only Latin and Greek lose marks.
    kept = (char if "Ѐ" <= char <= "ӿ" else unicodedata.normalize("NFKD", char) for char in plain)
    return "".join(char for char in "".join(kept) if not unicodedata.combining(char))


def _turned(text: str) -> str:
    """The given name first, for "Lavrov, Sergei"; a suffix after a comma stays where it is."""
    family, comma, given = text.partition(",")
    if not comma or "," in given or not given.strip() or not family.strip():
        return text
    if given.strip(" .").casefold() in _SUFFIXES:
        return text
    return f"{given.strip()} {family.strip()}"


def _with_initials_apart(text: str) -> str:
    """Initials as words, "J K Rowling" for "JK Rowling", unless all of it is in capitals."""
    return text if text.isupper() else _INITIALS.sub(lambda found: " ".join(found[0]), text)
