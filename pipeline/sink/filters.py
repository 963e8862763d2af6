"""Which records a subscriber wants."""

import re
from dataclasses import dataclass

from pipeline.records import Article, ArticleRef, Entity, Extraction, Quote
from pipeline.sink.names import is_called, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a record must satisfy; None asks nothing.

    `speaker`, `entity` and `publisher` are names as people mean them (see `names.py`),
    `language` is a tag or its beginning ("en" finds "en-GB"), `match` is searched in the text:
    an article's title and text, a quote's words.
    """

    speaker: str | None = None
    entity: str | None = None
    publisher: str | None = None
    feed: str | None = None
    language: str | None = None
    quote_type: str | None = None
    match: re.Pattern[str] | None = None

    def wants_article(self, article: Article) -> bool:
        """Whether an article is wanted. Speakers, entities and types ask nothing of it."""
        return (
            self._wants_origin(article.publisher, article.language)
            and (self.feed is None or self.feed == article.feed)
            and (self.match is None or self._finds(article.title, article.text))
        )

    def wants_extraction(self, extraction: Extraction) -> bool:
        """Whether an extraction is wanted: any of its quotes, if quotes are asked about."""
        if not self._wants_origin(extraction.article.publisher, extraction.article.language):
            return False
        if not self._names_entity(extraction.entities):
            return False
        if self.speaker is None and self.quote_type is None and self.match is None:
            return True
        return any(self.wants_words(quote, extraction) for quote in extraction.quotes)

    def wants_quote(self, quote: Quote, extraction: Extraction) -> bool:
        """Whether one quote of an extraction is wanted."""
        article: ArticleRef = extraction.article
        return (
            self._wants_origin(article.publisher, article.language)
            and self._names_entity(extraction.entities)
            and self.wants_words(quote, extraction)
        )

    def wants_words(self, quote: Quote, extraction: Extraction) -> bool:
        """Whether a quote's type, words and speaker are wanted, whatever article it stands in."""
        return (
            (self.quote_type is None or self.quote_type == quote.type)
            and (self.match is None or self._finds(*(span.text for span in quote.content)))
            and (self.speaker is None or self._spoke(quote, extraction))
        )

    def _wants_origin(self, publisher: str | None, language: str | None) -> bool:
        if self.publisher is not None and not is_called(publisher or "", words_of(self.publisher)):
            return False
        if self.language is None:
            return True
        return (language or "").lower().split("-")[0] == self.language.lower() or (
            language or ""
        ).lower() == self.language.lower()

    def _names_entity(self, entities: tuple[Entity, ...]) -> bool:
        if self.entity is None:
            return True
        wanted = words_of(self.entity)
        return any(_has_name(entity, wanted) for entity in entities)

    def _spoke(self, quote: Quote, extraction: Extraction) -> bool:
        if quote.speaker is None or self.speaker is None:
            return False
        wanted = words_of(self.speaker)
        if is_called(quote.speaker.name, wanted):
            return True
        return any(
            entity.id == quote.speaker.entity and _has_name(entity, wanted)
            for entity in extraction.entities
        )

    def _finds(self, *texts: str) -> bool:
        return self.match is not None and any(self.match.search(text) for text in texts)


def _has_name(entity: Entity, wanted: frozenset[str]) -> bool:
    return any(is_called(name, wanted) for name in (entity.name, *entity.aliases))
