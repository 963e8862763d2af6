"""Coreference inside reported words: the people and organisations that they refer to.

A speaker says "I", so in a direct quote "he" is somebody else: a person named before it by the
same words, else the most salient one. In indirect speech "he" may be the speaker, who is then not
spoken of. The speaker is often named only after the words: the candidates are kept until then.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Span, Token

from onrecord.nlp.coreference.candidates import recalled
from onrecord.nlp.coreference.descriptions import is_introduction
from onrecord.nlp.coreference.discourse import Discourse, DocumentIndex
from onrecord.nlp.coreference.references import Reference
from onrecord.nlp.coreference.salience import GENDER_OF, weight_of
from onrecord.nlp.entities.english import titles
from onrecord.nlp.entities.names import Gender
from onrecord.nlp.entities.role_phrases import noun_at
from onrecord.nlp.quotes.find import FoundQuote

_DEFINITE = frozenset({"the", "this", "that"})
_LONGEST_PHRASE = 5
# The share of the weight of a name that is left after each sentence of the words.
_FADE = 0.5
# Less salient people are not meant by a pronoun in somebody's words. By eye, on the 28 articles.
_PRESENT = 0.3
_CANDIDATES = 3
# How far back in the words a name is looked for: some three sentences.
_FARTHEST_TOKENS = 60
_OBJECTS = frozenset({"him", "her"})
_PREDICATES = frozenset({"attr", "appos", "compound"})
# The index of somebody without a name.
_SOMEBODY = -1


@dataclass(frozen=True, slots=True)
class _Reference:
    """A pronoun or description: its tokens, and its possible referents, the likeliest first."""

    start: int
    end: int
    candidates: tuple[int, ...]


class SpokenOf:
    """The pronouns and descriptions in the contents of quotes, and whom each may refer to."""

    def __init__(
        self,
        document: DocumentIndex,
        quotes: Sequence[FoundQuote],
        contents: Sequence[Sequence[Token]],
    ) -> None:
        self._document = document
        self._quotes = quotes
        self._quotes_at: dict[int, list[int]] = defaultdict(list)
        self._tokens_of: dict[int, list[int]] = defaultdict(list)
        self._references: dict[int, _Reference] = {}
        self._contents = contents
        for number, content in enumerate(contents):
            for token in content:
                if token.lower_ in GENDER_OF or self._is_description(token):
                    self._quotes_at[token.i].append(number)
                    self._tokens_of[number].append(token.i)

    @property
    def points(self) -> Mapping[int, Sequence[int]]:
        """The tokens that may refer to somebody, each with the numbers of its quotes."""
        return self._quotes_at

    def note(self, token: Token, discourse: Discourse) -> None:
        """Keep the candidates for a reference, one of `points`."""
        if token.lower_ in GENDER_OF:
            candidates = tuple(self._people(token, discourse))
            found = _Reference(token.i, token.i + 1, candidates)
        else:
            found = self._described(token, discourse)
        self._references.pop(token.i, None)
        if found.candidates:
            self._references[token.i] = found

    def references(self, number: int, speaker: int | None) -> tuple[Reference, ...]:
        """The references in a quote to others than its speaker, in text order."""
        quote = self._quotes[number]
        references = (self._references.get(i) for i in self._tokens_of.get(number, ()))
        return tuple(
            Reference(who, (span.start_char, span.end_char), _way(span))
            for one in references
            if one is not None
            and (who := _referent(one, quote, speaker)) is not None
            and who < len(self._document.entities)
            and (span := self._document.doc[one.start : one.end])
        )

    # ── pronouns ─────────────────────────────────────────────────────────────────────────────

    def _people(self, pronoun: Token, discourse: Discourse) -> Iterator[int]:
        """The people a pronoun may refer to: one named by the same words, then by salience."""
        inside = self._brought_up(pronoun, discourse)
        if inside == _SOMEBODY:
            return
        if inside is not None:
            yield inside
        excluded = self._subjects(pronoun)
        gender = GENDER_OF[pronoun.lower_]
        sentence = self._document.sentences[pronoun.i]
        for _ in range(_CANDIDATES):
            person = discourse.salience.likeliest(
                gender, sentence, without=excluded, at_least=_PRESENT
            )
            if person is None:
                return
            yield person
            excluded.add(person)

    def _brought_up(self, pronoun: Token, discourse: Discourse) -> int | None:
        """The person whom the same words brought up before: a subject, and a near one.

        _SOMEBODY for a person without a name: "my brother said he would come".
        """
        weights: dict[int, float] = defaultdict(float)
        content = self._contents[self._quotes_at[pronoun.i][0]]
        excluded, gender = self._subjects(pronoun), GENDER_OF[pronoun.lower_]
        left = 1.0
        for token in reversed(content[: content.index(pronoun)]):
            if token.i <= pronoun.i - _FARTHEST_TOKENS:
                break
            person = self._person_at(token, gender, discourse)
            if person is not None and person not in excluded:
                weights[person] = max(weights[person], left * weight_of(token, quoted=False))
            left *= _FADE if token.is_sent_start else 1.0
        return max(weights, key=lambda one: weights[one], default=None)

    def _person_at(self, token: Token, gender: Gender, discourse: Discourse) -> int | None:
        """The person of a gender whom a token names or describes; _SOMEBODY without a name."""
        person = self._document.naming.person_at(token.i)
        if person is not None:
            return person if discourse.can_be(person, gender) else None
        described = self._references.get(token.i)
        if described is not None and token.lower_ not in GENDER_OF:
            return described.candidates[0]
        noun = noun_at(token) if token.tag_ == "NN" and token.dep_ not in _PREDICATES else None
        if noun is None or titles.gender_of_role(noun) not in {gender, None}:
            return None
        return _SOMEBODY if is_introduction(token) or _has_owner(token) else None

    def _subjects(self, pronoun: Token) -> set[int]:
        """The people that an object cannot be: "she told her", "he has something against him"."""
        if pronoun.lower_ not in _OBJECTS or pronoun.tag_ == "PRP$":
            return set()
        verb = next((one for one in pronoun.ancestors if one.pos_ in {"VERB", "AUX"}), pronoun)
        found = set()
        for child in verb.children:
            if child.dep_ in {"nsubj", "nsubjpass"} and child.i != pronoun.i:
                named = self._document.naming.person_at(child.i)
                referred = self._references.get(child.i)
                if named is not None:
                    found.add(named)
                elif referred is not None:
                    found.add(referred.candidates[0])
        return found

    # ── descriptions ─────────────────────────────────────────────────────────────────────────

    def _is_description(self, token: Token) -> bool:
        """Whether a token heads a definite noun phrase in the singular without a name.

        Its noun is that of a role, or can refer to an organisation.
        """
        if token.tag_ not in {"NN", "NNP"} or token.dep_ in _PREDICATES:
            return False
        document, first = self._document, token.left_edge
        if first.lower_ not in _DEFINITE or token.i - first.i >= _LONGEST_PHRASE:
            return False
        if document.naming.entity_at(token.i) is not None:
            return False
        phrase = document.doc[first.i : token.i + 1]
        return noun_at(token) is not None or document.organisations.can_mean(phrase, token)

    def _described(self, noun: Token, discourse: Discourse) -> _Reference:
        start = noun.left_edge.i
        person = recalled(noun, discourse)
        if person is not None:
            return _Reference(start, noun.i + 1, (person.who,))
        phrase = self._document.doc[start : noun.i + 1]
        body = self._document.organisations.meant(phrase, noun, discourse.organisations)
        return _Reference(start, noun.i + 1, () if body is None else (body[0],))


def _referent(reference: _Reference, quote: FoundQuote, speaker: int | None) -> int | None:
    """The likeliest referent; None if that is the speaker of indirect speech."""
    if quote.type == "direct":
        return next((who for who in reference.candidates if who != speaker), None)
    likeliest = reference.candidates[0]
    return None if likeliest == speaker else likeliest


def _has_owner(noun: Token) -> bool:
    return any(child.dep_ == "poss" for child in noun.children)


def _way(span: Span) -> Literal["pronoun", "description"]:
    return "pronoun" if span[0].lower_ in GENDER_OF else "description"
