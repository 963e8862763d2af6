"""Forms of address and nouns for people: "Mr.", "Sen.", "spokeswoman"."""

import re
from functools import cached_property, lru_cache

from onrecord.nlp.entities.names import Gender
from onrecord.nlp.lexicon import WordLists

_LIST = "titles"
_AGENT = re.compile(
    r"(?:[bcdfghjklmnpqrstvwxyz](?:er|or|eer)|(?:[aeiou]y|i|u|a)er|ator|ist|ician|arian|rian"
    r"|ee|man|woman|person|smith|wright|herd|monger)$"
)
_GENDERS: tuple[Gender, ...] = ("masculine", "feminine")


class Titles:
    """A language's word lists of forms of address and of nouns for people."""

    def __init__(self, lists: WordLists) -> None:
        self._lists = lists

    def is_honorific(self, word: str) -> bool:
        """Whether a word can stand before a name as a form of address: "Mr.", "Sheikh"."""
        return _plain(word) in self._honorifics

    def gender_of_honorific(self, word: str) -> Gender | None:
        """The gender that a form of address shows; None for "Dr." and for other words."""
        return self._honorifics.get(_plain(word))

    @lru_cache(maxsize=16384)  # noqa: B019 - a language's titles are kept as long as the process
    def role_noun(self, word: str) -> str | None:
        """The role noun that a word is or abbreviates ("Sen." is "senator"); else None."""
        plain = _plain(word)
        if plain in self._abbreviations:
            return self._abbreviations[plain]
        if plain in self._roles or plain in self._kin:
            return plain
        return plain if word.islower() and plain in self._in_small_letters else None

    @lru_cache(maxsize=16384)  # noqa: B019 - as above
    def ends_pair(self, word: str) -> bool:
        """Whether a word can end a role noun of two: "first lady", "front-runner"."""
        return _plain(word) in self._ends_of_pairs

    @lru_cache(maxsize=16384)  # noqa: B019 - as above
    def agent_noun(self, word: str) -> str | None:
        """The noun itself if it has an agent suffix: "signalwoman", "seismologist"; else None.

        Only for lower-case nouns: "Carter" and "Bowman" are surnames.
        """
        if not (word.islower() and len(word) > 4 and _AGENT.search(word)):
            return None
        return None if word in self._lists.words(_LIST, "not people") else word

    def is_for_people(self, noun: str) -> bool:
        """Whether a noun denotes a person."""
        return self.role_noun(noun) is not None or self.agent_noun(noun) is not None

    def occupation(self, verb: str) -> str | None:
        """The agent noun of a verb in a clause: "leader" for "leads"."""
        return next(iter(self._lists.mapping(_LIST, "occupations").get(verb, ())), None)

    def is_abbreviation(self, word: str) -> bool:
        """Whether a word is an abbreviated title: "Sen.", "Gov"."""
        return _plain(word) in self._abbreviations

    def announces_person(self, word: str) -> bool:
        """Whether only a person's name follows: after "Mr" and "Sen.", not after "King" or "PM"."""
        if _plain(word) in self._lists.words(_LIST, "announcing"):
            return True
        return word.endswith(".") and self.is_abbreviation(word)

    def is_addressed(self, noun: str) -> bool:
        """Whether an office is used as a form of address: "Mr President", "Madam Speaker"."""
        return _plain(noun) in self._lists.words(_LIST, "addressed")

    def is_kin(self, word: str) -> bool:
        """Whether a noun denotes a relative: "wife", "brother"."""
        return _plain(word) in self._kin

    def gender_of_role(self, noun: str) -> Gender | None:
        """The gender that a role noun shows: "spokeswoman" is feminine."""
        plain = _plain(noun)
        if plain not in self._roles and plain.endswith("woman"):
            return "feminine"
        return self._roles.get(plain)

    def is_modifier(self, word: str) -> bool:
        """Whether a capitalised word can begin a role: "Former", "Deputy", "Foreign"."""
        return _plain(word) in self._modifiers

    def is_no_role(self, noun: str) -> bool:
        """Whether a noun beside a name does not denote a person: "the day", "the way"."""
        return noun in self._lists.words(_LIST, "not people") | self._lists.words(
            _LIST, "not beside"
        )

    def is_after_name(self, word: str) -> bool:
        """Whether a capitalised word is a suffix of the name before it: "KC", "PhD"."""
        return word[:1].isupper() and _plain(word) in self._lists.words(_LIST, "after names")

    def is_function(self, noun: str) -> bool:
        """Whether a noun denotes a person's function in the story rather than their occupation.

        "The novelist" can be the subject of the text; "the judge" is another person.
        """
        return noun in self._lists.words(_LIST, "functions") or noun in self._kin

    def generation(self, word: str) -> frozenset[str]:
        """The kinship nouns that "the younger" or "the elder" can mean; empty for other words."""
        return self._lists.mapping(_LIST, "generations").get(word, frozenset())

    def is_somebodys(self, noun: str) -> bool:
        """Whether a noun is incomplete without its possessor: "her teacher", "his landlord"."""
        return noun.lower() in self._lists.words(_LIST, "owned")

    def is_relational(self, noun: str) -> bool:
        """Whether a role only relates one person to another: "rival", "friend"."""
        return noun in self._lists.words(_LIST, "relational")

    def portfolios(self) -> frozenset[str]:
        """The portfolios, of which a minister holds only one: "foreign", "finance"."""
        return self._lists.words(_LIST, "portfolios")

    def is_of_place(self, noun: str) -> bool:
        """Whether a noun takes "of" and a place: "the mayor of", "the town of"."""
        return noun in self._lists.words(_LIST, "of places")

    def implying(self, noun: str) -> frozenset[str]:
        """`noun` and the role nouns that imply it: "senator" implies "lawmaker"."""
        return self._kinds.get(noun, frozenset()) | {noun}

    def is_variation(self, noun: str) -> bool:
        """Whether a noun serves elegant variation, without earlier mention: "the star"."""
        return noun in self._lists.words(_LIST, "variations")

    def is_held_by_one(self, noun: str) -> bool:
        """Whether an office has one holder at a time and its noun identifies it: "president"."""
        return noun in self._lists.words(_LIST, "held by one")

    @cached_property
    def _honorifics(self) -> dict[str, Gender | None]:
        found: dict[str, Gender | None] = dict.fromkeys(self._lists.words(_LIST, "honorifics"))
        for gender in _GENDERS:
            found |= dict.fromkeys(self._lists.words(_LIST, f"honorifics {gender}"), gender)
        return found

    @cached_property
    def _abbreviations(self) -> dict[str, str]:
        pairs = (entry.partition("=") for entry in self._lists.words(_LIST, "abbreviations"))
        return {short: noun for short, _, noun in pairs}

    @cached_property
    def _roles(self) -> dict[str, Gender | None]:
        found: dict[str, Gender | None] = dict.fromkeys(self._lists.words(_LIST, "roles"))
        for gender in _GENDERS:
            found |= dict.fromkeys(self._lists.words(_LIST, f"roles {gender}"), gender)
        return found

    @cached_property
    def _ends_of_pairs(self) -> frozenset[str]:
        nouns = (*self._abbreviations, *self._roles, *self._kin, *self._in_small_letters)
        return frozenset(noun[at.end() :] for noun in nouns for at in re.finditer("[ -]", noun))

    @cached_property
    def _in_small_letters(self) -> frozenset[str]:
        return self._lists.words(_LIST, "roles in small letters")

    @cached_property
    def _kin(self) -> frozenset[str]:
        return self._lists.words(_LIST, "kin")

    @cached_property
    def _modifiers(self) -> frozenset[str]:
        return self._lists.words(_LIST, "role modifiers")

    @cached_property
    def _kinds(self) -> dict[str, frozenset[str]]:
        return self._lists.mapping(_LIST, "kinds")


def singular(word: str) -> str:
    """The singular of a noun: "analyst" of "analysts", "spokesman" of "spokesmen"."""
    if word.lower().endswith("men"):
        return word[:-2] + "an"
    if word.lower().endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.lower().endswith("s") else word


@lru_cache(maxsize=16384)
def _plain(word: str) -> str:
    return word.lower().rstrip(".")
