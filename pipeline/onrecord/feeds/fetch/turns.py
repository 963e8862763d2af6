"""A semaphore that serves its waiters in turns by key: nobody's many requests delay others' few."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Turns:
    """So many places; free ones go to the waiting keys round robin. Belongs to one event loop.

    A key holds at most `per_key` places at once, all of them when None.
    """

    def __init__(self, places: int, *, per_key: int | None = None) -> None:
        self._free = places
        self._per_key = per_key or places
        self._held: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def place(self, key: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it inside."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(turn)
        self._grant()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(key)
            else:
                self._forget(key, turn)
            raise
        try:
            yield
        finally:
            self._give_back(key)

    def _grant(self) -> None:
        """Give free places away: one to each waiting key in turn."""
        blocked = 0
        while self._free and blocked < len(self._waiting):
            key, turns = next(iter(self._waiting.items()))
            self._waiting.move_to_end(key)
            if self._held[key] >= self._per_key:
                blocked += 1
                continue
            blocked = 0
            turn = turns.popleft()
            if not turns:
                del self._waiting[key]
            if turn.done():  # cancelled, by a task that has not run since
                continue
            self._free -= 1
            self._held[key] += 1
            turn.set_result(None)

    def _give_back(self, key: str) -> None:
        self._free += 1
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
        self._grant()

    def _forget(self, key: str, turn: "asyncio.Future[None]") -> None:
        turns = self._waiting.get(key)
        if turns is None:
            return
        with suppress(ValueError):
            turns.remove(turn)
        if not turns:
            del self._waiting[key]
