"""WebSub subscriptions: requests them from the hubs of feeds, and accepts deliveries.

Effects only; `decisions/websub.py` decides. Every step is settled like a poll, so that a poller
which takes over a feed knows its subscription.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

from onrecord.errors import FetchError, Mistake, ParseError
from onrecord.feeds.articles.revisions import Published
from onrecord.feeds.decisions import websub
from onrecord.feeds.decisions.decide import PollDecision
from onrecord.feeds.decisions.websub import WebSubPolicy
from onrecord.feeds.fetch import HostHeld
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.polling.hub_server import Delivery, listening
from onrecord.feeds.text.html import clean
from onrecord.records import Feed, FeedState

_logger = logging.getLogger(__name__)

# Deliveries read at once; further ones are answered 503, and hubs retry.
_MOST_AT_ONCE = 50

Change = Callable[[FeedState], FeedState]


class HubSubscriber:
    """Subscriptions at the hubs of our feeds. Belongs to one event loop.

    `feeds` gives the feeds that are ours, `settle` keeps a decision about one of them, and `read`
    publishes what a body brings; `secret_of` gives the secret shared with a feed's hub.
    """

    def __init__(
        self,
        policy: WebSubPolicy,
        fetcher: Fetcher,
        *,
        feeds: Callable[[], Awaitable[Sequence[tuple[Feed, FeedState]]]],
        settle: Callable[
            [Feed, Callable[[FeedState, Published], PollDecision]], Awaitable[PollDecision | None]
        ],
        read: Callable[[Feed, bytes, str | None], Awaitable[None]],
        clock: Callable[[], datetime],
        secret_of: Callable[[str], str],
    ) -> None:
        self._policy = policy
        self._fetcher = fetcher
        self._feeds = feeds
        self._settle = settle
        self._read = read
        self._clock = clock
        self._secret_of = secret_of
        self._listens = False
        self._at_work: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen for hubs inside, when there is a URL under which they can call."""
        if self._policy.callback_url is None:
            yield
            return
        host, port = self._policy.listens_on
        most = self._fetcher.policy.max_body_bytes
        server = listening(host, port, most_bytes=most, confirm=self._confirm, take=self._take)
        try:
            await server.__aenter__()
        except OSError as error:
            raise Mistake(
                f"feeds.websub_listen: cannot listen on {host}:{port}: {error.strerror}"
            ) from error
        self._listens = True
        try:
            yield
        finally:
            self._listens = False
            for task in self._at_work:
                task.cancel()
            await server.__aexit__(None, None, None)

    async def keep_up(self, feed: Feed, state: FeedState) -> None:
        """Subscribe at the feed's hub, or renew what we have, if that is due."""
        if not self._listens or not websub.is_subscription_due(state.push, self._clock()):
            return
        # Stored before the request: a hub can confirm before it answers.
        decision = await self._change(feed, partial(websub.asked, now=self._clock()))
        push = decision.state.push if decision is not None else None
        if push is None:
            return
        try:
            await self._fetcher.submit(
                push.hub,
                websub.subscription(push, feed.url, self._policy, self._secret_of(feed.url)),
            )
        except HostHeld:
            return
        except FetchError as error:
            await self._change(feed, partial(websub.refused, reason=clean(error.reason)))

    async def _change(self, feed: Feed, change: Change) -> PollDecision | None:
        def decide(state: FeedState, _: Published) -> PollDecision:
            return PollDecision((), change(state))

        return await self._settle(feed, decide)

    # ── what hubs say ────────────────────────────────────────────────────────────────────────

    async def _confirm(self, name: str, query: Mapping[str, str]) -> str | None:
        known = await self._known(name)
        if known is None:
            return None
        feed, state = known
        if (reason := websub.denial(state.push, query)) is not None:
            await self._change(feed, partial(websub.refused, reason=reason))
            return ""
        lease_s = websub.lease_confirmed_s(state.push, query)
        if lease_s is None:
            return None
        confirmed = partial(websub.confirmed, now=self._clock(), lease_s=lease_s)
        return query["hub.challenge"] if await self._change(feed, confirmed) else None

    async def _take(self, delivery: Delivery) -> bool:
        """Whether a delivery was accepted; an unsigned one is, and is dropped (WebSub 7.1.2)."""
        known = await self._known(delivery.name)
        if known is None or len(self._at_work) >= _MOST_AT_ONCE:
            return False
        feed, state = known
        if not websub.is_signed(
            state.push, self._secret_of(feed.url), delivery.signature, delivery.body
        ):
            _logger.warning("%s: a push that its hub did not sign was left aside", feed.url)
            return True
        task = asyncio.create_task(self._publish(feed, delivery))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return True

    async def _publish(self, feed: Feed, delivery: Delivery) -> None:
        try:
            await self._read(feed, delivery.body, delivery.content_type)
        except ParseError as error:
            _logger.warning("%s: a push cannot be read: %s", feed.url, error.reason)
        # Any error raised while handling a push is a failure of that push alone.
        except Exception:
            _logger.exception("%s: a push cannot be published", feed.url)

    async def _known(self, name: str) -> tuple[Feed, FeedState] | None:
        """The feed of a callback, when it is ours."""
        return next(
            (pair for pair in await self._feeds() if websub.callback_name(pair[0].url) == name),
            None,
        )
