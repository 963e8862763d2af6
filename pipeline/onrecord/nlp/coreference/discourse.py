"""What a reader knows at a point of a text: who is present, who spoke, who is called what.

People and organisations are indices: of the text's entities, then of speakers without a name.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from spacy.tokens import Doc, Span, Token

from onrecord.nlp.coreference.descriptions import Description, Descriptions
from onrecord.nlp.coreference.names import Naming
from onrecord.nlp.coreference.organisations import Bodies, Presence
from onrecord.nlp.coreference.salience import Salience, sentence_numbers, weight_of
from onrecord.nlp.entities.english import titles
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender

# Half-open, in tokens.
Place = tuple[int, int]


class Meaning(NamedTuple):
    """Who a source means, by index, how that was found, and who came second."""

    who: int
    reason: str
    second: int | None = None


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Who speaks without a name: as the text first put it, and by what noun.

    `description` is None for who is many, and for what is nobody; `is_thing` for one such thing:
    a report, a lawsuit.
    """

    text: str
    description: Description | None
    is_thing: bool = False


class Scene:
    """A text with its entities, as it stands before it is read: what is where, and in what form.

    `quoted` says of each token whether it is inside a direct quote; `sentences` in what sentence
    it is, those wholly inside quotes not counted. `people_with_kin` are said to be somebody's kin.
    """

    def __init__(self, doc: Doc, entities: Sequence[FoundEntity], quoted: bytearray) -> None:
        self.doc = doc
        self.entities = entities
        self.quoted = quoted
        self.sentences = sentence_numbers(doc, quoted)
        self.naming = Naming(doc, entities)
        self.descriptions = Descriptions(doc, entities)
        self.bodies = Bodies(entities, self.sentences)
        self.people_with_kin = [
            person
            for person, one in enumerate(entities)
            if any(titles.is_kin(role.noun) for role in one.roles)
        ]

    def weight(self, token: Token) -> float:
        """How much a mention headed by this token brings its person forward."""
        return weight_of(token, quoted=bool(self.quoted[token.i]))


@dataclass(slots=True)
class Account:
    """What has been read so far, and what it showed.

    `found` maps a source to who it means, `at` the token of a pronoun or the head of a source to
    them. `introduced` says where each noun brought up somebody without a name ("an official").
    `source` is who the last source meant, if anyone, and its sentence; `bodies` the same of
    organisations. `spoken_of` are the people whom the words of the source at hand name.
    `pronouns` counts those that found each person by gender. `roles` are the descriptions that
    found somebody of whom no role is stated.
    """

    scene: Scene
    salience: Salience
    bodies: Presence
    unnamed: list[Unnamed] = field(default_factory=list)
    found: dict[Place, Meaning] = field(default_factory=dict)
    at: dict[int, int] = field(default_factory=dict)
    introduced: dict[str, int] = field(default_factory=dict)
    source: tuple[int | None, int] = (None, 0)
    pronouns: dict[int, Counter[Gender]] = field(default_factory=lambda: defaultdict(Counter))
    roles: dict[int, str] = field(default_factory=dict)
    spoken_of: frozenset[int] = frozenset()

    def add_unnamed(self, unnamed: Unnamed) -> int:
        """Somebody without a name is somebody all the same; who they are from here on."""
        description = unnamed.description
        self.unnamed.append(unnamed)
        self.salience.genders.append(description.gender if description else None)
        return len(self.scene.entities) + len(self.unnamed) - 1

    def unnamed_at(self, who: int) -> Unnamed | None:
        """The speaker without a name of this index; None if it is an entity's."""
        k = who - len(self.scene.entities)
        return self.unnamed[k] if k >= 0 else None

    def is_person(self, who: int) -> bool:
        """Whether this is one human being."""
        unnamed = self.unnamed_at(who)
        if unnamed is not None:
            return unnamed.description is not None
        return self.scene.entities[who].entity.type == "person"

    def name_of(self, who: int) -> str:
        """What they are called, or how the text put it first."""
        unnamed = self.unnamed_at(who)
        return unnamed.text if unnamed else self.scene.entities[who].entity.name


def begin(scene: Scene, genders: Sequence[Gender | None]) -> Account:
    """The account of a text of which nothing has been read."""
    none: list[Gender | None] = [None] * len(scene.entities)
    return Account(scene, Salience(list(genders)), Presence(Salience(none)))


def as_written(source: Span) -> str:
    """A source in one line, without the marks at its ends."""
    text = " ".join(source.text.split())
    return text.strip(' ,;:."“”') or text
