"""The result of attribution for a passage between quotation marks."""

from collections.abc import Mapping

import msgspec

from onrecord.nlp.quotes.sources import Candidate


class Choice(msgspec.Struct, frozen=True):
    """The attribution of a passage; `candidate` is None if it has no source.

    `probability` is that of the chosen source, whatever the cue; `of_someone` is the probability
    that the words have a source at all.
    """

    candidate: Candidate | None
    probability: float
    of_someone: float


# Passages that the language's own rules have decided, by passage number.
Decided = Mapping[int, Choice]
