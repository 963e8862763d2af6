"""Places are given in turns by key, whatever number of requests a key has waiting."""

import asyncio

from onrecord.feeds.fetch import BodyRoom, Turns


async def served(turns: Turns, keys: list[str]) -> list[str]:
    """The order in which these requests, all made at once, hold their place."""
    order: list[str] = []

    async def hold(key: str) -> None:
        async with turns.place(key):
            order.append(key)
            await asyncio.sleep(0)

    await asyncio.gather(*map(hold, keys))
    return order


def test_one_request_waits_for_one_of_each_other_key_at_most() -> None:
    order = asyncio.run(served(Turns(1), [*["many"] * 50, "few", "few", "one"]))
    assert order.index("few") <= 2
    assert order.index("one") <= 3
    assert len(order) == 53


def test_a_key_holds_no_more_than_its_share() -> None:
    async def go() -> int:
        turns, held, most = Turns(8, per_key=4), 0, 0

        async def hold() -> None:
            nonlocal held, most
            async with turns.place("flood"):
                held += 1
                most = max(most, held)
                await asyncio.sleep(0)
                held -= 1

        await asyncio.gather(*(hold() for _ in range(100)))
        return most

    assert asyncio.run(go()) == 4


def test_a_cancelled_wait_gives_its_place_back() -> None:
    async def go() -> list[str]:
        turns = Turns(1)
        async with turns.place("a"):
            waiting = asyncio.create_task(served(turns, ["b"]))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        granted = asyncio.create_task(served(turns, ["c"]))
        await asyncio.sleep(0)
        granted.cancel()
        await asyncio.gather(granted, return_exceptions=True)
        return await asyncio.wait_for(served(turns, ["d"]), 5)

    assert asyncio.run(go()) == ["d"]


def test_a_place_is_not_given_to_a_wait_that_is_being_cancelled() -> None:
    async def go() -> list[str]:
        turns = Turns(1)

        async def hold() -> None:
            async with turns.place("a"):
                pass

        async with turns.place("b"):
            waiting = [asyncio.create_task(hold()) for _ in range(3)]
            await asyncio.sleep(0)
            for task in waiting:
                task.cancel()
            # The place is given back before the cancelled tasks have run.
        await asyncio.gather(*waiting, return_exceptions=True)
        return await asyncio.wait_for(served(turns, ["c"]), 5)

    assert asyncio.run(go()) == ["c"]


def test_a_feed_holds_no_more_than_half_of_the_large_bodies() -> None:
    async def go() -> int:
        room, held = BodyRoom(bodies=16, large=4), 0

        async def hold() -> None:
            nonlocal held
            async with room.hold("flood") as make_room:
                await make_room(False)
                await make_room(True)
                held += 1
                await asyncio.sleep(60)

        holding = [asyncio.create_task(hold()) for _ in range(20)]
        for _ in range(10):
            await asyncio.sleep(0)
        for task in holding:
            task.cancel()
        await asyncio.gather(*holding, return_exceptions=True)
        return held

    assert asyncio.run(go()) == 2
