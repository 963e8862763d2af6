"""Spans of tokens that are names: the input to mentions, roles and entities."""

from collections.abc import Iterable

import msgspec
from spacy.tokens import Doc

from onrecord.records import EntityType


# A struct: thousands are made of each text, and a frozen dataclass takes five times as long.
class NamedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A name: tokens `start` to `end` (half-open) of a Doc.

    `certain` is True where the type does not come from the model alone. `title` is the form of
    address right before a person's name ("Mrs."), which is not part of the span.
    """

    start: int
    end: int
    type: EntityType
    certain: bool = False
    title: str | None = None


class Found:
    """The mentions so far, without overlaps: the first mention of a token is kept."""

    def __init__(self, doc: Doc) -> None:
        self._taken = bytearray(len(doc))
        self._spans: list[NamedSpan] = []

    def add(self, spans: Iterable[NamedSpan]) -> None:
        for span in spans:
            if span.start < span.end and self.is_free(span.start, span.end):
                self._taken[span.start : span.end] = b"\x01" * (span.end - span.start)
                self._spans.append(span)

    def is_free(self, start: int, end: int) -> bool:
        return self._taken.find(1, start, end) < 0

    def in_order(self) -> list[NamedSpan]:
        return sorted(self._spans, key=lambda span: span.start)
