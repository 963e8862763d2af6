"""Results as records: what was found in an article becomes its extraction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from onrecord.nlp.about import Mentions, key_of
from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.coreference.sureness import sure_speaker
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.explain import Explained
from onrecord.nlp.languages.table import language_of, note_on_language
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.overlaps import CharSpan
from onrecord.nlp.quotes.repeats import find_repeats
from onrecord.nlp.reading.model import Model
from onrecord.nlp.reading.text import note_of_cut
from onrecord.records import (
    About,
    Article,
    Decision,
    Entity,
    Extraction,
    Extractor,
    Mention,
    Quote,
    Span,
    Speaker,
    quote_id,
    reference_to,
)
from onrecord.records.statements import words_key, words_of_quote
from onrecord.version import VERSION

NO_MODEL = "none"
Decisions = tuple[Decision, ...] | UnsetType


@dataclass(frozen=True, slots=True)
class ReadText:
    """An article, the part of its text that is read, its language tag and its model."""

    article: Article
    plain: str
    language: str | None
    model: Model | None


@dataclass(frozen=True, slots=True)
class ArticleFindings:
    """The results for an article and the milliseconds they took."""

    quotes: list[FoundQuote]
    entities: list[FoundEntity]
    speakers: list[WeighedSpeaker]
    explained: Explained | None
    ms: float


def extraction_of(
    text: ReadText, found: ArticleFindings, at: datetime, *, read_ms: float
) -> Extraction:
    """The record of an article; its time is that of reading and of everything after."""
    why = found.explained
    decisions: Sequence[Decisions] = why.decisions if why else [UNSET] * len(found.quotes)
    return Extraction(
        article=reference_to(text.article),
        extractor=_extractor(text.model),
        entities=tuple(_entity(text, one.entity) for one in found.entities),
        quotes=_quotes(text, found, decisions),
        notes=_notes(text),
        passed_over=why.passed_over if why else UNSET,
        extracted_at=at,
        took_ms=read_ms + found.ms,
    )


def _extractor(model: Model | None) -> Extractor:
    name, version = (model.name, model.version) if model else (NO_MODEL, "")
    return Extractor(name="onrecord", version=VERSION, model=name, model_version=version)


def _notes(text: ReadText) -> tuple[str, ...]:
    notes = (
        note_of_cut(len(text.article.text), len(text.plain)),
        note_on_language(text.language, has_model=text.model is not None),
    )
    return tuple(note for note in notes if note is not None)


def _entity(text: ReadText, entity: Entity) -> Entity:
    """The entity with its mentions as in the article, including invisible characters."""
    article, mentions = text.article.text, entity.mentions
    if any(article[one.start : one.end] != one.text for one in mentions):
        mentions = tuple(
            Mention(start=one.start, end=one.end, text=article[one.start : one.end])
            for one in mentions
        )
    return msgspec.structs.replace(entity, mentions=mentions, name_key=key_of(entity))


def _quotes(
    text: ReadText, found: ArticleFindings, decisions: Sequence[Decisions]
) -> tuple[Quote, ...]:
    article = text.article
    mentions = Mentions(article.text, found.entities)
    people = {one.entity.id: one.entity for one in found.entities if one.entity.type == "person"}
    quotes = []
    for quote, weighed, why in zip(found.quotes, found.speakers, decisions, strict=True):
        speaker, about = _speaker(text, quote, weighed, people), mentions.about(quote, weighed)
        quotes.append(_quote(article, quote, speaker, about, why))
    repeats = find_repeats(article.text, [quote.content for quote in found.quotes])
    for n, earlier in repeats.items():
        quotes[n] = msgspec.structs.replace(quotes[n], repeats=quotes[earlier].id)
    return tuple(quotes)


def _speaker(
    text: ReadText,
    quote: FoundQuote,
    weighed: WeighedSpeaker,
    people: Mapping[str, Entity],
) -> Speaker | None:
    """The speaker as published; without rules for the language no confidence is applied."""
    rules = language_of(text.language).ruleset
    speaker = sure_speaker(quote, weighed, rules) if rules else weighed.speaker
    person = people.get(speaker.entity) if speaker and speaker.entity else None
    if speaker is None or person is None:
        return speaker
    return msgspec.structs.replace(speaker, name_key=key_of(person))


def _quote(
    article: Article,
    found: FoundQuote,
    speaker: Speaker | None,
    about: tuple[About, ...],
    explanation: Decisions,
) -> Quote:
    text = article.text
    content = tuple(_span(text, at) for at in found.content)
    quote = Quote(
        id=quote_id(article.id, article.revision, content),
        type=found.type,
        content=content,
        cue=_span(text, found.cue) if found.cue else None,
        source=_span(text, found.source) if found.source else None,
        speaker=speaker,
        manner=found.manner,
        via=_span(text, found.via) if found.via else None,
        about=about,
        confidence=round(found.confidence, 3),
        context=_span(text, found.context),
        explanation=explanation,
    )
    return msgspec.structs.replace(quote, words_key=words_key(words_of_quote(quote)))


def _span(text: str, at: CharSpan) -> Span:
    return Span(start=at[0], end=at[1], text=text[slice(*at)])
