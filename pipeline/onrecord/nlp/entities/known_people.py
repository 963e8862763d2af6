"""Known people: full names of people whom news mentions by surname alone.

A reader of "President Obama said" knows that it was Barack Obama. The list is small and made by
hand, like the gazetteer. It applies only if the text states one of the person's offices, or
states no office and hardly anybody else has the surname.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from onrecord.nlp.entities.names import Gender, NameWords, fold, name_key, spelling
from onrecord.nlp.lexicon import WordLists


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A full name, the nouns of the person's offices, and whether the text must state one.

    `belongs` is the country of the offices and the party, folded. `gender` is that of the
    given name.
    """

    name: str
    offices: frozenset[str]
    by_surname_alone: bool
    belongs: tuple[str, ...]
    gender: Gender | None


class KnownPeople:
    """The people in a language's word list, by surname."""

    def __init__(self, lists: WordLists, name_words: NameWords) -> None:
        self._lists = lists
        self._name_words = name_words

    def full_name(
        self, surname: str, offices: Collection[str], gender: Gender | None
    ) -> str | None:
        """The full name of a person with this surname and these offices, or None."""
        person = self._people.get(spelling(fold(surname)))
        if person is None or (gender and person.gender not in {gender, None}):
            return None
        called = person.by_surname_alone and not offices
        return person.name if called or person.offices.intersection(offices) else None

    def find(self, name: str) -> KnownPerson | None:
        """The known person with a full name, or None."""
        key = name_key(name.split())
        person = self._people.get(spelling(key[-1])) if len(key) > 1 else None
        if person is None:
            return None
        same = self._name_words.same_person(key, name_key(person.name.split()))
        return person if same else None

    def is_known_by_surname(self, word: str) -> bool:
        """Whether the surname is nearly unique in the news: "Lavrov"."""
        person = self._people.get(spelling(fold(word)))
        return person is not None and person.by_surname_alone

    @cached_property
    def _people(self) -> dict[str, KnownPerson]:
        return dict(map(self._read, self._lists.sections("known_people").get("people", ())))

    def _read(self, line: str) -> tuple[str, KnownPerson]:
        surname, _, rest = line.partition(" = ")
        alone = "!" in rest
        rest, _, belongs_to = rest.partition(" @ ")
        name, _, offices = rest.partition(" !" if alone else " : ")
        belongs = tuple(word.replace("_", " ") for word in belongs_to.split())
        gender = self._name_words.gender_of(name.split()[0])
        person = KnownPerson(name.strip(), frozenset(offices.split()), alone, belongs, gender)
        return spelling(fold(surname)), person
