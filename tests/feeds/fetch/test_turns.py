"""Places are given in turns by key, whatever number of requests a key has waiting."""

import asyncio
from contextlib import AsyncExitStack

from onrecord.feeds.fetch import BodyRoom, Turns, TwoLanes
from tests.patience import PATIENCE_S


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
        return await asyncio.wait_for(served(turns, ["d"]), PATIENCE_S)

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
        return await asyncio.wait_for(served(turns, ["c"]), PATIENCE_S)

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


def test_a_feed_holds_no_more_than_an_eighth_of_the_places_for_bodies() -> None:
    async def go() -> tuple[int, bool]:
        room, held = BodyRoom(bodies=32, large=3), 0

        async def hold(feed: str) -> None:
            nonlocal held
            async with room.hold(feed) as make_room:
                await make_room(False)
                held += feed != "good"
                await asyncio.sleep(0 if feed == "good" else 60)

        holding = [asyncio.create_task(hold(f"slow {n % 7}")) for n in range(140)]
        for _ in range(10):
            await asyncio.sleep(0)
        await asyncio.wait_for(hold("good"), PATIENCE_S)
        for task in holding:
            task.cancel()
        await asyncio.gather(*holding, return_exceptions=True)
        return held, all(task.done() for task in holding)

    assert asyncio.run(go()) == (28, True)


def slow_lanes(now: list[float]) -> TwoLanes:
    """Eight places, and ten keys that are slow."""
    lanes = TwoLanes(8, per_key=2, clock=lambda: now[0])
    for number in range(10):
        lanes.note_slow(f"slow {number}")
    return lanes


async def held_by_slow_keys(lanes: TwoLanes, then: str) -> tuple[int, bool]:
    """How many places slow keys hold that all ask for many, and if one is left for another key."""
    held = 0

    async def hold(key: str) -> None:
        nonlocal held
        async with lanes.place(key):
            held += 1
            await asyncio.sleep(60)

    holding = [asyncio.create_task(hold(f"slow {n % 10}")) for n in range(100)]
    for _ in range(10):
        await asyncio.sleep(0)
    async with AsyncExitStack() as stack:
        entering = asyncio.create_task(stack.enter_async_context(lanes.place(then)))
        for _ in range(10):
            await asyncio.sleep(0)
        has_place = entering.done()
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
    for task in holding:
        task.cancel()
    await asyncio.gather(*holding, return_exceptions=True)
    return held, has_place


def test_all_slow_keys_together_hold_half_of_the_places() -> None:
    assert asyncio.run(held_by_slow_keys(slow_lanes([0.0]), then="quick")) == (4, True)


def test_a_key_that_becomes_slow_waits_with_the_slow_ones() -> None:
    lanes = slow_lanes([0.0])
    lanes.note_slow("quick")
    assert asyncio.run(held_by_slow_keys(lanes, then="quick")) == (4, False)


def test_a_key_is_slow_for_ten_minutes() -> None:
    now = [0.0]
    lanes = slow_lanes(now)
    now[0] = 599.0
    assert lanes.is_slow("slow 1")
    now[0] = 601.0
    assert not lanes.is_slow("slow 1")
    assert asyncio.run(held_by_slow_keys(lanes, then="quick")) == (8, False)


def test_what_will_take_long_waits_with_the_slow_ones() -> None:
    async def go() -> tuple[bool, bool]:
        lanes = TwoLanes(2)

        async def is_served(key: str, *, is_slow: bool) -> bool:
            async def enter() -> None:
                async with lanes.place(key, is_slow=is_slow):
                    pass

            entering = asyncio.create_task(enter())
            for _ in range(10):
                await asyncio.sleep(0)
            entering.cancel()
            return not (await asyncio.gather(entering, return_exceptions=True))[0]

        async with lanes.place("large", is_slow=True):
            return await is_served("b", is_slow=True), await is_served("c", is_slow=False)

    assert asyncio.run(go()) == (False, True)
