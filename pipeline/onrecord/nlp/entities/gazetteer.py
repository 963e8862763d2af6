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
# Legal forms in capitals at the end of a firm's name.
LEGAL_FORMS = frozenset({"AB", "AG", "ASA", "BV", "KK", "NV", "PLC", "SA", "SE"})
_SECTIONS: tuple[tuple[str, str, EntityType], ...] = (
    (_ORGANISATIONS, "names", "organisation"),
    (_ORGANISATIONS, "products", "product"),
    (_PLACES, "groups", "group"),
    (_PLACES, "cities", "place"),
    (_PLACES, "states", "place"),
    (_PLACES, "countries", "place"),
)
# spaCy's tokenizer splits "al-Qaeda" and "Emily's" at these points.
_PIECES = re.compile(r"(?<=[^\W\d_])(-)(?=[^\W\d_])|('s)")


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the gazetteer: its type, and the folded full name that its variants share.

    `section` is the section of the word list: "countries", "states", "cities", "groups" …
    """

    type: EntityType
    name: str
    section: str


class Gazetteer:
    """The known names in a language's word lists, and the words that form names."""

    def __init__(self, lists: WordLists, titles: Titles) -> None:
        self._lists = lists
        self._titles = titles

    def known(self, words: Sequence[str]) -> Known | None:
        """The entry for exactly these words, or None."""
        return self._known.get(tuple(map(fold, words)))

    def known_at(self, words: Sequence[str], start: int) -> tuple[int, Known] | None:
        """The longest known phrase that begins at `start`, as (end, entry), or None."""
        longest = self._longest.get(fold(words[start]), 0)
        for length in range(min(longest, len(words) - start), 0, -1):
            end = start + length
            found = self.known(words[start:end])
            if found:
                return end, found
        return None

    def begins_known(self, word: str) -> bool:
        """Whether a known name begins with this word."""
        return fold(word) in self._longest

    def is_doubtful(self, word: str) -> bool:
        """Whether a known name is also an ordinary word of the language: "turkey", "who"."""
        return word in self._organisations("doubtful")

    def is_abbreviation(self, word: str) -> bool:
        """Whether a word is an abbreviation that names nobody and nothing: "CCTV"."""
        return word.lower() in self._organisations("abbreviations")

    def is_organisation_noun(self, word: str) -> bool:
        """Whether a noun can refer back to a named organisation: "the company"."""
        return word in self._organisations("nouns")

    def is_short_name(self, word: str) -> bool:
        """Whether the first word of an organisation's name can be its short name: "Deepwell"."""
        titled = self._titles.is_modifier(word) or self._titles.role_noun(word)
        if len(word) < 4 or self.known([word]) or titled:
            return False
        return not (word in self._organisations("common beginnings") or word in self._all_nouns)

    def is_named_after(self, last_word: str) -> bool:
        """Whether organisations with this last word are named after people: Okafor "Foundation"."""
        return last_word in self._organisations("named after people")

    def places_of(self, group: str) -> frozenset[str]:
        """The places a group's members come from, for names that do not show it: "dutch"."""
        return self._places_of_groups.get(group, frozenset())

    def is_firm_noun(self, word: str) -> bool:
        """Whether a noun refers only to firms: "the carmaker", "the lender"."""
        return word in self._organisations("firm nouns")

    def is_public(self, words: Sequence[str]) -> bool:
        """Whether a name belongs to an authority, a party or an alliance, not to a firm."""
        return " ".join(words) in self._organisations("public bodies")

    def makes_body_of_country(self, word: str) -> bool:
        """Whether a word and the country after it name a body: "Cricket" Australia."""
        return word in self._organisations("before countries")

    def serves_areas(self, word: str) -> bool:
        """Whether a body with this last word can be named after two areas: "Police"."""
        return word.istitle() and word.lower() in self._organisations("of areas")

    def type_by_noun_after(self, noun: str) -> EntityType | None:
        """The type that a lower-case noun gives the name before it: "Challenger 2 tanks"."""
        return self._types_before_nouns.get(noun)

    def is_ending(self, word: str) -> bool:
        """Whether an organisation's name can end with this word: "Society", "Management"."""
        return word in self._organisations("endings") or word in self._lists.words(
            _ORGANISATIONS, "endings of firms"
        )

    def is_heading(self, words: str) -> bool:
        """Whether words at the start of a line are a heading, not a dateline: "UPDATE —"."""
        return words in self._lists.words(_PLACES, "no datelines")

    def is_specific_noun(self, word: str) -> bool:
        """Whether a noun refers only to organisations with it in their name: "the union"."""
        return word in self._organisations("specific nouns")

    def ends_as_firm(self, word: str) -> bool:
        """Whether many firms' names, and some people's, end with this word: "Energy", "Power"."""
        return fold(word) in self._organisations("endings of firms")

    def type_by_words(self, words: Sequence[str]) -> EntityType | None:
        """The type that the first or last of several words shows: "… Ministry", "Hurricane …".

        Laws are works.
        """
        if len(words) < 2:
            return None
        last = fold(words[-1]).rstrip(".")
        if self.begins_event(words) or last in self._organisations("event endings"):
            return "event"
        if last in self._organisations("work endings"):
            return "work"
        if last in self._organisations("endings"):
            return "organisation"
        return "place" if last in self._organisations("place endings") else None

    def ends_in_legal_form(self, words: Sequence[str]) -> bool:
        """Whether a name ends in a firm's legal form: "Litiora SA", but not "MARIA SA"."""
        return len(words) > 1 and words[-1] in LEGAL_FORMS and not words[0].isupper()

    def begins_event(self, words: Sequence[str]) -> bool:
        """Whether two words name an event by the first: "Hurricane Ida", "Storm Ulrika"."""
        first = fold(words[0]) if len(words) == 2 else ""
        if first in self._organisations("kinds of storms"):
            return not self.is_matter_of_storm(words)
        return first in self._organisations("event beginnings")

    def is_matter_of_storm(self, words: Sequence[str]) -> bool:
        """Whether two words say what belongs to storms and name none: "Storm Drains"."""
        storm = len(words) == 2 and fold(words[0]) in self._organisations("kinds of storms")
        return storm and fold(words[1]) in self._organisations("matters of storms")

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
        """The length in tokens of the longest known phrase, by its first word."""
        longest: dict[str, int] = {}
        for pieces in self._known:
            longest[pieces[0]] = max(longest.get(pieces[0], 0), len(pieces))
        return longest

    @cached_property
    def _all_nouns(self) -> frozenset[str]:
        return self._organisations("nouns") | self._lists.words(_ORGANISATIONS, "endings")

    @cached_property
    def _types_before_nouns(self) -> dict[str, EntityType]:
        """The type of the name before each noun that shows one: every small word is looked up."""
        found: dict[str, EntityType] = dict.fromkeys(
            self._lists.words(_PLACES, "places before"), "place"
        )
        return found | dict.fromkeys(self._organisations("products before"), "product")

    @cached_property
    def _places_of_groups(self) -> dict[str, frozenset[str]]:
        found = self._lists.mapping(_PLACES, "places of groups")
        return {
            group.replace("_", " "): frozenset(place.replace("_", " ") for place in places)
            for group, places in found.items()
        }


def _pieces(name: str) -> tuple[str, ...]:
    return tuple(part for part in _PIECES.sub(r" \1\2 ", fold(name)).split() if part)
