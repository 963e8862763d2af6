"""The poller's ledger on the log: which feeds are ours, and the step that keeps what they bring.

Pollers share feeds as any consumers do: they are a group on the topic of subscriptions, and who
owns a partition polls its feeds. The states of these feeds stand in the same partition of
another topic; both are read from their beginning when a partition is gained, and followed.
Articles, a feed's state and a position that guards the partition go into one transaction: a
poller that lost the partition meanwhile, or is killed anywhere, has published nothing.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from onrecord.errors import (
    LogUnavailable,
    LostOwnership,
    RecordError,
    RecordTooLarge,
)
from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.feeds.articles.revisions import Published
from onrecord.feeds.decisions.decide import PollDecision
from onrecord.log.interface import Headers, Log, Message, Partition, Reader, Start, Transaction
from onrecord.log.read_to_end import everything, read_to_end
from onrecord.records import (
    Article,
    Feed,
    FeedState,
    Record,
    Seen,
    event_headers,
    from_json,
    id_of,
    to_json,
)
from onrecord.topics import Topics

_logger = logging.getLogger(__name__)

# Given what is remembered of a feed, and what is published: what to publish and remember.
Decide = Callable[[FeedState, Published], PollDecision]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPolicy:
    """How much of what was published is remembered, to tell what is new.

    Up to `remembered_articles` ids, about 250 bytes each, and the sketches of
    `remembered_stories`, about 2 kB each, read at the start from the last
    `remembered_s` seconds of the topic. What is older is still known to the feeds that carried
    it; only another feed that brings it as late as that publishes it once more.
    """

    remembered_articles: int = 200_000
    remembered_stories: int = 20_000
    remembered_s: float = 7 * 86_400.0


class FeedLedger:
    """The feeds of the partitions that are ours; see `feeds.poll.Ledger`.

    `name` says who we are in the group. `only`, URLs, restricts us to a list; pollers of
    different lists are different groups and do not wait for one another. Opens handles of the
    log, which belong to one thread at a time; a context manager.
    """

    def __init__(
        self,
        log: Log,
        topics: Topics,
        *,
        name: str,
        policy: LedgerPolicy,
        clock: Callable[[], datetime],
        only: Collection[str] | None = None,
    ) -> None:
        self._log = log
        self._topics = topics
        self._only = None if only is None else frozenset(only)
        self._clock = clock
        self.group = pollers_group(topics, only)
        self._member = log.join(self.group, [topics.feeds], name=name, start=Start.EARLIEST)
        self._tables = _Tables(log, topics)
        since = clock() - timedelta(seconds=policy.remembered_s)
        try:
            self._published = _PublishedIndex(log, topics, since, policy)
        except BaseException:
            self._member.close()
            raise

    def is_shared_out(self) -> bool:
        self._keep_up()
        everything = self._log.bounds(self._topics.feeds).keys()
        if self._member.partitions() >= everything:
            return True
        members = self._log.members(self.group)
        return {partition for held in members.values() for partition in held} >= everything

    def feeds(self) -> list[tuple[Feed, FeedState]]:
        self._keep_up()
        self._published.catch_up()
        return [pair for pair in self._tables.all() if self._is_ours(pair[0])]

    def published(self, article_id: str) -> Seen | None:
        return self._published.get(article_id)

    def settle(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        decisions = self._settle_together(batch)
        if decisions is None and len(batch) > 1:
            # One of them is not ours any more; the others need not suffer for it.
            return [decision for one in batch for decision in self.settle([one])]
        return [None] if decisions is None else decisions

    def _settle_together(
        self, batch: Sequence[tuple[Feed, Decide]]
    ) -> list[PollDecision | None] | None:
        """The decisions, published in one step; None when that cannot be."""
        self._keep_up()
        guards = [self._tables.partition_of(feed.url) for feed, _ in batch]
        if None in guards:
            return None
        try:
            with self._member.transaction() as transaction:
                # Read last of all: what another poller has just published is not published
                # again.
                self._published.catch_up()
                decisions = self._decide(transaction, batch)
                held = {guard for guard in guards if guard is not None}
                transaction.commit({guard: self._tables.position(guard) for guard in held})
        except LostOwnership:
            self._member.rewind()
            return None
        except LogUnavailable:
            # Perhaps it is committed and perhaps not. Either way the next attempt reads it.
            self._member.rewind()
            raise
        for decision in decisions:
            for article in decision.articles:
                self._published.note(article.id, article.revision, article.content_hash)
        return list(decisions)

    def _decide(
        self, transaction: Transaction, batch: Sequence[tuple[Feed, Decide]]
    ) -> list[PollDecision]:
        """Decide one after the other, each knowing what those before it publish."""
        new: dict[str, Seen] = {}
        decisions = []

        def published(article_id: str) -> Seen | None:
            return new.get(article_id) or self._published.get(article_id)

        for feed, decide in batch:
            decision = decide(self._tables.state_of(feed.url), published)
            marked = tuple(map(self._published.stories.mark, decision.articles))
            decision = PollDecision(marked, decision.state)
            decision = _without_what_is_too_large(transaction, self._topics, decision)
            for article in decision.articles:
                self._published.note_story(article)
            self._publish_state(transaction, decision.state)
            new |= {article.id: _as_seen(article) for article in decision.articles}
            decisions.append(decision)
        return decisions

    def close(self) -> None:
        """Leave the group and give the log's handles back."""
        self._published.close()
        self._tables.close()
        self._member.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _keep_up(self) -> None:
        """Keep our membership and our tables up to date: partitions come and go only here."""
        self._member.poll(limit=0, timeout_s=0)
        self._tables.hold(self._member.partitions(), anew=self._member.taken())
        self._tables.catch_up()

    def _is_ours(self, feed: Feed) -> bool:
        return feed.followed and (self._only is None or feed.url in self._only)

    def _publish_state(self, transaction: Transaction, state: FeedState) -> None:
        transaction.publish(
            self._topics.feed_states,
            key=state.url.encode(),
            value=to_json(state),
            headers=_headers(state, state.url, self._clock()),
        )


