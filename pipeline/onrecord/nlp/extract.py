"""Extraction: from articles to their quotes, speakers and entities.

text ─ model ─> Doc ─ find_quotes ───> content, cue, source ┐
                 └─── find_entities ─> mentions, entities ──┴─ resolve_speakers ─> speaker
"""

import gc
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from spacy.tokens import Doc

from onrecord.errors import ExtractionError
from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.explain import explain, unexplained
from onrecord.nlp.languages.table import language_of, language_shown
from onrecord.nlp.models import Models
from onrecord.nlp.policy import ExtractPolicy
from onrecord.nlp.quotes.find import find_quotes
from onrecord.nlp.quotes.passages import find_passages
from onrecord.nlp.reading.text import as_read, readable_part
from onrecord.nlp.recording import ArticleFindings, ReadText, extraction_of
from onrecord.records import Article, Extraction

Extract = Callable[[Sequence[Article]], list[Extraction]]


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
    models = Models([policy.model, *policy.other_model_names])
    return _Extractor(models, policy, now, explained)


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
            with _without_collections():
                texts = [_text_of(article, self.models, self.policy) for article in batch]
                docs = _read(texts)
            # spaCy parses a batch at once: its time is divided among the articles by length.
            ms_per_char = _ms_since(began) / max(1, sum(len(text.plain) for text in texts))
            for text, doc in zip(texts, docs, strict=True):
                started(next(numbers))
                read_ms = ms_per_char * len(text.plain)
                with _without_collections():
                    found = _found(text, doc, explained=self.explained)
                    extraction = extraction_of(text, found, self.now(), read_ms=read_ms)
                yield extraction


@contextmanager
def _without_collections() -> Iterator[None]:
    """Keep Python's garbage collector from running.

    Reading an article makes hundreds of thousands of objects, nearly all of which are freed without
    it: of 2.8 s of extraction, 0.2 went into its passes.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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


def _text_of(article: Article, models: Models, policy: ExtractPolicy) -> ReadText:
    plain = as_read(readable_part(article.text, policy.max_text_chars))
    model = models.for_language(article.language)
    if article.language is None:
        model = models.for_language(language_shown(plain)) or model
    language = article.language or (model.nlp.lang if model else None)
    return ReadText(article, plain, language, model)


def _read(texts: Sequence[ReadText]) -> list[Doc | None]:
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


def _parsed(texts: Sequence[ReadText]) -> list[Doc]:
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


def _found(text: ReadText, doc: Doc | None, *, explained: bool) -> ArticleFindings:
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
            return ArticleFindings(quotes, entities, nobody, why, _ms_since(began))
        quotes = find_quotes(doc, rules, text=text.plain)
        with language.view(doc) as read:
            entities = language.find_entities(read, text.plain, article_id=text.article.id)
            speakers = language.resolve(read, text.plain, quotes, entities)
        why = explain(doc, text.plain, rules, quotes, speakers) if explained else None
    except Exception as error:
        raise _failed(text.article, error) from error
    return ArticleFindings(quotes, entities, speakers, why, _ms_since(began))


def _ms_since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)
