"""Publishes each quote by itself, and deletes the quotes that an article no longer has.

Everything goes into the transaction of the extraction: a consumer of the topic of quotes never
sees quotes of an extraction that was not committed. The last record of each key is the quote as
the newest extraction of its article has it; a tombstone takes a quote back.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, Self

from onrecord.errors import RecordTooLarge
from onrecord.log.interface import Headers, Log, Partition, Transaction
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


class _Origin(NamedTuple):
    """The revision of an article from which quotes were taken, and when."""

    article: str
    revision: int
    at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


def _warn(quote: str, article: str, error: Exception) -> None:
    _logger.warning("quote %s of %s is not published by itself: %s", quote, article, error)


class QuotePublisher:
    """Publishes the quotes of extractions. A context manager; it belongs to one thread."""

    def __init__(
        self,
        log: Log,
        topics: Topics,
        *,
        connect_schemas: bool = False,
        source: str = EVENT_SOURCE,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """`source` is the CloudEvents source. With `connect_schemas` values carry their schema."""
        self._now = now
        self._topics = topics
        self._source = source
        self._encode: Callable[[FlatQuote], bytes] = (
            with_connect_schema if connect_schemas else to_json
        )
        self._index = QuoteIndex(log, topics.quote_ids)
        self._pending: dict[str, PublishedQuotes] = {}

    def add(self, tx: Transaction, report: BatchReport, positions: Mapping[Partition, int]) -> None:
        """Publish the quotes of a worker's batch, in its transaction."""
        del positions  # those of the articles: quotes move none
        self.begin()
        for result in report.results:
            if isinstance(result, Extraction):
                self.publish(tx, result)
            else:
                self.withdraw(tx, result)

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

        Nothing, if quotes of a later revision are there. A quote that makes no flat record, or one
        that is too large for its topic, is passed over with a warning; so are the last quotes of an
        article that has more than a record of their ids can name.
        """
        article = extraction.article
        before = self._published(article.id)
        if article.revision < before.revision:
            return
        origin = _Origin(article.id, article.revision, extraction.extracted_at)
        encoded = self._encoded(extraction).items()
        quotes = tuple(one for one, value in encoded if self._has_put(tx, one, value, origin))
        for one in before.ids:
            if one not in quotes:
                self._take_back(tx, one, origin)
        if quotes or before.revision:
            self._put_ids_that_fit(tx, origin, quotes)

    def withdraw(self, tx: Transaction, article_id: str) -> None:
        """Publish tombstones for all quotes of an article that was taken out of the log."""
        before = self._published(article_id)
        if not before.revision:
            return
        origin = _Origin(article_id, before.revision, self._now())
        for one in before.ids:
            self._take_back(tx, one, origin)
        self._delete(tx, self._topics.quote_ids, article_id, self._headers_of_ids(origin))
        self._pending[article_id] = PublishedQuotes()

    def _encoded(self, extraction: Extraction) -> dict[str, bytes]:
        """The values of an extraction's quotes by id, without those that make no flat record."""
        found: dict[str, bytes] = {}
        for quote in extraction.quotes:
            try:
                found[quote.id] = self._encode(flat_quote(extraction, quote))
                quote.id.encode()
            except _NO_ROW as error:
                found.pop(quote.id, None)
                _warn(quote.id, extraction.article.id, error)
        return found

    def confirm(self) -> None:
        """Note that the last transaction was committed."""
        self._index.note(self._pending)
        self._pending.clear()

    def _published(self, article_id: str) -> PublishedQuotes:
        pending = self._pending.get(article_id)
        return self._index.get(article_id) if pending is None else pending

    def _has_put(self, tx: Transaction, quote: str, value: bytes, origin: _Origin) -> bool:
        """Publish a quote unless it is too large; whether it was published."""
        headers = self._headers(FlatQuote, quote, origin)
        try:
            tx.publish(self._topics.quotes, key=quote.encode(), value=value, headers=headers)
        except RecordTooLarge as error:
            _warn(quote, origin.article, error)
            return False
        return True

    def _take_back(self, tx: Transaction, quote: str, origin: _Origin) -> None:
        self._delete(tx, self._topics.quotes, quote, self._headers(FlatQuote, quote, origin))

    def _delete(self, tx: Transaction, topic: str, key: str, headers: Headers) -> None:
        """Publish a tombstone, without headers where the topic does not take them."""
        refused: RecordTooLarge | None = None
        for fewer in (headers, ()):
            try:
                tx.publish(topic, key=key.encode(), value=None, headers=fewer)
            except RecordTooLarge as error:
                refused = error
            else:
                return
        _logger.warning("%s stays on %s: %s", key, topic, refused)

    def _put_ids_that_fit(self, tx: Transaction, origin: _Origin, quotes: tuple[str, ...]) -> None:
        """Publish the ids of an article's quotes, and take back the quotes whose ids do not fit.

        A quote whose id is not kept could not be taken back later.
        """
        kept, last = quotes, None
        while refused := self._refused_ids(tx, origin, kept):
            last = refused
            if not kept:
                break
            kept = _shortened(kept, refused.size - refused.limit)
        for one in quotes[len(kept) :]:
            self._take_back(tx, one, origin)
        self._pending[origin.article] = PublishedQuotes(origin.revision, kept)
        if last is not None:
            left_out = len(quotes) - len(kept)
            _logger.warning(
                "%d of %d quotes of %s are not published by themselves, since their ids do not "
                "fit: %s",
                left_out,
                len(quotes),
                origin.article,
                last,
            )

    def _refused_ids(
        self, tx: Transaction, origin: _Origin, ids: tuple[str, ...]
    ) -> RecordTooLarge | None:
        """Publish the ids of an article's quotes; the error if their topic does not take them."""
        record = QuoteIds(article_id=origin.article, revision=origin.revision, quotes=ids)
        try:
            tx.publish(
                self._topics.quote_ids,
                key=origin.article.encode(),
                value=to_json(record),
                headers=self._headers_of_ids(origin),
            )
        except RecordTooLarge as error:
            return error
        return None

    def _headers_of_ids(self, origin: _Origin) -> Headers:
        return self._headers(QuoteIds, f"{origin.article}.{origin.revision}", origin)

    def _headers(self, kind: type[FlatQuote | QuoteIds], event_id: str, origin: _Origin) -> Headers:
        return event_headers(
            kind,
            event_id=event_id,
            subject=origin.article,
            source=self._source,
            time=origin.at,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._index.close()


def _shortened(ids: tuple[str, ...], bytes_too_many: int) -> tuple[str, ...]:
    """The ids without as many of the last as make their record shorter by so many bytes."""
    kept = len(ids)
    while kept and bytes_too_many > 0:
        kept -= 1
        bytes_too_many -= len(ids[kept].encode()) + len(',""')
    return ids[:kept]
