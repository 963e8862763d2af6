"""The newest revision of each article, as poller and importer ask for it."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.feeds.articles.signatures import signature
from onrecord.log.interface import Log, Lookup, Message, Reader, TopicSettings
from onrecord.processing.published import PublishedArticles, publish_article, seen_as
from onrecord.processing.stories import note_story
from onrecord.records import Article
from tests.builders import NOON, article
from tests.conftest import TOPICS


class HeldUp:
    """A log whose index sees nothing new while somebody's transaction is open."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.is_held_up = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def newest(self, topic: str, extract: Any) -> Any:
        return _HeldUpLookup(self, self._log.newest(topic, extract))


class _HeldUpLookup:
    def __init__(self, log: HeldUp, lookup: Lookup) -> None:
        self._log = log
        self._lookup = lookup

    def get(self, key: bytes) -> bytes | None:
        return None if self._log.is_held_up else self._lookup.get(key)

    def get_all(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.get(key) for key in keys]

    def catch_up(self, own: Collection[bytes] = ()) -> list[bytes]:
        return [] if self._log.is_held_up else list(self._lookup.catch_up(own))

    def close(self) -> None:
        self._lookup.close()


def test_an_article_published_here_is_known_while_a_transaction_of_others_hides_it(
    log: Log,
) -> None:
    held: Any = HeldUp(log)
    published = PublishedArticles(held, TOPICS)
    assert published.get("a1") is None
    held.is_held_up = True
    one = article("a1")
    with log.writer("w") as writer, writer.transaction() as tx:
        publish_article(tx, TOPICS, one, source="/test")
    published.note([one])
    published.catch_up()
    assert published.get("a1") == seen_as(one)
    held.is_held_up = False
    published.catch_up()
    assert published.get("a1") == seen_as(one)
    with log.writer("w") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.articles, key=b"a1", value=None)
    published.catch_up()
    assert published.get("a1") is None, "what the topic does not keep is not remembered"
    published.close()


def test_an_article_that_retention_removed_at_once_hides_none_of_others(log: Log) -> None:
    """It is not among the records that came since, and is not counted as one of them later."""
    published = PublishedArticles(log, TOPICS)
    ours, early, theirs = (article(name) for name in ("ours", "early", "theirs"))
    assert published.get("theirs") is None
    _publish(log, ours, early)
    published.note([ours])
    log.alter_topic(TOPICS.articles, TopicSettings(partitions=4, retention_bytes=0))
    log.maintain(datetime.now(UTC))
    published.catch_up()
    _publish(log, theirs)
    published.catch_up()
    assert published.get("theirs") == seen_as(theirs)
    published.close()


def _publish(log: Log, *articles: Article) -> None:
    with log.writer("w") as writer, writer.transaction() as tx:
        for one in articles:
            publish_article(tx, TOPICS, one, source="/test")


@pytest.mark.parametrize(
    "value",
    [b"?", b'{"feed":"\xff"}', b"[" * 100_000, b'{"revision":%d}' % 2**80],
    ids=["no JSON", "no text", "too deep", "too large"],
)
def test_a_record_that_is_no_article_is_passed_over(log: Log, value: bytes) -> None:
    with log.writer("w") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.articles, key=b"a1", value=value)
    published = PublishedArticles(log, TOPICS)
    published.catch_up()
    assert published.get("a1") is None
    published.close()


class CountingReads:
    """A log that counts the messages which its readers deliver."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.delivered = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def reader(self, *args: Any, **options: Any) -> Reader:
        reader = self._log.reader(*args, **options)
        poll = reader.poll

        def counted(*, limit: int, timeout_s: float) -> list[Message]:
            messages = poll(limit=limit, timeout_s=timeout_s)
            self.delivered += len(messages)
            return messages

        reader.poll = counted  # type: ignore[method-assign]
        return reader


def _publish_here(log: Log, published: PublishedArticles, *articles: Article) -> None:
    with log.writer("here") as writer, writer.transaction() as tx:
        for one in articles:
            publish_article(tx, TOPICS, one, source="/test")
            note_story(published.stories, one, entered_at=NOON)
    published.note(articles)


def _told(number: int) -> Article:
    text = " ".join(f"word{number * 100 + n}" for n in range(40))
    return StoryWindow(0).mark(article(f"a{number}", text=text, sketch=signature(text)))


def test_what_was_published_here_is_not_read_again_for_its_stories(log: Log) -> None:
    counting: Any = CountingReads(log)
    published = PublishedArticles(counting, TOPICS, stories=3)
    published.read_stories()
    _publish_here(log, published, *map(_told, range(5)))
    published.catch_up()
    assert counting.delivered == 0
    published.close()


def test_stories_of_other_processes_are_read_however_much_was_published_here(log: Log) -> None:
    counting: Any = CountingReads(log)
    published = PublishedArticles(counting, TOPICS, stories=3)
    published.read_stories()
    _publish_here(log, published, *map(_told, range(20)))
    published.catch_up()
    theirs = _told(50)
    with log.writer("there") as writer, writer.transaction() as tx:
        publish_article(tx, TOPICS, theirs, source="/test")
    published.catch_up()
    assert theirs.id in published.stories
    assert 0 < counting.delivered < 20, "no more than the window holds, of each partition"
    published.close()
