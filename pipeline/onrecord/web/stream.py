"""One reader's stream: first past messages, then new ones, as Server-Sent Events.

The past is read from the log for each reader, at the reader's pace; new messages come from the
ring that all readers share. A reader changes over once its place is not older than the ring's
start. Both are given in offsets, so nothing is left out and nothing is sent twice.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Executor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log
from onrecord.sink.subscribe import Clock
from onrecord.web.cursor import Place, to_text
from onrecord.web.live import Ring
from onrecord.web.past import Asked, Begin, Past, StreamRecord, wanted_of
from onrecord.web.policy import ServePolicy

T = TypeVar("T")

_TAKE = 100  # items from the ring at a time
_TURN_S = 2.0  # for which one reads the past, when others wait to

# The browser's EventSource waits this long before it reconnects, in milliseconds.
_RETRY = b"retry: 3000\n"

Send = Callable[[bytes], Awaitable[None]]


class CutOff(Exception):
    """The stream is ended early, for a reason that the reader is told."""


@dataclass(slots=True)
class StreamContext:
    """The parts of the server that streams use."""

    log: Log
    policy: ServePolicy
    executor: Executor
    clock: Clock
    backoff: Callable[[], Backoff]
    catch_ups: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.catch_ups = asyncio.Semaphore(self.policy.catch_ups)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.executor, work)

    @asynccontextmanager
    async def past(self, asked: Asked, begin: Begin) -> AsyncIterator[Past]:
        """A reader of the past. The number open at once is limited: see `catch_ups`."""
        past = await self.in_thread(lambda: Past(self.log, asked, begin.place, self.backoff()))
        try:
            yield past
        finally:
            # The follower can be gone, and this task cancelled: the reader is closed in any case.
            self.executor.submit(past.close)


def event(record: StreamRecord) -> bytes:
    """A record as a Server-Sent Event; its id is the cursor after it."""
    return b"id: " + record.cursor.encode() + b"\ndata: " + record.line + b"\n\n"


def notice(kind: str, reason: str) -> bytes:
    """A notice to the reader about the stream itself."""
    return f"event: {kind}\ndata: {json.dumps({'reason': reason})}\n\n".encode()


async def follow(
    reading: StreamContext, ring: Ring, asked: Asked, begin: Begin, send: Send
) -> None:
    """Send all requested records, until the end. Raises CutOff."""
    sender = _Sender(send, asked, begin.place, reading.policy.keep_alive_s)
    await send(_RETRY)
    await sender.still_here()
    if begin.lost:
        reason = "records after the cursor were removed by retention; it goes on with what is kept"
        await send(notice("gap", reason))
    await _send_past(reading, ring, asked, begin, sender)
    if begin.ends is None and not sender.has_enough:
        await _send_live(reading, ring, asked, begin, sender)


class _Sender:
    """Sends records up to the limit."""

    def __init__(self, send: Send, asked: Asked, place: Place, keep_alive_s: float) -> None:
        self._send = send
        self._asked = asked
        self._place = place
        self._keep_alive_s = keep_alive_s
        self._left = asked.limit
        self._sent_at = 0.0

    @property
    def has_enough(self) -> bool:
        return self._left is not None and self._left <= 0

    @property
    def quiet_left_s(self) -> float:
        """Seconds until the next keep-alive is due."""
        return max(0.0, self._sent_at + self._keep_alive_s - asyncio.get_running_loop().time())

    async def records(self, records: list[StreamRecord]) -> None:
        if self._left is not None:
            records = records[: self._left]
            self._left -= len(records)
        if records:
            await self._bytes(b"".join(map(event, records)))
        elif self.quiet_left_s <= 0:
            await self.still_here()

    async def still_here(self) -> None:
        """Send an id without data: it fires no event, but a reconnecting client resumes there."""
        cursor = to_text(self._place, self._asked.topic)
        await self._bytes(b"id: " + cursor.encode() + b"\n\n")

    async def _bytes(self, data: bytes) -> None:
        await self._send(data)
        self._sent_at = asyncio.get_running_loop().time()


async def _send_past(
    reading: StreamContext, ring: Ring, asked: Asked, begin: Begin, sender: _Sender
) -> None:
    """Send all records before the end, or before the ring's first item."""
    is_over = begin.ends is None and begin.place.has_reached(ring.begins)
    while not (is_over or sender.has_enough):
        await _wait_for_a_turn(reading.catch_ups, sender)
        try:
            async with reading.past(asked, begin) as past:
                ends = begin.ends or dict(ring.ends)
                is_whole = await _send_up_to(ends, reading, ring, past, sender)
        finally:
            reading.catch_ups.release()
        # Nothing is awaited between here and the ring: it must not move on meanwhile.
        is_over = is_whole if begin.ends is not None else begin.place.has_reached(ring.begins)


async def _wait_for_a_turn(turns: asyncio.Semaphore, sender: _Sender) -> None:
    while True:
        try:
            async with asyncio.timeout(sender.quiet_left_s):
                await turns.acquire()
                return
        except TimeoutError:
            await sender.still_here()


async def _send_up_to(
    ends: Mapping[int, int], reading: StreamContext, ring: Ring, past: Past, sender: _Sender
) -> bool:
    """Whether everything was sent; False when waiting readers are due first."""
    past.read_to(ends)
    loop = asyncio.get_running_loop()
    until = loop.time() + _TURN_S
    is_more = True
    while is_more and not sender.has_enough:
        if ring.closed is not None:
            raise CutOff(ring.closed)
        if loop.time() >= until and reading.catch_ups.locked():
            return False
        records, is_more = await reading.in_thread(past.some)
        await sender.records(records)
    return True


async def _send_live(
    reading: StreamContext, ring: Ring, asked: Asked, begin: Begin, sender: _Sender
) -> None:
    until = asked.stretch.until if isinstance(asked.stretch.until, datetime) else None
    number = ring.first
    while not sender.has_enough:
        if number < ring.first:
            raise CutOff("too slow: what comes next is no longer at hand; connect again to go on")
        is_over = until is not None and reading.clock() >= until
        items = ring.take(number, _TAKE)
        number += len(items)
        records: list[StreamRecord] = []
        for item in items:
            if until is None or item.message.timestamp < until:
                records += wanted_of(item.message, item.opened, asked, begin.place)
        await sender.records(records)
        if not items:
            if is_over:
                return
            if ring.closed is not None:
                raise CutOff(ring.closed)
            await _something(ring, until, reading.clock, sender)


async def _something(ring: Ring, until: datetime | None, clock: Clock, sender: _Sender) -> None:
    """Wait for a new item, the end time or the next keep-alive."""
    left_s = sender.quiet_left_s
    if until is not None:
        left_s = min(left_s, max(0.0, (until - clock()).total_seconds()))
    with suppress(TimeoutError):
        async with asyncio.timeout(left_s):
            await ring.more()
