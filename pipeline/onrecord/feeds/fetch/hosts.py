"""Request limits: connections in total and per host, pauses between them, and held hosts."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from onrecord.feeds.fetch.exchange import FetchPolicy, FetchRequest, HostHeld
from onrecord.feeds.fetch.turns import Turns, TwoLanes

# Hosts that nobody waits for are forgotten beyond this number, the least recently asked first.
_MOST_HOSTS = 10_000
# A feed that led to a page whose connection was held for so long counts as slow.
_SLOW_PAGE_S = 5.0


class Hosts:
    """The connections allowed under one policy. Belongs to one event loop.

    Feeds and pages have connections of their own, so that pages delay no feed. Pages are served
    in turns by the feed that links to them: none holds more than a quarter of the connections,
    and all feeds together that lead to slow or silent hosts hold no more than half.
    """

    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        pages = policy.page_concurrency
        self._for_feeds = Turns(policy.concurrency)
        self._for_pages = TwoLanes(pages, per_key=max(1, pages // 4))
        self._known: OrderedDict[str, _Host] = OrderedDict()

    def hold(self, host: str, seconds: float) -> None:
        """Send a host no requests for this long, or for as long as the policy allows."""
        until = time.monotonic() + min(seconds, self._policy.longest_hold_s)
        known = self._host(host)
        known.held_until = max(known.held_until, until)

    def space(self, host: str, seconds: float) -> None:
        """Ask a host no more often than this from now on."""
        known = self._host(host)
        known.spacing_s = max(known.spacing_s, seconds)

    @asynccontextmanager
    async def connection_to(self, name: str, request: FetchRequest) -> AsyncIterator[None]:
        """Wait for a connection to a host. Raises HostHeld.

        The host's own limit comes first, so that requests to a busy host occupy no connection
        while they wait.
        """
        host = self._host(name)
        host.users += 1
        connections: Turns | TwoLanes = self._for_pages if request.is_page else self._for_feeds
        try:
            async with AsyncExitStack() as stack:
                if request.is_page:
                    await stack.enter_async_context(host.page_slots)
                await stack.enter_async_context(host.slots)
                while True:
                    await host.turn()
                    async with connections.place(request.feed or request.url):
                        # While this connection was waited for, another may have had its turn.
                        if not host.take_turn():
                            continue
                        self._refuse_if_held(host, name, request)
                        if request.check is not None:
                            request.check()
                        began = time.monotonic()
                        try:
                            yield
                        finally:
                            host.ended()
                            if request.is_page and time.monotonic() - began >= _SLOW_PAGE_S:
                                self._for_pages.note_slow(request.feed or request.url)
                        return
        finally:
            host.users -= 1

    def _refuse_if_held(self, host: "_Host", name: str, request: FetchRequest) -> None:
        if (held_s := host.held_until - time.monotonic()) > 0:
            raise HostHeld(request.url, f"{name} wants to be left alone for another {held_s:.0f} s")

    def _host(self, name: str) -> "_Host":
        known = self._known.get(name)
        if known is None:
            per_host = self._policy.per_host
            known = self._known[name] = _Host(
                slots=asyncio.Semaphore(per_host),
                # One of a host's connections is left for its feeds.
                page_slots=asyncio.Semaphore(max(1, per_host - 1)),
                spacing_s=self._policy.host_spacing_s,
            )
            self._forget_idle()
        self._known.move_to_end(name)
        return known

    def _forget_idle(self) -> None:
        while len(self._known) > _MOST_HOSTS:
            name, oldest = next(iter(self._known.items()))
            if oldest.users or oldest.held_until > time.monotonic():
                self._known.move_to_end(name)
                return
            del self._known[name]


@dataclass(slots=True)
class _Host:
    """One host's connections, when it may be asked next, and until when it is held."""

    slots: asyncio.Semaphore
    page_slots: asyncio.Semaphore
    spacing_s: float
    free_at: float = 0.0
    held_until: float = 0.0
    users: int = 0

    async def turn(self) -> None:
        """Wait until the host may be asked, as far as is known by now."""
        await asyncio.sleep(max(0.0, self.free_at - time.monotonic()))

    def take_turn(self) -> bool:
        """Whether the host may be asked now; if so, nobody else may for a while."""
        now = time.monotonic()
        if self.free_at > now:
            return False
        self.free_at = now + self.spacing_s
        return True

    def ended(self) -> None:
        """Begin the pause after an answer."""
        self.free_at = max(self.free_at, time.monotonic() + self.spacing_s)