def _as_seen(article: Article) -> Seen:
    return Seen(article_id=article.id, revision=article.revision, content_hash=article.content_hash)


def pollers_group(topics: Topics, only: Collection[str] | None = None) -> str:
    """The name of the group of all pollers, or of those of one list."""
    group = f"{topics.prefix}.pollers"
    return group if only is None else f"{group}.{id_of(*sorted(set(only)))[:12]}"


def _without_what_is_too_large(
    transaction: Transaction, topics: Topics, decision: PollDecision
) -> PollDecision:
    """Publish the articles; the decision without those that the topic does not take."""
    taken: list[Article] = []
    state = decision.state
    for article in decision.articles:
        try:
            transaction.publish(
                topics.articles,
                key=article.id.encode(),
                value=to_json(article),
                headers=event_headers(
                    article,
                    event_id=f"{article.id}.{article.revision}",
                    source=state.url,
                    time=article.fetched_at,
                ),
            )
            taken.append(article)
        except RecordTooLarge as error:
            state = replace(state, error=f"article {article.id} was left out: {error}")
    return PollDecision(tuple(taken), state)


def _headers(record: Feed | FeedState, source: str, time: datetime) -> Headers:
    return event_headers(record, event_id=uuid4().hex, source=source, time=time)


# ── the feeds and their states, as the log has them ──────────────────────────────────────────


