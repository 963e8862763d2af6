"""Who may be asked now: so many connections at once, a pause in between, and hosts left alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from onrecord.feeds.fetch.exchange import FetchPolicy, HostHeld


class Hosts:
    """The connections we may have under one policy. Belongs to one event loop."""

    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self._all = asyncio.Semaphore(policy.concurrency)
        self._known: dict[str, _Host] = {}

    def hold(self, host: str, seconds: float) -> None:
        """Leave a host alone for so long, or for as long as the policy allows."""
        until = time.monotonic() + min(seconds, self._policy.longest_hold_s)
        known = self._host(host)
        known.held_until = max(known.held_until, until)

    def space(self, host: str, seconds: float) -> None:
        """Ask a host no more often than this from now on."""
        known = self._host(host)
        known.spacing_s = max(known.spacing_s, seconds)

    @asynccontextmanager
    async def connection_to(self, name: str, feed_url: str) -> AsyncIterator[None]:
        """Wait for one of the connections we may have. Raises HostHeld.

        First for one to the host, so that those who wait for a busy host keep no one else waiting.
        """
        host = self._host(name)
        async with host.slots:
            while True:
                await host.turn()
                async with self._all:
                    # While we waited for this connection another may have had its turn.
                    if not host.take_turn():
                        continue
                    if (held_s := host.held_until - time.monotonic()) > 0:
                        raise HostHeld(
                            feed_url, f"{name} wants to be left alone for another {held_s:.0f} s"
                        )
                    try:
                        yield
                    finally:
                        host.ended()
                    return

    def _host(self, name: str) -> "_Host":
        known = self._known.get(name)
        if known is None:
            slots = asyncio.Semaphore(self._policy.per_host)
            known = self._known[name] = _Host(slots, self._policy.host_spacing_s)
        return known


@dataclass(slots=True)
class _Host:
    """One host's connections, when it may be asked next, and until when not at all."""

    slots: asyncio.Semaphore
    spacing_s: float
    free_at: float = 0.0
    held_until: float = 0.0

    async def turn(self) -> None:
        """Wait until the host may be asked, as far as is known by now."""
        await asyncio.sleep(max(0.0, self.free_at - time.monotonic()))

    def take_turn(self) -> bool:
        """Whether the host may be asked now: then nobody else may for a while."""
        now = time.monotonic()
        if self.free_at > now:
            return False
        self.free_at = now + self.spacing_s
        return True

    def ended(self) -> None:
        self.free_at = max(self.free_at, time.monotonic() + self.spacing_s)
