"""A span of tokens that names something: what mentions, roles and entities are about."""

from dataclasses import dataclass

from pipeline.records import EntityType


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSpan:
    """Tokens `start` to `end` (half-open) of a Doc that name something.

    `certain` is True where the type does not come from the model alone. `title` is the form of
    address right before a person's name ("Mrs."), which is not part of the span.
    """

    start: int
    end: int
    type: EntityType
    certain: bool = False
    title: str | None = None
