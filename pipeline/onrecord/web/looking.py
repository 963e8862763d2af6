"""Looks at new feeds for the pages and the API: one request at a time, beside all other work."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from onrecord.processing.feeds.requests import AddedFeeds, NewFeeds


class Looking:
    """Follows new feeds. `add` blocks, looks within a limit of time, and is given its own thread.

    The thread is none of the pool that answers pages, so that slow sites hold up no page, and a
    daemon, so that they hold up no shutdown.
    """

    def __init__(self, add: Callable[[NewFeeds], AddedFeeds]) -> None:
        self._add = add
        self._turn = asyncio.Lock()

    async def add(self, wanted: NewFeeds) -> AddedFeeds:
        """Follow feeds, after those of earlier requests. Raises Mistake."""
        if wanted.unseen:
            return await asyncio.to_thread(self._add, wanted)
        await self._turn.acquire()
        work = _in_a_thread(partial(self._add, wanted))
        work.add_done_callback(self._ended)
        # A client that goes away ends no thread: the turn is over when the thread is.
        return await asyncio.shield(work)

    def _ended(self, work: asyncio.Future[AddedFeeds]) -> None:
        self._turn.release()
        if not work.cancelled():
            work.exception()  # its client may have gone away


def _in_a_thread(work: Callable[[], AddedFeeds]) -> asyncio.Future[AddedFeeds]:
    done: Future[AddedFeeds] = Future()
    done.set_running_or_notify_cancel()  # from now on it cannot be cancelled

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            done.set_exception(error)

    threading.Thread(target=run, name="looking", daemon=True).start()
    return asyncio.wrap_future(done)
