"""The discourse model: a reader's knowledge at a point of a text.

It holds who is present and how strongly, who spoke last, who was introduced without a name, and
what each pronoun and source was resolved to. People and organisations are indices: the entities
of the text come first, then the speakers without a name in the order of their introduction.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from spacy.tokens import Doc, Span, Token

from onrecord.nlp.coreference.descriptions import Description
from onrecord.nlp.coreference.names import Naming
from onrecord.nlp.coreference.organisations import Organisations, Presence
from onrecord.nlp.coreference.salience import (
    GENDER_OF,
    RELATIVE,
    SPEAKS,
    Salience,
    sentence_numbers,
    weight_of,
)
from onrecord.nlp.coreference.stated_roles import StatedRoles
from onrecord.nlp.entities.english import titles
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender

# Half-open, in tokens.
Place = tuple[int, int]

# The next three were chosen by eye on PolNeAR's training articles, together with the weights of
# `salience.py`: on its development articles, 92 % of pronoun sources get the right full name.
# How much of its weight a speaker of unknown gender and name keeps: "he" rather means a name.
_STRANGER = 0.44
# How much of its weight a speaker in a relative clause keeps: "Trump, who has called it a hoax".
_ASIDE = 0.4
# How much of the weight of a name a pronoun or description has that is not a source.
_NOT_BY_NAME = 0.6


class Resolution(NamedTuple):
    """The referent of a source, how it was found, and the runner-up where two were weighed.

    `margin` says how clear the decision was, from 0 to 1: the referent's share of the weight that
    it and the runner-up have together, 1 where there was no other.
    """

    who: int
    reason: str
    second: int | None = None
    margin: float = 1.0


@dataclass(frozen=True, slots=True)
class SourcePhrase:
    """The source of a quote, or another phrase to be resolved, with its head.

    `spoken_of` are the people whom the quoted words name: a speaker says "I".
    """

    span: Span
    head: Token
    spoken_of: frozenset[int] = frozenset()

    @property
    def place(self) -> Place:
        return self.span.start, self.span.end


class Resolver(Protocol):
    """One way to find the referent of a source; None leaves it to the next one."""

    def __call__(self, source: SourcePhrase, discourse: "Discourse", /) -> Resolution | None: ...


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A speaker without a name, as the text first puts it.

    `description` is None for plural speakers ("officials") and for things (`is_thing`: a report,
    a lawsuit); only somebody described can be "he" or "she".
    """

    text: str
    description: Description | None
    is_thing: bool = False


class DocumentIndex:
    """A text with its entities, indexed before it is read: what stands where, in what form.

    `quoted` says of each token whether it is inside a direct quote, `sentences` in which sentence
    it is, those wholly inside quotes not counted. `people_with_kin` have a role of kinship.
    """

    def __init__(self, doc: Doc, entities: Sequence[FoundEntity], quoted: bytearray) -> None:
        self.doc = doc
        self.entities = entities
        self.quoted = quoted
        self.sentences = sentence_numbers(doc, quoted)
        self._weights: dict[int, float] = {}
        self.naming = Naming(doc, entities)
        self.roles = StatedRoles(doc, entities)
        self.organisations = Organisations(entities, self.sentences)
        self.people_with_kin = [
            person
            for person, one in enumerate(entities)
            if any(titles.is_kin(role.noun) for role in one.roles)
        ]

    def weight(self, token: Token) -> float:
        """The salience that a mention headed by this token adds."""
        if token.i not in self._weights:
            self._weights[token.i] = weight_of(token, quoted=bool(self.quoted[token.i]))
        return self._weights[token.i]


