"""A network between clients and a broker that a test can cut: a TCP proxy that fails in four ways.

A cut holds what is on the way, as TCP does while packets are lost: after the repair a broker still
receives requests of clients that have given up, and clients receive answers to old requests.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Any, Self

_CHUNK = 64 * 1024


class Network(Enum):
    """The state of a network."""

    WHOLE = "whole"
    # Connections are reset and new ones refused, as by a firewall that rejects.
    REFUSING = "refusing"
    # Nothing arrives in either direction, as with a firewall that drops or an unplugged cable.
    SILENT = "silent"
    # Requests arrive and are done; their answers are held back.
    DEAF = "deaf"
    # The broker sees its connections closed, the clients do not.
    HALF_OPEN = "half open"


class Proxy:
    """Stands before one broker. `port` is for clients; `target` is set before it is used.

    A context manager. Connections live in a thread of its own.
    """

    def __init__(self) -> None:
        self.target = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._state = Network.WHOLE
        self._connections: set[_Connection] = set()
        self._server = self._run(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def become(self, state: Network) -> None:
        """Cut the network in this way, or repair it."""
        self._run(self._change(state))

    def close(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    # Runs in the thread of its own.

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(reader, writer)
        self._connections.add(connection)
        try:
            connection.become(self._state)
            await connection.run(self.target)
        finally:
            connection.abort()
            self._connections.discard(connection)

    async def _change(self, state: Network) -> None:
        self._state = state
        for connection in self._connections:
            connection.become(state)

    async def _end(self) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Connection:
    """One connection of a client, and the one to the broker that belongs to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._upstream: asyncio.StreamWriter | None = None
        self._requests, self._answers = asyncio.Event(), asyncio.Event()
        self._is_half_open = False

    def become(self, state: Network) -> None:
        if state is Network.REFUSING or (state is Network.WHOLE and self._is_half_open):
            self.abort()
        if state is Network.HALF_OPEN:
            self._is_half_open = True
            self._abort_upstream()
        _switch(self._requests, on=state in (Network.WHOLE, Network.DEAF))
        _switch(self._answers, on=state is Network.WHOLE)

    async def run(self, target: int) -> None:
        """Forward until both sides are closed."""
        await self._requests.wait()
        if self._writer.transport.is_closing():
            return
        with suppress(OSError):
            reader, self._upstream = await asyncio.open_connection("127.0.0.1", target)
            await asyncio.gather(
                self._forward(self._reader, self._upstream, self._requests),
                self._forward(reader, self._writer, self._answers),
            )

    def abort(self) -> None:
        self._requests.set()
        self._answers.set()
        self._writer.transport.abort()
        self._abort_upstream()

    def _abort_upstream(self) -> None:
        if self._upstream is not None:
            self._upstream.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_open: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                await is_open.wait()
                writer.write(data)
                await writer.drain()
        await is_open.wait()
        writer.close()


def _switch(event: asyncio.Event, *, on: bool) -> None:
    if on:
        event.set()
    else:
        event.clear()
