"""Coreference by kinship: the referent of "her husband" and "Weiss's mother".

"His wife, Lena Ortiz" makes her the wife of the referent of "his", and him "her husband".
"""

from collections.abc import Iterator

from spacy.tokens import Token

from onrecord.nlp.coreference.discourse import Discourse, Resolution, SourcePhrase
from onrecord.nlp.entities.english import titles

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


def by_kinship(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The relative of a person whom the source names or refers to: "her husband"."""
    head = source.head
    if not titles.is_kin(head.text):
        return None
    owner = _owner([token for token in source.span if token.i < head.i], discourse)
    if owner is None:
        return None
    noun = head.lower_
    gender = titles.gender_of_role(noun)
    for person, stated, whose in _relations(head.i, discourse):
        if whose == owner and stated == noun and discourse.can_be(person, gender):
            return Resolution(person, f"{noun} of {discourse.name_of(owner)}")
        inverse = noun != stated and _is_inverse(stated, noun)
        if person == owner and inverse and discourse.can_be(whose, gender):
            said = f"{discourse.name_of(owner)} is called their {stated}"
            return Resolution(whose, said)
    return None


def _owner(before: list[Token], discourse: Discourse) -> int | None:
    """The person named or referred to by a possessive before the noun."""
    for token in reversed(before):
        if token.tag_ == "PRP$":
            return discourse.referent_at(token.i)
        person = discourse.document.naming.person_at(token.i)
        if person is not None:
            return person
    return None


def _relations(until: int, discourse: Discourse) -> Iterator[tuple[int, str, int]]:
    """The relations stated so far: a person, the noun of kinship, whose relative they are."""
    doc = discourse.document.doc
    for person in discourse.document.people_with_kin:
        for role in discourse.document.entities[person].roles:
            if role.start < until and titles.is_kin(role.noun):
                whose = _owner(list(doc[role.start : role.end]), discourse)
                if whose is not None and whose != person:
                    yield person, role.noun, whose


def _is_inverse(noun: str, other: str) -> bool:
    return any(noun in one and other in its for one, its in _INVERSES)
