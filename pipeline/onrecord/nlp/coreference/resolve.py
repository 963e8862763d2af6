"""Coreference: resolve the source of each quote to its speaker.

A source is a name, a pronoun or a description ("the minister"). Names and stated roles were merged
before (`nlp/entities`). Here the text is read from top to bottom (`reader.py`), the discourse
keeps track of who is present (`discourse.py`, `salience.py`), and the resolvers (`resolvers.py`)
find the referent of each source. A speaker without a name ("a senior official") can be referred
to again. A source that cannot be resolved stays as the text puts it: nothing is invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Span

from onrecord.nlp.coreference.discourse import Discourse, Place, Resolution, as_written
from onrecord.nlp.coreference.reader import DiscourseReader
from onrecord.nlp.coreference.references import Reference
from onrecord.nlp.coreference.spoken_of import SpokenOf
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.quotes.confidence import SpeakerChoice
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.records import Speaker

# How often the words of an unresolved source, most of them "it" or "they", are speaker enough: on
# the 28 modern articles.
_UNRESOLVED = 0.4
# The reason for a speaker whose source was not resolved.
AS_WRITTEN = "as the text puts it"
_ENDINGS = frozenset({"'s", "’s", "'", "’", ","})


@dataclass(frozen=True, slots=True)
class WeighedSpeaker:
    """A speaker, and the name of the runner-up; None where no other was weighed.

    `confidence` says, from 0 to 1, how clear it was whom the source refers to, given that it is
    the right source: how often its way of being resolved is right, times the referent's share of
    the weight that it and the runner-up have. None without a speaker. `refers` are the pronouns and
    descriptions in the quote's content that refer to others.
    """

    speaker: Speaker | None
    second: str | None = None
    confidence: float | None = None
    refers: tuple[Reference, ...] = ()

    @property
    def choice(self) -> SpeakerChoice:
        """How the speaker was chosen, as `speaker.confidence` weighs it."""
        reason = self.speaker.reason if self.speaker else None
        margin = 1.0 if self.confidence is None else self.confidence
        return SpeakerChoice(reason, self.second is not None, margin)


def resolve_speakers(
    doc: Doc, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list[Speaker | None]:
    """The speaker of each quote, in the order of `quotes`; None where its source is missing.

    The name is the full one where it can be known; otherwise the source as the text puts it.
    """
    return [found.speaker for found in weigh_speakers(doc, quotes, entities)]


def weigh_speakers(
    doc: Doc, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list[WeighedSpeaker]:
    """The speakers as in `resolve_speakers`, each with its runner-up."""
    sources = [_source_span(doc, quote.source) for quote in quotes]
    reader = DiscourseReader(doc, quotes, sources, entities)
    discourse = reader.read()
    return [
        _weighed(source, discourse, reader.spoken_of, number)
        for number, source in enumerate(sources)
    ]


def _source_span(doc: Doc, source: Place | None) -> Span | None:
    """The source in tokens, without blanks and possessive endings at its ends."""
    span = doc.char_span(*source, alignment_mode="expand") if source else None
    if span is None:
        return None
    start, end = span.start, span.end
    while end > start + 1 and (doc[end - 1].is_space or doc[end - 1].text in _ENDINGS):
        end -= 1
    while start < end - 1 and (doc[start].is_space or doc[start].is_punct):
        start += 1
    return doc[start:end]


def _weighed(
    source: Span | None, discourse: Discourse, spoken_of: SpokenOf, number: int
) -> WeighedSpeaker:
    resolution = discourse.resolution_of((source.start, source.end)) if source else None
    refers = spoken_of.references(number, resolution.who if resolution else None)
    if source is None:
        return WeighedSpeaker(None, refers=refers)
    if resolution is None:
        speaker = Speaker(name=as_written(source), reason=AS_WRITTEN)
        return WeighedSpeaker(speaker, confidence=_UNRESOLVED, refers=refers)
    second = None if resolution.second is None else discourse.name_of(resolution.second)
    speaker = _speaker(source, resolution, discourse)
    return WeighedSpeaker(speaker, second, resolution.margin, refers)


def _speaker(source: Span, resolution: Resolution, discourse: Discourse) -> Speaker:
    """A speaker as it is published."""
    unnamed = discourse.unnamed_at(resolution.who)
    if unnamed is not None:
        return Speaker(name=unnamed.text, reason=resolution.reason)
    entity = discourse.document.entities[resolution.who].entity
    if entity.type == "group" and source.root.pos_ != "PRON":
        # "Republicans" said it, not "Republican".
        return Speaker(entity=entity.id, name=as_written(source), reason=resolution.reason)
    return Speaker(entity=entity.id, name=entity.name, role=entity.role, reason=resolution.reason)
