"""References inside reported words to people and organisations other than the speaker."""

from typing import Literal, NamedTuple

from onrecord.nlp.quotes.overlaps import CharSpan


class Reference(NamedTuple):
    """A span that refers to an entity, by its index, and how."""

    entity: int
    span: CharSpan
    by: Literal["name", "pronoun", "description"]
