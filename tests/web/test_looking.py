"""Looking at new feeds beside all other work."""

import asyncio
from threading import Event

import pytest

from onrecord.errors import Mistake
from onrecord.processing.feeds.requests import AddedFeeds, NewFeeds
from onrecord.web.looking import Looking
from tests.patience import PATIENCE_S

NOTHING = AddedFeeds(added=(), changed=(), known=(), refused=())
NEW = NewFeeds(urls=("https://slow.example/",))


def test_one_request_looks_at_a_time_also_where_its_client_went_away() -> None:
    begun: list[NewFeeds] = []
    has_begun, goes_on = Event(), Event()

    def add(wanted: NewFeeds) -> AddedFeeds:
        begun.append(wanted)
        has_begun.set()
        assert goes_on.wait(PATIENCE_S)
        return NOTHING

    async def ask() -> None:
        looking = Looking(add)
        first = asyncio.create_task(looking.add(NEW))
        assert await asyncio.to_thread(has_begun.wait, 60)
        waiting = [asyncio.create_task(looking.add(NEW)) for _ in range(3)]
        first.cancel()
        waiting[0].cancel()
        await asyncio.wait([first, waiting[0]])
        await asyncio.sleep(0)
        assert begun == [NEW]  # the first still looks
        goes_on.set()
        assert await asyncio.gather(*waiting[1:]) == [NOTHING] * 2
        assert begun == [NEW] * 3  # and who left before its turn never does

    asyncio.run(ask())


def test_slow_sites_hold_up_no_shutdown() -> None:
    has_begun, goes_on = Event(), Event()

    def add(_: NewFeeds) -> AddedFeeds:
        has_begun.set()
        goes_on.wait()
        return NOTHING

    async def ask() -> None:
        task = asyncio.create_task(Looking(add).add(NEW))
        assert await asyncio.to_thread(has_begun.wait, 60)
        task.cancel()

    try:
        asyncio.run(ask())  # waits for the threads of the loop's own pool
        assert not goes_on.is_set()
    finally:
        goes_on.set()


def test_a_mistake_reaches_who_asked() -> None:
    def add(_: NewFeeds) -> AddedFeeds:
        raise Mistake("nonsense")

    async def ask() -> None:
        looking = Looking(add)
        for _ in range(2):
            with pytest.raises(Mistake, match="nonsense"):
                await looking.add(NEW)

    asyncio.run(ask())
