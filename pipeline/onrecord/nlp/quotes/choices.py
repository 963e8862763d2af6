"""Whose a passage between quotation marks was found to be."""

from collections.abc import Mapping
from dataclasses import dataclass

from onrecord.nlp.quotes.sources import Candidate


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose a passage is: `candidate` is None for no one's.

    `probability` is how likely the chosen source is, whatever the cue; `of_someone`, how likely
    it is that the words are anyone's.
    """

    candidate: Candidate | None
    probability: float
    of_someone: float


# By the number of the passage, those of which a language's own rules know.
Decided = Mapping[int, Choice]
