"""Speakers: who the source of a quote turns out to be.

A source is a name, a description ("the minister"), or a pronoun. Names and the roles the text
gives were merged before (`entities.py`); here the text is read from top to bottom, keeping
account of who is present (`pronouns.py`), and each pronoun and each source finds its person. A
source that finds nobody stays as the text puts it: nothing is invented.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc, Span, Token

from pipeline.nlp import gazetteer, titles
from pipeline.nlp.descriptions import (
    Description,
    Descriptions,
    is_introduction,
    read_description,
)
from pipeline.nlp.entities import FoundEntity
from pipeline.nlp.names import Gender
from pipeline.nlp.pronouns import (
    GENDER_OF,
    RELATIVE,
    SPEAKS,
    Salience,
    antecedent_of_relative,
    sentence_numbers,
    weight_of,
)
from pipeline.nlp.quotes import FoundQuote
from pipeline.nlp.roles import noun_at
from pipeline.records import Speaker

_ENDINGS = frozenset({"'s", "’s", "'", "’", ","})
_NO_HEADS = frozenset({"VERB", "AUX", "ADP", "PUNCT", "SPACE", "CCONJ", "SCONJ", "PART"})
# What can follow a name that is the source, rather than "'s" or another noun.
_AFTER_NAMES = frozenset({"of", "who", "whose", "in", "from", "then", "himself", "herself"})
# "The group" is seldom the one whose name ends in "Group".
_VAGUE = frozenset({"group", "company", "organization", "organisation", "police"})
# The weight that a person still has three sentences after being its subject, about.
_PRESENT = 1.0
# A pronoun that is no source brings its person forward less than the name does.
_BY_PRONOUN = 0.6
# How many sentences after its words "the company" is still the one that spoke.
_SAME_SPEAKER_SENTENCES = 2
# How many sentences after its name "the ministry" is still the Ministry of Transport.
_SAME_NAME_SENTENCES = 8
# How far "Before he spoke, Okafor …" is searched for the name.
_LATER_TOKENS = 40

# Half-open: tokens of a source, or characters of one that is not yet found in tokens.
_Place = tuple[int, int]


def resolve_speakers(
    doc: Doc, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list[Speaker | None]:
    """Who said each quote, in the order of `quotes`. None where a quote has no (or a blank) source.

    The name is the full one where it can be known; otherwise the source as the text puts it.
    """
    sources = [_source_span(doc, quote.source) for quote in quotes]
    text = _Text(doc, quotes, [source for source in sources if source is not None], entities)
    found = text.resolve()
    return [
        _speaker(source, found.get((source.start, source.end)), entities) if source else None
        for source in sources
    ]


def _source_span(doc: Doc, source: _Place | None) -> Span | None:
    """The source in tokens, without blanks and possessive endings at its ends."""
    span = doc.char_span(*source, alignment_mode="expand") if source else None
    if span is None:
        return None
    start, end = span.start, span.end
    while end > start + 1 and (doc[end - 1].is_space or doc[end - 1].text in _ENDINGS):
        end -= 1
    while start < end - 1 and (doc[start].is_space or doc[start].is_punct):
        start += 1
    return doc[start:end]


def _speaker(source: Span, entity: int | None, entities: Sequence[FoundEntity]) -> Speaker:
    if entity is None:
        return Speaker(name=_as_written(source))
    known = entities[entity].entity
    if known.type == "group":
        # "Republicans" said it, not "Republican".
        return Speaker(entity=known.id, name=_as_written(source))
    return Speaker(entity=known.id, name=known.name, role=known.role)


def _as_written(source: Span) -> str:
    text = " ".join(source.text.split())
    return text.strip(' ,;:."“”') or text


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what it showed.

    `found` maps a source to an entity; `last_named` says where each entity was named last,
    `introduced` where each noun brought up somebody without a name ("an official"). `source` is
    the entity of the last source, if it has one, and its sentence.
    """

    salience: Salience
    found: dict[_Place, int] = field(default_factory=dict)
    last_named: dict[int, int] = field(default_factory=dict)
    introduced: dict[str, int] = field(default_factory=dict)
    source: tuple[int | None, int] = (None, 0)
    pronouns: dict[int, Counter[Gender]] = field(default_factory=lambda: defaultdict(Counter))


