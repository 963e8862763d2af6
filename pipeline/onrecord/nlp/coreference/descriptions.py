"""Definite descriptions: what "the minister" and "the Texas Republican" say of somebody.

A description is a noun phrase in the singular, headed by the noun of a role.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from spacy.tokens import Span, Token

from onrecord.nlp.coreference.facts import PARTIES, content_words, one_form, says_age
from onrecord.nlp.entities.english import gazetteer, titles
from onrecord.nlp.entities.names import Gender, fold
from onrecord.nlp.entities.role_phrases import noun_at

_DEFINITE = frozenset({"the", "that", "this"})
INDEFINITE = frozenset({"a", "an", "one", "another"})
_OF = frozenset({"of", "for", "at", "in"})
_PLURALS = frozenset({"NNS", "NNPS"})
# Suffixes of the names of whole peoples.
_PEOPLES = ("sh", "ch", "ese", "s")
# The noun of a description that states only an origin or an age.
CITIZEN = "citizen"
_PARENTS = frozenset({"mother", "father", "grandmother", "grandfather"})
_OLD = frozenset({"old", "olds"})


@dataclass(frozen=True, slots=True)
class Description:
    """A noun phrase that describes a person: its noun, the words that narrow it down, a gender.

    `at` is the token of its head. `possessive`: it has an owner ("Ortiz's lawyer"), which must be
    known of the person. `complement`: it has a name after "of" ("the mayor of Brack"), so that it
    is one office among many. `is_known`: it says something that only a person known already has:
    an age, children, a nationality. `of` holds the words after "of", names and others.
    """

    noun: str
    words: frozenset[str]
    gender: Gender | None
    at: int
    possessive: bool = False
    complement: bool = False
    is_known: bool = False
    of: frozenset[str] = frozenset()


def read_description(span: Span, head: Token, *, new: bool = False) -> Description | None:
    """The description that a source is; None for a name, a plural or an indefinite phrase.

    With `new`, an indefinite phrase is a description too: "a senior official".
    """
    noun = noun_at(head)
    if noun is None or head.tag_ in _PLURALS or _names_somebody(span, head):
        return None
    if _is_name_of_thing(span, head):
        return None
    before = [token for token in span if token.i < head.i]
    possessive = any(token.tag_ in {"POS", "PRP$"} for token in before)
    if not (possessive or _is_definite(span, head) or (new and _is_indefinite(span))):
        return None
    gender = titles.gender_of_role(noun)
    after = [token for token in span if token.i > head.i]
    words = content_words(before)
    return Description(
        noun,
        words,
        gender,
        head.i,
        possessive,
        complement=_has_complement(after),
        of=_words_after_of(after),
        is_known=says_age(words) or _says_parent(noun, after, alone=not possessive),
    )


def read_demonym(source: Span) -> Description | None:
    """A description by origin or party: "the Spaniard", "the Democrat"; not "the Dutch"."""
    last = source[-1]
    if len(source) < 2 or source[0].lower_ != "the" or last.tag_ not in {"NN", "NNP"}:
        return None
    names = (gazetteer.known([token.text for token in source[-count:]]) for count in (1, 2))
    if last.lower_.endswith(_PEOPLES) or not any(one and one.type == "group" for one in names):
        return None
    words = content_words(source[1:])
    return Description(CITIZEN, words, _gender_of_demonym(last.lower_), last.i, is_known=True)


def read_age(source: Span) -> Description | None:
    """A description by age alone: "the 26-year-old"."""
    if source[0].lower_ != "the" or source[-1].lower_ not in _OLD:
        return None
    words = content_words(source[1:])
    if len(words) != 1 or not says_age(words):
        return None
    return Description(CITIZEN, words, None, source[-1].i, is_known=True)


def _gender_of_demonym(word: str) -> Gender | None:
    if word.endswith("woman"):
        return "feminine"
    masculine = word.endswith(("shman", "chman", "tsman", "tchman"))
    return "masculine" if masculine else None


def _says_parent(noun: str, after: Sequence[Token], *, alone: bool) -> bool:
    """Whether the noun is that of a parent: "the mother of three", "the grandfather"."""
    if not after or not after[0].text.isalpha():
        return alone and noun in _PARENTS
    return titles.is_kin(noun) and len(after) > 1 and after[0].lower_ == "of" and after[1].like_num


def _words_after_of(after: Sequence[Token]) -> frozenset[str]:
    """The words after "of": what a person is the head, the mayor or the owner of."""
    of = next((k for k, token in enumerate(after) if token.lower_ in _OF), len(after))
    return content_words(after[of + 1 : of + 5])


def _has_complement(after: Sequence[Token]) -> bool:
    """Whether "of" and a name follow: "of Brack", not "of state"."""
    of = next((k for k, token in enumerate(after) if token.lower_ in _OF), len(after))
    return any(token.pos_ == "PROPN" for token in after[of + 1 : of + 3])


def _is_indefinite(span: Span) -> bool:
    return span[0].lower_ in INDEFINITE


def _names_somebody(span: Span, head: Token) -> bool:
    """Whether an unrecognised name stands beside the noun."""
    after = [token for token in span if token.i > head.i]
    return any(one.text == "," and two.tag_ == "NNP" for one, two in pairwise(after))


def _is_name_of_thing(span: Span, head: Token) -> bool:
    """Whether capitals make it a name: "The New Hampshire Union Leader", "Republican"."""
    if not head.text.istitle():
        return False
    if span[0].i == head.i:
        return one_form(fold(head.text)) in PARTIES
    return any(
        gazetteer.is_organisation_noun(token.lower_)
        for token in span[1:-1]
        if token.i < head.i and token.text.istitle() and not titles.is_modifier(token.text)
    )


def _is_definite(span: Span, head: Token) -> bool:
    """Whether it refers to a known person: "the minister", or "Minister" in a headline."""
    return span[0].lower_ in _DEFINITE or (span[0].i == head.i and head.text[:1].isupper())


def is_introduction(token: Token) -> bool:
    """Whether an unnamed person is introduced here: "a senior official", not "…, an official,"."""
    if token.tag_ != "NN" or token.dep_ in {"attr", "appos", "compound"}:
        return False
    indefinite = any(one.lower_ in INDEFINITE and one.i < token.i for one in token.children)
    return indefinite and noun_at(token) is not None
