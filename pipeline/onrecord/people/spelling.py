"""Names in one spelling: transliterations of one name are equal.

Tables of given names and rules for the regular endings of Slavic names, chosen so that equal
spellings are one name: "-sky" and "-skiy" are one ending, "-ski" (Polish) is another. Measured
against rigour and ICU in docs/people.md.
"""

import re
import unicodedata
from functools import cache, lru_cache

from onrecord.naming import GENERATIONS, fold_letters
from onrecord.people.word_tables import table

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ф": "f", "ы": "y", "э": "e", "і": "i", "ї": "i", "ґ": "g", "ў": "u", "ё": "yo",
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "",
    "ю": "yu", "я": "ya", "є": "ye", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "d",
    "џ": "dz", "ѓ": "g", "ќ": "k",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_GREEK_PAIRS = (("ου", "ou"), ("μπ", "b"), ("ντ", "nt"), ("γκ", "g"), ("αυ", "av"), ("ευ", "ev"))
_LETTERS = str.maketrans(_CYRILLIC | _GREEK)
# A name with one of these letters is Serbian or Macedonian: its other letters are read so.
_SERBIAN = frozenset("ћђљњјџѓќѕ")
_SERBIAN_LETTERS = str.maketrans({"ч": "c", "ш": "s", "ж": "z", "х": "h", "ц": "c", "ђ": "dj"})
_SHORT_I = re.compile(r"(?<=[аеиоуыэюя])й(?=[бвгджзклмнпрстфхцчшщ])")
_ARABIC_ARTICLE = re.compile("^ال(?=..)")
_ARTICLES = frozenset({"al", "el", "ul"})
# Words with which hardly any full name begins. "Van", "Al", "Ben", "Le", "Do", "Du", "Bin" and
# "Ibn" do begin full names, of people who would be nobody if they were here.
_PARTICLES = frozenset({"de", "di", "da", "dos", "der", "von", "zu"})
_PARTICLE_PAIRS = frozenset({("van", "der"), ("van", "den"), ("van", "de"), ("la", "de")})
_SLAVIC_END = re.compile(r"(?:ov|ev|in|sky|ova|eva|ina|skaya)$")
_SKY = re.compile(r"sk(?:iy|yy|yi|ii|ij|yj)$")
_SKAYA = re.compile(r"sk(?:aia|aja|aya)$")
_NY = re.compile(r"(?<=[nrtl])(?:iy|yy|yi|ii|ij|yj)$")
_ENDS = frozenset({"iy", "yy", "yi", "ii", "ij", "yj"})
_YEV = re.compile(r"(?<=[aeo])y(?=ev)")
_KS = re.compile(r"ks(?=[aeiou])")

Words = tuple[str, ...]


@lru_cache(maxsize=16_384)
def spelling_of(key: str) -> Words:
    """The words of a name key in one spelling: `sergej lavrov` and `сергей лавров` are equal.

    Arabic articles are left out after the first word: "Bashar al-Assad" is "Bashar Assad".
    """
    if _SERBIAN.intersection(key):
        key = key.translate(_SERBIAN_LETTERS)
    words = key.split()
    kept = words[:1] + [
        word for at, word in enumerate(words[1:], 2) if word not in _ARTICLES or at == len(words)
    ]
    return tuple(map(one_spelling, kept))


def one_spelling(word: str) -> str:
    """One word of a key in the spelling that stands for all of its spellings."""
    known = _variants().get(word)
    if known is not None:
        return known
    if word.isascii() and word[-2:] not in _ENDS and not _may_vary(word):
        return word
    return _regular(word)


def written_as(spelled: str) -> list[str]:
    """The words of regular keys that are spelled so: one of them is in every such key."""
    return [spelled, *(word for word, one in _variants().items() if one == spelled)]


def is_regular(key: str) -> bool:
    """Whether each word of a key is spelled as it is written, or as the table of variants says."""
    return key.isascii() and not any(word[-2:] in _ENDS or _may_vary(word) for word in key.split())


def _may_vary(word: str) -> bool:
    return "sk" in word or "yev" in word or "ks" in word


@lru_cache(maxsize=65_536)
def _regular(word: str) -> str:
    latin = to_latin(_ARABIC_ARTICLE.sub("", word))
    known = _variants().get(latin)
    if known is not None:
        return known
    if len(latin) < 5 or not latin.isascii():
        return latin
    regular = _NY.sub("y", _YEV.sub("", _SKAYA.sub("skaya", _SKY.sub("sky", latin))))
    return _KS.sub("x", regular) if _SLAVIC_END.search(regular) else regular


def to_latin(word: str) -> str:
    """A folded word with Cyrillic and Greek letters written in Latin ones; others stay."""
    if word.isascii():
        return word
    word = _SHORT_I.sub("и", word)
    for pair, latin in _GREEK_PAIRS:
        word = word.replace(pair, latin)
    marks_off = unicodedata.normalize("NFD", word.translate(_LETTERS))
    return "".join(char for char in marks_off if not unicodedata.combining(char))


def without_suffix(words: Words) -> tuple[Words, str]:
    """The words of a name and its generation suffix, "" where there is none."""
    if len(words) > 2 and words[-1] in GENERATIONS:
        return words[:-1], words[-1]
    return words, ""


def is_full(key: str) -> bool:
    """Whether a key is a full name: two words or more, one of them longer than an initial.

    "De Blasio" and "von der Leyen" are not: they begin with a particle of a family name.
    """
    words, _ = without_suffix(tuple(key.split()))
    if words and words[0] in _PARTICLES:
        return False
    return len(words) > 1 and len(words[-1]) > 1 and words[:2] not in _PARTICLE_PAIRS


@cache
def _variants() -> dict[str, str]:
    """The first spelling of each line for all of them; a word of two lines stands for the first."""
    found: dict[str, str] = {}
    for line in table("variants"):
        for word in line:
            found.setdefault(fold_letters(word), line[0])
    return found
