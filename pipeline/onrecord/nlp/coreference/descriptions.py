"""Descriptions: whom "the minister" and "the Texas Republican" fit.

A description is a definite noun phrase in the singular, headed by the noun of a role. It fits a
person whose role the text states, now or further on, with that noun or one that implies it, and
whom nothing it says contradicts: "the Russian leader" is no German president.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spacy.tokens import Doc, Span, Token

from onrecord.nlp.entities.english import gazetteer, known_people, titles
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender, fold
from onrecord.nlp.entities.persons import age_after
from onrecord.nlp.entities.roles import noun_at
from onrecord.nlp.entities.spans import NamedSpan

_DEFINITE = frozenset({"the", "that", "this"})
_INDEFINITE = frozenset({"a", "an", "one", "another"})
_OF = frozenset({"of", "for", "at", "in"})
_PLURALS = frozenset({"NNS", "NNPS"})
# Words of praise, age and time that a writer adds without having said them before.
_CLASSES = frozenset({"ADJ", "NOUN", "PROPN"})
_SAME = {"gop": "republican", "g.o.p.": "republican", "republicans": "republican",
         "democrats": "democratic", "democrat": "democratic", "former": "ex"}  # fmt: skip
# Words that make another office of a noun.
_RANKS = frozenset({"prime", "vice", "deputy"})
# A deputy minister may be called "the minister", but no minister "the deputy minister".
_LOOSE = frozenset({"deputy"})
# How the names of whole peoples end.
_PEOPLES = ("sh", "ch", "ese", "s")
# The noun of a description that says of somebody only where they are from, or how old they are.
CITIZEN = "citizen"
_YEAR_OLD = "-year-old"
_PARENTS = frozenset({"mother", "father", "grandmother", "grandfather"})
# How the nouns of sciences' people end, and what all of them are called.
_SCIENCES = ("ologist", "icist")
_SCIENTISTS = frozenset({"scientist", "researcher", "expert"})
_OLD = frozenset({"old", "olds"})
_OLD_AGE, _TEENS = 65, range(13, 20)
# How many statements of one noun are weighed: a text of nothing but roles stays linear.
_NEAREST = 40


@dataclass(frozen=True, slots=True)
class Description:
    """What a source says of somebody: a noun, the words that narrow it down, a gender.

    `possessive`: it says whose ("Ortiz's lawyer"), which must be known of the person.
    `complement`: it says of what ("the mayor of Brack"), so that it is one office among many.
    `is_known`: it says what only somebody known has: an age, children, a nationality.
    """

    noun: str
    words: frozenset[str]
    gender: Gender | None
    at: int
    possessive: bool = False
    complement: bool = False
    is_known: bool = False


def read_description(span: Span, head: Token, *, new: bool = False) -> Description | None:
    """The description that a source is. None if it is a name, plural, or of someone new.

    With `new`, what says of someone new who they are is a description too: "a senior official".
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
        is_known=_says_age(words) or _says_parent(noun, after, alone=not possessive),
    )


def read_demonym(source: Span) -> Description | None:
    """Somebody called by where they are from or by their party: "the Spaniard", "the Democrat".

    Not "the Dutch", who are many.
    """
    last = source[-1]
    if len(source) < 2 or source[0].lower_ != "the" or last.tag_ not in {"NN", "NNP"}:
        return None
    names = (gazetteer.known([token.text for token in source[-count:]]) for count in (1, 2))
    if last.lower_.endswith(_PEOPLES) or not any(one and one.type == "group" for one in names):
        return None
    words = content_words(source[1:])
    return Description(CITIZEN, words, _gender_of_demonym(last.lower_), last.i, is_known=True)


def read_age(source: Span) -> Description | None:
    """Somebody called by their age alone: "the 26-year-old"."""
    words = content_words(source[1:])
    alone = source[0].lower_ == "the" and len(words) == 1 and source[-1].lower_ in _OLD
    if not (alone and _says_age(words)):
        return None
    return Description(CITIZEN, words, None, source[-1].i, is_known=True)


