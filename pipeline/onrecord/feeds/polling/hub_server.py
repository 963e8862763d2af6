"""The HTTP server that hubs call: verifications of intent and deliveries (WebSub).

It runs only with a public URL in the configuration, accepts no larger body than a feed may have,
and leaves the answers to its caller.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery to the callback of a name. `signature` is as sent, not yet verified."""

    name: str
    body: bytes
    content_type: str | None
    signature: str | None


# Given a callback's name and the query of a hub: the answer, None when the callback is not ours.
Confirm = Callable[[str, Mapping[str, str]], Awaitable[str | None]]
# Given a delivery: whether it was accepted; if not, the hub may try again.
Take = Callable[[Delivery], Awaitable[bool]]


@asynccontextmanager
async def listening(
    host: str, port: int, *, most_bytes: int, confirm: Confirm, take: Take
) -> AsyncIterator[int]:
    """Listen for hubs; gives the port. Raises OSError when the address cannot be bound."""

    async def ask(request: web.Request) -> web.Response:
        words = await confirm(request.match_info["name"], request.query)
        return web.Response(status=404) if words is None else web.Response(text=words)

    async def deliver(request: web.Request) -> web.Response:
        delivery = Delivery(
            name=request.match_info["name"],
            body=await request.read(),
            content_type=request.headers.get("Content-Type"),
            signature=request.headers.get("X-Hub-Signature"),
        )
        return web.Response(status=202 if await take(delivery) else 503)

    app = web.Application(client_max_size=most_bytes)
    app.router.add_get("/{path:.*}{name:[0-9a-f]{32}}", ask)
    app.router.add_post("/{path:.*}{name:[0-9a-f]{32}}", deliver)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
