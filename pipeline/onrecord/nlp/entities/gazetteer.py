"""Known places, nationalities and organisations, found as phrases of tokens.

Hand-made and small on purpose: it holds what news names without explaining, so that one wrong
label of the model does not make Kiev a person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from onrecord.nlp import lexicon
from onrecord.nlp.entities import titles
from onrecord.nlp.entities.names import fold
from onrecord.records import EntityType

_PLACES = "en/places.txt"
_ORGANISATIONS = "en/organisations.txt"
_SECTIONS: tuple[tuple[str, str, EntityType], ...] = (
    (_ORGANISATIONS, "names", "organisation"),
    (_ORGANISATIONS, "products", "product"),
    (_PLACES, "groups", "group"),
    (_PLACES, "cities", "place"),
    (_PLACES, "states", "place"),
    (_PLACES, "countries", "place"),
)
# spaCy's tokenizer parts "al-Qaeda" and "Emily's" there.
_PIECES = re.compile(r"(?<=[^\W\d_])(-)(?=[^\W\d_])|('s)")


@dataclass(frozen=True, slots=True)
class Known:
    """What a phrase names: its type, and the fullest name of the same thing, folded.

    `section` is where it is listed: "countries", "states", "cities", "groups" …
    """

    type: EntityType
    name: str
    section: str


@cache
def _known() -> dict[tuple[str, ...], Known]:
    found = {}
    for file, section, kind in _SECTIONS:
        for names in lexicon.phrases(file, section):
            for name in names:
                found[_pieces(name)] = Known(kind, fold(names[0]), section)
    for (*start, last), known in list(found.items()):
        if known.type == "group" and not last.endswith(("s", "ish", "ch", "ese")):
            found[(*start, last + "s")] = known
    return found


def _pieces(name: str) -> tuple[str, ...]:
    return tuple(part for part in _PIECES.sub(r" \1\2 ", fold(name)).split() if part)


@cache
def _longest() -> dict[str, int]:
    """By its first word, how many tokens the longest known phrase has."""
    longest: dict[str, int] = {}
    for pieces in _known():
        longest[pieces[0]] = max(longest.get(pieces[0], 0), len(pieces))
    return longest


def known(words: Sequence[str]) -> Known | None:
    """What these words together are known to name."""
    return _known().get(tuple(fold(word) for word in words))


def known_at(words: Sequence[str], start: int) -> tuple[int, Known] | None:
    """The longest known phrase that begins at `start`, as (end, what it names)."""
    longest = _longest().get(fold(words[start]), 0)
    for length in range(min(longest, len(words) - start), 0, -1):
        end = start + length
        found = known(words[start:end])
        if found:
            return end, found
    return None


def is_doubtful(word: str) -> bool:
    """Whether a known name is also a word of the language: "turkey", "who"."""
    return word in lexicon.words(_ORGANISATIONS, "doubtful")


def is_organisation_noun(word: str) -> bool:
    """Whether an organisation may be called so after its name was said: "the company"."""
    return word in lexicon.words(_ORGANISATIONS, "nouns")


def is_short_name(word: str) -> bool:
    """Whether an organisation may be called by the first word of its name: "Deepwell" Dredging."""
    if len(word) < 4 or known([word]) or titles.is_modifier(word) or titles.role_noun(word):
        return False
    return not (word in lexicon.words(_ORGANISATIONS, "common beginnings") or word in _all_nouns())


@cache
def _all_nouns() -> frozenset[str]:
    return lexicon.words(_ORGANISATIONS, "nouns") | lexicon.words(_ORGANISATIONS, "endings")


def is_named_after(last_word: str) -> bool:
    """Whether what ends so is called after a person: the Okafor "Foundation"."""
    return last_word in lexicon.words(_ORGANISATIONS, "named after people")


def places_of(group: str) -> frozenset[str]:
    """The places whose people a group is, where its name does not show it: "dutch"."""
    return _places_of_groups().get(group, frozenset())


@cache
def _places_of_groups() -> dict[str, frozenset[str]]:
    found = lexicon.mapping(_PLACES, "places of groups")
    return {
        group.replace("_", " "): frozenset(place.replace("_", " ") for place in places)
        for group, places in found.items()
    }


def is_firm_noun(word: str) -> bool:
    """Whether only a firm is called so: "the carmaker", "the lender"."""
    return word in lexicon.words(_ORGANISATIONS, "firm nouns")


def is_public(words: Sequence[str]) -> bool:
    """Whether a name is that of an authority, a party or an alliance: no firm's."""
    return " ".join(words) in lexicon.words(_ORGANISATIONS, "public bodies")


def makes_body_of_country(word: str) -> bool:
    """Whether a word before a country's name makes it a body's: "Cricket" Australia."""
    return word in lexicon.words(_ORGANISATIONS, "before countries")


def type_by_noun_after(noun: str) -> EntityType | None:
    """What a noun in small letters says of the name before it: "Challenger 2 tanks"."""
    if noun in lexicon.words(_ORGANISATIONS, "products before"):
        return "product"
    return "place" if noun in lexicon.words(_PLACES, "places before") else None


def is_ending(word: str) -> bool:
    """Whether an organisation's name may end so: "Society", "Management"."""
    return word in _endings("endings") or word in _endings("endings of firms")


def is_heading(words: str) -> bool:
    """Whether a line begins so without naming where it was written: "UPDATE —"."""
    return words in lexicon.words(_PLACES, "no datelines")


def is_specific_noun(word: str) -> bool:
    """Whether an organisation is called so only if its name says it: "the union"."""
    return word in lexicon.words(_ORGANISATIONS, "specific nouns")


def ends_as_firm(word: str) -> bool:
    """Whether a last word is that of many firms, though of some people too: "Energy", "Power"."""
    return fold(word) in lexicon.words(_ORGANISATIONS, "endings of firms")


@cache
def _endings(section: str) -> frozenset[str]:
    return lexicon.words(_ORGANISATIONS, section)


def type_by_words(words: Sequence[str]) -> EntityType | None:
    """What a name of several words must be by its first or last: "… Ministry", "Hurricane …"."""
    if len(words) < 2:
        return None
    first, last = fold(words[0]), fold(words[-1]).rstrip(".")
    if first in _endings("event beginnings") or last in _endings("event endings"):
        return "event"
    if last in _endings("endings"):
        return "organisation"
    return "place" if last in _endings("place endings") else None
