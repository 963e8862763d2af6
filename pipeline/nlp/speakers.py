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

from pipeline.nlp import titles
from pipeline.nlp.bodies import Bodies, Presence, is_noun_for_bodies
from pipeline.nlp.descriptions import (
    Description,
    Descriptions,
    is_introduction,
    read_description,
)
from pipeline.nlp.entities import FoundEntity
from pipeline.nlp.names import Gender, fold
from pipeline.nlp.naming import Naming
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
from pipeline.nlp.roles import end_of_phrase
from pipeline.nlp.writings import WRITINGS, author_of, writing_before, writing_meant_by_it
from pipeline.records import Speaker

_ENDINGS = frozenset({"'s", "’s", "'", "’", ","})
_NO_HEADS = frozenset({"VERB", "AUX", "ADP", "PUNCT", "SPACE", "CCONJ", "SCONJ", "PART"})
# How the names of whole peoples end.
_CITIZEN = "citizen"
_PEOPLES = ("sh", "ch", "ese", "s")
# The weight that a person still has three sentences after being its subject, about.
_PRESENT = 1.0
# The same of somebody only mentioned in passing a sentence ago; how much less others must weigh.
_BARELY_PRESENT = 0.5
_FAR_LESS = 0.4
# A speaker without a name, of either gender, is less likely "he" than somebody named is.
_STRANGER = 0.5
# How much of the weight of whom the words themselves name somebody else must have.
_NEARLY_AS_PRESENT = 0.4
# How many of the speakers without a name "the official" may mean again.
_UNNAMED = 12
# A pronoun that is no source brings its person forward less than the name does.
_BY_PRONOUN = 0.6
# How many sentences after what spoke, a report or a letter, "it" still means that.
_SAME_THING_SENTENCES = 2
# How many words before its noun "the Mexican president, who …" has.
_LONGEST_PHRASE = 8
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
    text = _Text(doc, quotes, sources, entities)
    return [found.speaker for found in text.speakers_of(sources)]


