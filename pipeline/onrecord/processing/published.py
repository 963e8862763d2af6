"""The articles on the topic, which poller and importer check before they publish one.

The newest revision of each article is kept in memory, as far back as the caller asks, and kept up
to date with the records of every process. On SQLite no other process can publish between the
check and the commit; on Kafka there is hardly time for it.
"""

import sys
from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import datetime

import msgspec

from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.log.interface import Headers, Log, Start, Transaction
from onrecord.log.read_to_end import read_to_end
from onrecord.processing.finding import Place
from onrecord.records import Article, Seen, event_headers, to_json
from onrecord.topics import Topics

# How many articles are remembered to recognise near-duplicates among the next.
STORIES = 20_000


# Revision, content hash and feed of an article, and where it is; None until it was read.
_Newest = tuple[int, str, str | None, Place | None]


class _Head(msgspec.Struct):
    """The fields that distinguish an edit from a repeat, and a new story from a copy."""

    id: str
    content_hash: str = ""
    revision: int = 1
    sketch: str | None = None
    story: str | None = None
    story_first_seen: datetime | None = None
    canonical_url: str | None = None
    feed: str | None = None


class PublishedArticles:
    """The newest revision of each article; the least recently used is forgotten first.

    Articles published before `since` are not read, and no more than `most` are remembered: about
    250 bytes each. `stories` counts the signatures kept to recognise near-duplicates, about 2 kB
    each.
    """

    def __init__(
        self,
        log: Log,
        topics: Topics,
        *,
        since: datetime | None = None,
        most: int | None = None,
        stories: int = 0,
    ) -> None:
        self._log = log
        self._most = most
        self._decoder = msgspec.json.Decoder(_Head)
        self._newest: OrderedDict[str, _Newest] = OrderedDict()
        self.stories = StoryWindow(stories)
        start = Start.EARLIEST if since is None else log.offsets_at(topics.articles, since)
        self._reader = log.reader([topics.articles], start=start)

    def catch_up(self) -> None:
        """Read what was published since the last call, by any process."""
        latest: deque[_Head] = deque(maxlen=self.stories.size)
        for message in read_to_end(self._log, self._reader):
            try:
                article = self._decoder.decode(message.value or b"")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue  # no article; the extractor makes a dead letter of it
            latest.append(article)
            self._note(article, (message.partition, message.offset))
        for article in latest:
            self.note_story(article)

    def get(self, article_id: str) -> Seen | None:
        """The newest revision published, as far as it is remembered."""
        if article_id not in self._newest:
            return None
        self._newest.move_to_end(article_id)
        revision, content_hash, feed, _ = self._newest[article_id]
        return Seen(article_id=article_id, revision=revision, content_hash=content_hash, feed=feed)

    def place_of(self, article_id: str) -> Place | None:
        """Where the newest revision is, as far as it is remembered."""
        known = self._newest.get(article_id)
        return None if known is None else known[3]

    def note(self, articles: Iterable[Article]) -> None:
        """Remember articles that were committed just now."""
        for article in articles:
            self._note(article)

    def note_story(self, article: _Head | Article) -> None:
        """Remember the text signature of an article.

        If the article is not committed in the end, a later attempt with the same text finds its own
        signature again.
        """
        if article.story and article.story_first_seen:
            self.stories.note(
                article.id,
                article.sketch,
                article.story,
                article.story_first_seen,
                url=article.canonical_url,
            )

    def _note(self, article: _Head | Article, place: Place | None = None) -> None:
        known = self._newest.get(article.id)
        if known is None or article.revision >= known[0]:
            feed = sys.intern(article.feed) if article.feed else None
            self._newest[article.id] = (article.revision, article.content_hash, feed, place)
        self._newest.move_to_end(article.id)
        while self._most is not None and len(self._newest) > self._most:
            self._newest.popitem(last=False)

    def close(self) -> None:
        self._reader.close()


def publish_article(
    tx: Transaction, topics: Topics, article: Article, *, source: str, more: Headers = ()
) -> None:
    """Publish an article under its id. Raises RecordTooLarge.

    `source` is the CloudEvents source: a feed's URL, or a part of onrecord. `more` are further
    headers.
    """
    headers = event_headers(
        article,
        event_id=f"{article.id}.{article.revision}",
        subject=article.id,
        source=source,
        time=article.fetched_at,
    )
    tx.publish(
        topics.articles,
        key=article.id.encode(),
        value=to_json(article),
        headers=(*headers, *more),
    )