def _gender_of_demonym(word: str) -> Gender | None:
    if word.endswith("woman"):
        return "feminine"
    masculine = word.endswith(("shman", "chman", "tsman", "tchman"))
    return "masculine" if masculine else None


def _says_age(words: Collection[str]) -> bool:
    return any(word.endswith(_YEAR_OLD) for word in words)


def _says_parent(noun: str, after: Sequence[Token], *, alone: bool) -> bool:
    """Whether somebody is called by their children: "the mother of three", "the grandfather"."""
    if not after or not after[0].text.isalpha():
        return alone and noun in _PARENTS
    return titles.is_kin(noun) and len(after) > 1 and after[0].lower_ == "of" and after[1].like_num


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


def _is_name_of_thing(span: Span, head: Token) -> bool:
    """Whether capitals make a name of it: "The New Hampshire Union Leader", "Republican"."""
    if not head.text.istitle():
        return False
    if span[0].i == head.i:
        return _one_form(fold(head.text)) in _PARTIES
    return any(
        gazetteer.is_organisation_noun(token.lower_)
        for token in span[1:-1]
        if token.i < head.i and token.text.istitle() and not titles.is_modifier(token.text)
    )


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
    """The words that narrow a noun down, folded: one for each party, nationality, place and age."""
    return frozenset(_content(list(tokens)))


def _content(tokens: Sequence[Token]) -> Iterator[str]:
    words = [token.text for token in tokens]
    i = 0
    while i < len(tokens):
        known = gazetteer.known_at(words, i) if words[i][:1].isupper() else None
        one_word = known and (known[0] - i > 1 or known[1].type == "place")
        if known and one_word and known[1].type in {"place", "group"}:
            # "New Jersey" is one word, and has nothing of "New York"; "US" is another for America.
            yield known[1].name
            i = known[0]
        elif (end := _end_of_age(words, i)) is not None:
            yield f"{words[i]}{_YEAR_OLD}"
            i = end
        else:
            if tokens[i].pos_ in _CLASSES and not tokens[i].is_stop:
                yield _one_form(fold(words[i]))
            i += 1


def _end_of_age(words: Sequence[str], i: int) -> int | None:
    """Where "45-year-old" ends, if it begins here."""
    if not words[i].isdigit():
        return None
    end = i + 1
    while end < len(words) and end - i < 5 and words[end] in {"-", "year", "old", "years"}:
        end += 1
    return end if words[end - 1] == "old" else None


def _one_form(word: str) -> str:
    return _SAME.get(word, word)


@dataclass(frozen=True, slots=True)
class _Statement:
    """One place where the text says what a person is; or what is known of them (not `is_said`)."""

    at: int
    person: int
    noun: str
    words: frozenset[str]
    is_said: bool = True


