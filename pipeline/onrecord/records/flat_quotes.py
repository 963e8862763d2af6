"""Quotes as flat records, for databases and stream processors that want rows."""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET

from onrecord.records.articles import ArticleRef
from onrecord.records.base import Count, Record, Share, Time
from onrecord.records.extractions import (
    Entity,
    EntityType,
    Extraction,
    Extractor,
    Quote,
    Speaker,
)
from onrecord.records.spans import Span


class FlatQuote(Record, frozen=True, kw_only=True, tag="onrecord.flat-quote"):
    """One quote in one row: no field holds another record or a list.

    `words` are the content, its pieces separated by " … ". `spans` are the offsets of the pieces
    in the article's text, as "12-40,55-80"; the fields that end with `_start` are the offsets of
    the text beside them. All other fields mean what they mean in an extraction, where `role`,
    `reason` and what begins with `speaker` belong to the speaker. `about` has the names
    of what the words speak of, `categories`, `sections` and `feed_categories` what the article is
    filed under, and `notes` the notes of the extraction, a line for each.
    """

    id: str
    type: Literal["direct", "mixed", "indirect"]
    words: str
    spans: str
    cue: str | None = None
    cue_start: Count | None = None
    manner: Literal["speech", "belief", "intention"] | None = None
    source: str | None = None
    source_start: Count | None = None
    speaker: str | None = None
    speaker_id: str | None = None
    speaker_type: EntityType | None = None
    role: str | None = None
    reason: str | None = None
    speaker_key: str | None = None
    speaker_confidence: Share | None = None
    about: str | None = None
    words_key: str | None = None
    via: str | None = None
    via_start: Count | None = None
    confidence: Share
    repeats: str | None = None
    context: str
    context_start: Count
    article_id: str
    revision: Annotated[int, msgspec.Meta(ge=1)] = 1
    url: str | None = None
    feed: str | None = None
    title: str = ""
    publisher: str | None = None
    published_at: Time | None = None
    fetched_at: Time | None = None
    language: str | None = None
    story: str | None = None
    categories: str | None = None
    sections: str | None = None
    feed_categories: str | None = None
    extractor: str
    extractor_version: str
    model: str
    model_version: str
    extracted_at: Time
    notes: str | None = None


class QuoteIds(Record, frozen=True, kw_only=True, tag="onrecord.quote-ids"):
    """The quotes of an article that stand on the topic of quotes now, and their revision.

    Whoever publishes the next revision deletes those of them that it no longer has.
    """

    article_id: str
    revision: Annotated[int, msgspec.Meta(ge=1)] = 1
    quotes: tuple[str, ...] = ()


def flat_quote(extraction: Extraction, quote: Quote) -> FlatQuote:
    """A quote of an extraction as a flat record."""
    article, extractor = extraction.article, extraction.extractor
    speaker = quote.speaker or Speaker(name="")
    return FlatQuote(
        id=quote.id,
        type=quote.type,
        words=" … ".join(span.text for span in quote.content),
        spans=",".join(f"{span.start}-{span.end}" for span in quote.content),
        cue=_text(quote.cue),
        cue_start=_start(quote.cue),
        manner=quote.manner,
        source=_text(quote.source),
        source_start=_start(quote.source),
        speaker=speaker.name or None,
        speaker_id=speaker.entity,
        speaker_type=next((e.type for e in extraction.entities if e.id == speaker.entity), None),
        role=speaker.role,
        reason=speaker.reason,
        speaker_key=speaker.name_key or None,
        speaker_confidence=speaker.confidence,
        about=_lines(about.name for about in quote.about),
        words_key=quote.words_key,
        via=_text(quote.via),
        via_start=_start(quote.via),
        confidence=quote.confidence,
        repeats=quote.repeats,
        context=quote.context.text,
        context_start=quote.context.start,
        article_id=article.id,
        revision=article.revision,
        url=article.url,
        feed=article.feed,
        title=article.title,
        publisher=article.publisher,
        published_at=article.published_at,
        fetched_at=article.fetched_at,
        language=article.language,
        story=article.story,
        categories=_lines(article.categories),
        sections=_lines(article.sections),
        feed_categories=_lines(article.feed_categories),
        extractor=extractor.name,
        extractor_version=extractor.version,
        model=extractor.model,
        model_version=extractor.model_version,
        extracted_at=extraction.extracted_at,
        notes=_lines(extraction.notes),
    )


