"""The poll loop: asks the feeds that are due, and hands what they bring to the ledger.

Effects only. What to ask is in `state.py` and `schedule.py`, how in `fetch.py`; where the
feeds come from, and the one step in which articles and state are kept, is the ledger's. Feeds
never wait for one another except at their limits, and a poll that is cut off anywhere has
either been settled as a whole or not at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from onrecord.errors import FetchError, LogUnavailable, ParseError
from onrecord.feeds.articles.document import (
    Document,
    read_document,
    with_signatures,
)
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.feeds.articles.revisions import MemoryPolicy, Published, missing
from onrecord.feeds.decisions.conditional import (
    doubt_of,
    held_hosts,
    is_lie,
    request_for,
    with_due_forgotten,
)
from onrecord.feeds.decisions.decide import Decide, PollDecision, decide
from onrecord.feeds.decisions.outcome import (
    Failed,
    Outcome,
    Pushed,
    as_failed,
    as_read,
    as_unchanged,
    as_unreadable,
)
from onrecord.feeds.decisions.schedule import PollPolicy, is_due
from onrecord.feeds.decisions.websub import WebSubPolicy
from onrecord.feeds.fetch import Fetcher, FetchResponse, HostHeld
from onrecord.feeds.pages.fetching import Pages
from onrecord.feeds.pages.fulltext import FullText, PageText, read_page
from onrecord.feeds.polling.capture import Keep
from onrecord.feeds.polling.executor import DaemonThreads
from onrecord.feeds.polling.host_queues import HostQueues
from onrecord.feeds.polling.pushes import HubSubscriber
from onrecord.feeds.polling.reader_processes import ReaderPolicy, Readers
from onrecord.records import Article, Feed, FeedState, Seen

T = TypeVar("T")

# How often the loop looks for feeds that have become due, or are new.
_LOOK_S = 0.5
# After a start all feeds are due at once: they are spread instead, at so many a look.
_STARTS_A_LOOK = 25
# How long a poller that polls once waits for its share of the feeds: longer than a killed
# poller's lease, which may have to run out first.
_SHARE_WAIT_S = 30.0
_LONGEST_LOG_WAIT_S = 10.0
# A call to the log in flight at the end is waited for this long.
_LAST_CALL_S = 2.0
# How many polls are settled in one step at most.
_MOST_A_STEP = 64


class Ledger(Protocol):
    """Which feeds are ours to poll, and the keeping of what they bring. Calls may block."""

    def is_shared_out(self) -> bool:
        """Whether every feed belongs to some poller by now."""

    def feeds(self) -> Sequence[tuple[Feed, FeedState]]:
        """The feeds that are ours now, each with what is remembered of it."""

    def published(self, article_id: str) -> Seen | None:
        """The newest revision of an article that is published, as far as it is remembered."""

    def settle(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        """Decide for each feed, then publish all articles and states in one step.

        None for a feed that is not ours any more: nothing was published of it. Raises
        LogUnavailable; doing it again is safe.
        """


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
    """

    def __init__(
        self,
        ledger: Ledger,
        fetcher: Fetcher,
        *,
        policy: PollPolicy,
        memory: MemoryPolicy,
        readers: ReaderPolicy,
        full_text: FullText,
        websub: WebSubPolicy,
        keep: Keep | None = None,
        clock: Callable[[], datetime],
        random: Callable[[], float],
        secret: Callable[[], str],
        report: Callable[[PollReport], None],
        away: Callable[[LogUnavailable | None], None],
    ) -> None:
        self._ledger = ledger
        self._fetcher = fetcher
        self._policy = policy
        self._memory = memory
        self._keep = keep
        self._clock = clock
        self._random = random
        self._report = report
        self._away = away
        self._log_is_away = False
        self._unsettled: list[tuple[Feed, Decide, asyncio.Future[PollDecision | None]]] = []
        self._settling = asyncio.Lock()
        # The log's handles belong to one thread; reading a feed can take a second.
        self._ledger_thread = DaemonThreads("ledger")
        self._readers = Readers(readers)
        self._pages = Pages(fetcher, full_text, self._read_page)
        self._reading_threads = DaemonThreads("reading", threads=readers.processes)
        self._pushes = HubSubscriber(
            websub,
            fetcher,
            feeds=lambda: self._with_log(self._ledger.feeds),
            settle=self._settle,
            read=self._publish_pushed,
            clock=clock,
            secret=secret,
        )

    async def poll_due(self, stop: asyncio.Event | None = None) -> list[PollReport]:
        """Poll each feed that is due once, and say what came of it. Ends early on `stop`."""
        reports: list[PollReport] = []
        await self._until(stop or asyncio.Event(), self._poll_once(reports))
        return reports

    async def run(self, stop: asyncio.Event) -> None:
        """Poll feeds as they become due, until `stop`: polls in flight are then given up."""
        await self._until(stop, self._poll_on())

    async def _until(self, stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
        with self._ledger_thread, self._reading_threads, self._readers:
            try:
                async with self._fetcher:
                    working = asyncio.create_task(work)
                    stopping = asyncio.create_task(stop.wait())
                    try:
                        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        await _cancel(working, stopping)
            finally:
                # What is being settled is settled before anybody closes the ledger.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ledger_thread.run(lambda: None), _LAST_CALL_S)
            if not working.cancelled():
                working.result()

    async def _poll_once(self, reports: list[PollReport]) -> None:
        until = asyncio.get_running_loop().time() + _SHARE_WAIT_S
        while not await self._with_log(self._ledger.is_shared_out):
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(_LOOK_S / 5)
        await _in_group(partial(self._start_due, HostQueues(self._fetcher.policy), reports.append))

    async def _poll_on(self) -> None:
        queues = HostQueues(self._fetcher.policy)

        async def keep_starting(group: asyncio.TaskGroup) -> None:
            while True:
                await self._start_due(queues, lambda _: None, group, _STARTS_A_LOOK)
                await asyncio.sleep(_LOOK_S)

        async with self._pushes.listening():
            await _in_group(keep_starting)

    async def _start_due(
        self,
        queues: "HostQueues",
        done: Callable[[PollReport], None],
        group: asyncio.TaskGroup,
        at_most: int | None = None,
    ) -> None:
        """Put the feeds that are due in line: all of them, or at random so many."""
        now = self._clock()
        feeds = await self._with_log(self._ledger.feeds)
        for host, until in held_hosts((state for _, state in feeds), now).items():
            self._fetcher.hold(host, (until - now).total_seconds())
        due = [pair for pair in feeds if is_due(pair[1].next_poll_at, now, self._policy)]
        if at_most is not None:
            due = sorted(due, key=lambda _: self._random())
        started = 0
        for feed, state in due:
            started += queues.add(group, feed.url, partial(self._poll, feed, state, done))
            if started == at_most:
                break

    # ── one poll ─────────────────────────────────────────────────────────────────────────────

    async def _poll(self, feed: Feed, state: FeedState, done: Callable[[PollReport], None]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome = await self._ask(feed, state)
        if outcome is None:
            return
        decided = partial(self._decide, feed, outcome, self._clock(), self._random())
        decision = await self._settle(feed, decided)
        if decision is not None:
            report = _report(decision, took_ms=(loop.time() - began) * 1000)
            self._report(report)
            done(report)
            await self._pushes.keep_up(feed, decision.state)

    async def _publish_pushed(
        self, feed: Feed, state: FeedState, body: bytes, content_type: str | None
    ) -> None:
        """What a feed's hub sent, on the topic. Raises ParseError."""
        url = state.address or feed.url
        document = await self._read(feed, body, url, content_type)
        pushed = Pushed(drafts=await self._complete(state, document, url))
        decided = partial(self._decide, feed, pushed, self._clock(), self._random())
        await self._settle(feed, decided)

    async def _ask(self, feed: Feed, state: FeedState) -> Outcome | None:
        """What the feed has to say now. Failures are outcomes as well; None when not asked."""
        state = with_due_forgotten(state, self._clock())
        request = request_for(feed, state)
        try:
            response = await self._fetcher.fetch(request)
        except HostHeld:
            return None
        except FetchError as error:
            return as_failed(error)
        lied = is_lie(state, request, response)
        body_hash = sha256(response.body).hexdigest()
        # A third of all answers are the same bytes again: there is nothing to read in them.
        if response.is_unchanged or body_hash == state.body_hash:
            return as_unchanged(response, lied=lied and response.is_unchanged)
        try:
            await self._keep_answer(feed.url, response)
        except OSError as error:
            fault = f"its document cannot be kept (keep_answers): {error.strerror}"
            return Failed(error=fault, status=response.status)
        try:
            document = await self._read(feed, response.body, response.url, response.content_type)
            # What broke off is not known by its hash: the rest of it may come under the same name.
            body_hash = body_hash if document.is_whole else f"broken off {body_hash}"
            drafts = await self._complete(state, document, response.url)
        except ParseError as error:
            return as_unreadable(error, response)
        doubt = None if lied else doubt_of(state, request, response)
        return as_read(document, drafts, response, body_hash, lied=lied, doubt=doubt)

    async def _keep_answer(self, url: str, response: FetchResponse) -> None:
        if self._keep is not None:
            await self._reading_threads.run(partial(self._keep, url, response, self._clock()))

    async def _complete(
        self, state: FeedState, document: Document, url: str
    ) -> tuple[ArticleDraft, ...]:
        """The drafts, those that are news with their sketch, and with their page's text."""
        look_up = partial(missing, document.drafts, state.seen, self._ledger.published)
        news = await self._with_log(look_up)
        completed = await asyncio.gather(*map(self._pages.complete, news))
        if completed:
            completed = await self._reading_threads.run(
                lambda: self._readers.read(url, with_signatures, completed)
            )
        by_identity = {draft.identity: draft for draft in completed}
        return tuple(by_identity.get(draft.identity, draft) for draft in document.drafts)

    async def _read_page(self, page: FetchResponse, article: Article) -> PageText:
        """The article's text in a page. Raises ParseError."""
        arguments = (page.body, page.url, page.content_type, article)
        return await self._reading_threads.run(
            lambda: self._readers.read(page.url, read_page, *arguments)
        )

    async def _read(self, feed: Feed, body: bytes, url: str, content_type: str | None) -> Document:
        """The document in a body that came from a URL. Raises ParseError."""
        arguments = (feed, body, url, content_type, self._clock())
        return await self._reading_threads.run(
            lambda: self._readers.read(url, read_document, *arguments)
        )

    def _decide(
        self,
        feed: Feed,
        outcome: Outcome,
        now: datetime,
        jitter: float,
        state: FeedState,
        published: Published,
    ) -> PollDecision:
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

    async def _settle(self, feed: Feed, decide: Decide) -> PollDecision | None:
        """The decision, kept; None when the feed is not ours any more.

        A step on the log costs as much for one feed as for many: whoever's turn it is settles
        all that wait by then.
        """
        settled: asyncio.Future[PollDecision | None] = asyncio.get_running_loop().create_future()
        self._unsettled.append((feed, decide, settled))
        async with self._settling:
            if not settled.done():
                batch = self._unsettled[:_MOST_A_STEP]
                del self._unsettled[:_MOST_A_STEP]
                pairs = [(feed, decide) for feed, decide, _ in batch]
                decisions = await self._with_log(partial(self._ledger.settle, pairs))
                for (_, _, future), decision in zip(batch, decisions, strict=True):
                    future.set_result(decision)
        return await settled

    async def _with_log(self, call: Callable[[], T]) -> T:
        """The call's result, however long the log is away before it comes."""
        wait_s = _LOOK_S
        while True:
            try:
                result = await self._ledger_thread.run(call)
            except LogUnavailable as error:
                self._log_is_away = True
                self._away(error)
            else:
                if self._log_is_away:
                    self._away(None)
                self._log_is_away = False
                return result
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_LOG_WAIT_S)


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
    """Start tasks in a group and see them through; the first error ends them all."""
    try:
        async with asyncio.TaskGroup() as group:
            await start(group)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
