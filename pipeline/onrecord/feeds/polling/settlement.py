"""Settlement: publishes and stores the results of polls, many at a time, in one thread.

The log's handles belong to one thread. A step on the log costs as much for one feed as for many,
so whichever poll has its turn waits a moment while others are in flight, and settles all that wait
by then. A decision that raises is replaced by a failure of its own feed; the others of its batch
are settled without it.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from onrecord.errors import LogUnavailable, OnrecordError
from onrecord.feeds.decisions.decide import Decide, PollDecision
from onrecord.feeds.polling.executor import DaemonThreads
from onrecord.feeds.polling.ledger import Ledger
from onrecord.records import Feed

T = TypeVar("T")

_logger = logging.getLogger(__name__)

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 10.0
# A call to the log in flight at the end is waited for this long.
_LAST_CALL_S = 2.0
# The largest number of polls settled in one step.
_MOST_A_STEP = 64
# A step waits this long for the polls in flight, or until so many are there to be settled.
_PAUSE_S = 0.1
_ENOUGH = 16


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A poll to be settled. `give_up` is the decision when the first one raises this error."""

    feed: Feed
    decide: Decide
    give_up: Callable[[Exception], Decide]
    settled: "asyncio.Future[PollDecision | None]"


class Settlement:
    """Calls to the ledger from one event loop, waiting while the log is away.

    `away` is told why the log does not answer, each time it is waited for; None when it does again.
    `in_flight` counts the polls that have begun; queued ones are not waited for. A context manager.
    """

    def __init__(
        self,
        ledger: Ledger,
        away: Callable[[LogUnavailable | None], None],
        in_flight: Callable[[], int],
    ) -> None:
        self._ledger = ledger
        self._away = away
        self._in_flight = in_flight
        self._is_away = False
        self._thread = DaemonThreads("ledger")
        self._waiting: list[_Waiting] = []
        self._turn = asyncio.Lock()
        self._enough = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.__exit__(kind, error, traceback)

    async def finish(self) -> None:
        """Wait for the call in flight: it ends before anybody closes the ledger."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._thread.run(lambda: None), _LAST_CALL_S)

    async def settle(
        self, feed: Feed, decide: Decide, give_up: Callable[[Exception], Decide]
    ) -> PollDecision | None:
        """The decision once it is kept; None when the feed is not ours any more."""
        settled: asyncio.Future[PollDecision | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(feed, decide, give_up, settled))
        if self._is_enough():
            self._enough.set()
        async with self._turn:
            if not settled.done():
                await self._gather()
                batch = self._waiting[:_MOST_A_STEP]
                del self._waiting[:_MOST_A_STEP]
                decisions = await self._settle_all(batch)
                for one, decision in zip(batch, decisions, strict=True):
                    one.settled.set_result(decision)
        return await settled

    def _is_enough(self) -> bool:
        return len(self._waiting) >= min(_ENOUGH, self._in_flight())

    async def _gather(self) -> None:
        """Wait a moment for polls that can be settled in the same step."""
        self._enough.clear()
        if not self._is_enough():
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_S):
                    await self._enough.wait()

    async def _settle_all(self, batch: list[_Waiting]) -> list[PollDecision | None]:
        try:
            pairs = [(one.feed, one.decide) for one in batch]
            return await self.with_log(lambda: self._ledger.settle(pairs))
        except OnrecordError:
            raise
        # Any error that a decision raises is a failure of its own feed alone.
        except Exception as error:
            if len(batch) > 1:
                return [(await self._settle_all([one]))[0] for one in batch]
            _logger.exception("%s: its poll cannot be settled", batch[0].feed.url)
            return [await self._give_up(batch[0], error)]

    async def _give_up(self, one: _Waiting, error: Exception) -> PollDecision | None:
        decide = one.give_up(error)
        try:
            return (await self.with_log(lambda: self._ledger.settle([(one.feed, decide)])))[0]
        except OnrecordError:
            raise
        except Exception:
            _logger.exception("%s: its failure cannot be settled", one.feed.url)
            return None

    async def with_log(self, call: Callable[[], T]) -> T:
        """The call's result, after waiting for as long as the log is unavailable."""
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                result = await self._thread.run(call)
            except LogUnavailable as error:
                self._is_away = True
                self._away(error)
            else:
                if self._is_away:
                    self._away(None)
                self._is_away = False
                return result
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
