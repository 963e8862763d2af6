"""Extraction: from articles to their quotes, speakers and entities.

text ─ model ─> Doc ─ find_quotes ───> content, cue, source ┐
                 └─── find_entities ─> mentions, entities ──┴─ resolve_speakers ─> speaker
"""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from msgspec import UNSET, UnsetType
from spacy.tokens import Doc

from onrecord.errors import ExtractionError
from onrecord.nlp.about import Mentions
from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.coreference.sureness import sure_speaker
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.explain import Explained, explain, unexplained
from onrecord.nlp.languages.table import language_of, language_shown, note_on_language
from onrecord.nlp.models import Models
from onrecord.nlp.policy import ExtractPolicy
from onrecord.nlp.quotes.find import FoundQuote, find_passages, find_quotes
from onrecord.nlp.quotes.overlaps import CharSpan
from onrecord.nlp.quotes.repeats import find_repeats
from onrecord.nlp.reading.model import Model
from onrecord.nlp.reading.text import as_read, note_of_cut, readable_part
from onrecord.records import (
    About,
    Article,
    ArticleRef,
    Decision,
    Entity,
    Extraction,
    Extractor,
    Mention,
    Quote,
    Span,
    Speaker,
    quote_id,
)
from onrecord.records.statements import words_key, words_of_quote
from onrecord.version import VERSION

Extract = Callable[[Sequence[Article]], list[Extraction]]
NO_MODEL = "none"
Decisions = tuple[Decision, ...] | UnsetType


def _utc_now() -> datetime:
    return datetime.now(UTC)


def load_extractor(
    policy: ExtractPolicy, *, now: Callable[[], datetime] = _utc_now, explained: bool = False
) -> Extract:
    """A function from articles to their extractions, in the same order. Loads the model.

    With `explained`, each extraction also records the reasons for its quotes and the candidates
    rejected.

    Raises ConfigError when the model cannot be loaded. The function raises ExtractionError,
    which names the article.
    """
    return _Extractor(Models([policy.model, *policy.other_model_names]), policy, now, explained)


@dataclass(frozen=True, slots=True)
class _Extractor:
    """Extracts articles; `extract_each` yields their extractions one at a time."""

    models: Models
    policy: ExtractPolicy
    now: Callable[[], datetime]
    explained: bool

    def __call__(self, articles: Sequence[Article]) -> list[Extraction]:
        return list(self.extract_each(articles, started=lambda number: None))

    def extract_each(
        self, articles: Sequence[Article], *, started: Callable[[int], None]
    ) -> Iterator[Extraction]:
        """The extractions in order; `started` receives each article's number as its turn comes."""
        numbers = itertools.count()
        for batch in _batches(articles, self.policy.batch_chars):
            began = time.perf_counter()
            texts = [_text_of(article, self.models, self.policy) for article in batch]
            docs = _read(texts)
            # spaCy parses a batch at once: its time is divided among the articles by length.
            ms_per_char = _ms_since(began) / max(1, sum(len(text.plain) for text in texts))
            for text, doc in zip(texts, docs, strict=True):
                started(next(numbers))
                found = _found(text, doc, explained=self.explained)
                read_ms = ms_per_char * len(text.plain)
                yield _extraction(text, found, self.now(), read_ms=read_ms)


def _batches(articles: Sequence[Article], chars: int) -> Iterator[list[Article]]:
    batch: list[Article] = []
    held = 0
    for article in articles:
        if batch and held + len(article.text) > chars:
            yield batch
            batch, held = [], 0
        batch.append(article)
        held += len(article.text)
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class _Text:
    """An article, the part of its text that is read, its language tag and its model."""

    article: Article
    plain: str
    language: str | None
    model: Model | None


def _text_of(article: Article, models: Models, policy: ExtractPolicy) -> _Text:
    plain = as_read(readable_part(article.text, policy.max_text_chars))
    model = models.for_language(article.language)
    if article.language is None:
        model = models.for_language(language_shown(plain)) or model
    language = article.language or (model.nlp.lang if model else None)
    return _Text(article, plain, language, model)


def _read(texts: Sequence[_Text]) -> list[Doc | None]:
    """The parsed texts, one batch per model; None for a text without a model."""
    docs: list[Doc | None] = [None] * len(texts)
    by_model: dict[int, list[int]] = {}
    for n, text in enumerate(texts):
        if text.model is not None:
            by_model.setdefault(id(text.model), []).append(n)
    for numbers in by_model.values():
        for n, doc in zip(numbers, _parsed([texts[n] for n in numbers]), strict=True):
            docs[n] = doc
    return docs