def weigh_speakers(
    doc: Doc, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list["WeighedSpeaker"]:
    """Who said each quote, as `resolve_speakers` has it, and whom else it may have been."""
    sources = [_source_span(doc, quote.source) for quote in quotes]
    text = _Text(doc, quotes, sources, entities)
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
    """Who speaks without a name: as the text first put it, and by what noun.

    `description` is None for who is many, and for what is nobody; `is_thing` for one such thing:
    a report, a lawsuit.
    """

    text: str
    description: Description | None
    is_thing: bool = False


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what it showed.

    People and organisations are indices: of entities, then of `unnamed` speakers. `found` maps a
    source to who it means, `at` the token of a pronoun or the head of a source to them.
    `introduced` says where each noun brought up somebody without a name ("an official"). `source`
    is who the last source meant, if anyone, and its sentence; `bodies` the same of organisations.
    `roles` are the descriptions that found somebody of whom no role is stated.
    """

    salience: Salience
    bodies: Presence
    found: dict[_Place, _Meaning] = field(default_factory=dict)
    at: dict[int, int] = field(default_factory=dict)
    unnamed: list[_Unnamed] = field(default_factory=list)
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
        sources: Sequence[Span | None],
        entities: Sequence[FoundEntity],
    ) -> None:
        self._doc = doc
        self._entities = entities
        self._descriptions = Descriptions(doc, entities)
        self._naming = Naming(doc, entities)
        self._quoted = _quoted_tokens(doc, quotes)
        self._sentences = sentence_numbers(doc, self._quoted)
        self._sources: dict[int, set[_Place]] = defaultdict(set)
        self._spoken_of: dict[int, set[int]] = defaultdict(set)
        for source, quote in zip(sources, quotes, strict=True):
            if source is not None:
                head = _head(source).i
                self._sources[head].add((source.start, source.end))
                self._spoken_of[head].update(self._named_in(quote, head))
        self._bodies = Bodies(entities, self._sentences)
        self._points = self._points_of_interest()

    def _named_in(self, quote: FoundQuote, source: int) -> Iterator[int]:
        """The people whom the words of a quote name, if not in "Ortiz was late, she said"."""
        for start, end in quote.content:
            for token in self._doc.char_span(start, end, alignment_mode="expand") or ():
                person = self._naming.person_at(token.i)
                # "Trump supporters" and "Trump's taxes" may be spoken of by Trump.
                spoken_of = token.dep_ not in {"compound", "poss", "nmod"}
                if person is not None and spoken_of and (self._quoted[token.i] or token.i > source):
                    yield person

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
        read = _Reading(Salience(list(genders)), Presence(Salience([None] * len(genders))))
        for i in self._points:
            token = self._doc[i]
            for place in sorted(self._sources.get(i, ())):
                self._read_source(self._doc[slice(*place)], token, read)
            entity, person = self._naming.entity_at(i), self._naming.person_at(i)
            if entity is not None:
                self._read_name(entity, token, read)
            if person is not None:
                read.salience.add(person, self._weight(token), self._sentences[i])
            elif token.lower_ in GENDER_OF and i not in self._sources:
                self._read_pronoun(token, read)
            elif entity is None and is_introduction(token):
                read.introduced[token.lower_] = i
        return read

    def _read_name(self, entity: int, token: Token, read: _Reading) -> None:
        read.bodies.last_named[entity] = token.i
        if self._bodies.is_body(entity):
            read.bodies.add(entity, self._weight(token), self._sentences[token.i])

    def _read_source(self, source: Span, head: Token, read: _Reading) -> None:
        meaning = (
            self._meant(source, head, read)
            or self._new_speaker(source, head, read)
            or self._new_thing(source, head, read)
        )
        who = meaning.who if meaning else None
        sentence = self._sentences[head.i]
        read.source = (who, sentence)
        body = who is not None and self._bodies.is_body(who)
        read.bodies.add_source(who if body else None, sentence)
        if meaning is None or who is None:
            return
        read.found[source.start, source.end] = meaning
        read.at[head.i] = who
        if self._is_person(who, read):
            read.salience.add(who, self._speaks(who, read), sentence)
            if head.lower_ in GENDER_OF:
                read.pronouns[who][GENDER_OF[head.lower_]] += 1

    def _speaks(self, who: int, read: _Reading) -> float:
        """How far speaking brings somebody forward: one of whom nothing is known, not as far."""
        known = who < len(self._entities) or read.salience.genders[who]
        return SPEAKS if known else SPEAKS * _STRANGER

    def _new_speaker(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """Somebody without a name who speaks here for the first time: "a senior official"."""
        description = read_description(source, head, new=True)
        if description is None or self._naming.entity_at(head.i) is not None:
            return None
        variation = titles.is_variation(description.noun) and not description.complement
        if source[0].lower_ == "the" and variation:
            # "The mogul" is somebody who was named, though we do not see who.
            return None
        who = self._add_unnamed(_Unnamed(_as_written(source), description), read)
        return _Meaning(who, "as the text puts it: without a name")

    def _new_thing(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """What speaks and is nobody, so that "it" can mean it again: "the report"."""
        if head.tag_ not in {"NN", "NNP", "NNS"} or self._naming.entity_at(head.i) is not None:
            return None
        thing = _Unnamed(_as_written(source), None, is_thing=head.tag_ == "NN")
        return _Meaning(self._add_unnamed(thing, read), "as the text puts it")

    def _add_unnamed(self, unnamed: _Unnamed, read: _Reading) -> int:
        description = unnamed.description
        read.unnamed.append(unnamed)
        read.salience.genders.append(description.gender if description else None)
        return len(self._entities) + len(read.unnamed) - 1

    def _read_pronoun(self, pronoun: Token, read: _Reading) -> None:
        """A pronoun that is no source still says who is spoken of."""
        person = self._by_pronoun(pronoun, read)
        if person is not None:
            read.at[pronoun.i] = person
            weight = _BY_PRONOUN * self._weight(pronoun)
            read.salience.add(person, weight, self._sentences[pronoun.i])

    def _is_person(self, who: int, read: _Reading) -> bool:
        if who >= len(self._entities):
            return read.unnamed[who - len(self._entities)].description is not None
        return self._entities[who].entity.type == "person"

    def _weight(self, token: Token) -> float:
        return weight_of(token, quoted=bool(self._quoted[token.i]))

    # ── one source ───────────────────────────────────────────────────────────────────────

    def _meant(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """Who a source means: by name, by pronoun, or by what it says of somebody."""
        if len(source) == 1 and head.lower_ in GENDER_OF:
            return self._meant_by_pronoun(head, read)
        if len(source) == 1 and head.lower_ in RELATIVE:
            return self._meant_by_relative(head, read)
        named = self._naming.named(source, head)
        if named is not None and self._entities[named].entity.type != "group":
            return _Meaning(named, self._naming.reason_of_name(source, named))
        return (
            self._body(source, head, read, unless_described=True)
            or self._described(source, head, named, read)
            or self._body(source, head, read)
            or self._by_writing(source, head, read)
            or self._same_thing(source, head, read)
        )

    def _described(
        self, source: Span, head: Token, named: int | None, read: _Reading
    ) -> _Meaning | None:
        """Whom a description means; "the Ohio Democrat" is a party only if it finds nobody."""
        described = self._by_description(source, head, read)
        if described is None and named is not None and _is_one_of_them(source):
            described = self._present(source, _one_of_them(head), read)
        if described is None and named is not None:
            return _Meaning(named, "named here")
        return described

    def _body(
        self, source: Span, head: Token, read: _Reading, *, unless_described: bool = False
    ) -> _Meaning | None:
        """Which organisation is meant: "the supplier" is one before it is who supplies."""
        if unless_described and not is_noun_for_bodies(head):
            return None
        body = self._bodies.meant(source, head, read.bodies)
        return None if body is None else _Meaning(*body)

    def _same_thing(self, source: Span, head: Token, read: _Reading) -> _Meaning | None:
        """The report or letter that "it" means: whose words were just read."""
        who, sentence = read.source
        near = self._sentences[head.i] - sentence <= _SAME_THING_SENTENCES
        if who is None or not near or len(source) > 1 or head.lower_ != "it":
            return None
        thing = who >= len(self._entities) and read.unnamed[who - len(self._entities)].is_thing
        return _Meaning(who, "what spoke before") if thing else None

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
        named = self._naming.named_by(noun)
        if named is None and noun.dep_ == "appos":
            # "Weiss, a graduate of Tarn who …"
            named = self._naming.named_by(noun.head)
        if named is not None:
            return _Meaning(named, f"named before “{pronoun.text}”")
        if noun.lower_ in WRITINGS and (author := self._author(noun, read)) is not None:
            return author
        return self._described_before(noun, read)

    def _described_before(self, noun: Token, read: _Reading) -> _Meaning | None:
        """Whom or what "who" means where a phrase stands before it: "the minister, who said"."""
        start = noun.left_edge.i
        if noun.pos_ not in {"NOUN", "PROPN"} or noun.i - start > _LONGEST_PHRASE:
            return None
        phrase = self._doc[start : max(noun.i + 1, end_of_phrase(self._doc, noun.i))]
        return (
            self._meant(phrase, noun, read)
            or self._new_speaker(phrase, noun, read)
            or self._new_thing(phrase, noun, read)
        )

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
            entity = self._naming.entity_at(i)
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
        sentence = self._sentences[pronoun.i]
        excluded = self._subject_of(pronoun) + ([] if without is None else [without])
        # Who speaks says "I": whom the words name is somebody else, if there is anybody else.
        spoken_of = self._spoken_of.get(pronoun.i, set()).union(excluded)
        found = read.salience.likeliest(gender, sentence, without=excluded)
        if found is None or found not in spoken_of:
            return found
        enough = _NEARLY_AS_PRESENT * read.salience.weight(found, sentence)
        other = read.salience.likeliest(gender, sentence, without=spoken_of, at_least=enough)
        return found if other is None else other

    def _subject_of(self, pronoun: Token) -> list[int]:
        """Who an object pronoun cannot be: in "Ana told her", she is another woman."""
        if pronoun.dep_ not in {"dobj", "dative", "iobj"} or pronoun.lower_.endswith("self"):
            return []
        subjects = (child.i for child in pronoun.head.children if child.dep_ == "nsubj")
        return [person for i in subjects if (person := self._naming.person_at(i)) is not None]

    def _named_later(self, pronoun: Token, read: _Reading) -> int | None:
        """Who the same sentence names after the pronoun: "Before he spoke, Okafor …"."""
        gender = GENDER_OF[pronoun.lower_]
        for i in range(pronoun.i + 1, min(len(self._doc), pronoun.i + _LATER_TOKENS)):
            if self._doc[i].is_sent_start:
                return None
            person = self._naming.person_at(i)
            if person is not None and read.salience.genders[person] in {gender, None}:
                return person
        return None

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
            if read.bodies.last_named.get(person, 0) > max(introduced, again[1])
        }
        sentence = self._sentences[head.i]
        if fits and not any(self._descriptions.is_of(one, description) for one in fits):
            there = self._present_there(description, read, sentence)
            fits = fits if there is None else {there: 1.0}
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
        if introduced >= 0 and not description.possessive:
            return self._introduced(introduced, description, read)
        return self._present(source, description, read)

    def _present_there(self, description: Description, read: _Reading, sentence: int) -> int | None:
        """Who is present and from where the description says: Macron, "the French president"."""
        present = {
            person: weight
            for person, weight in read.salience.present(sentence)
            if weight >= _BARELY_PRESENT
            and person < len(self._entities)
            and self._descriptions.is_of(person, description)
            and not self._is_something_else(person, description)
        }
        return max(present, key=lambda one: present[one], default=None)

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
            if one is not None and one.noun == description.noun and description.words <= one.words:
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


# ── the text, by token ───────────────────────────────────────────────────────────────────────


def _head(source: Span) -> Token:
    """The word that heads a source: "minister" of "the minister", "Weiss" of "Ana Weiss, a …"."""
    root = source.root
    while root.i + 2 < source.end and root.nbor().text == "-" and not root.whitespace_:
        root = root.nbor(2)  # "author" of "co-author"
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
