"""The articles on the topic, which poller and importer check before they publish one.

The newest revision of an article is looked up in the log: nothing is read at the start, and little
is held in memory. Where another process can publish between the check and the commit, the
transaction that it overtakes fails, and is decided again.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.log.interface import Headers, Log, Message, Transaction
from onrecord.processing.finding import Place
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.stories import RecentStories
from onrecord.records import Article, Seen, event_headers, to_json
from onrecord.topics import Topics

# The answers kept in memory, about 300 bytes each: a document asks for the same articles thrice.
_MOST_ANSWERS = 10_000


class _Revision(msgspec.Struct, array_like=True):
    """The fields that distinguish an edit from a repeat, and the place of the record.

    They are kept beside the index: the bytes of former versions must stay readable.
    """

    revision: int
    content_hash: str
    feed: str | None
    partition: int
    offset: int


class _Head(msgspec.Struct):
    """The same fields in an article's record."""

    content_hash: str = ""
    revision: int = 1
    feed: str | None = None


_head_decoder = msgspec.json.Decoder(_Head)
_revision_decoder = msgspec.msgpack.Decoder(_Revision)


def newest_revision(message: Message) -> bytes | None:
    """What is looked up of an article; None for a record that is no article."""
    try:
        head = _head_decoder.decode(message.value or b"")
        return msgspec.msgpack.encode(
            _Revision(
                head.revision, head.content_hash, head.feed, message.partition, message.offset
            )
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError):
        return None  # the extractor makes a dead letter of it


class ArticleHead(Protocol):
    """The fields of an article that its key and headers are made of, and that are remembered."""

    @property
    def id(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def content_hash(self) -> str: ...
    @property
    def feed(self) -> str | None: ...
    @property
    def fetched_at(self) -> datetime: ...


class PublishedArticles:
    """The newest revision of each article that the topic keeps.

    `stories` counts the signatures kept to recognise near-duplicates, of articles published since
    `stories_since`. They are read when the first article is compared.
    """

    def __init__(
        self,
        log: Log,
        topics: Topics,
        *,
        stories: int = 0,
        stories_since: datetime | None = None,
    ) -> None:
        self._index = log.newest(topics.articles, newest_revision)
        self._answers: OrderedDict[str, Seen | None] = OrderedDict()
        # Published here and not looked up yet.
        self._own: dict[str, Seen] = {}
        # Those of them published since the last `catch_up`.
        self._just_published: set[str] = set()
        # Published here, and seen in the index since, perhaps as an earlier revision.
        self._own_seen: OrderedDict[str, Seen] = OrderedDict()
        self._recent = RecentStories(log, topics, self._index, most=stories, since=stories_since)
        self.forgotten = ForgottenTable(log, topics.forgotten)

    @property
    def stories(self) -> StoryWindow:
        """The stories of the articles published lately."""
        return self._recent.window()

    def read_stories(self) -> None:
        """Read the stories that articles are compared with, unless that was done."""
        self._recent.window()

    def catch_up(self) -> None:
        """Take note of what was published, and forgotten, since the last call.

        Stories noted for a transaction that was not committed are forgotten: they are compared
        anew with those of whoever was faster.
        """
        self._recent.take_back()
        self.forgotten.catch_up()
        # Not all of `_own`: what retention removed at once is not among the records that came.
        changed = self._index.catch_up([one.encode() for one in self._just_published])
        own_count = 0
        for key in changed:
            article_id = key.decode("utf-8", "replace")
            self._answers.pop(article_id, None)
            own_count += article_id in self._just_published
            if own := self._own.pop(article_id, None):
                self._own_seen[article_id] = own
        self._just_published.clear()
        while len(self._own_seen) > _MOST_ANSWERS:
            self._own_seen.popitem(last=False)
        self._recent.catch_up(only_own=own_count == len(changed))

    def catch_up_within(self, tx: Transaction) -> None:
        """Catch up for a transaction, which fails with Overtaken if that does not hold."""
        self.catch_up()
        tx.unless_overtaken(self._index)

    def get(self, article_id: str) -> Seen | None:
        """The newest revision published; None for an article that the topic does not keep."""
        if article_id in self._answers:
            self._answers.move_to_end(article_id)
            return self._answers[article_id]
        answer = self._answer(article_id, self._newest(article_id))
        self._answers[article_id] = answer
        self._limit_answers()
        return answer

    def look_up(self, article_ids: Iterable[str]) -> None:
        """Look articles up together, for the next calls of `get`."""
        wanted = [one for one in dict.fromkeys(article_ids) if one not in self._answers]
        found = self._index.get_all([one.encode() for one in wanted])
        for article_id, newest in zip(wanted, found, strict=True):
            self._answers[article_id] = self._answer(article_id, _decoded(newest))
        self._limit_answers()

    def _limit_answers(self) -> None:
        while len(self._answers) > _MOST_ANSWERS:
            self._answers.popitem(last=False)

    def _answer(self, article_id: str, newest: _Revision | None) -> Seen | None:
        own = self._own.get(article_id)
        if own is None and newest is not None:
            own = self._own_seen.get(article_id)
        if newest is None or (own is not None and own.revision > newest.revision):
            return own
        return Seen(
            article_id=article_id,
            revision=newest.revision,
            content_hash=newest.content_hash,
            feed=newest.feed,
        )

    def place_of(self, article_id: str) -> Place | None:
        """Where the newest revision is; None for an article that the topic does not keep."""
        newest = self._newest(article_id)
        return None if newest is None else (newest.partition, newest.offset)

    def _newest(self, article_id: str) -> _Revision | None:
        return _decoded(self._index.get(article_id.encode()))

    def note(self, articles: Iterable[ArticleHead]) -> None:
        """Remember articles that were committed just now, and keep their stories."""
        self._recent.keep()
        for article in articles:
            self._answers.pop(article.id, None)
            self._own_seen.pop(article.id, None)
            self._own[article.id] = seen_as(article)
            self._just_published.add(article.id)

    def close(self) -> None:
        self._recent.close(self.forgotten)
        self._index.close()
        self.forgotten.close()


def _decoded(found: bytes | None) -> _Revision | None:
    return None if found is None else _revision_decoder.decode(found)


def seen_as(article: ArticleHead) -> Seen:
    """What is remembered of an article that was published."""
    return Seen(
        article_id=article.id,
        revision=article.revision,
        content_hash=article.content_hash,
        feed=article.feed,
    )


def publish_article(
    tx: Transaction, topics: Topics, article: Article, *, source: str, more: Headers = ()
) -> None:
    """Publish an article under its id. Raises RecordTooLarge.

    `source` is the CloudEvents source: a feed's URL, or a part of onrecord. `more` are further
    headers.
    """
    publish_encoded(tx, topics, article, to_json(article), source=source, more=more)


def publish_encoded(
    tx: Transaction,
    topics: Topics,
    article: ArticleHead,
    record: bytes,
    *,
    source: str,
    more: Headers = (),
) -> None:
    """Publish an article that is encoded already; see `publish_article`."""
    headers = event_headers(
        Article,
        event_id=f"{article.id}.{article.revision}",
        subject=article.id,
        source=source,
        time=article.fetched_at,
    )
    key = article.id.encode()
    tx.publish(topics.articles, key=key, value=record, headers=(*headers, *more))
