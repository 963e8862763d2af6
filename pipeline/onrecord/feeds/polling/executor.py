"""Threads beside the event loop, for calls that block."""

import asyncio
import queue
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class DaemonThreads:
    """Threads that run calls in order, for an event loop that awaits their results.

    They are daemons: a call that takes seconds does not delay the end of the process. A context
    manager: the threads live inside.
    """

    def __init__(self, name: str, *, threads: int = 1) -> None:
        self._name = name
        self._threads = threads
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        for _ in range(self._threads):
            Thread(target=self._work, name=f"poll-{self._name}", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for _ in range(self._threads):
            self._calls.put(None)

    async def run(self, call: Callable[[], T]) -> T:
        """The result of the call, or the exception it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._calls.put((call, loop, future))
        return await future

    def _work(self) -> None:
        while (next_call := self._calls.get()) is not None:
            call, loop, future = next_call
            if future.cancelled():
                continue
            try:
                settle = partial(_set_result, future, call())
            except Exception as error:  # noqa: BLE001  raised where the call is awaited
                settle = partial(_set_exception, future, error)
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(settle)


_Call = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


def _set_result(future: "asyncio.Future[Any]", result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _set_exception(future: "asyncio.Future[Any]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