class _Tables:
    """The newest record of each feed and state, in the partitions that are held."""

    def __init__(self, log: Log, topics: Topics) -> None:
        self._log = log
        self._topics = topics
        self._reader: Reader | None = None
        self._held: frozenset[int] = frozenset()
        self._feeds: dict[int, dict[str, Feed]] = {}
        self._states: dict[int, dict[str, FeedState]] = {}
        self._homes: dict[str, int] = {}

    def hold(self, partitions: Collection[Partition], *, anew: Collection[Partition]) -> None:
        """Hold these partitions of feeds, and no others; `anew` are read again from the start."""
        held = frozenset(partition.number for partition in partitions)
        stale = frozenset(partition.number for partition in anew)
        if held == self._held and not stale & held:
            return
        kept = (self._held & held) - stale
        starts = {
            partition: self._reader.position(partition) if self._reader else 0
            for number in kept
            for partition in self._pair(number)
        }
        bounds = {
            **self._log.bounds(self._topics.feeds),
            **self._log.bounds(self._topics.feed_states),
        }
        for number in held - kept:
            starts |= {partition: bounds[partition][0] for partition in self._pair(number)}
        self._forget(self._held - kept)
        self._read_from(starts)
        self._held = held

    def catch_up(self) -> None:
        """Read what was published since."""
        if self._reader is None:
            return
        for message in read_to_end(self._log, self._reader):
            if message.topic == self._topics.feeds:
                feeds = self._feeds.setdefault(message.partition, {})
                _put(feeds, message, Feed)
                self._homes[_url(message)] = message.partition
            else:
                _put(self._states.setdefault(message.partition, {}), message, FeedState)

    def all(self) -> Iterator[tuple[Feed, FeedState]]:
        """Every feed with its state, those no longer followed included."""
        for feeds in self._feeds.values():
            for feed in feeds.values():
                yield feed, self.state_of(feed.url)

    def partition_of(self, url: str) -> Partition | None:
        """The partition a followed feed is in; None when it is not ours."""
        number = self._homes.get(url)
        feed = None if number is None else self._feeds.get(number, {}).get(url)
        if number is None or feed is None or not feed.followed:
            return None
        return Partition(self._topics.feeds, number)

    def state_of(self, url: str) -> FeedState:
        """What is remembered of a feed; an empty state when nothing is."""
        states = self._states.get(self._homes.get(url, -1), {})
        return states.get(url) or FeedState(url=url)

    def position(self, partition: Partition) -> int:
        """How far a held partition was read."""
        if self._reader is None:
            raise RuntimeError(f"{partition} is not held")
        return self._reader.position(partition)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _pair(self, number: int) -> tuple[Partition, Partition]:
        return Partition(self._topics.feeds, number), Partition(self._topics.feed_states, number)

    def _forget(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            for url in self._feeds.pop(number, {}):
                self._homes.pop(url, None)
            self._states.pop(number, None)

    def _read_from(self, starts: dict[Partition, int]) -> None:
        self.close()
        if starts:
            topics = [self._topics.feeds, self._topics.feed_states]
            self._reader = self._log.reader(topics, start=starts)


R = TypeVar("R", bound=Record)


def _url(message: Message) -> str:
    return (message.key or b"").decode("utf-8", "replace")


def _put(table: dict[str, R], message: Message, kind: type[R]) -> None:
    """The newest record of its key into the table; a tombstone takes it out."""
    url = _url(message)
    if message.value is None:
        table.pop(url, None)
        return
    try:
        table[url] = from_json(message.value, kind)
    except RecordError as error:
        # One that a newer onrecord wrote, or not onrecord at all: this feed is left to others.
        table.pop(url, None)
        _logger.warning("%s/%d offset %d: %s", *message.source, message.offset, error)


# ── what is published ────────────────────────────────────────────────────────────────────────


class _PublishedArticle(msgspec.Struct):
    """As much of an article as tells an edit from a repeat."""

    id: str
    content_hash: str
    revision: int = 1
    sketch: str | None = None
    story: str | None = None
    story_first_seen: datetime | None = None


class _PublishedIndex:
    """The newest revision of each recent article, the least recently used forgotten first."""

    def __init__(self, log: Log, topics: Topics, since: datetime, policy: LedgerPolicy) -> None:
        self._log = log
        self._limit = policy.remembered_articles
        self._decoder = msgspec.json.Decoder(_PublishedArticle)
        self._newest: OrderedDict[str, Seen] = OrderedDict()
        self.stories = StoryWindow(policy.remembered_stories)
        self._reader = log.reader([topics.articles], start=log.offsets_at(topics.articles, since))

    def catch_up(self) -> None:
        """Read what was published since, by whomever."""
        for message in read_to_end(self._log, self._reader):
            try:
                article = self._decoder.decode(message.value or b"")
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # no article; the extractor makes a dead letter of it
            self.note_story(article)
            self.note(article.id, article.revision, article.content_hash)

    def note_story(self, article: "_PublishedArticle | Article") -> None:
        """Remember the story an article tells.

        One that is not committed in the end is marked so again: the same text, the same story.
        """
        if article.sketch and article.story and article.story_first_seen:
            self.stories.note(article.id, article.sketch, article.story, article.story_first_seen)

    def note(self, article_id: str, revision: int, content_hash: str) -> None:
        """Remember a revision, unless a newer one is known."""
        known = self._newest.get(article_id)
        if known is None or revision >= known.revision:
            self._newest[article_id] = Seen(
                article_id=article_id, revision=revision, content_hash=content_hash
            )
        self._newest.move_to_end(article_id)
        while len(self._newest) > self._limit:
            self._newest.popitem(last=False)

    def get(self, article_id: str) -> Seen | None:
        """The newest revision published, as far as it is remembered."""
        if article_id in self._newest:
            self._newest.move_to_end(article_id)
        return self._newest.get(article_id)

    def close(self) -> None:
        self._reader.close()


# ── subscriptions ────────────────────────────────────────────────────────────────────────────


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
        _put(table, message, kind)
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
                headers=_headers(feed, feed.url, now),
            )
