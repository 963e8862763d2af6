"""What was forgotten, kept in memory: it is not published again by anything that publishes."""

from collections import defaultdict
from collections.abc import Collection, Container, Sequence
from contextlib import suppress

from msgspec.structs import replace

from onrecord.errors import LogRefused, RecordError, UnknownTopic
from onrecord.log.interface import Log, Message, Reader
from onrecord.log.read_to_end import read_to_end
from onrecord.records import Extraction, Forgotten, Quote, Span, from_json, to_json
from onrecord.records.statements import words_key, words_of_quote


class ForgottenTable:
    """The articles and quotes that were forgotten, up to date with every process."""

    def __init__(self, log: Log, topic: str) -> None:
        self._log = log
        self._topic = topic
        self._reader: Reader | None = None
        self._articles: set[str] = set()
        self._quotes: defaultdict[str, set[str]] = defaultdict(set)

    def catch_up(self) -> None:
        """Read what was forgotten since the last call.

        The first request to forget something makes the topic, so it is looked for every time.
        """
        if self._reader is None:
            with suppress(UnknownTopic, LogRefused):
                # Where there is no such topic, this is known sooner than by opening a reader.
                self._log.bounds(self._topic)
                self._reader = self._log.reader([self._topic])
        if self._reader is not None:
            for message in read_to_end(self._log, self._reader):
                with suppress(RecordError):
                    self._note(from_json(message.value or b"", Forgotten))

    def has_article(self, article_id: str) -> bool:
        """Whether all of an article was forgotten."""
        return article_id in self._articles

    def is_any_in(self, articles: Container[str]) -> bool:
        """Whether one of these articles was forgotten."""
        return any(article_id in articles for article_id in self._articles)

    def has_quote(self, article_id: str, quote: Quote) -> bool:
        """Whether a quote of an article was forgotten, alone or with all of the article."""
        gone = self._quotes.get(article_id, ())
        return self.has_article(article_id) or (bool(gone) and _is_one_of(quote, gone))

    def amended(self, extractions: Sequence[Extraction]) -> list[Extraction | None]:
        """Extractions without forgotten quotes; None for a forgotten article."""
        self.catch_up()
        return [self._amended(extraction) for extraction in extractions]

    def amended_value(self, message: Message) -> bytes | None:
        """The value of an extraction's message without forgotten quotes; None if all was forgotten.

        As of the last `catch_up`. The value is decoded only where something of its article was
        forgotten.
        """
        article_id = (message.key or b"").decode("utf-8", "replace")
        if self.has_article(article_id):
            return None
        if article_id not in self._quotes or message.value is None:
            return message.value
        try:
            extraction = from_json(message.value, Extraction)
        except RecordError:
            return message.value
        amended = without_quotes(extraction, self._quotes[article_id])
        return message.value if amended == extraction else to_json(amended)

    def _amended(self, extraction: Extraction) -> Extraction | None:
        if self.has_article(extraction.article.id):
            return None
        gone = self._quotes.get(extraction.article.id)
        if gone is None:
            return extraction
        return without_quotes(extraction, gone)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _note(self, forgotten: Forgotten) -> None:
        if forgotten.quote is None:
            self._articles.add(forgotten.article)
        else:
            marks = {forgotten.quote, forgotten.words_key} - {None}
            self._quotes[forgotten.article] |= {mark for mark in marks if mark is not None}


def without_quotes(extraction: Extraction, gone: Collection[str]) -> Extraction:
    """The extraction without the quotes of these ids, or keys of words.

    Nor do their words stand in the contexts of the quotes that stay.
    """
    out = [quote for quote in extraction.quotes if _is_one_of(quote, gone)]
    words = [span for quote in out for span in quote.content]
    kept = (quote for quote in extraction.quotes if quote not in out)
    return replace(extraction, quotes=tuple(_away_from(quote, words) for quote in kept))


def _is_one_of(quote: Quote, gone: Collection[str]) -> bool:
    return quote.id in gone or words_key(words_of_quote(quote)) in gone


def _away_from(quote: Quote, words: Sequence[Span]) -> Quote:
    """The quote with a context that is cut to its own parts, if it contains these words."""
    context = quote.context
    if not any(span.start < context.end and context.start < span.end for span in words):
        return quote
    own = [*quote.content, *(part for part in (quote.cue, quote.source) if part is not None)]
    parts = [part for part in own if context.start <= part.start and part.end <= context.end]
    nearest = _cut(context, parts)
    if any(span.start < nearest.end and nearest.start < span.end for span in words):
        nearest = _cut(context, quote.content)
    return replace(quote, context=nearest)


def _cut(context: Span, parts: Sequence[Span]) -> Span:
    """The stretch of the context from the first of these parts to the last."""
    start, end = min(part.start for part in parts), max(part.end for part in parts)
    text = context.text[start - context.start : end - context.start]
    return Span(start=start, end=end, text=text)
