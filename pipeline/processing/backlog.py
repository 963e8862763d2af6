"""Articles from elsewhere: JSON lines into the articles topic, each article once.

A line is an Article of ours, or as little as `{"url", "title", "text", "published_at"}`; other
fields of Article are taken when they are there. Ids are functions of content, so importing a
file twice, or one that overlaps with what the feeds brought, adds nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from pipeline.errors import RecordError, RecordTooLarge
from pipeline.feeds.article import article_id, canonical_url, content_hash
from pipeline.log.interface import Log, Transaction, Writer
from pipeline.log.present import everything
from pipeline.records import Article, event_headers, to_json
from pipeline.topics import Topics

EVENT_SOURCE = "/onrecord/import"
_BATCH = 500


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a JSON line must have (`text`), and may have, to become an Article."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    id: str | None = None
    url: str | None = None
    feed: str | None = None
    publisher: str | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    updated_at: str | None = None
    fetched_at: str | None = None
    language: str | None = None
    summary: str = ""
    raw: dict[str, str] = {}


_decoder = msgspec.json.Decoder(_Line)


def read_line(data: bytes, *, fetched_at: datetime) -> Article:
    """The article of one JSON line. Dates are ISO 8601; one without a zone is UTC.

    Raises RecordError naming the field.
    """
    try:
        line = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(str(error)) from error
    canonical = canonical_url(line.url) if line.url else None
    content = content_hash(line.title, line.text)
    return Article(
        id=line.id
        or article_id(
            canonical=canonical, guid=None, publisher=line.publisher or "", content=content
        ),
        url=line.url,
        canonical_url=canonical,
        feed=line.feed,
        publisher=line.publisher,
        title=line.title,
        authors=line.authors,
        published_at=_date(line.published_at, "published_at"),
        updated_at=_date(line.updated_at, "updated_at"),
        fetched_at=_date(line.fetched_at, "fetched_at") or fetched_at,
        language=line.language,
        text=line.text,
        text_from="import",
        summary=line.summary,
        content_hash=content,
        raw=line.raw,
    )


def _date(text: str | None, field: str) -> datetime | None:
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise RecordError(f"{field} is no ISO 8601 date: {text!r}", field=field) from None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What an import did so far. `known` counts articles that the topic had already."""

    imported: int = 0
    known: int = 0
    rejected: int = 0


class Importer:
    """Publishes articles that the topic does not have yet, in transactions of some hundreds."""

    def __init__(self, log: Log, topics: Topics, writer: Writer) -> None:
        """Reads which articles the topic has: some 50,000 a second, 200 bytes of memory each."""
        self._topics = topics
        self._writer = writer
        self._known = {m.key.decode() for m in everything(log, topics.articles) if m.key}
        self.report = ImportReport()

    def run(
        self,
        lines: Iterable[bytes],
        *,
        now: datetime,
        reject: Callable[[int, str], None],
        stopped: Callable[[], bool],
    ) -> None:
        """Import lines until they end; `reject` is told of each that is no article, by number."""
        for batch in _batches(self._new_articles(lines, now, reject)):
            with self._writer.transaction() as tx:
                for number, article in batch:
                    self._publish(tx, number, article, reject)
            if stopped():
                return

    def _new_articles(
        self, lines: Iterable[bytes], now: datetime, reject: Callable[[int, str], None]
    ) -> Iterator[tuple[int, Article]]:
        for number, data in enumerate(lines, 1):
            if not data.strip():
                continue
            try:
                article = read_line(data, fetched_at=now)
            except RecordError as error:
                self._reject(number, str(error), reject)
                continue
            if article.id in self._known:
                self.report.known += 1
                continue
            self._known.add(article.id)
            yield number, article

    def _publish(
        self, tx: Transaction, number: int, article: Article, reject: Callable[[int, str], None]
    ) -> None:
        try:
            tx.publish(
                self._topics.articles,
                key=article.id.encode(),
                value=to_json(article),
                headers=event_headers(
                    article,
                    event_id=f"{article.id}.{article.revision}",
                    source=EVENT_SOURCE,
                    time=article.fetched_at,
                ),
            )
        except RecordTooLarge as error:
            self._reject(number, str(error), reject)
        else:
            self.report.imported += 1

    def _reject(self, number: int, reason: str, reject: Callable[[int, str], None]) -> None:
        self.report.rejected += 1
        reject(number, reason)


def _batches(articles: Iterable[tuple[int, Article]]) -> Iterator[list[tuple[int, Article]]]:
    batch: list[tuple[int, Article]] = []
    for article in articles:
        batch.append(article)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
