"""Forms of address and the nouns that say what a person is: "Mr.", "Sen.", "spokeswoman"."""

import re
from functools import cache

from onrecord.nlp import lexicon
from onrecord.nlp.entities.names import Gender

_TITLES = "en/titles.txt"
_AGENT = re.compile(
    r"(?:[bcdfghjklmnpqrstvwxyz](?:er|or|eer)|(?:[aeiou]y|i|u|a)er|ator|ist|ician|arian|rian"
    r"|ee|man|woman|person|smith|wright|herd|monger)$"
)
_GENDERS: tuple[Gender, ...] = ("masculine", "feminine")


@cache
def _honorifics() -> dict[str, Gender | None]:
    found: dict[str, Gender | None] = dict.fromkeys(lexicon.words(_TITLES, "honorifics"))
    for gender in _GENDERS:
        found |= dict.fromkeys(lexicon.words(_TITLES, f"honorifics {gender}"), gender)
    return found


@cache
def _abbreviations() -> dict[str, str]:
    pairs = (entry.partition("=") for entry in lexicon.words(_TITLES, "abbreviations"))
    return {short: noun for short, _, noun in pairs}


@cache
def _roles() -> dict[str, Gender | None]:
    found: dict[str, Gender | None] = dict.fromkeys(lexicon.words(_TITLES, "roles"))
    for gender in _GENDERS:
        found |= dict.fromkeys(lexicon.words(_TITLES, f"roles {gender}"), gender)
    return found


@cache
def _in_small_letters() -> frozenset[str]:
    return lexicon.words(_TITLES, "roles in small letters")


@cache
def _kin() -> frozenset[str]:
    return lexicon.words(_TITLES, "kin")


@cache
def _modifiers() -> frozenset[str]:
    return lexicon.words(_TITLES, "role modifiers")


@cache
def _kinds() -> dict[str, frozenset[str]]:
    return lexicon.mapping(_TITLES, "kinds")


def is_honorific(word: str) -> bool:
    """Whether a word can stand before a name as a form of address: "Mr.", "Sheikh"."""
    return _plain(word) in _honorifics()


def gender_of_honorific(word: str) -> Gender | None:
    """What a form of address says of a person; None for "Dr." and for other words."""
    return _honorifics().get(_plain(word))


def role_noun(word: str) -> str | None:
    """The noun of a role that a word is, or is short for ("Sen." is "senator"); else None."""
    plain = _plain(word)
    if plain in _abbreviations():
        return _abbreviations()[plain]
    if plain in _roles() or plain in _kin():
        return plain
    return plain if word.islower() and plain in _in_small_letters() else None


def agent_noun(word: str) -> str | None:
    """The noun itself if it ends as nouns for people do: "signalwoman", "seismologist".

    Only for nouns in small letters: "Carter" and "Bowman" are surnames.
    """
    if not (word.islower() and len(word) > 4 and _AGENT.search(word)):
        return None
    return None if word in lexicon.words(_TITLES, "not people") else word


def is_for_people(noun: str) -> bool:
    """Whether a noun says what a person is."""
    return role_noun(noun) is not None or agent_noun(noun) is not None


def singular(word: str) -> str:
    """The word without the ending of a plural: "analysts", "spokesmen"."""
    if word.lower().endswith("men"):
        return word[:-2] + "an"
    if word.lower().endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.lower().endswith("s") else word


def occupation(verb: str) -> str | None:
    """The noun for who does what a verb in a clause says: "leader" for "leads"."""
    return next(iter(lexicon.mapping(_TITLES, "occupations").get(verb, ())), None)


def is_abbreviation(word: str) -> bool:
    """Whether a word is a title cut short: "Sen.", "Gov"."""
    return _plain(word) in _abbreviations()


def announces_person(word: str) -> bool:
    """Whether only a person's name follows: after "Mr" and "Sen.", not after "King" or "PM"."""
    if _plain(word) in lexicon.words(_TITLES, "announcing"):
        return True
    return word.endswith(".") and is_abbreviation(word)


def is_addressed(noun: str) -> bool:
    """Whether people are addressed by an office: "Mr President", "Madam Speaker"."""
    return _plain(noun) in lexicon.words(_TITLES, "addressed")


def is_kin(word: str) -> bool:
    """Whether a noun says whose somebody is: "wife", "brother"."""
    return _plain(word) in _kin()


def gender_of_role(noun: str) -> Gender | None:
    """What the noun of a role says of a person: "spokeswoman" is feminine."""
    plain = _plain(noun)
    if plain not in _roles() and plain.endswith("woman"):
        return "feminine"
    return _roles().get(plain)


def is_modifier(word: str) -> bool:
    """Whether a word in capitals can begin a role: "Former", "Deputy", "Foreign"."""
    return _plain(word) in _modifiers()


def is_no_role(noun: str) -> bool:
    """Whether a noun beside a name is no word for a person: "the day", "the way"."""
    return noun in lexicon.words(_TITLES, "not people") | lexicon.words(_TITLES, "not beside")


def is_after_name(word: str) -> bool:
    """Whether a word in capitals belongs to the name before it: "KC", "PhD"."""
    return word[:1].isupper() and _plain(word) in lexicon.words(_TITLES, "after names")


def is_function(noun: str) -> bool:
    """Whether a noun says what part somebody has in a story, rather than who they are.

    "The novelist" may be who the text is about; "the judge" is somebody else.
    """
    return noun in lexicon.words(_TITLES, "functions") or noun in _kin()


def generation(word: str) -> frozenset[str]:
    """The kin whom "the younger" or "the elder" of a family may mean; none for other words."""
    return lexicon.mapping(_TITLES, "generations").get(word, frozenset())


def is_relational(noun: str) -> bool:
    """Whether a role only says what somebody is to another: "rival", "friend"."""
    return noun in lexicon.words(_TITLES, "relational")


def portfolios() -> frozenset[str]:
    """The fields of offices, no two of which one minister has: "foreign", "finance"."""
    return lexicon.words(_TITLES, "portfolios")


def is_of_place(noun: str) -> bool:
    """Whether a place follows a noun and "of": "the mayor of", "the town of"."""
    return noun in lexicon.words(_TITLES, "of places")


def implying(noun: str) -> frozenset[str]:
    """The nouns of roles whose holders may be called a `noun`: "lawmaker" of a "senator"."""
    return _kinds().get(noun, frozenset()) | {noun}


def is_variation(noun: str) -> bool:
    """Whether writers call somebody by a noun that they never said of them before: "the star"."""
    return noun in lexicon.words(_TITLES, "variations")


def is_held_by_one(noun: str) -> bool:
    """Whether an office has one holder at a time, so that its noun alone says who: "president"."""
    return noun in lexicon.words(_TITLES, "held by one")


def _plain(word: str) -> str:
    return word.lower().rstrip(".")
