"""A semaphore that serves its waiters round robin by key, so that no key delays the others."""

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from math import inf

# A key counts as slow for this long after it was found to be slow.
_SLOW_FOR_S = 600.0
_MOST_SLOW = 10_000


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


class TwoLanes:
    """Places in turns, of which all slow keys together hold at most half.

    The other half stays free for keys that are quick, however many are slow. A key becomes slow
    when it is said to be (`note_slow`), and stays so for ten minutes.
    """

    def __init__(
        self,
        places: int,
        *,
        per_key: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = Turns(places, per_key=per_key)
        self._slow_places = Turns(max(1, places // 2), per_key=per_key)
        self._slow_until: OrderedDict[str, float] = OrderedDict()
        self._clock = clock

    @asynccontextmanager
    async def place(self, key: str, *, is_slow: bool = False) -> AsyncIterator[None]:
        """Wait for a place, and hold it inside; `is_slow` says that it will be held for long."""
        async with AsyncExitStack() as stack:
            if is_slow or self.is_slow(key):
                await stack.enter_async_context(self._slow_places.place(key))
            await stack.enter_async_context(self._places.place(key))
            yield

    def is_slow(self, key: str) -> bool:
        """Whether a key was found to be slow in the last ten minutes."""
        return self._slow_until.get(key, -inf) > self._clock()

    def note_slow(self, key: str) -> None:
        """Count a key as slow from now on."""
        self._slow_until.pop(key, None)
        self._slow_until[key] = self._clock() + _SLOW_FOR_S
        while len(self._slow_until) > _MOST_SLOW:
            self._slow_until.popitem(last=False)
