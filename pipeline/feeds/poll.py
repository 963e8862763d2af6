"""The poll loop: asks the feeds that are due, and hands what they bring to the ledger.

Effects only. What to ask is in `state.py` and `schedule.py`, how in `fetch.py`; where the
feeds come from, and the one step in which articles and state are kept, is the ledger's. Feeds
never wait for one another except at their limits, and a poll that is cut off anywhere has
either been settled as a whole or not at all.
"""

import asyncio
import queue
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from threading import Thread
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from pipeline.errors import FetchError, LogUnavailable, ParseError
from pipeline.feeds.article import clean, feed_title, to_drafts
from pipeline.feeds.fetch import Declined, Fetcher, FetchPolicy, FetchRequest, FetchResponse
from pipeline.feeds.parse import parse_feed
from pipeline.feeds.schedule import NO_WISHES, PollPolicy, is_due
from pipeline.feeds.state import (
    Decision,
    Failed,
    MemoryPolicy,
    Outcome,
    Published,
    Read,
    Unchanged,
    decide,
)
from pipeline.records import Feed, FeedState

T = TypeVar("T")

# How often the loop looks for feeds that have become due, or are new.
_LOOK_S = 0.5
# How long a poller that polls once waits for its share of the feeds: longer than a killed
# poller's lease, which may have to run out first.
_SHARE_WAIT_S = 30.0
_LONGEST_LOG_WAIT_S = 10.0
# A call to the log in flight at the end is waited for this long.
_LAST_CALL_S = 2.0
_MOST_ERROR = 500