class Descriptions:
    """The roles of a text's people, by noun, ready to be asked who fits a description."""

    def __init__(self, doc: Doc, entities: Sequence[FoundEntity]) -> None:
        self._doc = doc
        self._entities = entities
        self._by_noun: dict[str, list[_Statement]] = defaultdict(list)
        self._facts: list[frozenset[str]] = []
        for person, found in enumerate(entities):
            facts: set[str] = set()
            for role in found.roles:
                words = role.implies or content_words(doc[role.start : role.end])
                self._by_noun[role.noun].append(_Statement(role.start, person, role.noun, words))
                facts |= words
            for span in found.spans if found.entity.type == "person" else ():
                facts |= _facts_after(doc, span)
            if found.entity.type == "person":
                self._state_age(person, facts, found.spans[0].end)
                self._state_known(person, facts)
            self._facts.append(frozenset(facts))
        for statements in self._by_noun.values():
            statements.sort(key=lambda one: one.at)

    def _state_age(self, person: int, facts: Collection[str], at: int) -> None:
        """What people of an age are called, of whoever is said to be of it."""
        ages = [fact.removesuffix(_YEAR_OLD) for fact in facts if fact.endswith(_YEAR_OLD)]
        for noun in {noun for age in ages for noun in _nouns_of_age(int(age))}:
            self._by_noun[noun].append(_Statement(at, person, noun, frozenset()))

    def _state_known(self, person: int, facts: set[str]) -> None:
        """What readers know of somebody, which the text need not say: Macron's office."""
        known = known_people.find(self._entities[person].entity.name)
        if known is None or not known.belongs:
            return
        facts.update(
            word for word in known.belongs if not any(_is_same_kind(word, one) for one in facts)
        )
        at = self._entities[person].spans[0].end
        words = frozenset(known.belongs)
        for noun in sorted(known.offices):
            self._by_noun[noun].append(_Statement(at, person, noun, words, is_said=False))

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
        if description.words & _RANKS and self._is_of_other_rank(person, description):
            return True
        facts = self._facts[person]
        return any(
            not any(_related(word, fact) for fact in facts)
            and any(_is_same_kind(word, fact) for fact in facts)
            for word in description.words
        )

    def _is_of_other_rank(self, person: int, description: Description) -> bool:
        """Whether somebody's office is the one above or below: no minister is "the deputy"."""
        roles = [one for one in self._entities[person].roles if one.noun == description.noun]
        return bool(roles) and not any(
            content_words(self._doc[role.start : role.end]) & _RANKS & description.words
            for role in roles
        )

    def is_of(self, person: int, description: Description) -> bool:
        """Whether the text puts a person where a description does: Macron, "the French president".

        False for a description that names no place or people.
        """
        facts = self._facts[person]
        return any(
            (_is_place_or_group(word) or word.endswith(_YEAR_OLD))
            and any(_related(word, fact) for fact in facts)
            for word in description.words
        )

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
        known = sum(any(_related(word, fact) for fact in facts) for word in description.words)
        new = len(description.words) - known
        if description.possessive and (new or statement.noun != description.noun):
            return 0.0
        fit = 1.5 + known - 0.5 * new
        if statement.noun == description.noun:
            fit += 1.0
        if not statement.is_said and not known:
            return 0.0
        return fit if statement.is_said and statement.at <= description.at else fit - 0.75


def _facts_after(doc: Doc, span: NamedSpan) -> frozenset[str]:
    """What stands after a name and is true of its bearer: "Merce, 47,", "Merce of Ohio"."""
    age = age_after(doc, span.end)
    if age is not None:
        return frozenset({f"{age}{_YEAR_OLD}"})
    if span.end + 1 < len(doc) and doc[span.end].lower_ == "of":
        known = gazetteer.known_at([token.text for token in doc[span.end + 1 : span.end + 4]], 0)
        if known and known[1].type == "place":
            return frozenset({known[1].name})
    return frozenset()


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


def _related(word: str, other: str) -> bool:
    """Whether two folded words say the same of somebody: "russian" and "russia"."""
    places, others = gazetteer.places_of(word), gazetteer.places_of(other)
    if word == other or other in places or word in others or not places.isdisjoint(others):
        return True
    if not (_is_place_or_group(word) and _is_place_or_group(other)):
        return False
    (*before, last), (*other_before, other_last) = word.split(), other.split()
    same = len(last) > 4 and last[:4] == other_last[:4]
    return same and (not before or not other_before or before == other_before)


def _is_place_or_group(word: str) -> bool:
    return _kind_of_place(word) is not None


def _kind_of_place(word: str) -> str | None:
    """Of which kind the place or people is that a folded word names: a country, a state, a city."""
    known = gazetteer.known(word.split())
    if known is None or known.type not in {"place", "group"}:
        return None
    return "countries" if known.section == "groups" else known.section


_PARTIES = frozenset({"republican", "democratic", "conservative", "labour", "libertarian"})


def _is_same_kind(word: str, other: str) -> bool:
    """Whether two words exclude each other in one person: two parties, two states, two ages."""
    if word in _PARTIES or other in _PARTIES:
        return word in _PARTIES and other in _PARTIES
    if word.endswith(_YEAR_OLD) or other.endswith(_YEAR_OLD):
        return word.endswith(_YEAR_OLD) and other.endswith(_YEAR_OLD)
    kind = _kind_of_place(word)
    return kind is not None and kind == _kind_of_place(other)
