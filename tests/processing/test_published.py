"""The newest revision of each article, as poller and importer ask for it."""

from typing import Any

import pytest

from onrecord.log.interface import Log, Lookup
from onrecord.processing.published import PublishedArticles, publish_article, seen_as
from tests.builders import article
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

    def catch_up(self) -> list[bytes]:
        return [] if self._log.is_held_up else list(self._lookup.catch_up())

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
