"""The HTTP server: access control, responses, startup and shutdown."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any

import msgspec
from aiohttp import web, web_response
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from onrecord.errors import Mistake, OnrecordError
from onrecord.health import Health, HealthReport
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log
from onrecord.measurements import Metrics
from onrecord.people.readers import PeopleReader
from onrecord.sink.selection import What
from onrecord.sink.subscribe import Clock
from onrecord.web.access import AccessControl
from onrecord.web.connections import (
    ConnectionLimits,
    FewLines,
    OpenConnections,
    within_descriptors,
)
from onrecord.web.cursor import to_text
from onrecord.web.live import Live, Ring
from onrecord.web.openapi import describe
from onrecord.web.operations import add_health, add_metrics
from onrecord.web.past import Asked, Begin, StreamRecord, begin
from onrecord.web.policy import ServePolicy, check
from onrecord.web.problems import Problem, problems
from onrecord.web.query import parse_request
from onrecord.web.stream import CutOff, StreamContext, follow, notice

logger = logging.getLogger(__name__)

# Responses to malformed requests carry this header too, and pass none of our hooks. The software
# and its version are not disclosed.
web_response.SERVER_SOFTWARE = "onrecord"  # type: ignore[attr-defined]

# The kernel's send buffer for a slow reader, in bytes. By default it grows to megabytes.
_SOCKET_BYTES = 256 * 1024
# Ten parameters of 500 characters, percent-encoded, and a cursor of a thousand partitions. aiohttp
# refuses lines over 8,190 bytes, with a response that the API description lacks.
_LINE_BYTES = 96 * 1024
_HEADER_BYTES = 20 * 1024
# A topic is read several times a second: after this long a silent thread has hung.
_LATE_S = 90.0
_HTTP_LOGGER = "onrecord.web.http"
# asyncio logs a stack trace for each connection that it cannot accept.
_LOGGERS = (__name__, "onrecord.web.problems", _HTTP_LOGGER, "asyncio")
_STOPPING = "the server is stopping; connect again to go on"


# Adds the pages; given what waits out an outage of the log, and who is who.
AddPages = Callable[
    [web.Application, AccessControl, Callable[[], Backoff], PeopleReader | None], None
]


class Server:
    """Serves the records of a log. Start it in a running event loop; `stop` ends it."""

    def __init__(
        self,
        log: Log,
        topics: dict[What, str],
        policy: ServePolicy,
        *,
        version: str,
        clock: Clock,
        say: Callable[[str], None],
        metrics: Metrics,
        says_outages: bool = True,
        add_pages: AddPages | None = None,
        people: PeopleReader | None = None,
        health: Health | None = None,
    ) -> None:
        """`topics` gives the topic of each kind of records, `add_pages` adds the pages for people.

        `health` is that of a process with other parts too. Raises ConfigError.
        """
        check(policy)
        self._access = AccessControl(policy)
        self._add_pages = add_pages
        self._people = people
        self._log = log
        self._topics = topics
        self._policy = policy
        self._clock = clock
        self._health = health or Health()
        self._metrics = metrics
        self._outage = Outage(say if says_outages else lambda _: None, self._log_changed)
        metrics.watch_parts(self._health.late)
        metrics.watch_streams(lambda: self._following)
        self._description = msgspec.json.encode(
            describe(
                version,
                needs_token=self._access.needs_token,
                has_pages=add_pages is not None,
            )
        )
        self._lives: dict[str, Live] = {}
        self._streams = 0
        self._following = 0
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._connections: OpenConnections | None = None
        self._few_lines = FewLines()

    async def start(self) -> str:
        """Start serving; the URL. Raises Mistake when the address cannot be used."""
        self._executor = ThreadPoolExecutor(self._policy.threads, "past")
        self._reading = StreamContext(
            self._log,
            self._policy,
            self._executor,
            self._clock,
            lambda: Backoff(self._outage, "streams"),
        )
        if self._people is not None:
            await self._reading.in_thread(self._people.look)
        for what, topic in self._topics.items():
            if topic not in self._lives:
                await self._follow(what, topic)
        app = web.Application(middlewares=[self._counted, problems, self._access.guard])
        app.on_response_prepare.append(_without_software)
        for what in self._topics:
            app.router.add_get(f"/{what.value}", self._stream_of(what), allow_head=False)
            app.router.add_get(f"/{what.value}/page", self._page_of(what), allow_head=False)
        app.router.add_get("/openapi.json", self._describe, allow_head=False)
        app.router.add_get("/health", self._answer_health, allow_head=False)
        add_health(app, self._report)
        add_metrics(app, self._metrics.exposition)
        if self._add_pages is not None:
            self._add_pages(app, self._access, self._reading.backoff, self._people)
        # When a reader disconnects, the work for it is cancelled.
        self._runner = web.AppRunner(
            app,
            handler_cancellation=True,
            access_log=None,
            shutdown_timeout=2.0,
            logger=self._http_logger(),
            max_line_size=_LINE_BYTES,
            max_field_size=_HEADER_BYTES,
        )
        await self._runner.setup()
        return await self._listen(self._runner)

    async def stop(self) -> None:
        """Notify every reader, and stop."""
        for live in self._lives.values():
            live.ring.close(_STOPPING)
        for _ in range(100):
            if not self._streams:
                break
            await asyncio.sleep(0.02)
        if self._listener is not None:
            self._listener.close()
        if self._runner is not None:
            await self._runner.cleanup()
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._few_lines)
        await asyncio.gather(*(live.stop() for live in self._lives.values()))
        if self._people is not None:
            self._people.close()
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _follow(self, what: What, topic: str) -> None:
        policy = self._policy
        part = f"follow {topic}"
        people = None if what is What.ARTICLES else self._people
        alive = self._health.part(part, late_s=_LATE_S)

        def looked() -> None:
            alive()
            if people is not None:
                people.look()  # in the thread that reads the topic, which may wait for the log

        live = Live(
            self._log,
            topic,
            what,
            make_ring=lambda: Ring(records=policy.buffer_records, size_bytes=policy.buffer_bytes),
            backoff=Backoff(self._outage, part),
            alive=looked,
            people=people,
        )
        await live.start()
        self._lives[topic] = live

    async def _listen(self, runner: web.AppRunner) -> str:
        host, port = self._policy.host, self._policy.port
        limits = ConnectionLimits(
            connections=within_descriptors(self._policy.connections), idle_s=self._policy.idle_s
        )
        assert runner.server is not None  # noqa: S101 - it is set up
        self._connections = OpenConnections(limits, runner.server)
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(
                self._connections, host.strip("[]"), port, backlog=512
            )
        except OSError as error:
            raise Mistake(
                f"cannot listen on {host} port {port}: {error.strerror or error}"
            ) from error
        address = self._listener.sockets[0].getsockname()
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        return f"http://{shown}:{address[1]}"

    def _http_logger(self) -> logging.Logger:
        """The logger for malformed HTTP: a client's error is one line without a stack trace."""
        found = logging.getLogger(_HTTP_LOGGER)
        found.addFilter(_without_stack)
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._few_lines)
        return found

    @web.middleware
    async def _counted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count the connection as one with a request."""
        assert self._connections is not None  # noqa: S101 - it listens
        transport = request.transport
        self._connections.request_began(transport)
        try:
            return await handler(request)
        finally:
            self._connections.request_ended(transport)

    # ── answers ──────────────────────────────────────────────────────────────────────────────

    def _stream_of(self, what: What) -> Handler:
        async def stream(request: web.Request) -> web.StreamResponse:
            asked = self._asked(request, what, page=False)
            ring = self._open_ring(asked)
            if self._streams >= self._policy.streams:
                raise Problem(503, f"{self._streams} follow already: come back later")
            self._streams += 1
            try:
                found = await self._reading.in_thread(lambda: begin(self._log, asked, self._clock))
                self._following += 1  # from here on it misses nothing that comes
                try:
                    return await self._send(request, ring, asked, found)
                finally:
                    self._following -= 1
            finally:
                self._streams -= 1

        return stream

    async def _send(
        self, request: web.Request, ring: Ring, asked: Asked, found: Begin
    ) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would hold events back
            }
        )
        _bound_socket(request)
        await response.prepare(request)
        longest_s = self._policy.longest_s or None

        async def send(data: bytes) -> None:
            async with asyncio.timeout(self._policy.write_timeout_s):
                await response.write(data)

        try:
            async with asyncio.timeout(longest_s) as lifetime:
                await follow(self._reading, ring, asked, found, send)
        except (CutOff, OnrecordError) as reason:
            logger.info("stream of %s cut off: %s", asked.what.value, reason)
            with suppress(TimeoutError, ConnectionError):
                await send(notice("cut-off", str(reason)))
        except TimeoutError:
            if not lifetime.expired():
                return self._abort(request, response, asked)
        except ConnectionError:
            return response  # the reader is gone
        with suppress(ConnectionError):
            await response.write_eof()
        return response

    def _abort(
        self, request: web.Request, response: web.StreamResponse, asked: Asked
    ) -> web.StreamResponse:
        """Abort a stream whose reader accepts no data, not even the reason."""
        logger.info(
            "stream of %s cut off: nothing was read for %g s",
            asked.what.value,
            self._policy.write_timeout_s,
        )
        if request.transport is not None:
            request.transport.abort()
        return response

    def _page_of(self, what: What) -> Handler:
        async def page(request: web.Request) -> web.Response:
            asked = self._asked(request, what, page=True)
            self._open_ring(asked)
            found = await self._reading.in_thread(lambda: begin(self._log, asked, self._clock))
            records, is_more = await self._read_page(asked, found)
            lines = b",".join(record.line for record in records)
            cursor = msgspec.json.encode(to_text(found.place, asked.topic))
            more = b"true" if is_more else b"false"
            body = b'{"records":[%b],"cursor":%b,"more":%b}' % (lines, cursor, more)
            return web.Response(body=body, content_type="application/json")

        return page

    async def _read_page(self, asked: Asked, found: Begin) -> tuple[list[StreamRecord], bool]:
        ends = found.ends
        if ends is None:
            bounds = await self._reading.in_thread(lambda: self._log.bounds(asked.topic))
            ends = {partition.number: end for partition, (_, end) in bounds.items()}
        if found.place.has_reached(ends):
            return [], False
        records: list[StreamRecord] = []
        is_more, turns = True, max(1, self._policy.page_messages // 300)
        async with self._reading.catch_ups, self._reading.past(asked, found) as past:
            past.read_to(ends)
            while is_more and turns and len(records) < (asked.limit or 0):
                turns -= 1
                left = (asked.limit or 0) - len(records)
                some, is_more = await self._reading.in_thread(partial(past.some, limit=left))
                records += some
        return records, is_more

    async def _describe(self, _: web.Request) -> web.Response:
        return web.Response(body=self._description, content_type="application/json")

    async def _answer_health(self, _: web.Request) -> web.Response:
        is_well = self._report().is_ready
        found = {"status": "ok" if is_well else "failing", "streams": self._following}
        return web.Response(
            body=msgspec.json.encode(found),
            content_type="application/json",
            status=200 if is_well else 503,
        )

    def _report(self) -> HealthReport:
        """The server's health; a topic that is no longer followed is also a problem."""
        found = self._health.report()
        rings = {topic: live.ring for topic, live in self._lives.items()}
        closed = {topic: ring.closed for topic, ring in rings.items() if ring.closed}
        return HealthReport(
            is_live=found.is_live,
            is_ready=found.is_ready and not closed,
            problems=found.problems | closed,
        )

    def _log_changed(self, why: str | None) -> None:
        self._health.log_answers(why)
        self._metrics.log_answers(why is None)

    def _asked(self, request: web.Request, what: What, *, page: bool) -> Asked:
        query = {name: request.query.getall(name) for name in request.query}
        return parse_request(
            query,
            what,
            self._topics[what],
            page=page,
            last_event_id=None if page else request.headers.get("Last-Event-ID"),
            at=self._clock(),
            people=self._people,
        )

    def _open_ring(self, asked: Asked) -> Ring:
        ring = self._lives[asked.topic].ring
        if ring.closed is not None:
            raise Problem(503, ring.closed)
        return ring


async def _without_software(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.popall("Server", None)


def _without_stack(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.exc_info = None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def _bound_socket(request: web.Request) -> None:
    found: Any = request.transport and request.transport.get_extra_info("socket")
    if found is not None:
        with suppress(OSError):
            found.setsockopt(SOL_SOCKET, SO_SNDBUF, _SOCKET_BYTES)