def unflattened(flat: FlatQuote) -> Extraction:
    """An extraction of this one quote. Of its entities a flat record has the speaker alone."""
    context = Span(
        start=flat.context_start,
        end=flat.context_start + len(flat.context),
        text=flat.context,
    )
    quote = Quote(
        id=flat.id,
        type=flat.type,
        content=_pieces(flat),
        cue=_span(flat.cue, flat.cue_start),
        source=_span(flat.source, flat.source_start),
        speaker=_speaker(flat),
        manner=flat.manner,
        via=_span(flat.via, flat.via_start),
        confidence=flat.confidence,
        repeats=flat.repeats,
        words_key=flat.words_key,
        context=context,
    )
    return Extraction(
        article=ArticleRef(
            id=flat.article_id,
            revision=flat.revision,
            url=flat.url,
            feed=flat.feed,
            title=flat.title,
            publisher=flat.publisher,
            published_at=flat.published_at,
            fetched_at=flat.fetched_at,
            language=flat.language,
            story=flat.story,
            categories=_lines_of(flat.categories),
            sections=_lines_of(flat.sections),
            feed_categories=_lines_of(flat.feed_categories),
        ),
        extractor=Extractor(
            name=flat.extractor,
            version=flat.extractor_version,
            model=flat.model,
            model_version=flat.model_version,
        ),
        entities=_entities(flat),
        quotes=(quote,),
        notes=_lines_of(flat.notes),
        extracted_at=flat.extracted_at,
        took_ms=0.0,
    )


def _pieces(flat: FlatQuote) -> tuple[Span, ...]:
    """The content's spans. Their texts are in the context, which surrounds them all.

    An extractor of the user's own can have another context: then the words are one span.
    """
    bounds = [tuple(map(int, piece.split("-"))) for piece in flat.spans.split(",")]
    before = flat.context_start
    found = tuple(
        Span(start=start, end=end, text=flat.context[max(0, start - before) : max(0, end - before)])
        for start, end in bounds
    )
    if " … ".join(span.text for span in found) == flat.words:
        return found
    start = bounds[0][0]
    return (Span(start=start, end=start + len(flat.words), text=flat.words),)


def _speaker(flat: FlatQuote) -> Speaker | None:
    if flat.speaker is None:
        return None
    return Speaker(
        entity=flat.speaker_id,
        name=flat.speaker,
        role=flat.role,
        reason=flat.reason,
        confidence=flat.speaker_confidence,
        name_key=flat.speaker_key or UNSET,
    )


def _entities(flat: FlatQuote) -> tuple[Entity, ...]:
    if flat.speaker is None or flat.speaker_id is None or flat.speaker_type is None:
        return ()
    speaker = Entity(
        id=flat.speaker_id,
        name=flat.speaker,
        type=flat.speaker_type,
        role=flat.role,
        name_key=flat.speaker_key or UNSET,
        mentions=(),
    )
    return (speaker,)


def _span(text: str | None, start: int | None) -> Span | None:
    if text is None or start is None:
        return None
    return Span(start=start, end=start + len(text), text=text)


def _lines(values: Iterable[str]) -> str | None:
    return "\n".join(values) or None


def _lines_of(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def _text(span: Span | None) -> str | None:
    return None if span is None else span.text


def _start(span: Span | None) -> int | None:
    return None if span is None else span.start
