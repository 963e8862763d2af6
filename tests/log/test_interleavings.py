"""Whatever order things happen in: every input has one output, and keys keep their order.

Members read, commit, fail, fall silent until they are taken for dead, come back with what they
held, leave and join, while records are published. Some look at `taken()` as they should, and
some never do: those are told by LostOwnership.
"""

import shutil
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from pipeline.errors import LostOwnership
from pipeline.log.interface import Member, Message, SessionPolicy
from pipeline.log.sqlite import SqliteLog
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

# So long that leases end by the machine's own clock only, and never while a test runs.
SESSION = SessionPolicy(session_s=3000)
SLOTS = st.integers(0, 2)


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
        try:
            copy(self.member, self.hand[:count], "out")
            self.hand = self.hand[count:]
        except LostOwnership:
            self.give_up()

    def fail(self) -> None:
        try:
            copy_and_fail(self.member, self.hand, "out")
        except ZeroDivisionError:
            self.give_up()

    def give_up(self) -> None:
        self.hand = []
        self.member.rewind()


class Interleavings(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now = NOON
        self.log = SqliteLog(self.folder / "onrecord.db", session=SESSION, clock=self.clock)
        topic(self.log, "in", partitions=3)
        topic(self.log, "out", partitions=2)
        self.writer = self.log.writer("w")
        self.workers: dict[int, Worker] = {}
        self.published = 0

    def clock(self) -> datetime:
        return self.now

    @rule(count=st.integers(1, 8), keys=st.integers(1, 5))
    def publish(self, count: int, keys: int) -> None:
        with self.writer.transaction() as tx:
            for number in range(self.published, self.published + count):
                tx.publish("in", key=b"%d" % (number % keys), value=b"%d" % number)
        self.published += count

    @rule(slot=SLOTS, looks=st.booleans())
    def join(self, slot: int, looks: bool) -> None:
        if slot not in self.workers:
            member = self.log.join("g", ["in"], name=f"m{slot}")
            self.workers[slot] = Worker(member, looks_at_taken=looks)

    @precondition(lambda self: self.workers)
    @rule(slot=SLOTS, limit=st.integers(0, 6))
    def poll(self, slot: int, limit: int) -> None:
        if slot in self.workers:
            self.workers[slot].poll(limit)

    @precondition(lambda self: self.workers)
    @rule(slot=SLOTS, count=st.integers(1, 8))
    def commit(self, slot: int, count: int) -> None:
        if slot in self.workers and self.workers[slot].hand:
            self.workers[slot].commit(count)

    @precondition(lambda self: self.workers)
    @rule(slot=SLOTS)
    def fail(self, slot: int) -> None:
        if slot in self.workers:
            self.workers[slot].fail()

    @precondition(lambda self: self.workers)
    @rule(slot=SLOTS)
    def leave(self, slot: int) -> None:
        if slot in self.workers:
            self.workers.pop(slot).member.close()

    @precondition(lambda self: self.workers)
    @rule()
    def fall_silent(self) -> None:
        """Every lease ends: whoever polls next takes the others for dead."""
        self.now += timedelta(seconds=SESSION.session_s + 1)

    def teardown(self) -> None:
        for worker in self.workers.values():
            worker.member.close()
        with self.log.join("g", ["in"], name="last") as last:
            while sum(self.lag()) > 0:
                copy(last, gather(last, 1), "out")
        messages = read_all(self.log, "out")
        self.log.close()
        shutil.rmtree(self.folder)
        assert Counter(values(messages)) == Counter(b"%d" % n for n in range(self.published))
        assert_each_key_in_order(messages)

    def lag(self) -> list[int]:
        return [count for group in self.log.groups() for count in group.lag.values()]


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
