"""The followed feeds: adding, removing and listing them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import uuid4

from msgspec.structs import replace

from onrecord.errors import Mistake
from onrecord.log.interface import Log
from onrecord.log.read_to_end import everything
from onrecord.processing.feeds.tables import R, put, table_headers
from onrecord.records import Feed, FeedState, to_json
from onrecord.topics import Topics


def publish_feeds(
    log: Log, topics: Topics, feeds: Iterable[Feed], *, by_hand: bool, clock: Callable[[], datetime]
) -> list[Feed]:
    """Follow new feeds; the feeds that were added.

    A feed that a person removed stays removed, unless a person adds it again (`by_hand`). A feed
    that is already followed gains the new claims.
    """
    known = _known_feeds(log, topics)
    added: list[Feed] = []
    granted: list[Feed] = []
    for feed in {feed.url: feed for feed in feeds}.values():
        before = known.get(feed.url)
        if before is None or (by_hand and not before.followed):
            added.append(feed)
        elif before.followed and not set(feed.claims) <= set(before.claims):
            claims = tuple(dict.fromkeys((*before.claims, *feed.claims)))
            granted.append(replace(before, claims=claims))
    _write(log, topics, (*added, *granted), clock())
    return added


def change_feeds(
    log: Log,
    topics: Topics,
    urls: Iterable[str],
    change: Callable[[Feed], Feed],
    *,
    clock: Callable[[], datetime],
) -> list[Feed]:
    """Change subscriptions; the changed ones. Raises Mistake naming a feed that is not followed."""
    known = _known_feeds(log, topics)
    changed: list[Feed] = []
    for url in dict.fromkeys(urls):
        if url not in known or not known[url].followed:
            raise Mistake(f"{url}: not followed; `onrecord feeds list` shows what is")
        changed.append(change(known[url]))
    _write(log, topics, changed, clock())
    return changed


def remove_feeds(
    log: Log, topics: Topics, urls: Iterable[str], *, clock: Callable[[], datetime]
) -> list[Feed]:
    """Stop following feeds; the feeds that were followed until now."""
    known = _known_feeds(log, topics)
    removed = [
        replace(known[url], followed=False)
        for url in dict.fromkeys(urls)
        if url in known and known[url].followed
    ]
    _write(log, topics, removed, clock())
    return removed


def followed_feeds(log: Log, topics: Topics) -> list[Feed]:
    """The followed feeds, by URL."""
    return [feed for _, feed in sorted(_known_feeds(log, topics).items()) if feed.followed]


def feed_statuses(log: Log, topics: Topics) -> list[tuple[Feed, FeedState]]:
    """The followed feeds, by URL, each with its stored state."""
    states = _newest_of(log, topics.feed_states, FeedState)
    return [
        (feed, states.get(feed.url) or FeedState(url=feed.url))
        for feed in followed_feeds(log, topics)
    ]


def _known_feeds(log: Log, topics: Topics) -> dict[str, Feed]:
    return _newest_of(log, topics.feeds, Feed)


def _newest_of(log: Log, topic: str, kind: type[R]) -> dict[str, R]:
    table: dict[str, R] = {}
    times: dict[bytes | None, datetime] = {}
    for message in everything(log, topic):
        # After partitions were added, a key can occur in two of them: the later record counts.
        if message.timestamp >= times.setdefault(message.key, message.timestamp):
            times[message.key] = message.timestamp
            put(table, message, kind)
    return table


def _homes(log: Log, topic: str) -> dict[bytes | None, int]:
    """The partition of each known feed, which keeps it when partitions are added."""
    homes: dict[bytes | None, int] = {}
    for message in everything(log, topic):
        homes.setdefault(message.key, message.partition)
    return homes


def _write(log: Log, topics: Topics, feeds: Iterable[Feed], now: datetime) -> None:
    changed = list(feeds)
    if not changed:
        return
    homes = _homes(log, topics.feeds)
    name = f"{topics.prefix}.feeds-{uuid4().hex}"
    with log.writer(name) as writer, writer.transaction() as transaction:
        for feed in changed:
            transaction.publish(
                topics.feeds,
                key=feed.url.encode(),
                value=to_json(feed),
                headers=table_headers(feed, feed.url, now),
                partition=homes.get(feed.url.encode()),
            )