class Ledger(Protocol):
    """Which feeds are ours to poll, and the keeping of what they bring. Calls may block."""

    def is_shared_out(self) -> bool:
        """Whether every feed belongs to some poller by now."""

    def feeds(self) -> Sequence[tuple[Feed, FeedState]]:
        """The feeds that are ours now, each with what is remembered of it."""

    def settle(
        self, feed: Feed, decide: Callable[[FeedState, Published], Decision]
    ) -> Decision | None:
        """Decide, then publish the articles and the state in one step.

        None when the feed is not ours any more: nothing was published. Raises LogUnavailable;
        doing it again is safe.
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

    `clock` gives the time in UTC, `random` numbers in [0, 1). `report` is told of each poll,
    `warn` once when the log is away and is being waited for.
    """

    def __init__(
        self,
        ledger: Ledger,
        fetcher: Fetcher,
        *,
        policy: PollPolicy,
        memory: MemoryPolicy,
        clock: Callable[[], datetime],
        random: Callable[[], float],
        report: Callable[[PollReport], None],
        warn: Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._fetcher = fetcher
        self._policy = policy
        self._memory = memory
        self._clock = clock
        self._random = random
        self._report = report
        self._warn = warn
        self._log_is_away = False
        # The log's handles belong to one thread; reading a feed can take a second.
        self._ledger_lane = _Lane("ledger")
        self._reading_lane = _Lane("reading")

    async def poll_due(self, stop: asyncio.Event | None = None) -> list[PollReport]:
        """Poll each feed that is due once, and say what came of it. Ends early on `stop`."""
        reports: list[PollReport] = []
        await self._until(stop or asyncio.Event(), self._poll_once(reports))
        return reports

    async def run(self, stop: asyncio.Event) -> None:
        """Poll feeds as they become due, until `stop`: polls in flight are then given up."""
        await self._until(stop, self._poll_on())

    async def _until(self, stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
        with self._ledger_lane, self._reading_lane:
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
                    await asyncio.wait_for(self._ledger_lane.run(lambda: None), _LAST_CALL_S)
            if not working.cancelled():
                working.result()

    async def _poll_once(self, reports: list[PollReport]) -> None:
        until = asyncio.get_running_loop().time() + _SHARE_WAIT_S
        while not await self._with_log(self._ledger.is_shared_out):
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(_LOOK_S / 5)
        await _in_group(partial(self._start_due, _Rota(self._fetcher.policy), reports.append))

    async def _poll_on(self) -> None:
        rota = _Rota(self._fetcher.policy)

        async def keep_starting(group: asyncio.TaskGroup) -> None:
            while True:
                await self._start_due(rota, lambda _: None, group)
                await asyncio.sleep(_LOOK_S)

        await _in_group(keep_starting)

    async def _start_due(
        self,
        rota: "_Rota",
        done: Callable[[PollReport], None],
        group: asyncio.TaskGroup,
    ) -> None:
        now = self._clock()
        for feed, state in await self._with_log(self._ledger.feeds):
            if is_due(state.next_poll_at, now, self._policy):
                rota.add(group, feed.url, partial(self._poll, feed, state, done))

    # ── one poll ─────────────────────────────────────────────────────────────────────────────

    async def _poll(self, feed: Feed, state: FeedState, done: Callable[[PollReport], None]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome = await self._ask(feed, state)
        decided = partial(self._decide, feed, outcome, self._clock(), self._random())
        decision = await self._with_log(partial(self._ledger.settle, feed, decided))
        if decision is not None:
            report = _report(decision, took_ms=(loop.time() - began) * 1000)
            self._report(report)
            done(report)

    async def _ask(self, feed: Feed, state: FeedState) -> Outcome:
        """What the feed has to say now. Failures are outcomes as well."""
        request = FetchRequest(url=feed.url, etag=state.etag, last_modified=state.last_modified)
        try:
            response = await self._fetcher.fetch(request)
        except FetchError as error:
            wishes = error.wishes if isinstance(error, Declined) else NO_WISHES
            return Failed(error=_error(error.reason), status=error.status, wishes=wishes)
        body_hash = sha256(response.body).hexdigest()
        # A third of all answers are the same bytes again: there is nothing to read in them.
        if response.is_unchanged or body_hash == state.body_hash:
            return _unchanged(response)
        try:
            return await self._reading_lane.run(
                partial(_read, feed, response, body_hash, self._clock())
            )
        except ParseError as error:
            return Failed(
                error=_error(error.reason), status=response.status, wishes=response.wishes
            )

    def _decide(
        self,
        feed: Feed,
        outcome: Outcome,
        now: datetime,
        jitter: float,
        state: FeedState,
        published: Published,
    ) -> Decision:
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

    async def _with_log(self, call: Callable[[], T]) -> T:
        """The call's result, however long the log is away before it comes."""
        wait_s = _LOOK_S
        while True:
            try:
                result = await self._ledger_lane.run(call)
            except LogUnavailable as error:
                if not self._log_is_away:
                    self._warn(f"waiting for the log: {error}")
                self._log_is_away = True
            else:
                self._log_is_away = False
                return result
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_LOG_WAIT_S)


def _read(feed: Feed, response: FetchResponse, body_hash: str, now: datetime) -> Read:
    """The document in an answer, as drafts of articles."""
    parsed = parse_feed(response.body, url=response.url, content_type=response.content_type)
    return Read(
        drafts=to_drafts(feed, parsed, now),
        wishes=response.wishes,
        body_hash=body_hash,
        etag=response.etag,
        last_modified=response.last_modified,
        title=feed_title(parsed),
        ttl_s=parsed.ttl_s,
    )


def _unchanged(response: FetchResponse) -> Unchanged:
    return Unchanged(
        status=response.status,
        wishes=response.wishes,
        etag=response.etag,
        last_modified=response.last_modified,
    )


def _error(reason: str) -> str:
    return clean(reason)[:_MOST_ERROR]


def _report(decision: Decision, *, took_ms: float) -> PollReport:
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


# ── who is asked when ────────────────────────────────────────────────────────────────────────

Poll = Callable[[], Awaitable[None]]


class _Rota:
    """Polls in line, host by host, each feed at most once at a time.

    A host has as many workers as it may have connections, and all workers share a room: so the
    feeds of a slow host wait for each other and hold up nobody else's, and what is in memory
    stays bounded. The room is twice the connections: some are fetched while others are read.
    """

    def __init__(self, policy: FetchPolicy) -> None:
        self._per_host = policy.per_host
        self._room = asyncio.Semaphore(2 * policy.concurrency)
        self._lines: defaultdict[str, deque[tuple[str, Poll]]] = defaultdict(deque)
        self._workers: defaultdict[str, int] = defaultdict(int)
        self._in_hand: set[str] = set()

    def add(self, group: asyncio.TaskGroup, url: str, poll: Poll) -> None:
        """Put a poll in line, unless the feed has one there or under way."""
        if url in self._in_hand:
            return
        self._in_hand.add(url)
        host = urlsplit(url).hostname or url
        self._lines[host].append((url, poll))
        if self._workers[host] < self._per_host:
            self._workers[host] += 1
            group.create_task(self._work(host))

    async def _work(self, host: str) -> None:
        line = self._lines[host]
        while line:
            async with self._room:
                if line:
                    url, poll = line.popleft()
                    await poll()
                    self._in_hand.discard(url)
        self._workers[host] -= 1
        if not self._workers[host]:
            del self._workers[host], self._lines[host]


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


class _Lane:
    """One thread that runs calls one after another, while the event loop does not wait.

    The thread does not keep the process alive: a hostile feed may take seconds to read, and
    who stops the poller does not wait for it. A context manager: the thread lives inside.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        Thread(target=self._work, name=f"poll-{self._name}", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._calls.put(None)

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result, or what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._calls.put((call, loop, future))
        return await future

    def _work(self) -> None:
        while (next_call := self._calls.get()) is not None:
            call, loop, future = next_call
            if future.cancelled():
                continue
            try:
                settle = partial(_set_result, future, call())
            except Exception as error:  # noqa: BLE001  it is raised where the call is awaited
                settle = partial(_set_exception, future, error)
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(settle)


_Call = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


def _set_result(future: "asyncio.Future[Any]", result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _set_exception(future: "asyncio.Future[Any]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
