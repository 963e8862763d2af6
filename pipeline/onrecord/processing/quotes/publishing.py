"""Publishes each quote by itself, and deletes the quotes that an article no longer has.

Everything goes into the transaction of the extraction: a consumer of the topic of quotes never
sees quotes of an extraction that was not committed. The last record of each key is the quote as
the newest extraction of its article has it; a tombstone takes a quote back.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Self

from onrecord.log.interface import Log, Partition, Transaction
from onrecord.processing.quotes.index import PublishedQuotes, QuoteIndex
from onrecord.processing.worker import BatchReport
from onrecord.records import (
    Extraction,
    FlatQuote,
    QuoteIds,
    event_headers,
    flat_quote,
    to_json,
    with_connect_schema,
)
from onrecord.topics import Topics

_logger = logging.getLogger(__name__)

EVENT_SOURCE = "/onrecord/extract"
# Raised for values that a custom extractor put into a quote and that JSON has room for.
_NO_ROW = (AttributeError, TypeError, ValueError, RecursionError)


class QuotePublisher:
    """Publishes the quotes of extractions. A context manager; it belongs to one thread."""

    def __init__(
        self,
        log: Log,
        topics: Topics,
        *,
        connect_schemas: bool = False,
        source: str = EVENT_SOURCE,
    ) -> None:
        """`source` is the CloudEvents source. With `connect_schemas` values carry their schema."""
        self._topics = topics
        self._source = source
        self._encode: Callable[[FlatQuote], bytes] = (
            with_connect_schema if connect_schemas else to_json
        )
        self._index = QuoteIndex(log, topics.quote_ids)
        self._pending: dict[str, QuoteIds] = {}

    def add(self, tx: Transaction, report: BatchReport, positions: Mapping[Partition, int]) -> None:
        """Publish the quotes of a worker's batch, in its transaction."""
        del positions  # those of the articles: quotes move none
        self.begin()
        for extraction in report.extractions:
            self.publish(tx, extraction)

    def confirmed_by(self, report: Callable[[BatchReport], None]) -> Callable[[BatchReport], None]:
        """A worker's `report` that also notes that the batch was committed."""

        def confirm_and_report(batch: BatchReport) -> None:
            if not batch.abandoned:
                self.confirm()
            report(batch)

        return confirm_and_report

    def begin(self) -> None:
        """Begin a transaction: what an earlier one left unconfirmed was perhaps not committed."""
        self._pending.clear()
        self._index.catch_up()

    def publish(self, tx: Transaction, extraction: Extraction) -> None:
        """Publish an extraction's quotes, and tombstones for earlier ones that it does not have.

        Nothing, if quotes of a later revision are there.
        """
        article = extraction.article
        before = self._published(article.id)
        if article.revision < before.revision:
            return
        quotes = self._encoded(extraction)
        for one in before.ids:
            if one not in quotes:
                self._put(tx, one, None, extraction)
        for one, value in quotes.items():
            self._put(tx, one, value, extraction)
        if quotes or before.revision:
            self._put_ids(tx, extraction, tuple(quotes))

    def _encoded(self, extraction: Extraction) -> dict[str, bytes]:
        """The values of an extraction's quotes by id, without those that make no flat record."""
        found: dict[str, bytes] = {}
        for quote in extraction.quotes:
            try:
                found[quote.id] = self._encode(flat_quote(extraction, quote))
                quote.id.encode()
            except _NO_ROW as error:
                found.pop(quote.id, None)
                _logger.warning(
                    "quote %s of %s is not published by itself: %s",
                    quote.id,
                    extraction.article.id,
                    error,
                )
        return found

    def confirm(self) -> None:
        """Note that the last transaction was committed."""
        self._index.note(self._pending.values())
        self._pending.clear()

    def _published(self, article_id: str) -> PublishedQuotes:
        pending = self._pending.get(article_id)
        if pending is not None:
            return PublishedQuotes(pending.revision, pending.quotes)
        return self._index.get(article_id)

    def _put(
        self, tx: Transaction, quote: str, value: bytes | None, extraction: Extraction
    ) -> None:
        headers = self._headers(FlatQuote, quote, extraction)
        tx.publish(self._topics.quotes, key=quote.encode(), value=value, headers=headers)

    def _put_ids(self, tx: Transaction, extraction: Extraction, ids: tuple[str, ...]) -> None:
        article = extraction.article
        record = QuoteIds(article_id=article.id, revision=article.revision, quotes=ids)
        tx.publish(
            self._topics.quote_ids,
            key=article.id.encode(),
            value=to_json(record),
            headers=self._headers(QuoteIds, f"{article.id}.{article.revision}", extraction),
        )
        self._pending[article.id] = record

    def _headers(
        self, kind: type[FlatQuote | QuoteIds], event_id: str, extraction: Extraction
    ) -> tuple[tuple[str, bytes], ...]:
        return event_headers(
            kind,
            event_id=event_id,
            subject=extraction.article.id,
            source=self._source,
            time=extraction.extracted_at,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._index.close()
