"""Takes an article, or a quote, out of every topic for good.

What is forgotten is recorded first, so that pollers, importers and extractors do not bring it back.
Then tombstones tell every consumer, the archive among them; and a log that can remove single
records removes the older ones of the same key.

A process can be about to commit what it checked before the request was recorded. So the topics are
looked at again after a moment, and what came meanwhile is taken out as well.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from onrecord.errors import Mistake, RecordError, UnknownTopic
from onrecord.log.interface import Log, Message, TopicSettings, Transaction, Writer
from onrecord.log.read_to_end import everything
from onrecord.processing.dead_letters import drop
from onrecord.processing.forgotten import without_quotes
from onrecord.records import (
    Alert,
    Extraction,
    Forgotten,
    QuoteIds,
    Record,
    event_headers,
    from_json,
    to_json,
)
from onrecord.records.statements import words_key, words_of_quote
from onrecord.topics import Topics

_SOURCE = "/onrecord/forget"
# Each finds what was committed since the one before: more than a few would be a process of old.
_MOST_SWEEPS = 5
_SETTINGS = TopicSettings(partitions=1, compacted=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An article to be forgotten, or one quote of it, with the key of the quote's words."""

    article: str
    quote: str | None = None
    words_key: str | None = None

    @property
    def marks(self) -> set[str]:
        """The id of the quote, and the key of its words."""
        return {mark for mark in (self.quote, self.words_key) if mark is not None}


@dataclass(slots=True)
class Erased:
    """The number of records removed, by topic, and the topics in which older records remain."""

    forgotten: Forgotten
    removed: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


