"""The roles that a text states of its people, and which of them a description fits.

A description fits a person whose role the text states, before or after it, with the same noun or
one that implies it, unless something it says contradicts what is known of the person: "the Russian
leader" cannot be a German president.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from onrecord.nlp.coreference.descriptions import Description
from onrecord.nlp.coreference.facts import (
    YEAR_OLD,
    are_related,
    content_words,
    exclude_each_other,
    facts_after,
    is_place_or_group,
)
from onrecord.nlp.entities.english import known_people, titles
from onrecord.nlp.entities.merging import FoundEntity

_OF = frozenset({"of", "for"})
# Words that make another office of a noun.
_RANKS = frozenset({"prime", "vice", "deputy"})
# A deputy minister may be called "the minister", but no minister "the deputy minister".
_LOOSE = frozenset({"deputy"})
# The suffixes of nouns for scientists, and the nouns that apply to all of them.
_SCIENCES = ("ologist", "icist")
_SCIENTISTS = frozenset({"scientist", "researcher", "expert"})
_OLD_AGE, _TEENS = 65, range(13, 20)
# Statements weighed per noun: a bound that keeps a text made only of roles linear.
_NEAREST = 40
# What a fit is made of. By eye, on PolNeAR's training articles: the noun itself weighs as much as
# one fact in common, and a fact of which nothing is known as half of one against it.
_IMPLIED, _NOUN_ITSELF, _FACT, _UNKNOWN_FACT, _LATER = 1.5, 1.0, 1.0, 0.5, 0.75


@dataclass(frozen=True, slots=True)
class _Statement:
    """A role stated at one place of the text, or known of the person beforehand (not `is_said`)."""

    at: int
    person: int
    noun: str
    words: frozenset[str]
    is_said: bool = True
    has_complement: bool = False


class StatedRoles:
    """The roles of a text's people, by noun."""

    def __init__(self, doc: Doc, entities: Sequence[FoundEntity]) -> None:
        self._doc = doc
        self._entities = entities
        self._by_noun: dict[str, list[_Statement]] = defaultdict(list)
        self._facts: list[frozenset[str]] = []
        for person, found in enumerate(entities):
            facts: set[str] = set()
            for role in found.roles:
                words = role.implies or content_words(doc[role.start : role.end])
                of = any(token.lower_ in _OF for token in doc[role.start : role.end])
                statement = _Statement(role.start, person, role.noun, words, has_complement=of)
                self._by_noun[role.noun].append(statement)
                facts |= words
            for span in found.spans if found.entity.type == "person" else ():
                facts |= facts_after(doc, span)
            if found.entity.type == "person":
                self._state_age(person, facts, found.spans[0].end)
                self._state_known(person, facts)
            self._facts.append(frozenset(facts))
        for statements in self._by_noun.values():
            statements.sort(key=lambda one: one.at)

    def _state_age(self, person: int, facts: Collection[str], at: int) -> None:
        """Add the nouns for people of an age: "pensioner", "teenager"."""
        ages = [fact.removesuffix(YEAR_OLD) for fact in facts if fact.endswith(YEAR_OLD)]
        for noun in {noun for age in ages for noun in _nouns_of_age(int(age))}:
            self._by_noun[noun].append(_Statement(at, person, noun, frozenset()))

    def _state_known(self, person: int, facts: set[str]) -> None:
        """Add common knowledge that the text does not state: Macron's office."""
        known = known_people.find(self._entities[person].entity.name)
        if known is None or not known.belongs:
            return
        facts.update(
            word
            for word in known.belongs
            if not any(exclude_each_other(word, one) for one in facts)
        )
        at = self._entities[person].spans[0].end
        words = frozenset(known.belongs)
        for noun in sorted(known.offices):
            self._by_noun[noun].append(_Statement(at, person, noun, words, is_said=False))

    def fitting(self, description: Description) -> dict[int, float]:
        """The people it fits, each with how well: from about 1 (nothing against it) upwards."""
        fits: dict[int, float] = {}
        for statement in self._nearest(description):
            fit = self._fit(statement, description)
            if fit > 0:
                fits[statement.person] = max(fit, fits.get(statement.person, 0.0))
        return fits

    def contradicts(self, person: int, description: Description) -> bool:
        """Whether known facts about a person contradict the description."""
        if description.gender and self._entities[person].gender not in {description.gender, None}:
            return True
        if description.words & _RANKS and self._is_of_other_rank(person, description):
            return True
        facts = self._facts[person]
        return any(
            not any(are_related(word, fact) for fact in facts)
            and any(exclude_each_other(word, fact) for fact in facts)
            for word in description.words
        )

    def _is_of_other_rank(self, person: int, description: Description) -> bool:
        """Whether a person's office has a different rank: a minister is not "the deputy"."""
        roles = [one for one in self._entities[person].roles if one.noun == description.noun]
        return bool(roles) and not any(
            content_words(self._doc[role.start : role.end]) & _RANKS & description.words
            for role in roles
        )

    def is_of(self, person: int, description: Description) -> bool:
        """Whether a person and a description have a place or age in common: "the French president".

        False for a description that names no place or people.
        """
        facts = self._facts[person]
        return any(
            (is_place_or_group(word) or word.endswith(YEAR_OLD))
            and any(are_related(word, fact) for fact in facts)
            for word in description.words
        )

    def holds_another(self, person: int, description: Description) -> bool:
        """Whether the office described is not one stated: "the boss of the ferry company"."""
        if not description.of or description.is_known or not self._entities[person].roles:
            return False
        return not _have_in_common(description.of, self._facts[person])

    def _nearest(self, description: Description) -> Iterator[_Statement]:
        # Sorted: a tie must fall the same way in every process.
        nouns = titles.implying(description.noun)
        if "deputy" in description.words:
            # "His deputy, Karin Ek" is "the deputy minister".
            nouns |= {"deputy"}
        if description.noun in _SCIENTISTS:
            nouns |= {noun for noun in self._by_noun if noun.endswith(_SCIENCES)}
        for noun in sorted(nouns):
            statements = self._by_noun.get(noun, [])
            here = bisect_left(statements, description.at, key=lambda one: one.at)
            yield from statements[max(0, here - _NEAREST) : here + _NEAREST // 4]

    def _fit(self, statement: _Statement, description: Description) -> float:
        if self.contradicts(statement.person, description):
            return 0.0
        if _is_other_office(statement.words | {statement.noun}, description.words):
            return 0.0
        facts = self._facts[statement.person]
        another = statement.has_complement or statement.noun != description.noun
        if another and description.of and not _have_in_common(description.of, facts):
            # "The head of the NHS" is not the leader of a council.
            return 0.0
        known = sum(any(are_related(word, fact) for fact in facts) for word in description.words)
        new = len(description.words) - known
        if description.possessive and (new or statement.noun != description.noun):
            return 0.0
        if not statement.is_said and not known:
            return 0.0
        fit = _IMPLIED + _FACT * known - _UNKNOWN_FACT * new
        if statement.noun == description.noun:
            fit += _NOUN_ITSELF
        return fit if statement.is_said and statement.at <= description.at else fit - _LATER


def _have_in_common(words: Collection[str], facts: Collection[str]) -> bool:
    return any(are_related(word, fact) for word in words for fact in facts)


def _nouns_of_age(age: int) -> tuple[str, ...]:
    """What people of an age are called."""
    if age >= _OLD_AGE:
        return ("pensioner",)
    return ("teenager", "teen") if age in _TEENS else ()


def _is_other_office(stated: frozenset[str], described: frozenset[str]) -> bool:
    """Whether a role and a description are two offices: "prime minister" and "minister"."""
    if (stated ^ described) & _RANKS - (stated & _LOOSE):
        return True
    fields = (stated & titles.portfolios(), described & titles.portfolios())
    return all(fields) and not fields[0] & fields[1]
