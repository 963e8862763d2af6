"""Whatever order things happen in: every input has one output, and keys keep their order.

Members read, commit, fail, fall silent until they are taken for dead, come back with what they
held, leave and join, while records are published. Some look at `taken()` as they should, and
some never do: those are told by LostOwnership.

Steps are chosen by a seeded random. Hypothesis' state machines switch some rules off in each
run: sixty runs overlooked missing checks that need them all, and that these eight find.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from onrecord.errors import LostOwnership
from onrecord.log.interface import Member, Message, SessionPolicy
from onrecord.log.sqlite import SqliteLog
from tests.log.contract import (
    NOON,
    assert_each_key_in_order,
    copy,
    copy_and_fail,
    gather,
    read_all,
    topic,
    values,
)

# So long that leases end by the test's own clock only.
SESSION = SessionPolicy(session_s=3000)
SLOTS = 3
STEPS = 150


class Worker:
    """A member with what it has in hand."""

    def __init__(self, member: Member, *, looks_at_taken: bool) -> None:
        self.member = member
        self.hand: list[Message] = []
        self._looks_at_taken = looks_at_taken

    def poll(self, limit: int) -> None:
        self.member._next_look = 0.0  # type: ignore[attr-defined]
        messages = self.member.poll(limit=limit, timeout_s=0)
        if self._looks_at_taken:
            taken = self.member.taken()
            self.hand = [message for message in self.hand if message.source not in taken]
        self.hand += messages

    def commit(self, count: int) -> None:
        if not self.hand:
            return
        try:
            copy(self.member, self.hand[:count], "out")
            self.hand = self.hand[count:]
        except LostOwnership:
            self.give_up()

    def fail(self) -> None:
        with pytest.raises(ZeroDivisionError):
            copy_and_fail(self.member, self.hand, "out")
        self.give_up()

    def give_up(self) -> None:
        self.hand = []
        self.member.rewind()


class World:
    """A log, some workers, and what can happen to them."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        self.chance = chance
        self.now = NOON
        self.log = SqliteLog(path, session=SESSION, clock=self.clock)
        topic(self.log, "in", partitions=4)
        topic(self.log, "out", partitions=2)
        self.writer = self.log.writer("w")
        self.workers: dict[int, Worker] = {}
        self.published = 0
        self.history: list[tuple[str, int]] = []  # shown when a test fails

    def clock(self) -> datetime:
        return self.now

    def step(self) -> None:
        slot = self.chance.randrange(SLOTS)
        acts = (self.publish, self.poll, self.commit, self.fail, self.take_over, self.leave)
        act = self.chance.choices(acts, weights=(3, 6, 6, 1, 2, 1))[0]
        self.history.append((act.__name__, slot))
        if slot in self.workers:
            act(slot)
        else:
            self.join(slot)

    def join(self, slot: int) -> None:
        member = self.log.join("g", ["in"], name=f"m{slot}")
        self.workers[slot] = Worker(member, looks_at_taken=self.chance.random() < 0.5)

    def publish(self, slot: int) -> None:
        with self.writer.transaction() as tx:
            for number in range(self.published, self.published + 4):
                tx.publish("in", key=b"%d" % (number % 7), value=b"%d" % number)
        self.published += 4

    def poll(self, slot: int) -> None:
        self.workers[slot].poll(self.chance.choice([0, 2, 100]))

    def commit(self, slot: int) -> None:
        self.workers[slot].commit(self.chance.choice([1, 3, 100]))

    def fail(self, slot: int) -> None:
        self.workers[slot].fail()

    def leave(self, slot: int) -> None:
        self.workers.pop(slot).member.close()

    def take_over(self, slot: int) -> None:
        """The others have been silent for too long: this one takes everything, and works."""
        self.now += timedelta(seconds=SESSION.session_s + 1)
        self.workers[slot].poll(100)
        self.workers[slot].commit(100)
        if self.chance.random() < 0.5:
            self.leave(slot)

    def finish(self) -> list[Message]:
        """What is in "out" when all work is done."""
        for slot in list(self.workers):
            self.leave(slot)
        with self.log.join("g", ["in"], name="last") as last:
            while any(any(group.lag.values()) for group in self.log.groups()):
                copy(last, gather(last, 1), "out")
        return read_all(self.log, "out")


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def world(tmp_path: Path, chance: random.Random) -> Iterator[World]:
    world = World(tmp_path / "onrecord.db", chance)
    yield world
    world.log.close()


@pytest.mark.parametrize("chance", range(8), indirect=True)
def test_every_input_has_one_output_whatever_happens_in_between(world: World) -> None:
    for _ in range(STEPS):
        world.step()
    messages = world.finish()
    assert world.published > 0
    assert Counter(values(messages)) == Counter(b"%d" % n for n in range(world.published))
    assert_each_key_in_order(messages)
