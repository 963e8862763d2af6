"""The people, organisations and places that a quote's words speak of.

Names inside the content come first, then the pronouns and descriptions inside it that coreference
has resolved (`WeighedSpeaker.refers`). The speaker is meant by "I", and in indirect speech by "he"
and "she": neither is a reference to somebody spoken of.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import UNSET, UnsetType

from onrecord.naming import name_key
from onrecord.nlp.coreference.references import Reference
from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.overlaps import CharSpan
from onrecord.records import About, Entity, Mention

# The others (a nationality, a party, a work) describe rather than are spoken of.
_SPOKEN_OF = frozenset({"person", "organisation", "place"})


@dataclass(frozen=True, slots=True)
class _Named:
    """A mention of an entity, by its index."""

    start: int
    end: int
    entity: int


class Mentions:
    """The mentions of an article's people, organisations and places, by their position."""

    def __init__(self, text: str, entities: Sequence[FoundEntity]) -> None:
        self._text = text
        self._entities = entities
        self._named = sorted(
            (
                _Named(mention.start, mention.end, n)
                for n, one in enumerate(entities)
                if one.entity.type in _SPOKEN_OF
                for mention in one.entity.mentions
            ),
            key=lambda named: named.start,
        )

    def about(self, quote: FoundQuote, weighed: WeighedSpeaker) -> tuple[About, ...]:
        """What a quote speaks of, in the order of the first mentions."""
        named = [
            Reference(one.entity, (one.start, one.end), "name")
            for span in quote.content
            for one in self._inside(span)
            if quote.source is None or not _overlap((one.start, one.end), quote.source)
        ]
        return tuple(self._grouped(sorted([*named, *weighed.refers], key=lambda one: one.span)))

    def _inside(self, span: CharSpan) -> Iterator[_Named]:
        start, end = span
        n = bisect_left(self._named, start, key=lambda named: named.start)
        while n < len(self._named) and self._named[n].start < end:
            if self._named[n].end <= end:
                yield self._named[n]
            n += 1

    def _grouped(self, references: Sequence[Reference]) -> Iterator[About]:
        by_entity: dict[int, list[Reference]] = {}
        for one in references:
            by_entity.setdefault(one.entity, []).append(one)
        for number, of_entity in by_entity.items():
            entity = self._entities[number].entity
            yield About(
                entity=entity.id,
                name=entity.name,
                type=entity.type,
                by=_strongest(of_entity),
                mentions=tuple(
                    Mention(start=start, end=end, text=self._text[start:end])
                    for start, end in (one.span for one in of_entity)
                ),
                name_key=key_of(entity),
            )


def key_of(entity: Entity) -> str | UnsetType:
    """The folded name of a person or organisation."""
    named = entity.type in {"person", "organisation"} and name_key(entity.name)
    return named or UNSET


def _strongest(references: Sequence[Reference]) -> Literal["name", "pronoun", "description"]:
    ways = {one.by for one in references}
    return "name" if "name" in ways else "pronoun" if "pronoun" in ways else "description"


def _overlap(one: CharSpan, other: CharSpan) -> bool:
    return one[0] < other[1] and other[0] < one[1]
