"""Speakers: who the source of a quote turns out to be.

A source is a name, a description ("the minister"), or a pronoun. Names and the roles the text
gives were merged before (`entities.py`); here the text is read from top to bottom, keeping
account of who is present (`pronouns.py`), and each pronoun and each source finds its person.
Somebody without a name ("a senior official") is somebody all the same: "she" and "the official"
find them again. A source that finds nobody stays as the text puts it: nothing is invented.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from spacy.tokens import Doc, Span, Token

from pipeline.nlp import gazetteer, titles
from pipeline.nlp.descriptions import (
    Description,
    Descriptions,
    is_introduction,
    read_description,
)
from pipeline.nlp.entities import FoundEntity
from pipeline.nlp.names import Gender, fold
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
from pipeline.nlp.roles import end_of_phrase, noun_at
from pipeline.nlp.writings import WRITINGS, author_of, writing_before, writing_meant_by_it
from pipeline.records import Speaker

_ENDINGS = frozenset({"'s", "’s", "'", "’", ","})
_NO_HEADS = frozenset({"VERB", "AUX", "ADP", "PUNCT", "SPACE", "CCONJ", "SCONJ", "PART"})
# What can follow a name that is the source, rather than "'s" or another noun.
_AFTER_NAMES = frozenset({"of", "who", "whose", "in", "from", "then", "himself", "herself"})
# "The group" is seldom the one whose name ends in "Group".
_LINKS = frozenset({"of", "for", "on"})
# How the names of whole peoples end.
_CITIZEN = "citizen"
_PEOPLES = ("sh", "ch", "ese", "s")
_VAGUE = frozenset({"group", "company", "organization", "organisation", "police"})
# The weight that a person still has three sentences after being its subject, about.
_PRESENT = 1.0
# The same of somebody only mentioned in passing a sentence ago; how much less others must weigh.
_BARELY_PRESENT = 0.5
_FAR_LESS = 0.4
# A speaker without a name, of either gender, is less likely "he" than somebody named is.
_STRANGER = 0.5
# How many of the speakers without a name "the official" may mean again.
_UNNAMED = 12
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
    return [found.speaker for found in text.speakers_of(sources)]


def weigh_speakers(
    doc: Doc, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list["WeighedSpeaker"]:
    """Who said each quote, as `resolve_speakers` has it, and whom else it may have been."""
    sources = [_source_span(doc, quote.source) for quote in quotes]
    text = _Text(doc, quotes, [source for source in sources if source is not None], entities)
    return text.speakers_of(sources)


@dataclass(frozen=True, slots=True)
class WeighedSpeaker:
    """A speaker, and the name of who came second; None where no one was weighed against them."""

    speaker: Speaker | None
    second: str | None = None


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


def _as_written(source: Span) -> str:
    text = " ".join(source.text.split())
    return text.strip(' ,;:."“”') or text


class _Meaning(NamedTuple):
    """Who a source means, by index, how that was found, and who came second."""

    who: int
    reason: str
    second: int | None = None


@dataclass(frozen=True, slots=True)
class _Unnamed:
    """Somebody who speaks without a name: as the text first put it, and by what noun."""

    text: str
    description: Description


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what it showed.

    People and organisations are indices: of entities, then of `unnamed` speakers. `found` maps a
    source to who it means, `at` the token of a pronoun or the head of a source to them.
    `last_named` says where each entity was named last, `introduced` where each noun brought up
    somebody without a name ("an official"). `source` is who the last source meant, if anyone,
    and its sentence. `roles` are the descriptions that found somebody of whom no role is stated.
    """

    salience: Salience
    found: dict[_Place, _Meaning] = field(default_factory=dict)
    at: dict[int, int] = field(default_factory=dict)
    unnamed: list[_Unnamed] = field(default_factory=list)
    last_named: dict[int, int] = field(default_factory=dict)
    introduced: dict[str, int] = field(default_factory=dict)
    source: tuple[int | None, int] = (None, 0)
    pronouns: dict[int, Counter[Gender]] = field(default_factory=lambda: defaultdict(Counter))
    roles: dict[int, str] = field(default_factory=dict)


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
        self._by_noun: dict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(entities):
            words = one.entity.name.lower().split()
            if one.entity.type == "organisation" and len(words) > 1:
                self._by_noun[words[-1]].append(index)
                if words[1] in _LINKS:
                    self._by_noun[words[0]].append(index)
        self._points = self._points_of_interest()

    def _points_of_interest(self) -> list[int]:
        """The tokens at which somebody is named, meant or introduced, in order."""
        points = set(self._sources)
        points.update(span.end - 1 for one in self._entities for span in one.spans)
        for token in self._doc:
            word = token.lower_
            if (word in GENDER_OF and not self._quoted[token.i]) or is_introduction(token):
                points.add(token.i)
        return sorted(points)

    def speakers_of(self, sources: Sequence[Span | None]) -> list[WeighedSpeaker]:
        """Who each source means, as it is published."""
        read = self._resolve()
        return [
            WeighedSpeaker(self._speaker(source, read), self._second(source, read))
            if source
            else WeighedSpeaker(None)
            for source in sources
        ]

    def _second(self, source: Span, read: _Reading) -> str | None:
        meaning = read.found.get((source.start, source.end))
        if meaning is None or meaning.second is None:
            return None
        if meaning.second >= len(self._entities):
            return read.unnamed[meaning.second - len(self._entities)].text
        return self._entities[meaning.second].entity.name

    def _speaker(self, source: Span, read: _Reading) -> Speaker:
        meaning = read.found.get((source.start, source.end))
        if meaning is None:
            return Speaker(name=_as_written(source), reason="as the text puts it")
        if meaning.who >= len(self._entities):
            unnamed = read.unnamed[meaning.who - len(self._entities)]
            return Speaker(name=unnamed.text, reason=meaning.reason)
        known = self._entities[meaning.who].entity
        if known.type == "group":
            # "Republicans" said it, not "Republican".
            return Speaker(entity=known.id, name=_as_written(source), reason=meaning.reason)
        role = known.role or read.roles.get(meaning.who)
        return Speaker(entity=known.id, name=known.name, role=role, reason=meaning.reason)

    def _resolve(self) -> _Reading:
        """The text read twice.

        The pronouns of the first reading show the gender of people whose names do not.
        """
        genders = [one.gender if one.entity.type == "person" else None for one in self._entities]
        for person, counts in self._read(genders).pronouns.items():
            (gender, most), *others = counts.most_common()
            shown = most >= 2 * sum(count for _, count in others)
            if person < len(genders) and genders[person] is None and shown:
                genders[person] = gender
        return self._read(genders)

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
        meaning = self._meant(source, head, read) or self._new_speaker(source, head, read)
        who = meaning.who if meaning else None
        read.source = (who, self._sentences[head.i])
        if meaning is None or who is None:
            return
        read.found[source.start, source.end] = meaning
        read.at[head.i] = who
        if self._is_person(who):
            read.salience.add(who, self._speaks(who, read), self._sentences[head.i])
            if head.lower_ in GENDER_OF:
                read.pronouns[who][GENDER_OF[head.lower_]] += 1

    def _speaks(self, who: int, read: _Reading) -> float:
        """How far speaking brings somebody forward: one of whom nothing is known, not as far."""
        known = who < len(self._entities) or read.salience.genders[who]
        return SPEAKS if known else SPEAKS * _STRANGER

    def _new_speaker(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """Somebody without a name who speaks here for the first time: "a senior official"."""
        description = read_description(source, head, new=True)
        if description is None or self._entity_at[head.i] is not None:
            return None
        variation = titles.is_variation(description.noun) and not description.complement
        if source[0].lower_ == "the" and variation:
            # "The mogul" is somebody who was named, though we do not see who.
            return None
        who = self._add_unnamed(_Unnamed(_as_written(source), description), read)
        return _Meaning(who, "as the text puts it: without a name")

    def _add_unnamed(self, unnamed: _Unnamed, read: _Reading) -> int:
        read.unnamed.append(unnamed)
        read.salience.genders.append(unnamed.description.gender)
        return len(self._entities) + len(read.unnamed) - 1

    def _read_pronoun(self, pronoun: Token, read: _Reading) -> None:
        """A pronoun that is no source still says who is spoken of."""
        person = self._by_pronoun(pronoun, read)
        if person is not None:
            read.at[pronoun.i] = person
            weight = _BY_PRONOUN * self._weight(pronoun)
            read.salience.add(person, weight, self._sentences[pronoun.i])

    def _person_at(self, i: int) -> int | None:
        entity = self._entity_at[i]
        return entity if entity is not None and self._is_person(entity) else None

    def _is_person(self, who: int) -> bool:
        return who >= len(self._entities) or self._entities[who].entity.type == "person"

    def _weight(self, token: Token) -> float:
        return weight_of(token, quoted=bool(self._quoted[token.i]))

    # ── one source ───────────────────────────────────────────────────────────────────────

    def _meant(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """Who a source means: by name, by pronoun, or by what it says of somebody."""
        if len(source) == 1 and head.lower_ in GENDER_OF:
            return self._meant_by_pronoun(head, read)
        if len(source) == 1 and head.lower_ in RELATIVE:
            return self._meant_by_relative(head, read)
        named = self._named(source, head)
        if named is not None and self._entities[named].entity.type != "group":
            return _Meaning(named, self._reason_of_name(source, named))
        # "the Ohio Democrat" describes somebody, and is a party only if it finds nobody.
        described = self._by_description(source, head, read)
        if described is None and named is not None and _is_one_of_them(source):
            described = self._present(source, _one_of_them(head), read)
        if described is not None:
            return described
        if named is not None:
            return _Meaning(named, "named here")
        return self._organisation(source, head, read) or self._by_writing(source, head, read)

    def _reason_of_name(self, source: Span, who: int) -> str:
        name = self._entities[who].entity.name
        if name.lower() in " ".join(source.text.split()).lower():
            return "named here"
        words = {token.lower_ for token in source}
        if name.split()[-1].lower() in words:
            return f"surname of {name}"
        inside = any(self._entity_at[token.i] == who for token in source)
        return f"short for {name}" if inside else "named beside"

    def _meant_by_pronoun(self, pronoun: Token, read: _Reading) -> _Meaning | None:
        kind = "man" if GENDER_OF[pronoun.lower_] == "masculine" else "woman"
        person = self._by_pronoun(pronoun, read)
        if person is not None:
            last = "last speaker" if person == read.source[0] else "likeliest person before"
            gender = read.salience.genders[person]
            said = f"pronoun: the {last}" + (f" who is a {kind}" if gender else "")
            return _Meaning(person, said, self._by_pronoun(pronoun, read, without=person))
        person = self._named_later(pronoun, read)
        return None if person is None else _Meaning(person, "pronoun: named later in the sentence")

    def _meant_by_relative(self, pronoun: Token, read: _Reading) -> _Meaning | None:
        noun = antecedent_of_relative(pronoun)
        if noun is None:
            return None
        named = self._named_by(noun)
        if named is None and noun.lower_ in WRITINGS:
            return self._author(noun, read)
        return None if named is None else _Meaning(named, f"named before “{pronoun.text}”")

    def _by_writing(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """Whose words "the letter" or "it" are, where the text says who wrote it."""
        if head.lower_ in WRITINGS:
            owner = self._author(head, read)
            known = source[0].lower_ in {"the", "that", "this"} and not owner
            before = writing_before(self._doc, head.i, head.lower_) if known else None
            return owner or (self._author(before, read) if before is not None else None)
        if len(source) == 1 and head.lower_ == "it":
            before = writing_meant_by_it(head)
            return self._author(before, read) if before is not None else None
        return None

    def _author(self, writing: Token, read: _Reading) -> _Meaning | None:
        def author_at(i: int) -> int | None:
            entity = self._entity_at[i]
            if entity is None:
                return read.at.get(i)
            named = self._entities[entity].entity.type in {"person", "organisation"}
            return entity if named else None

        author = author_of(writing, author_at)
        return None if author is None else _Meaning(author, f"whose {writing.lower_} it is")

    def _by_pronoun(
        self, pronoun: Token, read: _Reading, *, without: int | None = None
    ) -> int | None:
        gender = GENDER_OF[pronoun.lower_]
        excluded = self._subject_of(pronoun) + ([] if without is None else [without])
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
        if titles.is_after_name(source.text) and source.start:
            return self._person_at(source.start - 1)
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
        role = noun_at(head) is not None or head.lower_ == "one"
        if not role and not gazetteer.is_organisation_noun(head.lower_):
            return None
        apposed = role and i < len(self._doc) and self._doc[i].text == ","
        i += apposed
        while i < len(self._doc) and titles.is_honorific(self._doc[i].text):
            i += 1
        entity = self._entity_at[i] if i < len(self._doc) else None
        if entity is None or self._is_person(entity) != role:
            return None
        last = head.i == source.end - 1 or head.lower_ == "one"
        if not last and not self._apposed(i, head):
            # "The aide to the president, Ana Weiss, said" may be either of them.
            return None
        end = i
        while end < len(self._doc) and self._entity_at[end] == entity:
            end += 1
        closed = end < len(self._doc) and self._doc[end].is_punct
        return entity if closed or not apposed else None

    def _apposed(self, name: int, noun: Token) -> bool:
        """Whether the parse sets a name beside a noun."""
        end = name
        while end + 1 < len(self._doc) and self._entity_at[end + 1] == self._entity_at[name]:
            end += 1
        root = self._doc[name : end + 1].root
        return root.dep_ == "appos" and root.head.i == noun.i

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
        ends = follows is None or follows.is_punct or titles.is_after_name(follows.text)
        if follows is not None and not (ends or follows.lower_ in _AFTER_NAMES):
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

    def _by_description(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """Whom "the minister" means: who fits best, the more present one of two."""
        description = read_description(source, head)
        if description is None:
            return None
        again = self._unnamed_again(description, read)
        introduced = read.introduced.get(head.lower_, -1)
        # "A senior official said …": after that, "the official" is nobody whose name we know.
        fits = {
            person: fit
            for person, fit in self._descriptions.fitting(description).items()
            if read.last_named.get(person, 0) > max(introduced, again[1])
        }
        sentence = self._sentences[head.i]
        if fits:
            best, *others = sorted(
                fits,
                key=lambda one: fits[one] + min(3.0, read.salience.weight(one, sentence)) / 2,
                reverse=True,
            )
            which = f"the likeliest of {len(fits)} called" if others else "the only"
            said = f"{which} {description.noun}" + " named" * (not others)
            return _Meaning(best, said, others[0] if others else None)
        if again[0] is not None:
            return _Meaning(again[0], f"the {description.noun} without a name who spoke before")
        if introduced >= 0:
            return self._introduced(introduced, description, read)
        return self._present(source, description, read)

    def _introduced(self, at: int, description: Description, read: _Reading) -> _Meaning:
        """Who was brought up without a name and has not spoken yet."""
        noun = self._doc[at]
        text = _as_written(self._doc[noun.left_edge.i : end_of_phrase(self._doc, at)])
        brought_up = Description(
            description.noun, description.words, description.gender, at, description.possessive
        )
        who = self._add_unnamed(_Unnamed(text, brought_up), read)
        return _Meaning(who, f"the {description.noun} brought up before")

    def _present(self, source: Span, description: Description, read: _Reading) -> _Meaning | None:
        person = self._by_presence(description, read, self._sentences[description.at])
        if person is None:
            return None
        read.roles.setdefault(person, _without_article(source))
        return _Meaning(person, f"“{_as_written(source)}”: who the text is about here")

    def _unnamed_again(self, description: Description, read: _Reading) -> tuple[int | None, int]:
        """Who was brought up without a name by the same noun, if anyone, and where."""
        if description.possessive:
            return None, -1
        for k in range(len(read.unnamed) - 1, max(-1, len(read.unnamed) - _UNNAMED), -1):
            one = read.unnamed[k].description
            if one.noun == description.noun and description.words <= one.words:
                return len(self._entities) + k, one.at
        return None, -1

    def _by_presence(self, description: Description, read: _Reading, sentence: int) -> int | None:
        """Whom a writer calls "the mogul" for a change: who the text is about just here.

        For "the mogul" whoever is present will do; for "the baker" and "the head of the union"
        only somebody who is alone, and of whom the text says nothing else.
        """
        if description.possessive:
            return None
        present = {
            person: weight
            for person, weight in read.salience.present(sentence)
            if weight >= _BARELY_PRESENT
            and person < len(self._entities)
            and not self._is_something_else(person, description)
        }
        variation = titles.is_variation(description.noun)
        enough = [person for person, weight in present.items() if weight >= _PRESENT]
        if variation and enough and not description.complement:
            often = description.noun != _CITIZEN
            return max(enough, key=lambda one: present[one] * (self._often(one) if often else 1.0))
        if titles.is_function(description.noun) and not variation:
            return None
        return self._who_is_alone(present)

    def _who_is_alone(self, present: dict[int, float]) -> int | None:
        best = max(present, key=lambda one: present[one], default=None)
        if best is None or self._entities[best].roles:
            return None
        most = present[best] * _FAR_LESS
        alone = all(weight < most for one, weight in present.items() if one != best)
        return best if alone else None

    def _often(self, person: int) -> float:
        return math.log1p(len(self._entities[person].spans))

    def _is_something_else(self, person: int, description: Description) -> bool:
        """Whether the text says quite another thing of a person: no "campaign manager" is meant."""
        roles = self._entities[person].roles if description.noun != _CITIZEN else ()
        other = bool(roles) and not any(titles.is_variation(role.noun) for role in roles)
        return other or self._descriptions.contradicts(person, description)

    # ── organisations ────────────────────────────────────────────────────────────────────

    def _organisation(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """The organisation that "it" or "the company" means: whose words were just reported."""
        last, sentence = read.source
        spoke = last if last is not None and self._is_organisation(last) else None
        near = self._sentences[head.i] - sentence <= _SAME_SPEAKER_SENTENCES
        again = (
            None if spoke is None or not near else _Meaning(spoke, "the organisation that spoke")
        )
        if len(source) == 1 and head.lower_ == "it":
            return again
        if len(source) != 2 or source[0].lower_ != "the":
            return None
        if not gazetteer.is_organisation_noun(head.lower_):
            return None
        called = self._called(head, read)
        if called is None and spoke is not None and not self._may_be(spoke, head.lower_):
            return None
        return again if called is None else _Meaning(called, f"the last {head.lower_} named")

    def _may_be(self, organisation: int, noun: str) -> bool:
        """Whether an organisation that is not called so may be one: no Okafor Energy is a union."""
        *_, last = self._entities[organisation].entity.name.lower().split()
        return not (gazetteer.is_specific_noun(noun) and gazetteer.ends_as_firm(last))

    def _called(self, noun: Token, read: _Reading) -> int | None:
        """Whose name, of those named not long ago, is that of a "ministry"."""
        if noun.lower_ in _VAGUE:
            return None
        named = [one for one in self._by_noun.get(noun.lower_, ()) if one in read.last_named]
        last = max(named, key=lambda one: read.last_named[one], default=None)
        if last is None:
            return None
        passed = self._sentences[noun.i] - self._sentences[read.last_named[last]]
        return last if passed <= _SAME_NAME_SENTENCES else None

    def _is_organisation(self, who: int) -> bool:
        known = self._entities[who].entity.type if who < len(self._entities) else "person"
        return known == "organisation"


# ── the text, by token ───────────────────────────────────────────────────────────────────────


def _head(source: Span) -> Token:
    """The word that heads a source: "minister" of "the minister", "Weiss" of "Ana Weiss, a …"."""
    root = source.root
    if root.pos_ not in _NO_HEADS:
        return root
    nouns = (token for token in source if token.pos_ in {"NOUN", "PROPN", "PRON"})
    return next(nouns, root)


def _is_one_of_them(source: Span) -> bool:
    """Whether a nationality or party is somebody: "the Spaniard", not "the Dutch"."""
    if len(source) != 2 or source[0].lower_ != "the" or source[1].tag_ not in {"NN", "NNP"}:
        return False
    return not source[1].lower_.endswith(_PEOPLES)


def _one_of_them(head: Token) -> Description:
    return Description(_CITIZEN, frozenset({fold(head.text)}), None, head.i)


def _without_article(source: Span) -> str:
    first = source[0].lower_ in {"the", "that", "this"}
    return _as_written(source[1:] if first and len(source) > 1 else source)


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
