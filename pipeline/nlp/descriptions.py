"""Descriptions: whom "the minister" and "the Texas Republican" fit.

A description is a definite noun phrase in the singular, headed by the noun of a role. It fits a
person whose role the text states, now or further on, with that noun or one that implies it, and
whom nothing it says contradicts: "the Russian leader" is no German president.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spacy.tokens import Doc, Span, Token

from pipeline.nlp import gazetteer, titles
from pipeline.nlp.entities import FoundEntity
from pipeline.nlp.names import Gender, fold
from pipeline.nlp.roles import noun_at

_DEFINITE = frozenset({"the", "that", "this"})
_INDEFINITE = frozenset({"a", "an", "one", "another"})
_OF = frozenset({"of", "for", "at", "in"})
_PLURALS = frozenset({"NNS", "NNPS"})
# Words of praise, age and time that a writer adds without having said them before.
_CLASSES = frozenset({"ADJ", "NOUN", "PROPN"})
_SAME = {"gop": "republican", "g.o.p.": "republican", "republicans": "republican",
         "democrats": "democratic", "democrat": "democratic", "former": "ex"}  # fmt: skip
# Words that make another office of a noun.
_RANKS = frozenset({"prime", "vice"})
# How many statements of one noun are weighed: a text of nothing but roles stays linear.
_NEAREST = 40


@dataclass(frozen=True, slots=True)
class Description:
    """What a source says of somebody: a noun, the words that narrow it down, a gender.

    `possessive`: it says whose ("Ortiz's lawyer"), which must be known of the person.
    `complement`: it says of what ("the mayor of Brack"), so that it is one office among many.
    """

    noun: str
    words: frozenset[str]
    gender: Gender | None
    at: int
    possessive: bool = False
    complement: bool = False


def read_description(span: Span, head: Token, *, new: bool = False) -> Description | None:
    """The description that a source is. None if it is a name, plural, or of someone new.

    With `new`, what says of someone new who they are is a description too: "a senior official".
    """
    noun = noun_at(head)
    if noun is None or head.tag_ in _PLURALS or _names_somebody(span, head):
        return None
    before = [token for token in span if token.i < head.i]
    possessive = any(token.tag_ in {"POS", "PRP$"} for token in before)
    if not (possessive or _is_definite(span, head) or (new and _is_indefinite(span))):
        return None
    gender = titles.gender_of_role(noun)
    complement = _has_complement([token for token in span if token.i > head.i])
    return Description(noun, content_words(before), gender, head.i, possessive, complement)


def _has_complement(after: Sequence[Token]) -> bool:
    """Whether "of Brack" follows: a name, so that "the secretary of state" stays as it is."""
    of = next((k for k, token in enumerate(after) if token.lower_ in _OF), len(after))
    return any(token.pos_ == "PROPN" for token in after[of + 1 : of + 3])


def _is_indefinite(span: Span) -> bool:
    return span[0].lower_ in _INDEFINITE


def _names_somebody(span: Span, head: Token) -> bool:
    """Whether a name stands beside the noun, though nobody recognised it as one."""
    after = [token for token in span if token.i > head.i]
    return any(one.text == "," and two.tag_ == "NNP" for one, two in pairwise(after))


def _is_definite(span: Span, head: Token) -> bool:
    """Whether somebody known is meant: "the minister", and "Minister" in a headline."""
    return span[0].lower_ in _DEFINITE or (span[0].i == head.i and head.text[:1].isupper())


def is_introduction(token: Token) -> bool:
    """Whether somebody without a name comes up here: "a senior official", not "…, an official,"."""
    if token.tag_ != "NN" or token.dep_ in {"attr", "appos", "compound"}:
        return False
    if noun_at(token) is None:
        return False
    return any(child.lower_ in _INDEFINITE and child.i < token.i for child in token.children)


def content_words(tokens: Iterable[Token]) -> frozenset[str]:
    """The words that narrow a noun down, folded, one for each party and nationality."""
    found = (token for token in tokens if token.pos_ in _CLASSES and not token.is_stop)
    return frozenset(_one_form(fold(token.text)) for token in found)


def _one_form(word: str) -> str:
    return _SAME.get(word, word)


@dataclass(frozen=True, slots=True)
class _Statement:
    """One place where the text says what a person is."""

    at: int
    person: int
    noun: str
    words: frozenset[str]


class Descriptions:
    """The roles of a text's people, by noun, ready to be asked who fits a description."""

    def __init__(self, doc: Doc, entities: Sequence[FoundEntity]) -> None:
        self._entities = entities
        self._by_noun: dict[str, list[_Statement]] = defaultdict(list)
        self._facts: list[frozenset[str]] = []
        for person, found in enumerate(entities):
            facts: set[str] = set()
            for role in found.roles:
                words = role.implies or content_words(doc[role.start : role.end])
                self._by_noun[role.noun].append(_Statement(role.start, person, role.noun, words))
                facts |= words
            self._facts.append(frozenset(facts))
        for statements in self._by_noun.values():
            statements.sort(key=lambda one: one.at)

    def fitting(self, description: Description) -> dict[int, float]:
        """Whoever fits, with how well: from about 1 (nothing against it) upwards."""
        fits: dict[int, float] = {}
        for statement in self._nearest(description):
            fit = self._fit(statement, description)
            if fit > 0:
                fits[statement.person] = max(fit, fits.get(statement.person, 0.0))
        return fits

    def contradicts(self, person: int, description: Description) -> bool:
        """Whether the text says something of a person that a description cannot mean."""
        if description.gender and self._entities[person].gender not in {description.gender, None}:
            return True
        facts = self._facts[person]
        return any(
            _is_place_or_group(word)
            and not any(_related(word, fact) for fact in facts)
            and any(_is_same_kind(word, fact) for fact in facts)
            for word in description.words
        )

    def is_of(self, person: int, description: Description) -> bool:
        """Whether the text puts a person where a description does: Macron, "the French president".

        False for a description that names no place or people.
        """
        facts = self._facts[person]
        return any(
            _is_place_or_group(word) and any(_related(word, fact) for fact in facts)
            for word in description.words
        )

    def _nearest(self, description: Description) -> Iterator[_Statement]:
        # Sorted: a tie must fall the same way in every process.
        for noun in sorted(titles.implying(description.noun)):
            statements = self._by_noun.get(noun, [])
            here = bisect_left(statements, description.at, key=lambda one: one.at)
            yield from statements[max(0, here - _NEAREST) : here + _NEAREST // 4]

    def _fit(self, statement: _Statement, description: Description) -> float:
        if self.contradicts(statement.person, description):
            return 0.0
        if _is_other_office(statement.words, description.words):
            return 0.0
        facts = self._facts[statement.person]
        known = sum(any(_related(word, fact) for fact in facts) for word in description.words)
        new = len(description.words) - known
        if description.possessive and (new or statement.noun != description.noun):
            return 0.0
        fit = 1.5 + known - 0.5 * new
        if statement.noun == description.noun:
            fit += 1.0
        return fit if statement.at <= description.at else fit - 0.75


def _is_other_office(stated: frozenset[str], described: frozenset[str]) -> bool:
    """Whether a role and a description are two offices: "prime minister" and "minister"."""
    if (stated ^ described) & _RANKS:
        return True
    fields = (stated & titles.portfolios(), described & titles.portfolios())
    return all(fields) and not fields[0] & fields[1]


def _related(word: str, other: str) -> bool:
    """Whether two folded words say the same of somebody: "russian" and "russia"."""
    if word == other or other in gazetteer.places_of(word) or word in gazetteer.places_of(other):
        return True
    if not (_is_place_or_group(word) and _is_place_or_group(other)):
        return False
    return len(word) > 4 and word[:4] == other[:4]


def _is_place_or_group(word: str) -> bool:
    return gazetteer.known([word]) is not None


_PARTIES = frozenset({"republican", "democratic", "conservative", "labour", "libertarian"})


def _is_same_kind(word: str, other: str) -> bool:
    """Whether two words exclude each other in one person: two parties, two states."""
    if word in _PARTIES or other in _PARTIES:
        return word in _PARTIES and other in _PARTIES
    return _is_place_or_group(other)
