"""Queues of polls, one for each host."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

from onrecord.feeds.fetch import FetchPolicy, host_of

Poll = Callable[[], Awaitable[None]]


class HostQueues:
    """Queues of polls by host; each feed is queued or polled at most once at a time.

    A host has as many workers as connections, and a semaphore bounds the polls in flight: a slow
    host delays only its own feeds, and memory stays bounded. There are twice as many polls as
    connections, since some are fetched while others are read.
    """

    def __init__(self, policy: FetchPolicy) -> None:
        self._per_host = policy.per_host
        self._room = asyncio.Semaphore(2 * policy.concurrency)
        self._lines: defaultdict[str, deque[tuple[str, Poll]]] = defaultdict(deque)
        self._workers: defaultdict[str, int] = defaultdict(int)
        self._in_hand: set[str] = set()
        self._in_flight = 0

    def add(self, group: asyncio.TaskGroup, url: str, poll: Poll) -> bool:
        """Queue a poll unless the feed has one queued or in flight; whether it was queued."""
        if url in self._in_hand:
            return False
        self._in_hand.add(url)
        host = host_of(url)
        self._lines[host].append((url, poll))
        if self._workers[host] < self._per_host:
            self._workers[host] += 1
            group.create_task(self._work(host))
        return True

    def __len__(self) -> int:
        """The number of polls that are queued or in flight."""
        return len(self._in_hand)

    @property
    def in_flight(self) -> int:
        """The number of polls that have begun."""
        return self._in_flight

    async def _work(self, host: str) -> None:
        line = self._lines[host]
        while line:
            async with self._room:
                if line:
                    url, poll = line.popleft()
                    self._in_flight += 1
                    try:
                        await poll()
                    finally:
                        self._in_flight -= 1
                        self._in_hand.discard(url)
        self._workers[host] -= 1
        if not self._workers[host]:
            del self._workers[host], self._lines[host]
