"""Who is asked when: polls in line, host by host."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

from onrecord.feeds.fetch import FetchPolicy, host_of

Poll = Callable[[], Awaitable[None]]


class HostQueues:
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

    def add(self, group: asyncio.TaskGroup, url: str, poll: Poll) -> bool:
        """Put a poll in line, unless the feed has one there or under way; whether it was put."""
        if url in self._in_hand:
            return False
        self._in_hand.add(url)
        host = host_of(url)
        self._lines[host].append((url, poll))
        if self._workers[host] < self._per_host:
            self._workers[host] += 1
            group.create_task(self._work(host))
        return True

    async def _work(self, host: str) -> None:
        line = self._lines[host]
        while line:
            async with self._room:
                if line:
                    url, poll = line.popleft()
                    try:
                        await poll()
                    finally:
                        self._in_hand.discard(url)
        self._workers[host] -= 1
        if not self._workers[host]:
            del self._workers[host], self._lines[host]
