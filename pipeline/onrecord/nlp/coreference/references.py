"""References inside quoted words to people and organisations."""

from typing import Literal, NamedTuple

from onrecord.nlp.quotes.overlaps import CharSpan


class Reference(NamedTuple):
    """A span that refers to an entity, by its index, and how."""

    entity: int
    span: CharSpan
    by: Literal["name", "pronoun", "description"]