class Discourse:
    """What has been read of a document so far. Only its own methods change it.

    `salience` weighs the people, `organisations` the organisations.
    """

    def __init__(self, document: DocumentIndex, genders: Sequence[Gender | None]) -> None:
        self.document = document
        self.salience = Salience(list(genders))
        self.organisations = Presence(Salience([None] * len(document.entities)))
        self._unnamed: list[Unnamed] = []
        self._resolutions: dict[Place, Resolution] = {}
        self._referents: dict[int, int] = {}
        self._introductions: dict[str, int] = {}
        self._last_speaker: tuple[int | None, int] = (None, 0)
        self._pronouns: dict[int, Counter[Gender]] = defaultdict(Counter)

    # ── what reading changes ─────────────────────────────────────────────────────────────────

    def mention(self, entity: int, token: Token) -> None:
        """An entity is named here."""
        weight, sentence = self.document.weight(token), self._sentence(token)
        self.organisations.name(entity, token.i)
        if self.document.organisations.has(entity):
            self.organisations.add(entity, weight, sentence)
        if self.is_person(entity):
            self.salience.add(entity, weight, sentence)

    def refer(self, person: int, token: Token) -> None:
        """A pronoun or description that is not a source refers to this person."""
        self._referents[token.i] = person
        weight = _NOT_BY_NAME * self.document.weight(token)
        self.salience.add(person, weight, self._sentence(token))

    def introduce(self, noun: Token) -> None:
        """An unnamed person is introduced by this noun: "a senior official"."""
        self._introductions[noun.lower_] = noun.i

    def add_unnamed(self, unnamed: Unnamed) -> int:
        """Give a speaker without a name an index, to be referred to again."""
        description = unnamed.description
        self._unnamed.append(unnamed)
        self.salience.genders.append(description.gender if description else None)
        return len(self.document.entities) + len(self._unnamed) - 1

    def speak(self, source: SourcePhrase, resolution: Resolution | None) -> None:
        """A quote has this source, with its resolution if there is one."""
        who = resolution.who if resolution else None
        head, sentence = source.head, self._sentence(source.head)
        self._last_speaker = (who, sentence)
        speaks = who is not None and self.document.organisations.has(who)
        self.organisations.add_source(who if speaks else None, sentence)
        if resolution is None or who is None:
            return
        self._resolutions[source.place] = resolution
        self._referents[head.i] = who
        if self.is_person(who):
            self.salience.add(who, self._weight_of_speaker(who, head), sentence)
            if head.lower_ in GENDER_OF:
                self._pronouns[who][GENDER_OF[head.lower_]] += 1

    def _weight_of_speaker(self, who: int, head: Token) -> float:
        known = self.unnamed_at(who) is None or self.gender_of(who)
        weight = SPEAKS * (1.0 if known else _STRANGER)
        return weight * (_ASIDE if head.lower_ in RELATIVE else 1.0)

    # ── what is known ────────────────────────────────────────────────────────────────────────

    @property
    def last_speaker(self) -> tuple[int | None, int]:
        """The referent of the last source, None if it had none, and the sentence of the source."""
        return self._last_speaker

    @property
    def unnamed(self) -> Sequence[Unnamed]:
        """The speakers without a name, in the order of their introduction."""
        return self._unnamed

    @property
    def pronouns(self) -> Mapping[int, Counter[Gender]]:
        """The number of pronoun sources of each gender resolved to each person."""
        return self._pronouns

    def resolution_of(self, place: Place) -> Resolution | None:
        """The referent of the source at these tokens."""
        return self._resolutions.get(place)

    def referent_at(self, i: int) -> int | None:
        """The referent of a pronoun, or of the source with this head."""
        return self._referents.get(i)

    def introduced_at(self, noun: str) -> int:
        """The token at which an unnamed person was last introduced as `noun`, else -1."""
        return self._introductions.get(noun, -1)

    def unnamed_at(self, who: int) -> Unnamed | None:
        """The speaker without a name of this index; None for an entity."""
        k = who - len(self.document.entities)
        return self._unnamed[k] if k >= 0 else None

    def is_person(self, who: int) -> bool:
        """Whether this is a single human being."""
        unnamed = self.unnamed_at(who)
        if unnamed is not None:
            return unnamed.description is not None
        return self.document.entities[who].entity.type == "person"

    def gender_of(self, who: int) -> Gender | None:
        return self.salience.genders[who]

    def can_be(self, who: int, gender: Gender | None) -> bool:
        """Whether nothing known excludes this gender; None excludes nobody."""
        return gender is None or self.gender_of(who) in {gender, None}

    def name_of(self, who: int) -> str:
        """The name of an entity, or an unnamed speaker as the text first puts it."""
        unnamed = self.unnamed_at(who)
        return unnamed.text if unnamed else self.document.entities[who].entity.name

    def _sentence(self, token: Token) -> int:
        return self.document.sentences[token.i]


def as_written(source: Span) -> str:
    """A source in one line, without the marks at its ends."""
    text = " ".join(source.text.split())
    return text.strip(' ,;:."“”') or text
