"""Roles as offices: "Russian Foreign Minister" and "foreign minister of Russia" are one."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from onrecord.naming import fold_letters
from onrecord.people.word_tables import table

_WORD = re.compile(r"\w+")
_REST = re.compile(r",| (?:on|in|at|who|which|that|since|until|under) ")
_POSSESSIVE = re.compile(r"['’]s?(?=\s|$)")
_NOUNS = {"premier": "prime minister", "chancellor of the exchequer": "finance minister"}
_NOT_OF_OFFICE = frozenset({
    "the", "a", "an", "of", "for", "s", "new", "current", "incumbent", "outgoing", "mr", "mrs",
    "ms", "dr", "sir", "dame", "his", "her", "their", "its", "country", "countrys",
    "nation", "nations",
})  # fmt: skip
_FORMER = frozenset({
    "former", "ex", "late", "then", "ousted", "deposed", "onetime", "retired", "exprime",
})  # fmt: skip
# Offices with one holder in a country; those of the second set only with their field.
_ALONE = frozenset({
    "president", "chancellor", "king", "queen", "emperor", "pope", "taoiseach", "monarch",
})  # fmt: skip
_WITH_FIELD = frozenset({"minister", "secretary", "ombudsman"})
# Words that make another office, of which there may be many: "deputy foreign minister".
_SUBORDINATE = frozenset({
    "deputy", "vice", "assistant", "junior", "under", "undersecretary", "adviser", "aide",
    "spokesman", "spokeswoman", "spokesperson", "candidate", "nominee", "wife", "husband",
    "son", "daughter",
    "press", "envoy", "elect", "acting", "interim", "state", "company", "club", "university",
})  # fmt: skip
_WORDS = 3  # in the longest name of a country


class Office(NamedTuple):
    """The words of an office, sorted, and the code of its country, "" where none is named.

    `is_former` is set where the role says that it is over.
    """

    words: tuple[str, ...]
    country: str
    is_former: bool = False


@lru_cache(maxsize=65536)
def office_of(role: str) -> Office:
    """The office that a role names. Its words are empty for a text without any."""
    plain = _POSSESSIVE.sub("", fold_letters(role).replace(".", ""))
    words = _WORD.findall(_REST.split(plain, maxsplit=1)[0])
    country, rest = "", []
    at = 0
    while at < len(words):
        found = _country_at(words, at)
        if found is not None:
            country, at = country or found[0], at + found[1]
            continue
        rest.append(words[at])
        at += 1
    is_former = any(word in _FORMER for word in rest)
    kept = [word for word in rest if word not in _NOT_OF_OFFICE and word not in _FORMER]
    text = _NOUNS.get(" ".join(kept), " ".join(kept))
    return Office(tuple(sorted(set(text.split()))), country, is_former)


def is_telling(office: Office) -> bool:
    """Whether few people hold the office: a country is named, or more than "senator" is said."""
    return bool(office.words) and (bool(office.country) or len(office.words) > 1)


def has_one_holder(office: Office) -> bool:
    """Whether one person holds the office at a time, of its country: "foreign minister"."""
    if any(word in _SUBORDINATE for word in office.words):
        return "secretary" in office.words and set(office.words) == {"secretary", "state"}
    return any(word in _ALONE for word in office.words) or (
        len(office.words) > 1 and any(word in _WITH_FIELD for word in office.words)
    )


def _country_at(words: list[str], at: int) -> tuple[str, int] | None:
    for length in range(min(_WORDS, len(words) - at), 0, -1):
        code = _countries().get(" ".join(words[at : at + length]))
        if code is not None:
            return code, length
    return None


@lru_cache(maxsize=1024)
def country_of(text: str) -> str:
    """The code of the country that a text names, "" for none."""
    return _countries().get(" ".join(fold_letters(text).replace("_", " ").split()), "")


@cache
def _countries() -> dict[str, str]:
    return {name.replace("_", " "): line[0] for line in table("countries") for name in line[1:]}
