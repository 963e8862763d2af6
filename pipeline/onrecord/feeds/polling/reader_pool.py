"""Awaitable reading in processes: feeds take turns, so that none occupies all readers."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from onrecord.feeds.fetch import TwoLanes
from onrecord.feeds.polling.executor import DaemonThreads
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.feeds.polling.readers import Readers

T = TypeVar("T")

# A document takes milliseconds to read as a rule. After one that took the processor this long its
# feed counts as slow. What it sends besides may be quick: that proves nothing.
_SLOW_S = 1.0


class ReaderPool:
    """Reader processes for one event loop. A context manager; leaving it ends them all."""

    def __init__(self, policy: ReaderPolicy) -> None:
        self._readers = Readers(policy)
        self._threads = DaemonThreads("reading", threads=policy.processes)
        # Of several readers a feed holds at most half, and so do all large documents and all
        # feeds together that have been slow to read: the others read for everybody else.
        self._places = TwoLanes(policy.processes, per_key=max(1, policy.processes // 2))
        self._jobs: set[asyncio.Task[Any]] = set()

    async def read(
        self,
        feed: str,
        url: str,
        function: Callable[..., T],
        *arguments: Any,
        is_large: bool = False,
    ) -> T:
        """The result of a module's `function` on what came from `url` on behalf of a feed.

        Raises ParseError naming `url` when the function fails or exceeds a limit. What is large
        waits with what is slow, before anybody knows how long it takes.
        """
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._places.place(feed, is_slow=is_large))
            call = partial(self._read, feed, url, function, *arguments)
            job = asyncio.create_task(self._run(stack.pop_all(), call))
        self._jobs.add(job)
        job.add_done_callback(self._ended)
        return await asyncio.shield(job)

    def end_unneeded(self) -> None:
        """End the readers that have not been needed lately; to be called now and then."""
        self._readers.end_unneeded()

    async def _run(self, places: AsyncExitStack, call: Callable[[], T]) -> T:
        """The call's result; its places are held as long as the call occupies a reader.

        The caller can have stopped waiting.
        """
        async with places:
            return await self._threads.run(call)

    def _ended(self, job: "asyncio.Task[Any]") -> None:
        self._jobs.discard(job)
        if not job.cancelled():
            job.exception()  # whoever still waits is told; otherwise nobody need be

    def _read(self, feed: str, url: str, function: Callable[..., T], *arguments: Any) -> T:
        try:
            return self._readers.read(url, function, *arguments)
        finally:
            if self._readers.processor_s() >= _SLOW_S:
                self._places.note_slow(feed)
            self._readers.renew()

    def __enter__(self) -> Self:
        self._readers.__enter__()
        self._threads.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.__exit__(kind, error, traceback)
        self._readers.__exit__(kind, error, traceback)
