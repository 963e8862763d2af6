"""The feeds that are followed: adding, removing and listing them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import uuid4

from msgspec.structs import replace

from onrecord.log.interface import Log
from onrecord.log.read_to_end import everything
from onrecord.processing.feeds.tables import R, put, table_headers
from onrecord.records import Feed, FeedState, to_json
from onrecord.topics import Topics


def publish_feeds(
    log: Log, topics: Topics, feeds: Iterable[Feed], *, by_hand: bool, clock: Callable[[], datetime]
) -> list[Feed]:
    """Follow feeds that are not followed yet; those that were added.

    A feed that a person removed stays removed, unless a person adds it again (`by_hand`).
    """
    known = _known_feeds(log, topics)
    added = [
        feed
        for feed in {feed.url: feed for feed in feeds}.values()
        if feed.url not in known or (by_hand and not known[feed.url].followed)
    ]
    _write(log, topics, added, clock())
    return added


def remove_feeds(
    log: Log, topics: Topics, urls: Iterable[str], *, clock: Callable[[], datetime]
) -> list[Feed]:
    """Follow feeds no longer; those that were followed until now."""
    known = _known_feeds(log, topics)
    removed = [
        replace(known[url], followed=False)
        for url in dict.fromkeys(urls)
        if url in known and known[url].followed
    ]
    _write(log, topics, removed, clock())
    return removed


def followed_feeds(log: Log, topics: Topics) -> list[Feed]:
    """The feeds that are followed, by URL."""
    return [feed for _, feed in sorted(_known_feeds(log, topics).items()) if feed.followed]


def feed_statuses(log: Log, topics: Topics) -> list[tuple[Feed, FeedState]]:
    """The feeds that are followed, by URL, each with what is remembered of it."""
    states = _newest_of(log, topics.feed_states, FeedState)
    return [
        (feed, states.get(feed.url) or FeedState(url=feed.url))
        for feed in followed_feeds(log, topics)
    ]


def _known_feeds(log: Log, topics: Topics) -> dict[str, Feed]:
    return _newest_of(log, topics.feeds, Feed)


def _newest_of(log: Log, topic: str, kind: type[R]) -> dict[str, R]:
    table: dict[str, R] = {}
    for message in everything(log, topic):
        put(table, message, kind)
    return table


def _write(log: Log, topics: Topics, feeds: Iterable[Feed], now: datetime) -> None:
    changed = list(feeds)
    if not changed:
        return
    with log.writer(f"feeds-{uuid4().hex}") as writer, writer.transaction() as transaction:
        for feed in changed:
            transaction.publish(
                topics.feeds,
                key=feed.url.encode(),
                value=to_json(feed),
                headers=table_headers(feed, feed.url, now),
            )
