"""Limits on connections before their first request, and on the log lines about them.

An HTTP library waits for requests without limit. A client that opens thousands of connections and
sends half a request on each would hold every descriptor and much memory. A connection without a
request is therefore closed after a while, or sooner when a new one needs its place, and the bytes
of incomplete requests are bounded, for each connection and for all.
"""

import asyncio
import logging
import resource
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

# Descriptors reserved for the log's readers, files and libraries.
_OTHER_DESCRIPTORS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """`idle_s` bounds the time of a connection without a complete request.

    `request_bytes` bounds one incomplete request, `waiting_bytes` all of them together.
    """

    connections: int
    idle_s: float
    request_bytes: int = 160 * 1024
    waiting_bytes: int = 32 * 1024 * 1024


def within_descriptors(connections: int) -> int:
    """The number of connections this process can have open, at most `connections`."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections if limit < 0 else max(1, min(connections, limit - _OTHER_DESCRIPTORS))


class OpenConnections:
    """Every open connection of a server. Used only on the event loop."""

    def __init__(self, limits: ConnectionLimits, make: Callable[[], asyncio.Protocol]) -> None:
        """`make` creates the HTTP protocol of a new connection."""
        self.limits = limits
        self._make = make
        self._open: dict[asyncio.BaseTransport, _Connection] = {}
        # Connections without a request, the longest-waiting first.
        self._idle: dict[_Connection, None] = {}
        self._waiting_bytes = 0

    def __call__(self) -> "_Connection":
        return _Connection(self, self._make())

    def request_began(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that a connection's request is complete and being answered."""
        if transport is not None and (connection := self._open.get(transport)):
            self._set_idle(connection, is_idle=False)

    def request_ended(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that the answer was sent; the connection can bring another request."""
        if transport is not None and (connection := self._open.get(transport)):
            self._set_idle(connection, is_idle=True)

    # Called by `_Connection`.

    def opened(self, connection: "_Connection") -> bool:
        """Whether a new connection is admitted. An idle one can be closed to make room."""
        if len(self._open) >= self.limits.connections:
            if not self._idle:
                return False
            next(iter(self._idle)).end()
        self._open[connection.transport] = connection
        self._set_idle(connection, is_idle=True)
        return True

    def received(self, connection: "_Connection", size: int) -> None:
        """Count bytes of an incomplete request."""
        if connection not in self._idle:
            return
        connection.waiting_bytes += size
        self._waiting_bytes += size
        if connection.waiting_bytes > self.limits.request_bytes:
            connection.end()
        elif self._waiting_bytes > self.limits.waiting_bytes:
            max(self._idle, key=lambda one: one.waiting_bytes).end()

    def closed(self, connection: "_Connection") -> None:
        self._set_idle(connection, is_idle=False)
        self._open.pop(connection.transport, None)

    def _set_idle(self, connection: "_Connection", *, is_idle: bool) -> None:
        self._idle.pop(connection, None)
        self._waiting_bytes -= connection.waiting_bytes
        connection.waiting_bytes = 0
        if connection.timer is not None:
            connection.timer.cancel()
            connection.timer = None
        if is_idle:
            self._idle[connection] = None
            loop = asyncio.get_running_loop()
            connection.timer = loop.call_later(self.limits.idle_s, connection.end)


class _Connection(asyncio.Protocol):
    """Forwards one connection to the HTTP protocol, and counts its cost."""

    def __init__(self, connections: OpenConnections, http: asyncio.Protocol) -> None:
        self._connections = connections
        self._http = http
        self._is_refused = False
        self.transport: asyncio.BaseTransport
        self.timer: asyncio.TimerHandle | None = None
        self.waiting_bytes = 0

    def end(self) -> None:
        """Close at once: a client without a complete request needs no answer."""
        self._connections.closed(self)
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        if not self._connections.opened(self):
            self._is_refused = True
            self.end()
            return
        self._http.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if not self._is_refused:
            self._connections.received(self, len(data))
            self._http.data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._is_refused else self._http.eof_received()

    def pause_writing(self) -> None:
        self._http.pause_writing()

    def resume_writing(self) -> None:
        self._http.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.closed(self)
        if not self._is_refused:
            self._http.connection_lost(exc)


class FewLines(logging.Filter):
    """Lets `most` lines through in `seconds`, then reports the number suppressed.

    Clients must not control how much is written to the disk.
    """

    def __init__(self, most: int = 20, seconds: float = 10.0) -> None:
        super().__init__()
        self._most = most
        self._seconds = seconds
        self._began = monotonic()
        self._lines = 0

    def filter(self, record: logging.LogRecord) -> bool:
        now = monotonic()
        if now - self._began >= self._seconds:
            left_out = self._lines - self._most
            self._began, self._lines = now, 0
            if left_out > 0:
                record.msg = f"{record.getMessage()} ({left_out} lines before it were left out)"
                record.args = None
        self._lines += 1
        return self._lines <= self._most
