"""Reads the body of a response piece by piece, within limits, and decodes it off the event loop."""

import asyncio
import re
from dataclasses import dataclass

import aiohttp

from onrecord.errors import FetchError
from onrecord.feeds.fetch.content_coding import BodyError, decoded, is_as_sent
from onrecord.feeds.fetch.exchange import FetchPolicy, FetchRequest

_CHUNK_BYTES = 64 * 1024
# What a feed's document ends with: more bytes may be promised, but none are missing.
_END = re.compile(rb"(?:</(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>|\})\s*$", re.IGNORECASE)
_TAIL_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded body. `is_whole` is False when the connection broke off within it."""

    data: bytes
    is_whole: bool = True


async def read_body(
    request: FetchRequest, response: aiohttp.ClientResponse, policy: FetchPolicy
) -> Body:
    """The decoded body, given up as soon as it is too large. Raises FetchError.

    A feed's document that breaks off is returned as far as it came: some servers count
    Content-Length in characters, and what is there can be read.
    """
    limit, status = policy.max_body_bytes, response.status
    too_large = FetchError(
        request.url, f"the body is larger than {limit} bytes (max_body_bytes)", status=status
    )
    if (response.content_length or 0) > limit:
        raise too_large
    coding = ",".join(response.headers.getall("Content-Encoding", []))
    packed, is_whole = bytearray(), True
    room = _Room(request, policy)
    await room.open()
    try:
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            packed += chunk
            if len(packed) > limit:
                raise too_large
            await room.take(len(packed))
    except aiohttp.ClientPayloadError:
        if request.is_page or coding or not packed:
            raise
        is_whole = _END.search(packed, max(0, len(packed) - _TAIL_BYTES)) is not None
    data = await _decoded(request, bytes(packed), coding, room, status)
    if len(data) > limit:
        raise too_large
    return Body(data, is_whole)


async def _decoded(
    request: FetchRequest, packed: bytes, coding: str, room: "_Room", status: int
) -> bytes:
    """The body without its content codings; decoded whole only when there is room for it."""
    if is_as_sent(packed, coding):
        return packed
    try:
        data = await asyncio.to_thread(decoded, packed, coding, room.bytes)
        if len(data) > room.bytes:
            await room.take(len(data))
            data = await asyncio.to_thread(decoded, packed, coding, room.bytes)
    except BodyError as error:
        raise FetchError(request.url, str(error), status=status) from error
    return data


class _Room:
    """The memory allowed for a body: small until room has been made for a large one."""

    def __init__(self, request: FetchRequest, policy: FetchPolicy) -> None:
        self._make_room = request.make_room
        self._most = policy.max_body_bytes
        self.bytes = min(policy.small_body_bytes, self._most)

    async def open(self) -> None:
        """Wait until a small body can be held."""
        if self._make_room is not None:
            await self._make_room(False)

    async def take(self, size: int) -> None:
        """Wait until this many bytes can be held."""
        if size > self.bytes:
            if self._make_room is not None:
                await self._make_room(True)
            self.bytes = self._most
