"""Coreference of organisations: the referent of "the company", "the ministry" and "it".

A noun that is part of an organisation's name refers to the last one so named: "the ministry". A
noun for a kind of organisation, as "the carmaker" and "the paper", refers to the most present one
that can be of that kind; the vague "the group" only to one that has just spoken or stands out.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from spacy.tokens import Span, Token

from onrecord.nlp.coreference.facts import are_related, content_words, is_place_or_group
from onrecord.nlp.coreference.salience import SPEAKS, Salience
from onrecord.nlp.entities.english import gazetteer, lists
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.quotes.outlets import read_outlets

_OUTLETS = read_outlets(lists)
# "The group" is seldom an organisation whose name ends in "Group".
_VAGUE = frozenset({"group", "company", "organization", "organisation", "police", "firm"})
_LINKS = frozenset({"of", "for", "on"})
_DEFINITE = frozenset({"the", "that", "this"})
# The next five were chosen by eye on PolNeAR's training articles.
# The number of sentences after its quote in which "the company" is still the last speaker.
_SAME_SPEAKER_SENTENCES = 2
# The number of sentences after the name in which "the ministry" is the Ministry of Transport.
_SAME_NAME_SENTENCES = 8
# The weight of what was the subject of a sentence two before; how much less others must have.
_PRESENT = 0.8
_LESS = 0.7
_LONGEST = 5
_LONGEST_ACRONYM = 5


@dataclass(slots=True)
class Presence:
    """How present a text's organisations are at a point of the text, and which spoke last.

    `last_named` is the token of the last mention of each entity; `spoke` the organisation that was
    the source of the last quote, None if it had another source, and the sentence of that source.
    """

    salience: Salience
    last_named: dict[int, int] = field(default_factory=dict)
    spoke: tuple[int | None, int] = (None, 0)

    def name(self, entity: int, i: int) -> None:
        """An entity, of any type, is named at this token."""
        self.last_named[entity] = i

    def add(self, organisation: int, weight: float, sentence: int) -> None:
        """An organisation is named here."""
        self.salience.add(organisation, weight, sentence)

    def add_source(self, who: int | None, sentence: int) -> None:
        """A quote has this organisation as its source; None for any other source."""
        self.spoke = (who, sentence)
        if who is not None:
            self.salience.add(who, SPEAKS, sentence)


class Organisations:
    """The organisations of a text, by the nouns in their names."""

    def __init__(self, entities: Sequence[FoundEntity], sentences: Sequence[int]) -> None:
        self._sentences = sentences
        self._names: dict[int, list[str]] = {}
        self._by_noun: dict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(entities):
            words = one.entity.name.lower().split()
            if one.entity.type == "organisation":
                self._names[index] = words
                if len(words) > 1:
                    self._add_nouns(index, words)

    def _add_nouns(self, index: int, words: Sequence[str]) -> None:
        self._by_noun[words[-1]].append(index)
        link = next((k for k, word in enumerate(words) if word in _LINKS), 0)
        if link:
            self._by_noun[words[link - 1]].append(index)

    def has(self, entity: int) -> bool:
        """Whether an entity is an organisation."""
        return entity in self._names

    def can_mean(self, source: Span, head: Token) -> bool:
        """Whether a description can refer to an organisation of this text: "the ministry"."""
        known = _noun_in_name(head) in self._by_noun or is_noun_for_organisations(head)
        return known and _is_description(source, head)

    def meant(self, source: Span, head: Token, presence: Presence) -> tuple[int, str] | None:
        """The referent of a source, and how it was found."""
        spoke = self._spoke_just_now(head, presence)
        if len(source) == 1 and head.lower_ == "it":
            return None if spoke is None else (spoke, "the organisation that spoke")
        if not _is_description(source, head):
            return None
        called = self._called(head, presence)
        if called is not None and self._is_elsewhere(called, source):
            return None
        if called is not None:
            return called, f"the last {head.lower_} named"
        return (
            self._of_kind(source, head, spoke, presence)
            if is_noun_for_organisations(head)
            else None
        )

    def _is_elsewhere(self, organisation: int, source: Span) -> bool:
        """Whether a word of a source says another country: "the Norwegian government"."""
        words = {word for word in content_words(source[1:-1]) if is_place_or_group(word)}
        names = self._names[organisation]
        return bool(words) and not any(are_related(word, name) for word in words for name in names)

    def _of_kind(
        self, source: Span, head: Token, spoke: int | None, presence: Presence
    ) -> tuple[int, str] | None:
        """The organisation of this kind that has just spoken, else the most salient one."""
        if len(source) > 2 and any(map(is_place_or_group, content_words(source[1:-1]))):
            return None
        if spoke is not None and self._can_be(spoke, head.lower_, spoke=True):
            return spoke, "the organisation that spoke"
        if spoke is None and len(source) == 2 and gazetteer.is_specific_noun(head.lower_):
            return None
        likeliest = self._likeliest(head, presence)
        return None if likeliest is None else (likeliest, f"the likeliest {head.lower_} before")

    def _spoke_just_now(self, head: Token, presence: Presence) -> int | None:
        spoke, sentence = presence.spoke
        return spoke if self._sentences[head.i] - sentence <= _SAME_SPEAKER_SENTENCES else None

    def _called(self, noun: Token, presence: Presence) -> int | None:
        """The most recently named organisation, within a limit, whose name contains the noun."""
        if noun.lower_ in _VAGUE:
            return None
        beside = {child.lower_ for child in noun.children if child.dep_ == "compound"}
        named = [
            one
            for one in self._by_noun.get(_noun_in_name(noun), ())
            if one in presence.last_named and beside.issubset(self._names[one])
        ]
        last = max(named, key=lambda one: presence.last_named[one], default=None)
        if last is None:
            return None
        passed = self._sentences[noun.i] - self._sentences[presence.last_named[last]]
        return last if passed <= _SAME_NAME_SENTENCES else None

    def _likeliest(self, noun: Token, presence: Presence) -> int | None:
        """The most salient organisation of this kind, by a clear margin, or None."""
        sentence = self._sentences[noun.i]
        weights = sorted(
            (
                (weight, -one)
                for one, weight in presence.salience.present(sentence)
                if self._can_be(one, noun.lower_) and not self._is_teller(one, noun.lower_)
            ),
            reverse=True,
        )
        if not weights or weights[0][0] < _PRESENT:
            return None
        alone = len(weights) == 1 or weights[1][0] <= weights[0][0] * _LESS
        return -weights[0][1] if alone else None

    def _is_teller(self, organisation: int, noun: str) -> bool:
        """Whether an outlet was probably named only for its report: it is not "the company"."""
        return _OUTLETS.is_name(self._names[organisation]) and noun not in _OUTLETS.nouns

    def _can_be(self, organisation: int, noun: str, *, spoke: bool = False) -> bool:
        """Whether an organisation can be of a kind that its name does not say.

        Okafor Energy cannot be a union, a ministry cannot be a company, and only an outlet can be
        a paper.
        """
        words = self._names[organisation]
        outlet = _OUTLETS.is_name(words)
        if noun in _OUTLETS.nouns:
            return outlet
        if gazetteer.is_specific_noun(noun):
            if spoke:
                return not gazetteer.ends_as_firm(words[-1])
            acronym = len(words) == 1 and len(words[0]) <= _LONGEST_ACRONYM
            return acronym or gazetteer.is_public(words)
        if gazetteer.is_firm_noun(noun) or noun.endswith("maker"):
            public = any(gazetteer.is_specific_noun(word) for word in words)
            return not (public or gazetteer.is_public(words))
        return True


def _noun_in_name(noun: Token) -> str:
    """The word in an organisation's name that a noun stands for."""
    return "police" if noun.lower_ == "force" else noun.lower_


