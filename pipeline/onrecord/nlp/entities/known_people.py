"""Known people: the full names of those whom news calls by their surname alone.

"President Obama said" needs no more; a reader knows that it was Barack Obama. Hand-made and small,
as the gazetteer is: the text has to call them what they are, or nobody else to be called so.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from onrecord.nlp import lexicon
from onrecord.nlp.entities.names import (
    Gender,
    fold,
    gender_of_given_name,
    name_key,
    same_person,
    spelling,
)

_FILE = "en/known_people.txt"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A full name, the nouns of the offices its bearer is called by, and whether one is needed.

    `belongs` is the country of the offices and the party, folded.
    """

    name: str
    offices: frozenset[str]
    by_surname_alone: bool
    belongs: tuple[str, ...]

    @property
    def gender(self) -> Gender | None:
        """What the given name says of them."""
        return gender_of_given_name(self.name.split()[0])


def full_name(surname: str, offices: Collection[str], gender: Gender | None) -> str | None:
    """The full name that a surname means, for somebody called by these nouns of offices."""
    person = _people().get(spelling(fold(surname)))
    if person is None or (gender and person.gender not in {gender, None}):
        return None
    called = person.by_surname_alone and not offices
    return person.name if called or person.offices.intersection(offices) else None


def known_person(name: str) -> KnownPerson | None:
    """Who bears a full name, if they are known."""
    key = name_key(name.split())
    person = _people().get(spelling(key[-1])) if len(key) > 1 else None
    same = person is not None and same_person(key, name_key(person.name.split()))
    return person if same else None


def is_known_by_surname(word: str) -> bool:
    """Whether hardly anybody or anything else in the news is called by this surname: "Lavrov"."""
    person = _people().get(spelling(fold(word)))
    return person is not None and person.by_surname_alone


@cache
def _people() -> dict[str, KnownPerson]:
    return dict(map(_read, lexicon.sections(_FILE)["people"]))


def _read(line: str) -> tuple[str, KnownPerson]:
    surname, _, rest = line.partition(" = ")
    alone = "!" in rest
    rest, _, belongs_to = rest.partition(" @ ")
    name, _, offices = rest.partition(" !" if alone else " : ")
    belongs = tuple(word.replace("_", " ") for word in belongs_to.split())
    person = KnownPerson(name.strip(), frozenset(offices.split()), alone, belongs)
    return spelling(fold(surname)), person
