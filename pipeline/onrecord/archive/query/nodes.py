"""A query as a tree. Values are folded already: an engine compares them as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class NameField(Enum):
    """A field that is asked for by name."""

    SPEAKER = "speaker"
    ABOUT = "about"
    PUBLISHER = "publisher"
    CATEGORY = "category"
    SECTION = "section"
    TYPE = "type"
    LANGUAGE = "language"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class Everything:
    """Every quote."""


@dataclass(frozen=True, slots=True)
class WordPhrase:
    """Words in this order, one after the other; the last is a beginning if `is_prefix`.

    They stand in the words of the quote, in the words that say who spoke (the source as the text
    has it, the speaker's name and role), or in the title of the article.
    """

    words: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class AnyWord:
    """Any of these words, which are forms of one. They stand where a WordPhrase can."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A field with a value, as typed (`value`) and folded (`words`).

    Of `speaker`, `about` and `publisher` every word must be in the name, in any order; a value
    that is the id of a person names exactly that person, under any name. `type`, `language`
    ("pt" finds "pt-BR") and `story` are compared as a whole. The value of `category` and `section`
    is a key of `filing`. With `is_whole`, which no query writes, `value` is the id of a person, or
    a whole name, as in `Archive.person`.
    """

    field: NameField
    value: str
    words: tuple[str, ...]
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """Published before this instant."""

    at: datetime


@dataclass(frozen=True, slots=True)
class After:
    """Published at this instant or later."""

    at: datetime


@dataclass(frozen=True, slots=True)
class MinConfidence:
    """Of at least this confidence."""

    least: float


@dataclass(frozen=True, slots=True)
class Not:
    """What the operand does not match."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """What all operands match. Holds no And itself."""

    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What any of the operands matches. Holds no Or itself."""

    operands: tuple["Node", ...]


Node = Everything | WordPhrase | AnyWord | Named | Before | After | MinConfidence | Not | And | Or

EVERYTHING = Everything()


def phrases_of(query: Node) -> Iterator[WordPhrase | AnyWord]:
    """The phrases that a match contains, for marking them: those that no NOT is above."""
    match query:
        case WordPhrase() | AnyWord():
            yield query
        case And(operands) | Or(operands):
            for operand in operands:
                yield from phrases_of(operand)
        case _:
            return