def is_noun_for_organisations(noun: Token) -> bool:
    """Whether a noun names a kind of organisation: "bank", "carmaker"."""
    if noun.tag_ not in {"NN", "NNP"}:
        return False
    return gazetteer.is_organisation_noun(noun.lower_) or noun.lower_.endswith("maker")


def _is_description(source: Span, head: Token) -> bool:
    """Whether a source is a definite article and a noun, without a name between them."""
    if source[0].lower_ not in _DEFINITE or not 2 <= len(source) <= _LONGEST:
        return False
    if source[-1].i != head.i or head.tag_ not in {"NN", "NNP"} or _goes_on(head):
        return False
    if head.lower_.endswith("maker"):
        return True
    return all(_narrows(token) for token in source[1:-1])


def _goes_on(noun: Token) -> bool:
    """Whether a name follows the noun: "the activist group Mosul Eye"."""
    follows = noun.doc[noun.i + 1 : noun.i + 2]
    return bool(follows) and follows[0].pos_ == "PROPN" and follows[0].text[:1].isupper()


def _narrows(token: Token) -> bool:
    """Whether a word before the noun describes: "German", not "Clinton"."""
    if not token.text[:1].isupper():
        return token.tag_ not in {"PRP$", "POS"}
    known = gazetteer.known([token.text])
    return known is not None and known.type == "group"
