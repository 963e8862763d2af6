"""Kin: who "her husband" and "Weiss's mother" are, where the text says who is whose.

"His wife, Lena Ortiz" makes her the wife of whoever "his" means, and him "her husband".
"""

from collections.abc import Iterator

from spacy.tokens import Span, Token

from onrecord.nlp.coreference.discourse import Account, Meaning
from onrecord.nlp.entities.english import titles
from onrecord.nlp.entities.names import Gender

_COUPLE = frozenset(
    {"husband", "wife", "widow", "widower", "spouse", "partner", "boyfriend", "girlfriend"}
) | {"fiancé", "fiancée"}
_PARENTS = frozenset({"father", "mother", "dad", "mom", "mum", "parent"})
_CHILDREN = frozenset({"son", "daughter", "child"})
_SIBLINGS = frozenset({"brother", "sister", "sibling", "half-brother", "half-sister"})
_INVERSES = (
    (_COUPLE, _COUPLE),
    (_PARENTS, _CHILDREN),
    (_CHILDREN, _PARENTS),
    (_SIBLINGS, _SIBLINGS),
)


def meant_by_kinship(source: Span, head: Token, account: Account) -> Meaning | None:
    """Who is what a source says to whoever it says: "her husband"."""
    owner = _owner([token for token in source if token.i < head.i], account)
    if owner is None or not titles.is_kin(head.text):
        return None
    noun = head.lower_
    for person, role_noun, whose in _relations(head.i, account):
        if whose == owner and role_noun == noun and _can_be(person, noun, account):
            return Meaning(person, f"{noun} of {account.name_of(owner)}")
        inverse = noun != role_noun and _is_inverse(role_noun, noun)
        if person == owner and inverse and _can_be(whose, noun, account):
            said = f"{account.name_of(owner)} is called their {role_noun}"
            return Meaning(whose, said)
    return None


def _owner(before: list[Token], account: Account) -> int | None:
    """Whose kin is spoken of, by a pronoun or a name before the noun."""
    for token in reversed(before):
        if token.tag_ == "PRP$":
            return account.at.get(token.i)
        person = account.scene.naming.person_at(token.i)
        if person is not None:
            return person
    return None


def _relations(until: int, account: Account) -> Iterator[tuple[int, str, int]]:
    """Who is what to whom, as read so far: person, noun, the other person."""
    doc = account.scene.doc
    for person in account.scene.people_with_kin:
        for role in account.scene.entities[person].roles:
            if role.start < until and titles.is_kin(role.noun):
                whose = _owner(list(doc[role.start : role.end]), account)
                if whose is not None and whose != person:
                    yield person, role.noun, whose


def _is_inverse(noun: str, other: str) -> bool:
    return any(noun in one and other in its for one, its in _INVERSES)


def _can_be(person: int, noun: str, account: Account) -> bool:
    gender: Gender | None = titles.gender_of_role(noun)
    return gender is None or account.salience.genders[person] in {gender, None}
