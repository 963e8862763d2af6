"""Takes an article, or a quote, out of every topic for good.

What is forgotten is recorded first, so that pollers, importers and extractors do not bring it back.
Then tombstones tell every consumer, the archive among them; and a log that can remove single
records removes the older ones of the same key.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from onrecord.errors import Mistake, RecordError, UnknownTopic
from onrecord.log.interface import Log, Message, TopicSettings, Transaction
from onrecord.log.read_to_end import everything
from onrecord.processing.dead_letters import drop
from onrecord.processing.forgotten import without_quotes
from onrecord.records import (
    Alert,
    Extraction,
    Forgotten,
    Quote,
    QuoteIds,
    Record,
    event_headers,
    from_json,
    to_json,
)
from onrecord.records.statements import words_key, words_of_quote
from onrecord.topics import Topics

_SOURCE = "/onrecord/forget"
_SETTINGS = TopicSettings(partitions=1, compacted=True)


@dataclass(slots=True)
class Erased:
    """The number of records removed, by topic, and the topics in which older records remain."""

    forgotten: Forgotten
    removed: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


class Forgetting:
    """Forgets articles and quotes of a log."""

    def __init__(self, log: Log, topics: Topics) -> None:
        self._log = log
        self._topics = topics

    def find(self, id: str) -> tuple[str, Quote | None]:  # noqa: A002 - an article's or a quote's
        """The article of this id, or the article of the quote of this id and the quote.

        Raises Mistake for an id that is nowhere in the log.
        """
        key = id.encode()
        for topic in (self._topics.articles, self._topics.extractions):
            if any(message.key == key for message in self._messages(topic)):
                return id, None
        newest: tuple[str, Quote] | None = None
        for message in self._messages(self._topics.extractions):
            if key in (message.value or b""):
                newest = _quote_in(message, id) or newest
        if newest is None:
            raise Mistake(
                f"{id}: no article and no quote of this id is in the log; `onrecord subscribe "
                "quotes` and the pages show ids"
            )
        return newest

    def forget(
        self,
        article: str,
        quote: Quote | None,
        *,
        by: str,
        why: str,
        now: datetime,
    ) -> Erased:
        """Forget an article, or one quote of it. Doing so again does no harm."""
        forgotten = Forgotten(
            id=article if quote is None else quote.id,
            article=article,
            quote=None if quote is None else quote.id,
            words_key=None if quote is None else words_key(words_of_quote(quote)),
            by=by,
            at=now,
            why=why,
        )
        self._log.create_topic(self._topics.forgotten, _SETTINGS)
        with self._log.writer(f"{self._topics.prefix}.forget-{uuid4().hex}") as writer:
            with writer.transaction() as tx:
                self._publish(tx, self._topics.forgotten, forgotten.id, forgotten, now)
            with writer.transaction() as tx:
                if quote is None:
                    self._bury_article(tx, article)
                else:
                    self._bury_quote(tx, article, quote, now)
                alerts = self._drop_alerts(tx, article, quote, now)
            if quote is None:
                # A letter is the article itself, and a retry would put it back.
                with suppress(UnknownTopic):
                    drop(self._log, self._topics, writer, lambda letter: letter.key == article)
        return self._erase(Erased(forgotten), article, quote, alerts)

    # ── telling consumers ────────────────────────────────────────────────────────────────────

    def _bury_article(self, tx: Transaction, article: str) -> None:
        for topic in self._topics_of_articles():
            tx.publish(topic, key=article.encode(), value=None)
        quotes = self._flat_quotes(article)
        for quote_id in quotes:
            tx.publish(self._topics.quotes, key=quote_id.encode(), value=None)
        if quotes:
            tx.publish(self._topics.quote_ids, key=article.encode(), value=None)

    def _bury_quote(self, tx: Transaction, article: str, quote: Quote, now: datetime) -> None:
        """Publish the newest extraction again without the quote, in each topic that has it.

        A tombstone stands before it: whoever keeps what replaced quotes became drops that.
        """
        gone = {quote.id, words_key(words_of_quote(quote)) or quote.id}
        for topic in self._topics_of_articles():
            newest = None
            for message in self._messages(topic):
                if message.key == article.encode():
                    newest = message
            extraction = None if newest is None else _extraction_in(newest)
            if extraction is None:
                continue
            amended = without_quotes(extraction, gone)
            if amended != extraction:
                tx.publish(topic, key=article.encode(), value=None)
                self._publish(tx, topic, article, amended, now)
        if quote.id in self._flat_quotes(article):
            tx.publish(self._topics.quotes, key=quote.id.encode(), value=None)

    def _drop_alerts(
        self, tx: Transaction, article: str, quote: Quote | None, now: datetime
    ) -> list[str]:
        """Drop the alerts that are still due; returns the keys of all that held the quote."""
        keys = []
        newest = {message.key: message for message in self._messages(self._topics.alerts)}
        for message in self._messages(self._topics.alerts):
            alert = _alert_in(message)
            if alert is None or not _is_of(alert, article, quote):
                continue
            keys.append(alert.id)
            current = _alert_in(newest[message.key])
            if current is not None and current.state == "due":
                dropped = replace(current, state="dropped", found=msgspec.UNSET)
                self._publish(tx, self._topics.alerts, alert.id, dropped, now)
        return keys

    def _publish(
        self, tx: Transaction, topic: str, key: str, record: Record, now: datetime
    ) -> None:
        headers = event_headers(
            record, event_id=f"{key}.{uuid4().hex}", subject=key, source=_SOURCE, time=now
        )
        tx.publish(topic, key=key.encode(), value=to_json(record), headers=headers)

    # ── removing ─────────────────────────────────────────────────────────────────────────────

    def _erase(
        self, erased: Erased, article: str, quote: Quote | None, alerts: Sequence[str]
    ) -> Erased:
        """Remove the older records of what was buried, where the log can."""
        keys: dict[str, Iterable[str]] = {self._topics.alerts: alerts}
        for topic in self._topics_of_articles():
            if quote is None or topic != self._topics.articles:
                keys[topic] = [article]
        if quote is None:
            keys[self._topics.dead_letters] = [article]
        quotes = [quote.id] if quote is not None else self._flat_quotes(article)
        keys[self._topics.quotes] = quotes
        for topic, named in keys.items():
            with suppress(UnknownTopic):
                count = self._log.erase(topic, [key.encode() for key in named])
                if count is None:
                    erased.left.append(topic)
                elif count:
                    erased.removed[topic] = count
        return erased

    def _topics_of_articles(self) -> list[str]:
        """The topics keyed by article id: articles, results, and the results of replays."""
        live = (self._topics.articles, self._topics.extractions)
        found = [topic.name for topic in self._log.topics(f"{self._topics.prefix}.")]
        replays = self._topics.replay("")
        return [name for name in found if name in live or name.startswith(replays)]

    def _flat_quotes(self, article: str) -> list[str]:
        """The ids of an article's quotes on the topic of single quotes, of every revision there is.

        Also after they were buried: their older records are still to be removed then.
        """
        found: dict[str, None] = {}
        for message in self._messages(self._topics.quote_ids):
            if message.key == article.encode():
                with suppress(RecordError):
                    found |= dict.fromkeys(from_json(message.value or b"", QuoteIds).quotes)
        return list(found)

    def _messages(self, topic: str) -> Iterable[Message]:
        try:
            yield from everything(self._log, topic)
        except UnknownTopic:
            return


def _extraction_in(message: Message) -> Extraction | None:
    try:
        return from_json(message.value or b"", Extraction)
    except RecordError:
        return None


def _quote_in(message: Message, quote_id: str) -> tuple[str, Quote] | None:
    extraction = _extraction_in(message)
    for quote in extraction.quotes if extraction else ():
        if extraction is not None and quote.id == quote_id:
            return extraction.article.id, quote
    return None


def _alert_in(message: Message) -> Alert | None:
    try:
        return from_json(message.value or b"", Alert)
    except RecordError:
        return None


def _is_of(alert: Alert, article: str, quote: Quote | None) -> bool:
    found = alert.found
    if found is msgspec.UNSET or found.article.id != article:
        return False
    return quote is None or found.quote.id == quote.id
