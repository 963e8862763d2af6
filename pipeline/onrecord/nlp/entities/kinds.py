"""The type of each name, decided once per article from all the evidence.

The mentions of a name are grouped, a bare surname with the full name that ends in it. The
evidence of all of them (`evidence.py`) decides first whether the name is a person's; if it is not,
the most frequent of the other kinds is chosen.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from onrecord.nlp.entities.english import gazetteer
from onrecord.nlp.entities.evidence import Evidence, evidence_of
from onrecord.nlp.entities.names import fold, key_of_text, spelling
from onrecord.nlp.entities.persons import stands_as_firm, stands_as_place
from onrecord.nlp.entities.roles import RoleReader
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.entities.word_index import WordIndex
from onrecord.records import EntityType

Key = tuple[str, ...]

# Log-odds that a name is a person's. Learned by logistic regression from the 500 names of the 28
# modern articles that people marked, cross-checked by article (95 % precise, 95 % complete), and
# rounded. What was never wrong there but is rare ("age", "title", "kin") was raised by hand.
_FOR: Mapping[Evidence, float] = {
    "title": 4.0, "age": 3.0, "given name": 3.0, "role beside": 3.4, "kin": 2.0,
    "known surname": 2.6, "initials": 2.0, "of a country": 2.0, "capital title": 2.0,
    "who": 1.4, "did as people do": 1.3,
    "model: person": 1.2, "said": 1.3, "surname alone": 0.8, "shape of a surname": 0.7,
    "two words": 0.6, "he or she next": 1.0, "he or she": 0.3,
}  # fmt: skip
_AGAINST: Mapping[Evidence, float] = {
    "article": -2.0, "firm's word": -2.2, "firm's plural": -2.0, "word in small letters": -1.8,
    "acronym": -1.5, "model: other": -1.2, "not a name's word": -1.3, "modifies": -1.1,
    "in it": -0.8, "digits": -1.0, "organisation beside": -4.0,
}  # fmt: skip
_PRIOR = -2.3
# Repeated evidence of the same sort adds little.
_MOST = 2.0
# Mentions read per name: the first ones, which introduce it, are the most informative.
_MENTIONS = 10
# What one mention counts for when the other kinds are voted on: as certain, as the model has it,
# from where it stands.
_CERTAIN, _FROM_MODEL, _FROM_POSITION = 40, 2, 3


class Kinds:
    """The types of the names in one text."""

    def __init__(self, text: WordIndex, roles: RoleReader) -> None:
        self._text = text
        self._roles = roles
        self._evidence: dict[tuple[int, int, str | None], tuple[Evidence, ...]] = {}
        self._keys: dict[tuple[int, int], Key] = {}

    def decided(self, spans: Sequence[NamedSpan]) -> list[NamedSpan]:
        """The mentions, each with the type of its name."""
        names: dict[Key, list[NamedSpan]] = defaultdict(list)
        for span in spans:
            names[self._key(span)].append(span)
        people = self._people(names)
        kinds: dict[Key, EntityType] = {
            key: "person" if key in people else self._other_kind(mentions)
            for key, mentions in names.items()
        }
        return [_with_kind(span, kinds[self._key(span)]) for span in spans]

    def _key(self, span: NamedSpan) -> Key:
        place = span.start, span.end
        if place not in self._keys:
            self._keys[place] = key_of_text(self._text.written(span))
        return self._keys[place]

    def _people(self, names: Mapping[Key, Sequence[NamedSpan]]) -> set[Key]:
        """The names of people: full names by all their evidence, then short names."""
        by_surname: dict[str, list[NamedSpan]] = defaultdict(list)
        for key, mentions in names.items():
            if len(key) == 1:
                by_surname[spelling(key[0])].extend(mentions)
        for span in self._subjects_beside(names):
            by_surname[spelling(fold(self._text.words[span.start]))].append(span)
        people: set[Key] = set()
        surnames: set[str] = set()
        for key, mentions in names.items():
            if len(key) < 2:
                continue
            if self._is_person(mentions, by_surname.get(spelling(key[-1]), ())):
                people.add(key)
                surnames.add(spelling(key[-1]))
        for key, mentions in names.items():
            if len(key) < 2:
                called = bool(key) and spelling(key[0]) in surnames
                fixed = _certain_kind(mentions)
                if fixed == "person" or (fixed is None and (called or self._is_person(mentions))):
                    people.add(key)
        return people

    def _subjects_beside(self, names: Mapping[Key, Sequence[NamedSpan]]) -> Iterator[NamedSpan]:
        """One-word subjects outside all mentions that are the last word of a full name."""
        spans = (one for mentions in names.values() for one in mentions)
        covered = {i for one in spans for i in range(one.start, one.end)}
        surnames = {key[-1] for key in names if len(key) > 1}
        for i in self._text.places("title case"):
            if i in covered or fold(self._text.words[i]) not in surnames:
                continue
            token = self._text.tokens[i]
            if token.dep_ == "nsubj" and token.left_edge.i == i:
                yield NamedSpan(start=i, end=i + 1, type="person")

    def _is_person(self, mentions: Sequence[NamedSpan], alone: Sequence[NamedSpan] = ()) -> bool:
        """Whether the mentions of a name, and of its surname alone, indicate a person."""
        fixed = _certain_kind(mentions)
        if fixed is not None:
            return fixed == "person"
        read = [*mentions[:_MENTIONS], *alone[:_MENTIONS]]
        counts = Counter(chain.from_iterable(map(self._of, read)))
        if alone:
            counts["surname alone"] = 1
        return _log_odds(counts, len(read)) > 0

    def _of(self, span: NamedSpan) -> tuple[Evidence, ...]:
        place = span.start, span.end, span.title
        if place not in self._evidence:
            roles = self._roles.of(span)
            found = set(evidence_of(self._text, span, roles))
            self._evidence[place] = tuple(found)
        return self._evidence[place]

    def _other_kind(self, mentions: Sequence[NamedSpan]) -> EntityType:
        """The type of a name that is not a person's."""
        votes: Counter[EntityType] = Counter()
        for span in mentions:
            if span.type != "person":
                votes[span.type] += _CERTAIN if span.certain else _FROM_MODEL
            votes["organisation"] += _FROM_POSITION * stands_as_firm(self._text.tokens, span)
            if span.type in {"person", "organisation"} and stands_as_place(self._text.tokens, span):
                votes["place"] += _FROM_POSITION
        shown = gazetteer.type_by_words(self._text.written(mentions[0]).split())
        if shown is not None:
            votes[shown] += _FROM_POSITION
        likeliest = max(votes, key=votes.__getitem__)
        return likeliest if votes[likeliest] else "organisation"


def _with_kind(span: NamedSpan, kind: EntityType) -> NamedSpan:
    if span.type == kind and (span.certain or kind != "person"):
        return span
    return replace(span, type=kind, certain=span.certain or kind == "person")


def _certain_kind(mentions: Sequence[NamedSpan]) -> EntityType | None:
    """The type determined by a word list or a construction, if any."""
    kinds = Counter([span.type for span in mentions if span.certain])
    return max(kinds, key=kinds.__getitem__, default=None)


def _log_odds(counts: Mapping[Evidence, int], mentions: int) -> float:
    speaks_for = sum(
        weight * min(_MOST, math.log2(1 + counts[one]))
        for one, weight in _FOR.items()
        if one in counts
    )
    speaks_against = sum(
        weight * min(1.0, counts[one] / mentions)
        for one, weight in _AGAINST.items()
        if one in counts
    )
    return _PRIOR + speaks_for + speaks_against
