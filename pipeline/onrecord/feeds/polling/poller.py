"""The poll loop: polls the feeds that are due, and settles the results.

Effects only. What to ask and what follows from an answer is in `decisions/`, one poll in
`feed_reader.py`, the keeping in `settlement.py`. Feeds never wait for one another except at their
limits, and a poll that is cut off anywhere has been settled as a whole or not at all.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from onrecord.errors import LogUnavailable, OnrecordError
from onrecord.feeds.articles.revisions import MemoryPolicy, Published
from onrecord.feeds.decisions.conditional import is_poll_due
from onrecord.feeds.decisions.decide import Decide, PollDecision, decide
from onrecord.feeds.decisions.outcome import Outcome, as_unexpected
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.decisions.shares import SharePolicy
from onrecord.feeds.decisions.websub import WebSubPolicy
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.pages.fulltext import FullText
from onrecord.feeds.polling.capture import Keep
from onrecord.feeds.polling.due_feeds import DueFeeds, Holds, IsDue
from onrecord.feeds.polling.feed_reader import FeedReader
from onrecord.feeds.polling.host_queues import HostQueues
from onrecord.feeds.polling.ledger import Ledger
from onrecord.feeds.polling.pushes import HubSubscriber
from onrecord.feeds.polling.reader_pool import ReaderPool
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.feeds.polling.settlement import Settlement
from onrecord.records import Feed, FeedState

_logger = logging.getLogger(__name__)

# The interval between checks for new feeds and feeds that are due.
_LOOK_S = 0.5
# How long a poller that polls once waits for its share of the feeds: longer than a killed
# poller's lease, which may have to run out first.
_SHARE_WAIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """One poll of one feed: HTTP's `status` if it came so far, `error` in words if it failed.

    `title` is what the feed calls itself, as far as it was ever read.
    """

    url: str
    title: str | None
    status: int | None
    entries: int
    new: int
    edited: int
    error: str | None
    took_ms: float
    next_poll_at: datetime | None


class Poller:
    """Polls the ledger's feeds.

    `clock` gives the time in UTC, `random` numbers in [0, 1). `report` is told of each poll. `keep`
    is given every document that is new, as it came.
    `away` is told why the log does not answer, each time it is waited for; None when it does again.
    `alive` is called then, and at each look for feeds that are due.
    """

    def __init__(
        self,
        ledger: Ledger,
        fetcher: Fetcher,
        *,
        policy: PollPolicy,
        memory: MemoryPolicy,
        shares: SharePolicy,
        readers: ReaderPolicy,
        full_text: FullText,
        websub: WebSubPolicy,
        keep: Keep | None = None,
        clock: Callable[[], datetime],
        random: Callable[[], float],
        secret_of: Callable[[str], str],
        report: Callable[[PollReport], None],
        away: Callable[[LogUnavailable | None], None],
        alive: Callable[[], None] = lambda: None,
        is_due: IsDue = is_poll_due,
    ) -> None:
        self._ledger = ledger
        self._fetcher = fetcher
        self._policy = policy
        self._memory = memory
        self._clock = clock
        self._random = random
        self._report = report
        self._queues = HostQueues(fetcher.policy)
        self._alive = alive
        self._due = DueFeeds(ledger, is_due, policy=policy, random=random)
        self._settlement = Settlement(
            ledger, partial(self._waits, away), in_flight=lambda: self._queues.in_flight
        )
        self._readers = ReaderPool(readers)
        self._reader = FeedReader(
            fetcher,
            self._readers,
            shares=shares,
            full_text=full_text,
            published=ledger.published,
            article=ledger.article,
            with_log=self._settlement.with_log,
            keep=keep,
            clock=clock,
        )
        self._subscriber = HubSubscriber(
            websub,
            fetcher,
            feeds=lambda: self._settlement.with_log(ledger.feeds),
            settle=self._settle,
            read=self._publish_pushed,
            clock=clock,
            secret_of=secret_of,
        )

    async def poll_due(self, stop: asyncio.Event | None = None) -> list[PollReport]:
        """Poll each due feed once, and report the results. Ends early on `stop`."""
        reports: list[PollReport] = []
        await self._until(stop or asyncio.Event(), self._poll_once(reports))
        return reports

    async def run(self, stop: asyncio.Event) -> None:
        """Poll feeds as they become due, until `stop`: polls in flight are then given up."""
        await self._until(stop, self._poll_on())

    def in_hand(self) -> int:
        """The number of polls that are queued or in flight. From any thread."""
        return len(self._queues)

    async def _until(self, stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
        with self._settlement, self._readers:
            try:
                async with self._fetcher:
                    working = asyncio.create_task(work)
                    stopping = asyncio.create_task(stop.wait())
                    try:
                        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        await _cancel(working, stopping)
            finally:
                await self._settlement.finish()
            if not working.cancelled():
                working.result()

    def _waits(
        self, away: Callable[[LogUnavailable | None], None], why: LogUnavailable | None
    ) -> None:
        """Pass on why the log is waited for. A poller that waits is alive."""
        self._alive()
        away(why)

    async def _poll_once(self, reports: list[PollReport]) -> None:
        until = asyncio.get_running_loop().time() + _SHARE_WAIT_S
        while not await self._settlement.with_log(self._ledger.is_shared_out):
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(_LOOK_S / 5)
        self._queues = HostQueues(self._fetcher.policy)

        async def start_all(group: asyncio.TaskGroup) -> None:
            await self._start_due(reports.append, group, self._due.find)

        await _in_group(start_all)

    async def _poll_on(self) -> None:
        self._queues = HostQueues(self._fetcher.policy)

        async def keep_starting(group: asyncio.TaskGroup) -> None:
            while True:
                at_most = self._due.take_starts(_LOOK_S)
                await self._start_due(lambda _: None, group, self._due.look, at_most)
                self._readers.end_unneeded()
                await asyncio.sleep(_LOOK_S)

        async with self._subscriber.listening():
            await _in_group(keep_starting)

    async def _start_due(
        self,
        done: Callable[[PollReport], None],
        group: asyncio.TaskGroup,
        look: Callable[[datetime], Holds],
        at_most: int | None = None,
    ) -> None:
        """Look for feeds that are due, and queue all of them or so many."""
        now = self._clock()
        held = await self._settlement.with_log(partial(look, now))
        self._alive()
        for host, until in held.items():
            self._fetcher.hold(host, (until - now).total_seconds())
        started = 0
        for feed in self._due.take():
            started += self._queues.add(group, feed.url, partial(self._poll, feed, done))
            if started == at_most:
                break

    # ── one poll ─────────────────────────────────────────────────────────────────────────────

    async def _poll(self, feed: Feed, done: Callable[[PollReport], None]) -> None:
        is_settled = await self._poll_if_due(feed, done)
        self._due.look_again(feed.url, self._clock(), is_settled=is_settled)

    async def _poll_if_due(self, feed: Feed, done: Callable[[PollReport], None]) -> bool:
        """Poll a feed; False when nothing was settled, as when its host is held."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        state = await self._state_of(feed)
        # Lost, removed or polled since the pass that found it.
        if state is None or not self._due.is_due(feed, state, self._clock()):
            return True
        outcome = await self._reader.ask(feed, state)
        if outcome is None:
            return False
        decision = await self._settle(feed, self._decision_on(feed, outcome))
        if decision is None:
            return False
        report = _report(decision, took_ms=(loop.time() - began) * 1000)
        self._report(report)
        done(report)
        try:
            await self._subscriber.keep_up(feed, decision.state)
        except OnrecordError:
            raise
        except Exception:
            _logger.exception("%s: its hub cannot be asked", feed.url)
        return True

    async def _state_of(self, feed: Feed) -> FeedState | None:
        return await self._settlement.with_log(partial(self._ledger.state, feed.url))

    async def _publish_pushed(self, feed: Feed, body: bytes, content_type: str | None) -> None:
        """Publish a hub's delivery on the feed's topic. Raises ParseError."""
        state = await self._state_of(feed)
        if state is None:
            return
        pushed = await self._reader.read_push(feed, state, body, content_type)
        await self._settle(feed, self._decision_on(feed, pushed))

    async def _settle(self, feed: Feed, decided: Decide) -> PollDecision | None:
        def give_up(error: Exception) -> Decide:
            return self._decision_on(feed, as_unexpected(error))

        return await self._settlement.settle(feed, decided, give_up)

    def _decision_on(self, feed: Feed, outcome: Outcome) -> Decide:
        """The decision on an outcome, to be made in the ledger's thread."""
        now, jitter = self._clock(), self._random()

        def decided(state: FeedState, published: Published) -> PollDecision:
            return decide(
                feed,
                state,
                outcome,
                published,
                now,
                policy=self._policy,
                memory=self._memory,
                jitter=jitter,
            )

        return decided


def _report(decision: PollDecision, *, took_ms: float) -> PollReport:
    state = decision.state
    edited = sum(article.revision > 1 for article in decision.articles)
    return PollReport(
        url=state.url,
        title=state.title,
        status=state.status,
        entries=state.entries,
        new=len(decision.articles) - edited,
        edited=edited,
        error=state.error,
        took_ms=took_ms,
        next_poll_at=state.next_poll_at,
    )


async def _in_group(start: Callable[[asyncio.TaskGroup], Awaitable[None]]) -> None:
    """Start tasks in a group and wait for them; the first error cancels them all."""
    try:
        async with asyncio.TaskGroup() as group:
            await start(group)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
