"""Known places, nationalities and organisations, found as phrases of tokens.

Hand-made and small on purpose: it holds what news names without explaining, so that one wrong
label of the model does not make Kiev a person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from onrecord.nlp.entities.names import fold
from onrecord.nlp.entities.titles import Titles
from onrecord.nlp.lexicon import WordLists
from onrecord.records import EntityType

_PLACES = "places"
_ORGANISATIONS = "organisations"
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


class Gazetteer:
    """The known names of a language's word lists, and the words that names are made of."""

    def __init__(self, lists: WordLists, titles: Titles) -> None:
        self._lists = lists
        self._titles = titles

    def known(self, words: Sequence[str]) -> Known | None:
        """What these words together are known to name."""
        return self._known.get(tuple(fold(word) for word in words))

    def known_at(self, words: Sequence[str], start: int) -> tuple[int, Known] | None:
        """The longest known phrase that begins at `start`, as (end, what it names)."""
        longest = self._longest.get(fold(words[start]), 0)
        for length in range(min(longest, len(words) - start), 0, -1):
            end = start + length
            found = self.known(words[start:end])
            if found:
                return end, found
        return None

    def is_doubtful(self, word: str) -> bool:
        """Whether a known name is also a word of the language: "turkey", "who"."""
        return word in self._organisations("doubtful")

    def is_organisation_noun(self, word: str) -> bool:
        """Whether an organisation may be called so after its name was said: "the company"."""
        return word in self._organisations("nouns")

    def is_short_name(self, word: str) -> bool:
        """Whether an organisation may be called by the first word of its name: "Deepwell"."""
        titled = self._titles.is_modifier(word) or self._titles.role_noun(word)
        if len(word) < 4 or self.known([word]) or titled:
            return False
        return not (word in self._organisations("common beginnings") or word in self._all_nouns)

    def is_named_after(self, last_word: str) -> bool:
        """Whether what ends so is called after a person: the Okafor "Foundation"."""
        return last_word in self._organisations("named after people")

    def places_of(self, group: str) -> frozenset[str]:
        """The places whose people a group is, where its name does not show it: "dutch"."""
        return self._places_of_groups.get(group, frozenset())

    def is_firm_noun(self, word: str) -> bool:
        """Whether only a firm is called so: "the carmaker", "the lender"."""
        return word in self._organisations("firm nouns")

    def is_public(self, words: Sequence[str]) -> bool:
        """Whether a name is that of an authority, a party or an alliance: no firm's."""
        return " ".join(words) in self._organisations("public bodies")

    def makes_body_of_country(self, word: str) -> bool:
        """Whether a word before a country's name makes it a body's: "Cricket" Australia."""
        return word in self._organisations("before countries")

    def type_by_noun_after(self, noun: str) -> EntityType | None:
        """What a noun in small letters says of the name before it: "Challenger 2 tanks"."""
        if noun in self._organisations("products before"):
            return "product"
        return "place" if noun in self._lists.words(_PLACES, "places before") else None

    def is_ending(self, word: str) -> bool:
        """Whether an organisation's name may end so: "Society", "Management"."""
        return word in self._organisations("endings") or word in self._lists.words(
            _ORGANISATIONS, "endings of firms"
        )

    def is_heading(self, words: str) -> bool:
        """Whether a line begins so without naming where it was written: "UPDATE —"."""
        return words in self._lists.words(_PLACES, "no datelines")

    def is_specific_noun(self, word: str) -> bool:
        """Whether an organisation is called so only if its name says it: "the union"."""
        return word in self._organisations("specific nouns")

    def ends_as_firm(self, word: str) -> bool:
        """Whether a last word is that of many firms, and of some people: "Energy", "Power"."""
        return fold(word) in self._organisations("endings of firms")

    def type_by_words(self, words: Sequence[str]) -> EntityType | None:
        """What several words must name by the first or last: "… Ministry", "Hurricane …"."""
        if len(words) < 2:
            return None
        first, last = fold(words[0]), fold(words[-1]).rstrip(".")
        if first in self._lists.words(
            _ORGANISATIONS, "event beginnings"
        ) or last in self._organisations("event endings"):
            return "event"
        if last in self._organisations("endings"):
            return "organisation"
        return "place" if last in self._organisations("place endings") else None

    def _organisations(self, section: str) -> frozenset[str]:
        return self._lists.words(_ORGANISATIONS, section)

    @cached_property
    def _known(self) -> dict[tuple[str, ...], Known]:
        found = {}
        for file, section, kind in _SECTIONS:
            for names in self._lists.phrases(file, section):
                for name in names:
                    found[_pieces(name)] = Known(kind, fold(names[0]), section)
        for (*start, last), known in list(found.items()):
            if known.type == "group" and not last.endswith(("s", "ish", "ch", "ese")):
                found[(*start, last + "s")] = known
        return found

    @cached_property
    def _longest(self) -> dict[str, int]:
        """By its first word, how many tokens the longest known phrase has."""
        longest: dict[str, int] = {}
        for pieces in self._known:
            longest[pieces[0]] = max(longest.get(pieces[0], 0), len(pieces))
        return longest

    @cached_property
    def _all_nouns(self) -> frozenset[str]:
        return self._organisations("nouns") | self._lists.words(_ORGANISATIONS, "endings")

    @cached_property
    def _places_of_groups(self) -> dict[str, frozenset[str]]:
        found = self._lists.mapping(_PLACES, "places of groups")
        return {
            group.replace("_", " "): frozenset(place.replace("_", " ") for place in places)
            for group, places in found.items()
        }


def _pieces(name: str) -> tuple[str, ...]:
    return tuple(part for part in _PIECES.sub(r" \1\2 ", fold(name)).split() if part)