def _parsed(texts: Sequence[_Text]) -> list[Doc]:
    """Parse the texts of one model. ExtractionError names the first that fails."""
    model = texts[0].model
    assert model is not None  # noqa: S101 - so they were chosen
    try:
        return model.read([one.plain.translate(language_of(one.language).marks) for one in texts])
    except Exception as error:
        if len(texts) == 1:
            raise _failed(texts[0].article, error) from error
        return [doc for text in texts for doc in _parsed([text])]


def _failed(article: Article, error: Exception) -> ExtractionError:
    return ExtractionError(f"{type(error).__name__}: {error}", article_id=article.id)


@dataclass(frozen=True, slots=True)
class _Found:
    """The results for an article and the milliseconds they took."""

    quotes: list[FoundQuote]
    entities: list[FoundEntity]
    speakers: list[WeighedSpeaker]
    explained: Explained | None
    ms: float


def _found(text: _Text, doc: Doc | None, *, explained: bool) -> _Found:
    began = time.perf_counter()
    language = language_of(text.language)
    try:
        rules = language.ruleset
        if doc is None or rules is None:
            quotes = find_passages(text.plain)
            entities = (
                language.find_entities(doc, text.plain, article_id=text.article.id) if doc else []
            )
            nobody = [WeighedSpeaker(None)] * len(quotes)
            why = unexplained(quotes) if explained else None
            return _Found(quotes, entities, nobody, why, _ms_since(began))
        quotes = find_quotes(doc, rules, text=text.plain)
        entities = language.find_entities(doc, text.plain, article_id=text.article.id)
        speakers = language.resolve(doc, text.plain, quotes, entities)
        why = explain(doc, text.plain, rules, quotes, speakers) if explained else None
    except Exception as error:
        raise _failed(text.article, error) from error
    return _Found(quotes, entities, speakers, why, _ms_since(began))


def _extraction(text: _Text, found: _Found, at: datetime, *, read_ms: float) -> Extraction:
    why = found.explained
    decisions: Sequence[Decisions] = why.decisions if why else [UNSET] * len(found.quotes)
    return Extraction(
        article=_reference(text.article),
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


def _notes(text: _Text) -> tuple[str, ...]:
    notes = (
        note_of_cut(len(text.article.text), len(text.plain)),
        note_on_language(text.language, has_model=text.model is not None),
    )
    return tuple(note for note in notes if note is not None)


def _reference(article: Article) -> ArticleRef:
    return ArticleRef(
        id=article.id,
        revision=article.revision,
        url=article.canonical_url or article.url,
        feed=article.feed,
        title=article.title,
        publisher=article.publisher,
        published_at=article.published_at,
        fetched_at=article.fetched_at,
        language=article.language,
        story=article.story,
    )


def _entity(text: _Text, entity: Entity) -> Entity:
    """The entity with its mentions as in the article, including invisible characters."""
    article = text.article.text
    if all(article[one.start : one.end] == one.text for one in entity.mentions):
        return entity
    mentions = tuple(
        Mention(start=one.start, end=one.end, text=article[one.start : one.end])
        for one in entity.mentions
    )
    return msgspec.structs.replace(entity, mentions=mentions)


def _quotes(text: _Text, found: _Found, decisions: Sequence[Decisions]) -> tuple[Quote, ...]:
    article = text.article
    mentions = Mentions(article.text, found.entities)
    quotes = [
        _quote(article, quote, _speaker(text, quote, weighed), mentions.about(quote, weighed), why)
        for quote, weighed, why in zip(found.quotes, found.speakers, decisions, strict=True)
    ]
    repeats = find_repeats(article.text, [quote.content for quote in found.quotes])
    for n, earlier in repeats.items():
        quotes[n] = msgspec.structs.replace(quotes[n], repeats=quotes[earlier].id)
    return tuple(quotes)


def _speaker(text: _Text, quote: FoundQuote, weighed: WeighedSpeaker) -> Speaker | None:
    """The speaker as published; without rules for the language no confidence is applied."""
    rules = language_of(text.language).ruleset
    return sure_speaker(quote, weighed, rules) if rules else weighed.speaker


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


def _ms_since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)
