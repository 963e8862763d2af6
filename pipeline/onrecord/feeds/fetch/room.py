"""Bounds the bodies held in memory at once, from their first byte until they have been read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from onrecord.feeds.fetch.turns import Turns

# Awaited before a body is held, and again (with True) before it grows large.
MakeRoom = Callable[[bool], Awaitable[None]]


class BodyRoom:
    """Room for so many bodies, of which so few are large. Belongs to one event loop.

    Feeds, by their URLs, take turns; a feed holds at most an eighth of the places, and half of
    those for large bodies.
    """

    def __init__(self, *, bodies: int, large: int) -> None:
        self._bodies = Turns(bodies, per_key=max(1, bodies // 8))
        self._large = Turns(large, per_key=max(1, large // 2))

    @asynccontextmanager
    async def hold(self, feed: str) -> AsyncIterator[MakeRoom]:
        """Give a function that makes room for one body; the room is released at the end."""
        async with AsyncExitStack() as stack:

            async def make_room(is_large: bool) -> None:
                turns = self._large if is_large else self._bodies
                await stack.enter_async_context(turns.place(feed))

            yield make_room
