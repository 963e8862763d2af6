"""Where a text has the words that can show a name, found in one pass over its tokens.

A rule for overlooked names applies at few words: at "&", at a given name, at the noun of a role.
The classes of a word follow from its letters alone, so they are determined once per word.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from spacy.tokens import Doc

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.reading.quotation_marks import MARKS

NICKNAME_MARKS = MARKS | {"(", ")"}

WordClass = Literal[
    "ampersand",
    "area's body",
    "begins known name",
    "body before country",
    "body's last word",
    "capital",
    "comma",
    "form of address",
    "given name",
    "nickname mark",
    "noun after name",
    "noun for a person",
    "possessive",
    "relative",
    "role noun",
    "suffix",
    "title case",
]


class WordIndex:
    """The tokens and words of a text, and the places of the words of each class.

    `small` holds the words in lower case.
    """

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.tokens = list(doc)
        self.words = [token.text for token in self.tokens]
        self._written: dict[tuple[int, int], str] = {}
        self._places: dict[WordClass, list[int]] = defaultdict(list)
        for i, classes in enumerate(map(_classes_of, self.words)):
            for one in classes:
                self._places[one].append(i)
        self.small = frozenset(word for word in set(self.words) if word.islower())

    def written(self, name: NamedSpan) -> str:
        """A name as it stands in the text."""
        place = name.start, name.end
        if place not in self._written:
            self._written[place] = self.doc[name.start : name.end].text
        return self._written[place]

    def places(self, of: WordClass, *, start: int = 0, before_end: int = 0) -> Sequence[int]:
        """The tokens of a class, in order, from `start` on and without the last `before_end`."""
        end = len(self.words) - before_end
        return [i for i in self._places.get(of, ()) if start <= i < end]


def is_suffix(word: str) -> bool:
    """Whether a word in capitals follows people's names: "KC", "FRS"."""
    return len(word) > 1 and word.isupper() and titles.is_after_name(word)


def _is_known_role(word: str) -> bool:
    """Whether a word in small letters is the noun of a role that no organisation has."""
    role = word.islower() and titles.role_noun(word) is not None
    return role and not gazetteer.is_organisation_noun(word)


def _is_noun_for_person(word: str) -> bool:
    """Whether a capitalised word says what somebody is: "Presenter"."""
    noun = word.lower()
    if not (word.istitle() and titles.is_for_people(noun)):
        return False
    return not (gazetteer.is_organisation_noun(noun) or name_words.is_given(word))


_SHOWN_BY: Mapping[WordClass, Callable[[str], bool]] = {
    "ampersand": lambda word: word == "&",
    "area's body": gazetteer.serves_areas,
    "begins known name": lambda word: word[:1].isupper() and gazetteer.begins_known(word),
    "body before country": lambda word: (
        word.istitle() and gazetteer.makes_body_of_country(word.lower())
    ),
    "body's last word": lambda word: word.istitle() and gazetteer.is_ending(word.lower()),
    "capital": lambda word: word[:1].isupper(),
    "comma": lambda word: word == ",",
    "form of address": lambda word: word[:1].isupper() and titles.announces_person(word),
    "given name": lambda word: (
        word[:1].isupper() and name_words.is_given(word) and titles.role_noun(word) is None
    ),
    "nickname mark": NICKNAME_MARKS.__contains__,
    "noun after name": lambda word: (
        word.islower() and gazetteer.type_by_noun_after(word) is not None
    ),
    "noun for a person": _is_noun_for_person,
    "possessive": {"'s", "’s"}.__contains__,
    "relative": lambda word: titles.is_kin(word) or titles.is_somebodys(word),
    "role noun": _is_known_role,
    "suffix": is_suffix,
    "title case": str.istitle,
}


@lru_cache(maxsize=16384)
def _classes_of(word: str) -> tuple[WordClass, ...]:
    return tuple(one for one, shows in _SHOWN_BY.items() if shows(word))
