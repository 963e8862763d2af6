"""The poller's ledger on the log: a share of the feeds, and the transactions for their results.

Pollers share feeds as a consumer group on the topic of subscriptions: the owner of a partition
polls its feeds. The states of these feeds are in the same partition of another topic. Both
topics are read from the beginning when a partition is gained, and followed from there.
Articles, a feed's state and a position that guards the partition go into one transaction. A
poller that has lost the partition, or is killed at any point, has published nothing.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from onrecord.errors import LostOwnership, RecordTooLarge
from onrecord.feeds.decisions.decide import Decide, PollDecision
from onrecord.log.consuming import Consumer
from onrecord.log.giving_way import retry_when_overtaken
from onrecord.log.interface import Headers, Log, Partition, Start, Transaction
from onrecord.processing.feeds.tables import FeedTables, table_headers
from onrecord.processing.finding import find_article
from onrecord.processing.published import PublishedArticles, publish_article, seen_as
from onrecord.processing.stories import STORIES, note_story
from onrecord.records import Article, Feed, FeedState, Seen, id_of, to_json
from onrecord.topics import Topics
from onrecord.tracing import Tracer, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPolicy:
    """How many stories a new article is compared with.

    The signatures of `remembered_stories` articles of the last `remembered_s` seconds, about 0.4 kB
    each, are held in memory once there is an article to compare. A poller that goes on for longer
    keeps those that it has.
    """

    remembered_stories: int = STORIES
    remembered_s: float = 7 * 86_400.0


class FeedLedger:
    """The feeds of the assigned partitions; see `feeds.poll.Ledger`.

    `name` identifies this member in the group. `tracer` records the polls that brought articles.
    `only`, a collection of URLs, restricts the ledger to a list; pollers of different lists are
    different groups and do not wait for one another. A context manager that opens log handles,
    which belong to one thread at a time.
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
        tracer: Tracer | None = None,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._tracer = tracer
        self._pause = pause
        self._log = log
        self._topics = topics
        self._only = None if only is None else frozenset(only)
        self._clock = clock
        self.group = pollers_group(topics, only)
        self._member = log.join(self.group, [topics.feeds], name=name, start=Start.EARLIEST)
        self._taken: frozenset[Partition] = frozenset()
        self._consumer = Consumer(self._member, forget=self._forget)
        self._tables = FeedTables(log, topics, self._only)
        since = clock() - timedelta(seconds=policy.remembered_s)
        try:
            self._published = PublishedArticles(
                log, topics, stories=policy.remembered_stories, stories_since=since
            )
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

    def keep_up(self) -> Collection[str]:
        self._keep_up()
        self._published.catch_up()
        return self._tables.take_changed()

    def feeds(self) -> list[tuple[Feed, FeedState]]:
        self._keep_up()
        return [pair for pair in self._tables.all() if self._is_ours(pair[0])]

    def outline(self, url: str) -> tuple[Feed, FeedState] | None:
        pair = self._tables.one(url)
        return pair if pair is not None and self._is_ours(pair[0]) else None

    def state(self, url: str) -> FeedState | None:
        return None if self.outline(url) is None else self._tables.state_of(url)

    def published(self, article_id: str) -> Seen | None:
        seen = self._published.get(article_id)
        if seen is None:
            # It will be compared with the stories: they are read now, not in a transaction.
            self._published.read_stories()
        return seen

    def article(self, article_id: str) -> Article | None:
        place = self._published.place_of(article_id)
        return find_article(self._log, self._topics, article_id, place)

    def settle(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        return retry_when_overtaken(lambda: self._settle_or_split(batch), self._pause)

    def _settle_or_split(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        decisions = self._settle_together(batch)
        if decisions is None and len(batch) > 1:
            # One of the feeds is no longer ours; the others must not suffer for it.
            return [decision for one in batch for decision in self.settle([one])]
        return [None] if decisions is None else decisions

    def _settle_together(
        self, batch: Sequence[tuple[Feed, Decide]]
    ) -> list[PollDecision | None] | None:
        """The decisions, published in one transaction; None if that fails."""
        self._keep_up()
        states = [self._tables.state_of(feed.url) for feed, _ in batch]
        guards = [self._tables.partition_of(feed.url) for feed, _ in batch]
        if None in guards:
            return None
        try:
            with self._consumer.transaction() as transaction:
                # Read last, so that articles another poller has just published are not repeated.
                self._published.catch_up_within(transaction)
                decisions = self._decide(transaction, batch, states)
                held = {guard for guard in guards if guard is not None}
                transaction.commit({guard: self._tables.position(guard) for guard in held})
        except LostOwnership:
            return None
        for decision in decisions:
            self._published.note(decision.articles)
        return list(decisions)

    def _decide(
        self,
        transaction: Transaction,
        batch: Sequence[tuple[Feed, Decide]],
        states: Sequence[FeedState],
    ) -> list[PollDecision]:
        """Decide in sequence; each decision sees what the earlier ones published.

        A feed can be among them twice, as when its hub pushes while it is polled.
        """
        new: dict[str, Seen] = {}
        newest: dict[str, FeedState] = {}
        decisions = []

        def published(article_id: str) -> Seen | None:
            return new.get(article_id) or self._published.get(article_id)

        for (feed, decide), state in zip(batch, states, strict=True):
            decision = decide(newest.get(feed.url, state), published)
            marked = tuple(
                self._published.stories.mark(article)
                for article in decision.articles
                if not self._published.forgotten.has_article(article.id)
            )
            decision = PollDecision(marked, decision.state)
            decision = self._publish_articles(transaction, decision)
            for article in decision.articles:
                note_story(
                    self._published.stories,
                    article,
                    entered_at=self._clock(),
                    is_committed=False,
                )
            self._publish_state(transaction, decision.state)
            newest[feed.url] = decision.state
            new |= {article.id: seen_as(article) for article in decision.articles}
            decisions.append(decision)
        return decisions

    def close(self) -> None:
        """Leave the group and close the log's handles."""
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
        """Keep membership and tables up to date: partitions are gained and lost only here."""
        self._consumer.poll(limit=0, timeout_s=0)
        self._tables.hold(self._member.partitions(), anew=self._taken)
        self._taken = frozenset()
        self._tables.catch_up()

    def _forget(self, taken: frozenset[Partition] | None) -> None:
        self._taken |= taken or frozenset()

    def _is_ours(self, feed: Feed) -> bool:
        return feed.followed and (self._only is None or feed.url in self._only)

    def _publish_articles(self, transaction: Transaction, decision: PollDecision) -> PollDecision:
        """Publish the articles; the decision without the articles too large for the topic."""
        taken: list[Article] = []
        state = decision.state
        for article in decision.articles:
            context = self._traced(article)
            try:
                publish_article(transaction, self._topics, article, source=state.url, more=context)
                taken.append(article)
            except RecordTooLarge as error:
                state = replace(state, error=f"article {article.id} was left out: {error}")
        return PollDecision(tuple(taken), state)

    def _traced(self, article: Article) -> Headers:
        if self._tracer is None:
            return ()
        about: dict[str, str | int] = {
            "article.id": article.id,
            "article.revision": article.revision,
        }
        if article.feed:
            about["feed"] = article.feed
        return self._tracer.record(Work("poll", article.fetched_at, self._clock(), about))

    def _publish_state(self, transaction: Transaction, state: FeedState) -> None:
        transaction.publish(
            self._topics.feed_states,
            key=state.url.encode(),
            value=to_json(state),
            headers=table_headers(state, state.url, self._clock()),
            partition=self._tables.home_of_state(state.url),
        )


def pollers_group(topics: Topics, only: Collection[str] | None = None) -> str:
    """The name of the group of all pollers, or of the pollers of one list."""
    group = f"{topics.prefix}.pollers"
    return group if only is None else f"{group}.{id_of(*sorted(set(only)))[:12]}"
