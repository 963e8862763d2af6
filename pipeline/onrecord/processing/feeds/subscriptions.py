"""The followed feeds: adding, removing and listing them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from msgspec.structs import replace

from onrecord.errors import Mistake
from onrecord.feeds.feed_list import each_once
from onrecord.feeds.feed_settings import as_listed, with_list
from onrecord.feeds.feed_urls import feed_key, site_of
from onrecord.feeds.private_urls import public_url
from onrecord.log.interface import Log, Message
from onrecord.log.read_to_end import everything, visible
from onrecord.processing.feeds.tables import R, put, table_headers, unchanged
from onrecord.records import Feed, FeedState, to_json
from onrecord.topics import Topics


@dataclass(frozen=True, slots=True)
class Followed:
    """What following a list of feeds did: the feeds added, and those whose settings it changed."""

    added: tuple[Feed, ...]
    changed: tuple[Feed, ...] = ()


def publish_feeds(
    log: Log, topics: Topics, feeds: Iterable[Feed], *, by_hand: bool, clock: Callable[[], datetime]
) -> Followed:
    """Follow new feeds, and change known ones as a list says.

    A feed that a person removed stays removed, unless a person adds it again (`by_hand`). What a
    list says of a feed that is already followed counts once: until the list says something else,
    changes made by commands stay.
    """
    known = _known_feeds(log, topics)
    names = _names_of(known)
    added: list[Feed] = []
    changed: list[Feed] = []
    written: list[Feed] = []
    for feed in each_once(feeds):
        before = known.get(_named(feed.url, known, names))
        if before is None or (by_hand and not before.followed):
            written.append(as_listed(feed if before is None else replace(feed, url=before.url)))
            added.append(written[-1])
        elif before.followed:
            after = with_list(before, feed, by_hand=by_hand)
            if after != before:
                written.append(after)
            if replace(after, listed=before.listed) != before:
                changed.append(after)
    _write(log, topics, written, clock())
    return Followed(tuple(added), tuple(changed))


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
    before = [known[url] for url in _followed_as(known, urls)]
    after = [change(feed) for feed in before]
    _write(log, topics, (feed for feed in after if feed != known[feed.url]), clock())
    return after


def remove_feeds(
    log: Log, topics: Topics, urls: Iterable[str], *, clock: Callable[[], datetime]
) -> list[Feed]:
    """Stop following feeds; those removed. Raises Mistake naming a feed that is not followed."""
    return change_feeds(log, topics, urls, lambda feed: replace(feed, followed=False), clock=clock)


def followed_as(log: Log, topics: Topics, urls: Iterable[str]) -> dict[str, str]:
    """The URL that each feed is followed under, without those that are not followed."""
    known = {feed.url: feed for feed in followed_feeds(log, topics)}
    names = _names_of(known)
    named = {url: _named(url, known, names) for url in urls}
    return {url: name for url, name in named.items() if name in known}


def _followed_as(known: Mapping[str, Feed], urls: Iterable[str]) -> list[str]:
    """The URLs under which these feeds are known, each once. Raises Mistake."""
    names = _names_of(known)
    found: list[str] = []
    for url in urls:
        name = _named(public_url(url), known, names)
        if name not in known or not known[name].followed:
            raise Mistake(f"{public_url(url)}: not followed; {_way_out(public_url(url), known)}")
        found.append(name)
    return list(dict.fromkeys(found))


def _way_out(url: str, known: Mapping[str, Feed]) -> str:
    """The followed feed of the same site, if there is one; else how to see them all."""
    site = site_of(url)
    near = [each for each, feed in known.items() if feed.followed and site_of(each) == site]
    if len(near) == 1:
        return f"did you mean {near[0]}?"
    return "`onrecord feeds list` shows what is"


def _names_of(known: Mapping[str, Feed]) -> dict[str, str]:
    """The URL that each feed is followed under, by its key and by that of where it moved to."""
    moved = {feed_key(feed.address): url for url, feed in known.items() if feed.address}
    last = sorted(known, key=lambda url: known[url].followed)
    return moved | {feed_key(url): url for url in last}


def _named(url: str, known: Mapping[str, Feed], names: Mapping[str, str]) -> str:
    """The URL under which a feed is known; the same URL for one that is not."""
    return url if url in known else names.get(feed_key(url), url)


def followed_feeds(log: Log, topics: Topics) -> list[Feed]:
    """The followed feeds, by URL."""
    return _followed(_known_feeds(log, topics))


def feed_statuses(
    log: Log, topics: Topics, *, with_entries: bool = False
) -> list[tuple[Feed, FeedState]]:
    """The followed feeds, by URL, each with its stored state, as far as it can be read at once.

    Most of a state is what is remembered of the feed's entries, which few want to know.
    """
    states = _newest_of(
        visible(log, topics.feed_states), FeedState, unchanged if with_entries else _no_entries
    )
    feeds = _followed(_newest_of(visible(log, topics.feeds), Feed))
    return [(feed, states.get(feed.url) or FeedState(url=feed.url)) for feed in feeds]


def _followed(feeds: Mapping[str, Feed]) -> list[Feed]:
    return [feed for _, feed in sorted(feeds.items()) if feed.followed]


def _known_feeds(log: Log, topics: Topics) -> dict[str, Feed]:
    return _newest_of(everything(log, topics.feeds), Feed)


def _no_entries(state: FeedState) -> FeedState:
    return replace(state, seen={})


def _newest_of(
    messages: Iterable[Message], kind: type[R], kept: Callable[[R], R] = unchanged
) -> dict[str, R]:
    """The newest record of each URL; what is `kept` of each is held in memory."""
    table: dict[str, R] = {}
    times: dict[bytes | None, datetime] = {}
    for message in messages:
        # After partitions were added, a key can occur in two of them: the later record counts.
        if message.timestamp >= times.setdefault(message.key, message.timestamp):
            times[message.key] = message.timestamp
            put(table, message, kind, kept)
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
