"""Polls settled together on a real log: a feed costs the others neither polls nor stories."""

import asyncio
import threading
from collections.abc import Sequence
from functools import partial

import pytest
from msgspec.structs import replace

from onrecord.feeds.articles.claims import claims_of
from onrecord.feeds.articles.document import read_document
from onrecord.feeds.articles.revisions import Published, compare
from onrecord.feeds.decisions.decide import Decide, PollDecision
from onrecord.feeds.fetch import FetchPolicy
from onrecord.feeds.polling.host_queues import HostQueues
from onrecord.feeds.polling.ledger import Ledger
from onrecord.feeds.polling.settlement import Settlement
from onrecord.log.interface import Log
from onrecord.records import Article, Feed, FeedState
from tests.builders import article
from tests.feeds.polling.test_poller import MemoryLedger
from tests.patience import PATIENCE_S
from tests.processing.feeds.test_ledger import (
    NOW,
    A,
    B,
    C,
    Publishing,
    follow,
    published,
    ready_ledger,
)


def given_up(error: Exception) -> Decide:
    def decided(state: FeedState, published: Published) -> PollDecision:
        return PollDecision((), replace(state, url=B.url, error=type(error).__name__))

    return decided


def failing(state: FeedState, published: Published) -> PollDecision:
    raise ZeroDivisionError


def settling(ledger: Ledger, *, in_flight: int) -> Settlement:
    return Settlement(ledger, away=lambda _: None, in_flight=lambda: in_flight)


class CountingSteps(MemoryLedger):
    """Keeps how many polls were settled in each step."""

    def __init__(self, *feeds: Feed) -> None:
        super().__init__({feed.url: FeedState(url=feed.url) for feed in feeds})
        self.steps: list[int] = []

    def settle(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        self.steps.append(len(batch))
        return super().settle(batch)


def settled_together(*feeds: Feed, in_flight: int) -> list[int]:
    """The steps in which these feeds are settled that come one after the other."""
    ledger = CountingSteps(*feeds)

    async def go() -> None:
        with settling(ledger, in_flight=in_flight) as settlement:
            async with asyncio.TaskGroup() as group:
                for feed in feeds:
                    group.create_task(settlement.settle(feed, Publishing(feed), given_up))
                    await asyncio.sleep(0)

    asyncio.run(go())
    return ledger.steps


def test_polls_in_flight_are_settled_in_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.feeds.polling.settlement._PAUSE_S", 300.0)
    assert settled_together(A, B, C, in_flight=3) == [3]


def test_a_step_waits_for_no_more_polls_than_fit_in_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.feeds.polling.settlement._PAUSE_S", 300.0)
    feeds = [Feed(url=f"https://{number}.example/feed") for number in range(16)]
    assert settled_together(*feeds, in_flight=1_000) == [16]


def test_a_poll_in_flight_that_does_not_come_is_waited_for_a_moment_only() -> None:
    assert settled_together(A, in_flight=2) == [1]


def test_a_step_does_not_wait_for_queued_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.feeds.polling.settlement._PAUSE_S", 300.0)
    feeds = [Feed(url=f"https://one.example/{number}") for number in range(9)]
    ledger = CountingSteps(*feeds)
    queues = HostQueues(FetchPolicy(per_host=3))

    async def go() -> None:
        with Settlement(
            ledger, away=lambda _: None, in_flight=lambda: queues.in_flight
        ) as settlement:

            async def poll(feed: Feed) -> None:
                await settlement.settle(feed, Publishing(feed), given_up)

            async with asyncio.TaskGroup() as group:
                for feed in feeds:
                    queues.add(group, feed.url, partial(poll, feed))

    asyncio.run(asyncio.wait_for(go(), PATIENCE_S))
    assert sum(ledger.steps) == 9


def test_a_decision_that_raises_takes_no_other_of_its_batch_along(log: Log) -> None:
    follow(log, A, B, C)
    is_settling, may_go_on = threading.Event(), threading.Event()
    before, after = Publishing(A, article("before")), Publishing(C, article("after"))

    def waiting(state: FeedState, published: Published) -> PollDecision:
        is_settling.set()
        may_go_on.wait(PATIENCE_S)
        return PollDecision((), replace(state, url=A.url))

    async def go() -> list[PollDecision | None]:
        with ready_ledger(log) as ledger, settling(ledger, in_flight=0) as settlement:
            first = asyncio.create_task(settlement.settle(A, waiting, given_up))
            await asyncio.to_thread(is_settling.wait, 60)
            batch = [
                asyncio.create_task(settlement.settle(feed, decide, given_up))
                for feed, decide in ((A, before), (B, failing), (C, after))
            ]
            await asyncio.sleep(0)
            may_go_on.set()
            return await asyncio.gather(first, *batch)

    _, *decisions = asyncio.run(go())
    assert len(before.states) == 2, "it was decided with the batch, and again without"
    assert [decision and [a.id for a in decision.articles] for decision in decisions] == [
        ["before"],
        [],
        ["after"],
    ]
    assert [decision and decision.state.error for decision in decisions] == [
        None,
        "ZeroDivisionError",
        None,
    ]
    assert sorted(article.id for article in published(log)) == ["after", "before"]


def carrying(feed: Feed, url: str, text: str) -> Decide:
    """The decision on a document of a feed with one entry."""
    body = (
        f"<rss version='2.0'><channel><title>T</title><item><title>{text}</title>"
        f"<link>{url}</link><description>{text}</description></item></channel></rss>"
    )
    claims = claims_of((feed.url,), feed.claims, ())
    drafts = read_document(feed, body.encode(), feed.url, None, NOW, claims).drafts

    def decided(state: FeedState, published: Published) -> PollDecision:
        articles, _ = compare(drafts, state.seen, published)
        return PollDecision(articles, replace(state, url=feed.url))

    return decided


def test_a_copy_without_a_claim_tells_the_story_of_the_sites_own_article(log: Log) -> None:
    follow(log, A, B)
    own = carrying(A, "https://www.a.example/pier?utm_source=rss", "The pier opens in May.")
    copy = carrying(B, "http://a.example/pier", "Nobody will ever see this pier.")
    other = carrying(B, "https://a.example/court", "A court has sentenced three men.")
    with ready_ledger(log) as ledger:
        ledger.settle([(A, own)])
    with ready_ledger(log) as ledger:  # after a restart too
        ledger.settle([(B, copy), (B, other)])
    articles: list[Article] = published(log)
    site, copied, another = articles
    assert len({article.id for article in articles}) == 3
    assert site.story == site.id
    assert (copied.story, copied.story_share) == (site.id, None)
    assert (copied.feed, copied.revision) == (B.url, 1)
    assert another.story == another.id