class _Text:
    """A text with its entities and sources, to be read from top to bottom."""

    def __init__(
        self,
        doc: Doc,
        quotes: Sequence[FoundQuote],
        sources: Sequence[Span],
        entities: Sequence[FoundEntity],
    ) -> None:
        self._doc = doc
        self._entities = entities
        self._descriptions = Descriptions(doc, entities)
        self._entity_at = _entity_at(doc, entities)
        self._quoted = _quoted_tokens(doc, quotes)
        self._sentences = sentence_numbers(doc, self._quoted)
        self._sources: dict[int, set[_Place]] = defaultdict(set)
        for source in sources:
            self._sources[_head(source).i].add((source.start, source.end))
        self._by_last_word: dict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(entities):
            *first, last = one.entity.name.lower().split()
            if one.entity.type == "organisation" and first and last not in _VAGUE:
                self._by_last_word[last].append(index)
        self._points = self._points_of_interest()

    def _points_of_interest(self) -> list[int]:
        """The tokens at which somebody is named, meant or introduced, in order."""
        points = set(self._sources)
        points.update(span.end - 1 for one in self._entities for span in one.spans)
        for token in self._doc:
            word = token.lower_
            if (word in GENDER_OF and not self._quoted[token.i]) or titles.role_noun(word):
                points.add(token.i)
        return sorted(points)

    def resolve(self) -> dict[_Place, int]:
        """The index of the entity that each source means; a source without one is absent.

        The text is read twice: the pronouns of the first reading show the gender of people
        whose names do not.
        """
        genders = [one.gender if one.entity.type == "person" else None for one in self._entities]
        for person, counts in self._read(genders).pronouns.items():
            (gender, most), *others = counts.most_common()
            if genders[person] is None and most >= 2 * sum(count for _, count in others):
                genders[person] = gender
        return self._read(genders).found

    def _read(self, genders: Sequence[Gender | None]) -> _Reading:
        read = _Reading(Salience(list(genders)))
        for i in self._points:
            token = self._doc[i]
            for place in sorted(self._sources.get(i, ())):
                self._read_source(self._doc[slice(*place)], token, read)
            entity, person = self._entity_at[i], self._person_at(i)
            if entity is not None:
                read.last_named[entity] = i
            if person is not None:
                read.salience.add(person, self._weight(token), self._sentences[i])
            elif token.lower_ in GENDER_OF and i not in self._sources:
                self._read_pronoun(token, read)
            elif entity is None and is_introduction(token):
                read.introduced[token.lower_] = i
        return read

    def _read_source(self, source: Span, head: Token, read: _Reading) -> None:
        entity = self._meant(source, head, read)
        read.source = (entity, self._sentences[head.i])
        if entity is None:
            return
        read.found[source.start, source.end] = entity
        if self._is_person(entity):
            read.salience.add(entity, SPEAKS, self._sentences[head.i])
            if head.lower_ in GENDER_OF:
                read.pronouns[entity][GENDER_OF[head.lower_]] += 1

    def _read_pronoun(self, pronoun: Token, read: _Reading) -> None:
        """A pronoun that is no source still says who is spoken of."""
        person = self._by_pronoun(pronoun, read)
        if person is not None:
            weight = _BY_PRONOUN * self._weight(pronoun)
            read.salience.add(person, weight, self._sentences[pronoun.i])

    def _person_at(self, i: int) -> int | None:
        entity = self._entity_at[i]
        return entity if entity is not None and self._is_person(entity) else None

    def _is_person(self, entity: int) -> bool:
        return self._entities[entity].entity.type == "person"

    def _weight(self, token: Token) -> float:
        return weight_of(token, quoted=bool(self._quoted[token.i]))

    # ── one source ───────────────────────────────────────────────────────────────────────

    def _meant(self, source: Span, head: Token, read: _Reading) -> int | None:
        """The entity a source means: by name, by pronoun, or by what it says of somebody."""
        if len(source) == 1 and head.lower_ in GENDER_OF:
            person = self._by_pronoun(head, read)
            return person if person is not None else self._named_later(head, read)
        if len(source) == 1 and head.lower_ in RELATIVE:
            noun = antecedent_of_relative(head)
            return self._named_by(noun) if noun is not None else None
        named = self._named(source, head)
        if named is not None and self._entities[named].entity.type != "group":
            return named
        # "the Ohio Democrat" describes somebody, and is a party only if it finds nobody.
        described = self._by_description(source, head, read)
        if described is None and named is None:
            return self._organisation(source, head, read)
        return described if described is not None else named

    def _by_pronoun(self, pronoun: Token, read: _Reading) -> int | None:
        gender = GENDER_OF[pronoun.lower_]
        excluded = self._subject_of(pronoun)
        return read.salience.likeliest(gender, self._sentences[pronoun.i], without=excluded)

    def _subject_of(self, pronoun: Token) -> list[int]:
        """Who an object pronoun cannot be: in "Ana told her", she is another woman."""
        if pronoun.dep_ not in {"dobj", "dative", "iobj"} or pronoun.lower_.endswith("self"):
            return []
        subjects = (child.i for child in pronoun.head.children if child.dep_ == "nsubj")
        return [person for i in subjects if (person := self._person_at(i)) is not None]

    def _named_later(self, pronoun: Token, read: _Reading) -> int | None:
        """Who the same sentence names after the pronoun: "Before he spoke, Okafor …"."""
        gender = GENDER_OF[pronoun.lower_]
        for i in range(pronoun.i + 1, min(len(self._doc), pronoun.i + _LATER_TOKENS)):
            if self._doc[i].is_sent_start:
                return None
            person = self._person_at(i)
            if person is not None and read.salience.genders[person] in {gender, None}:
                return person
        return None

    def _named_by(self, noun: Token) -> int | None:
        """The entity a noun is part of a mention of, or that stands in apposition to it."""
        for token in (noun, *(child for child in noun.children if child.dep_ == "appos")):
            if self._entity_at[token.i] is not None:
                return self._entity_at[token.i]
        return None

    def _named(self, source: Span, head: Token) -> int | None:
        """The entity that the source itself names, as its head or in apposition to it.

        "Weiss", "Texas Lt. Gov. Ana Weiss of Tarn", "the king's physician, Amara Diallo"; but
        nobody in "Weiss's lawyer", "Weiss and Diallo" or "the Weiss campaign".
        """
        for start, end in self._names_in(source):
            if self._joins_another(end, source.end):
                return None
            if start <= head.i < end or self._stands_alone(source, start, end):
                return self._entity_at[start]
        beside = self._named_right_after(source, head)
        return self._entity_at[head.i] if beside is None else beside

    def _named_right_after(self, source: Span, head: Token) -> int | None:
        """Who is named where a source breaks off: "[The carmaker] Okafor Motors said"."""
        i = source.end
        role = noun_at(head) is not None
        if not role and not gazetteer.is_organisation_noun(head.lower_):
            return None
        apposed = role and i < len(self._doc) and self._doc[i].text == ","
        i += apposed
        while i < len(self._doc) and titles.is_honorific(self._doc[i].text):
            i += 1
        entity = self._entity_at[i] if i < len(self._doc) else None
        if entity is None or self._is_person(entity) != role or head.i != source.end - 1:
            return None
        end = i
        while end < len(self._doc) and self._entity_at[end] == entity:
            end += 1
        closed = end < len(self._doc) and self._doc[end].is_punct
        return entity if closed or not apposed else None

    def _names_in(self, source: Span) -> Iterator[_Place]:
        """The names of people in a source, in order."""
        i = source.start
        while i < source.end:
            start, person = i, self._person_at(i)
            i += 1
            if person is not None:
                while i < source.end and self._entity_at[i] == person:
                    i += 1
                yield start, i

    def _joins_another(self, end: int, limit: int) -> bool:
        """Whether a name goes on to others: "Okafor and Diallo", "Okafor, Diallo and Weiss"."""
        if end + 1 >= limit or self._doc[end].text not in {"and", "&", ",", "or"}:
            return False
        follows = end + 1
        while follows + 1 < limit and titles.is_honorific(self._doc[follows].text):
            follows += 1
        if self._doc[end].text == "and" and self._doc[follows].tag_ == "PRP$":
            return True
        person = self._person_at(follows)
        while follows < limit and self._person_at(follows) == person:
            follows += 1
        # "Weiss, Diallo's lawyer," is Weiss.
        ends = self._doc[follows].text if follows < limit else ""
        return person is not None and (self._doc[end].text != "," or ends in {",", "and", "or"})

    def _stands_alone(self, source: Span, start: int, end: int) -> bool:
        """Whether a name has only a role before it, and nothing after it that it belongs to."""
        follows = self._doc[end] if end < source.end else None
        if follows is not None and not (follows.is_punct or follows.lower_ in _AFTER_NAMES):
            return False
        before = start - 1
        while before >= source.start and titles.is_honorific(self._doc[before].text):
            before -= 1
        if before < source.start:
            return True
        if self._doc[before].text != ",":
            return noun_at(self._doc[before]) is not None
        return any(noun_at(token) is not None for token in self._doc[source.start : before])

    # ── descriptions ─────────────────────────────────────────────────────────────────────

    def _by_description(self, source: Span, head: Token, read: _Reading) -> int | None:
        """Whom "the minister" means: who fits best, the more present one of two."""
        description = read_description(source, head)
        if description is None:
            return None
        introduced = read.introduced.get(head.lower_, -1)
        # "A senior official said …": after that, "the official" is nobody whose name we know.
        fits = {
            person: fit
            for person, fit in self._descriptions.fitting(description).items()
            if read.last_named.get(person, 0) > introduced
        }
        sentence = self._sentences[head.i]
        if fits:
            return max(
                fits, key=lambda one: fits[one] + min(3.0, read.salience.weight(one, sentence)) / 2
            )
        return self._by_presence(description, read, sentence) if introduced < 0 else None

    def _by_presence(self, description: Description, read: _Reading, sentence: int) -> int | None:
        """Whom a writer calls "the mogul" for a change: who the text is about just here."""
        if description.possessive or not titles.is_variation(description.noun):
            return None
        best, best_weight = None, 0.0
        for person, weight in read.salience.present(sentence):
            if weight < _PRESENT or self._is_something_else(person, description):
                continue
            often = weight * math.log1p(len(self._entities[person].spans))
            if often > best_weight:
                best, best_weight = person, often
        return best

    def _is_something_else(self, person: int, description: Description) -> bool:
        """Whether the text says quite another thing of a person: no "campaign manager" is meant."""
        roles = self._entities[person].roles
        other = bool(roles) and not any(titles.is_variation(role.noun) for role in roles)
        return other or self._descriptions.contradicts(person, description)

    # ── organisations ────────────────────────────────────────────────────────────────────

    def _organisation(self, source: Span, head: Token, read: _Reading) -> int | None:
        """The organisation that "it" or "the company" means: whose words were just reported."""
        last, sentence = read.source
        spoke = last if last is not None and self._is_organisation(last) else None
        near = self._sentences[head.i] - sentence <= _SAME_SPEAKER_SENTENCES
        if len(source) == 1 and head.lower_ == "it":
            return spoke if near else None
        if len(source) != 2 or source[0].lower_ != "the":
            return None
        if not gazetteer.is_organisation_noun(head.lower_):
            return None
        called = self._called(head, read)
        return called if called is not None else (spoke if near else None)

    def _called(self, noun: Token, read: _Reading) -> int | None:
        """Whose name ends in a noun, of those named not long ago: "the ministry"."""
        named = [one for one in self._by_last_word.get(noun.lower_, ()) if one in read.last_named]
        last = max(named, key=lambda one: read.last_named[one], default=None)
        if last is None:
            return None
        passed = self._sentences[noun.i] - self._sentences[read.last_named[last]]
        return last if passed <= _SAME_NAME_SENTENCES else None

    def _is_organisation(self, entity: int) -> bool:
        return self._entities[entity].entity.type == "organisation"


# ── the text, by token ───────────────────────────────────────────────────────────────────────


def _head(source: Span) -> Token:
    """The word that heads a source: "minister" of "the minister", "Weiss" of "Ana Weiss, a …"."""
    root = source.root
    if root.pos_ not in _NO_HEADS:
        return root
    nouns = (token for token in source if token.pos_ in {"NOUN", "PROPN", "PRON"})
    return next(nouns, root)


def _entity_at(doc: Doc, entities: Sequence[FoundEntity]) -> list[int | None]:
    """For each token, the index of the entity it is part of a mention of."""
    at: list[int | None] = [None] * len(doc)
    for index, found in enumerate(entities):
        for span in found.spans:
            at[span.start : span.end] = [index] * (span.end - span.start)
    return at


def _quoted_tokens(doc: Doc, quotes: Sequence[FoundQuote]) -> bytearray:
    """For each token whether it stands inside the content of a direct quote."""
    quoted = bytearray(len(doc))
    for quote in quotes:
        spans = quote.content if quote.type == "direct" else ()
        for start, end in spans:
            span = doc.char_span(start, end, alignment_mode="contract")
            if span is not None:
                quoted[span.start : span.end] = b"\x01" * len(span)
    return quoted
