"""The pages beside other work: `run` and `demo` serve them from a thread of their own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from onrecord import wiring
from onrecord.cli.page_operations import operations_of
from onrecord.cli.signals import Stop
from onrecord.config import Config
from onrecord.errors import ConfigError, Mistake
from onrecord.log.interface import Log
from onrecord.measurements import Metrics


@contextmanager
def pages_served(
    config: Config, log: Log, stop: Stop, say: Callable[[str], None]
) -> Iterator[str | None]:
    """Serve the pages while the body runs and nobody stops it; yields their address.

    None where it cannot be listened on: the work goes on without pages, and `say` says why.
    Raises ConfigError for a server that cannot be, or that anybody could read.
    """
    address: Future[str] = Future()
    loop, over = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=_serve, args=(config, log, say, loop, over, address), name="pages", daemon=True
    )
    thread.start()
    stop.then_set(over, loop)
    try:
        yield _address(address, say)
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def _address(address: Future[str], say: Callable[[str], None]) -> str | None:
    try:
        found = address.result()
    except ConfigError:
        raise
    except Mistake as error:
        say(f"no pages to read: {error}")
        return None
    say(f"read it at {found}")
    return found


def _serve(
    config: Config,
    log: Log,
    say: Callable[[str], None],
    loop: asyncio.AbstractEventLoop,
    over: asyncio.Event,
    address: Future[str],
) -> None:
    async def serve() -> None:
        server = wiring.server(
            config,
            log,
            say=say,
            metrics=Metrics(),
            operations=operations_of(config, log),
            says_outages=False,
        )
        try:
            address.set_result(await server.start())
            await over.wait()
        finally:
            await server.stop()

    try:
        loop.run_until_complete(serve())
        loop.run_until_complete(loop.shutdown_default_executor())
    except BaseException as error:
        if address.done():
            raise
        address.set_exception(error)
