"""Reading in processes, awaited: places go to feeds in turns, so that none occupies all readers."""

from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from onrecord.feeds.fetch import Turns
from onrecord.feeds.polling.executor import DaemonThreads
from onrecord.feeds.polling.reader_processes import ReaderPolicy, Readers

T = TypeVar("T")


class ReaderPool:
    """Reader processes for one event loop. A context manager; leaving it ends them all."""

    def __init__(self, policy: ReaderPolicy) -> None:
        self._readers = Readers(policy)
        self._threads = DaemonThreads("reading", threads=policy.processes)
        # Of several readers a feed holds at most half: the others read for everybody else.
        self._places = Turns(policy.processes, per_key=max(1, policy.processes // 2))

    async def read(self, feed: str, url: str, function: Callable[..., T], *arguments: Any) -> T:
        """The result of a module's `function` on what came from `url` on behalf of a feed.

        Raises ParseError naming `url` when the function fails or exceeds a limit.
        """
        async with self._places.place(feed):
            return await self._threads.run(partial(self._readers.read, url, function, *arguments))

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