class Forgetting:
    """Forgets articles and quotes of a log."""

    def __init__(self, log: Log, topics: Topics, *, let_commit: Callable[[], None]) -> None:
        """`let_commit` waits until processes have committed what they checked before the call."""
        self._log = log
        self._topics = topics
        self._let_commit = let_commit

    def find(self, id: str) -> Subject:  # noqa: A002 - an article's or a quote's
        """The article, or the quote, of this id.

        Raises Mistake for an id that is nowhere in the log, and was never forgotten.
        """
        key = id.encode()
        for topic in (self._topics.articles, self._topics.extractions):
            if any(message.key == key for message in self._messages(topic)):
                return Subject(article=id)
        newest: Subject | None = None
        for message in self._messages(self._topics.extractions):
            if key in (message.value or b""):
                newest = _quote_in(message, id) or newest
        newest = newest or self._forgotten_before(id)
        if newest is None:
            raise Mistake(
                f"{id}: no article and no quote of this id is in the log; `onrecord subscribe "
                "quotes` and the pages show ids"
            )
        return newest

    def _forgotten_before(self, id: str) -> Subject | None:  # noqa: A002
        """What a request was interrupted in can be found nowhere else."""
        for message in self._messages(self._topics.forgotten):
            with suppress(RecordError):
                known = from_json(message.value or b"", Forgotten)
                if known.id == id:
                    return Subject(
                        article=known.article, quote=known.quote, words_key=known.words_key
                    )
        return None

    def forget(self, subject: Subject, *, by: str, why: str, now: datetime) -> Erased:
        """Forget an article, or one quote of it. Doing so again does no harm."""
        forgotten = Forgotten(
            id=subject.quote or subject.article,
            article=subject.article,
            quote=subject.quote,
            words_key=subject.words_key,
            by=by,
            at=now,
            why=why,
        )
        self._log.create_topic(self._topics.forgotten, _SETTINGS)
        with self._log.writer(f"{self._topics.prefix}.forget-{uuid4().hex}") as writer:
            with writer.transaction() as tx:
                self._publish(tx, self._topics.forgotten, forgotten.id, forgotten, now)
            erased = Erased(forgotten)
            self._sweep(writer, subject, erased, now)
            for _ in range(_MOST_SWEEPS):
                self._let_commit()
                if not self._came_back(subject):
                    break
                self._sweep(writer, subject, erased, now)
        return erased

    def _sweep(self, writer: Writer, subject: Subject, erased: Erased, now: datetime) -> None:
        """Take the subject out of all topics as they are now."""
        with writer.transaction() as tx:
            if subject.quote is None:
                self._bury_article(tx, subject.article)
            else:
                self._bury_quote(tx, subject, now)
            alerts = self._drop_alerts(tx, subject, now)
        if subject.quote is None:
            # A letter is the article itself, and a retry would put it back.
            with suppress(UnknownTopic):
                drop(self._log, self._topics, writer, lambda one: one.key == subject.article)
        self._erase(erased, subject, alerts)

    def _came_back(self, subject: Subject) -> bool:
        """Whether the newest record of the article has the subject again, in any topic."""
        key = subject.article.encode()
        for topic in self._topics_of_articles():
            if subject.quote is not None and topic == self._topics.articles:
                continue
            newest = None
            for message in self._messages(topic):
                newest = message if message.key == key else newest
            if newest is None or newest.value is None:
                continue
            extraction = _extraction_in(newest)
            if subject.quote is None or (
                extraction is not None
                and without_quotes(extraction, subject.marks).quotes != extraction.quotes
            ):
                return True
        return False

    # ── telling consumers ────────────────────────────────────────────────────────────────────

    def _bury_article(self, tx: Transaction, article: str) -> None:
        for topic in self._topics_of_articles():
            tx.publish(topic, key=article.encode(), value=None)
        quotes = self._flat_quotes(article)
        for quote_id in quotes:
            tx.publish(self._topics.quotes, key=quote_id.encode(), value=None)
        if quotes:
            tx.publish(self._topics.quote_ids, key=article.encode(), value=None)

    def _bury_quote(self, tx: Transaction, subject: Subject, now: datetime) -> None:
        """Publish the newest extraction again without the quote, in each topic that has it.

        A tombstone stands before it: whoever keeps what replaced quotes became drops that.
        """
        article = subject.article
        for topic in self._topics_of_articles():
            newest = None
            for message in self._messages(topic):
                if message.key == article.encode():
                    newest = message
            extraction = None if newest is None else _extraction_in(newest)
            if extraction is None:
                continue
            amended = without_quotes(extraction, subject.marks)
            if amended != extraction:
                tx.publish(topic, key=article.encode(), value=None)
                self._publish(tx, topic, article, amended, now)
        if subject.quote is not None and subject.quote in self._flat_quotes(article):
            tx.publish(self._topics.quotes, key=subject.quote.encode(), value=None)

    def _drop_alerts(self, tx: Transaction, subject: Subject, now: datetime) -> list[str]:
        """Drop the alerts that are still due; returns the keys of all that held the quote."""
        keys = []
        newest = {message.key: message for message in self._messages(self._topics.alerts)}
        for message in self._messages(self._topics.alerts):
            alert = _alert_in(message)
            if alert is None or not _is_of(alert, subject):
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

    def _erase(self, erased: Erased, subject: Subject, alerts: Sequence[str]) -> None:
        """Remove the older records of what was buried, where the log can."""
        article, quote = subject.article, subject.quote
        keys: dict[str, Iterable[str]] = {self._topics.alerts: alerts}
        for topic in self._topics_of_articles():
            if quote is None or topic != self._topics.articles:
                keys[topic] = [article]
        if quote is None:
            keys[self._topics.dead_letters] = [article]
        quotes = [quote] if quote is not None else self._flat_quotes(article)
        keys[self._topics.quotes] = quotes
        for topic, named in keys.items():
            with suppress(UnknownTopic):
                count = self._log.erase(topic, [key.encode() for key in named])
                if count is None:
                    erased.left = list(dict.fromkeys([*erased.left, topic]))
                elif count:
                    erased.removed[topic] = erased.removed.get(topic, 0) + count

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


def _quote_in(message: Message, quote_id: str) -> Subject | None:
    extraction = _extraction_in(message)
    for quote in extraction.quotes if extraction else ():
        if extraction is not None and quote.id == quote_id:
            return Subject(
                article=extraction.article.id,
                quote=quote.id,
                words_key=words_key(words_of_quote(quote)),
            )
    return None


def _alert_in(message: Message) -> Alert | None:
    try:
        return from_json(message.value or b"", Alert)
    except RecordError:
        return None


def _is_of(alert: Alert, subject: Subject) -> bool:
    found = alert.found
    if found is msgspec.UNSET or found.article.id != subject.article:
        return False
    return subject.quote is None or found.quote.id == subject.quote
