"""Pollers on a real cluster, where no transaction excludes another."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from onrecord.errors import UnknownTopic
from onrecord.feeds.articles.revisions import Published
from onrecord.feeds.decisions.decide import Decide, PollDecision
from onrecord.feeds.feed_settings import as_listed
from onrecord.log.interface import Log
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.processing.feeds.ledger import FeedLedger
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.records import Feed, FeedState
from tests.builders import article
from tests.conftest import TOPICS
from tests.kafka.fixtures import Kafka
from tests.patience import PATIENCE_S
from tests.processing.feeds.test_ledger import Publishing, follow, open_ledger, published

pytestmark = pytest.mark.slow

FEEDS = [as_listed(Feed(url=f"https://{n}.example/feed", publisher=str(n))) for n in range(16)]


def share_out(*ledgers: FeedLedger) -> list[Feed]:
    """A feed of each ledger, once all feeds are shared out among them.

    Each joins in a thread of its own, since a member that joins waits for the others.
    """
    until = time.monotonic() + PATIENCE_S
    held: dict[FeedLedger, list[Feed]] = {}

    def is_done() -> bool:
        return len(held) == len(ledgers) and sum(map(len, held.values())) == len(FEEDS)

    def join(ledger: FeedLedger) -> None:
        while not is_done() and time.monotonic() < until:
            feeds = [feed for feed, _ in ledger.feeds()] if ledger.is_shared_out() else []
            if feeds:
                held[ledger] = feeds
            else:
                held.pop(ledger, None)

    with ThreadPoolExecutor(len(ledgers)) as threads:
        list(threads.map(join, ledgers))
    assert is_done(), "the feeds are not shared out"
    return [held[ledger][0] for ledger in ledgers]


def settled(ledger: FeedLedger, feed: Feed, decide: Decide) -> PollDecision:
    """The decision on a feed, however often a slow machine takes its partition away."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        [decision] = ledger.settle([(feed, decide)])
        if decision is not None:
            return decision
    raise AssertionError(f"{feed.url} is not ours")


def test_a_story_that_two_pollers_find_at_the_same_moment_is_published_once(
    kafka: Kafka, tmp_path: Path
) -> None:
    policy = KafkaPolicy(index_folder=str(tmp_path))
    with open_on(kafka, policy) as log, open_on(kafka, policy) as another:
        make_topics(log)
        follow(log, *FEEDS)
        with open_ledger(log, "p1") as first, open_ledger(another, "p2") as second:
            feed, twin = share_out(first, second)
            decide = Publishing(feed, article("1"), article("2"))
            raced: list[PollDecision] = []

            def decide_while_the_other_publishes(
                state: FeedState, known: Published
            ) -> PollDecision:
                decision = decide(state, known)
                if not raced:
                    raced.append(settled(second, twin, Publishing(twin, article("1"))))
                return decision

            decision = settled(first, feed, decide_while_the_other_publishes)
        assert [one.id for one in decision.articles] == ["2"]
        assert sorted(one.id for one in published(log)) == ["1", "2"]


def open_on(kafka: Kafka, policy: KafkaPolicy) -> KafkaLog:
    return KafkaLog(f"kafka://{kafka.servers}", policy=policy)


def make_topics(log: Log) -> None:
    for name, settings in settings_of(TOPICS, RetentionPolicy()).items():
        with suppress(UnknownTopic):  # of an earlier run on the same brokers
            log.delete_topic(name)
        log.create_topic(name, settings)
