"""What every log must do, whatever keeps it. One suite; each log's test file inherits it.

A log's test file gives the fixture `harness` and inherits `LogContract`. Nothing here looks
below `interface.py`, and nothing relies on more than it promises: offsets may have holes,
members may take a moment to agree, maintenance may take its time.
"""

import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from queue import Empty, Queue
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Protocol, TypeVar

import pytest

from onrecord.errors import (
    Fenced,
    GroupActive,
    LogUnavailable,
    LostOwnership,
    Mistake,
    OffsetOutOfRange,
    RecordTooLarge,
    UnknownTopic,
)
from onrecord.log.interface import (
    GroupStatus,
    Headers,
    Log,
    Member,
    Message,
    Partition,
    Reader,
    SessionPolicy,
    Start,
    TopicSettings,
)
from onrecord.log.partitioner import Partitioner
from tests.patience import PATIENCE_S

T = TypeVar("T")

# Long enough for members to be kept through the pauses of a loaded machine.
SESSION = SessionPolicy(session_s=20.0, max_idle_s=60.0)
# For members that are stopped or killed: others wait for the end of it.
SHORT = replace(SESSION, session_s=2.0)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Harness(Protocol):
    """A log to be tested, and what tests need around it.

    `takeover_s`: within this, a killed member's partitions belong to somebody else.
    """

    url: str
    takeover_s: float

    def open(self, session: SessionPolicy = SESSION) -> Log:
        """The log. Opened several times, it is the same."""

    def away(self) -> AbstractContextManager[None]:
        """While this is entered, the log does not answer."""


@dataclass
class Child:
    """One of the processes of `children.py`."""

    process: subprocess.Popen[str]
    lines: Queue[str] = field(default_factory=Queue)

    def __post_init__(self) -> None:
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def hear(self) -> str:
        """The next line it says."""
        try:
            return self.lines.get(timeout=PATIENCE_S)
        except Empty:
            raise AssertionError(f"silent; exit code {self.process.poll()}") from None

    def heard(self) -> list[str]:
        """All it said that was not heard yet. Once it is dead: all it ever said."""
        if self.process.poll() is not None:
            self._listener.join()
        return [self.lines.get_nowait() for _ in range(self.lines.qsize())]

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.send_signal(SIGKILL)
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self._listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def children(harness: Harness) -> Iterator[Callable[..., Child]]:
    """Starts processes; those that still live are killed in the end."""
    with ExitStack() as stack:

        def start(act: str, *arguments: object, session: SessionPolicy = SHORT) -> Child:
            words = [harness.url, session.session_s, *arguments]
            script = Path(__file__).with_name("children.py")
            child = Child(
                subprocess.Popen(
                    [sys.executable, str(script), act, *map(str, words)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(child.close)
            return child

        yield start


def eventually(look: Callable[[], T | None], *, within_s: float = PATIENCE_S) -> T:
    """What `look` gives as soon as that is true; fails if it does not become true in time."""
    until = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < until, f"still {found!r} after {within_s} s"
        time.sleep(0.01)
    return found


def topic(log: Log, name: str, **settings: object) -> str:
    log.create_topic(name, TopicSettings(**({"partitions": 4} | settings)))  # type: ignore[arg-type]
    return name


def publish(log: Log, name: str, *values: bytes | None, key: bytes | None = b"key") -> None:
    """Publish values under one key, in one transaction."""
    with log.writer(f"test {name}") as writer, writer.transaction() as tx:
        for value in values:
            tx.publish(name, key=key, value=value)


def fill(log: Log, name: str, count: int) -> list[bytes]:
    """Publish values "0", "1", … each under its own key; the values."""
    values = [str(number).encode() for number in range(count)]
    with log.writer(f"fill {name}") as writer, writer.transaction() as tx:
        for value in values:
            tx.publish(name, key=value, value=value)
    return values


def values(messages: Iterable[Message]) -> list[bytes | None]:
    return [message.value for message in messages]


def gather(reader: Reader, count: int) -> list[Message]:
    """The next `count` messages, and never more."""
    messages: list[Message] = []
    until = time.monotonic() + PATIENCE_S
    while len(messages) < count:
        assert time.monotonic() < until, f"{len(messages)} messages, not {count}"
        messages += reader.poll(limit=count - len(messages), timeout_s=0.5)
    return messages


def gather_in_steps(reader: Reader, count: int, *, step: int) -> list[Message]:
    """The first `count` messages, or a few more, polled for so many at a time."""
    found: list[Message] = []
    while len(found) < count:
        found += eventually(lambda: reader.poll(limit=step, timeout_s=1))
    return found


def read_all(log: Log, name: str) -> list[Message]:
    """Everything in a topic now."""
    ends = {partition: end for partition, (_, end) in log.bounds(name).items()}
    messages: list[Message] = []
    with log.reader([name]) as reader:
        while any(reader.position(partition) < end for partition, end in ends.items()):
            messages += reader.poll(limit=500, timeout_s=0.5)
    return messages


def positions(messages: Iterable[Message]) -> dict[Partition, int]:
    return {message.source: message.next_offset for message in messages}


def copy(member: Member, messages: Sequence[Message], target: str) -> None:
    """What a worker does: results and positions in one step."""
    with member.transaction() as tx:
        for message in messages:
            tx.publish(target, key=message.key, value=message.value)
        tx.commit(positions(messages))


def commit(member: Member, messages: Iterable[Message]) -> None:
    """Move the group's positions past these messages."""
    with member.transaction() as tx:
        tx.commit(positions(messages))


def copy_and_fail(member: Member, messages: Sequence[Message], target: str) -> None:
    with member.transaction() as tx:
        for message in messages:
            tx.publish(target, key=message.key, value=message.value)
        tx.commit(positions(messages))
        raise ZeroDivisionError


def share(members: Sequence[Member]) -> list[frozenset[Partition]]:
    """Let members agree; what each owns."""
    for member in members:
        member.poll(limit=0, timeout_s=0)
    return [member.partitions() for member in members]


def agree(members: Sequence[Member], partitions: int) -> list[frozenset[Partition]]:
    """Let members agree until every partition has an owner and shares are even."""

    def agreed() -> list[frozenset[Partition]] | None:
        shares = share(members)
        sizes = [len(owned) for owned in shares]
        return shares if sum(sizes) == partitions and max(sizes) - min(sizes) <= 1 else None

    return eventually(agreed)


def assert_each_key_in_order(messages: Iterable[Message]) -> None:
    last: dict[bytes | None, int] = {}
    for message in messages:
        number = int((message.value or b"").rpartition(b":")[2])
        assert number > last.get(message.key, -1)
        last[message.key] = number


class LogContract:
    @pytest.fixture
    def log(self, harness: Harness) -> Iterator[Log]:
        with harness.open() as log:
            yield log

    # ── records ──────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize(
        ("key", "value", "headers"),
        [
            (b"key", b"value", (("a", b"1"), ("b", b"2"))),
            (None, b"no key", ()),
            (b"no value", None, ()),
            (None, None, ()),
            (b"", b"", (("", b""),)),
            (b"header without a value", b"", (("a", None),)),
            (b"the same header twice", b"", (("a", b"2"), ("a", b"1"), ("a", b"2"))),
            (b"\xff\xfe\x00", b"\x00\xff not UTF-8", (("not UTF-8", b"\xff\x00"),)),
            ("ключ".encode(), "значение".encode(), (("имя", "е".encode()),)),
        ],
    )
    def test_a_record_is_read_exactly_as_it_was_published(
        self, log: Log, key: bytes | None, value: bytes | None, headers: Headers
    ) -> None:
        topic(log, "t", partitions=1)
        before = datetime.now(UTC)
        with log.writer("w") as writer, writer.transaction() as tx:
            tx.publish("t", key=key, value=value, headers=headers)
        after = datetime.now(UTC)

        [message] = read_all(log, "t")

        assert message == Message("t", 0, message.offset, message.timestamp, key, value, headers)
        assert before - timedelta(milliseconds=1) <= message.timestamp <= after

    def test_a_given_timestamp_is_kept_to_the_millisecond(self, log: Log) -> None:
        topic(log, "t")
        when = NOON + timedelta(microseconds=123_999)
        with log.writer("w") as writer, writer.transaction() as tx:
            tx.publish("t", key=b"k", value=b"", timestamp=when)
        [message] = read_all(log, "t")
        assert message.timestamp == NOON + timedelta(milliseconds=123)

    def test_concurrent_writers_keep_each_key_in_the_order_written(self, log: Log) -> None:
        topic(log, "t", partitions=3)

        def write(name: str) -> None:
            with log.writer(name) as writer:
                for start in range(0, 60, 5):
                    with writer.transaction() as tx:
                        for number in range(start, start + 5):
                            key = f"{name}{number % 4}".encode()
                            tx.publish("t", key=key, value=f"{name}:{number}".encode())

        threads = [threading.Thread(target=write, args=(f"writer{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        messages = read_all(log, "t")
        assert len(set(values(messages))) == len(messages) == 4 * 60
        assert_each_key_in_order(messages)

    def test_offsets_only_grow(self, log: Log) -> None:
        topic(log, "t", partitions=2)
        for _ in range(3):
            fill(log, "t", 20)
        last: dict[Partition, int] = defaultdict(lambda: -1)
        for message in read_all(log, "t"):
            assert message.offset > last[message.source]
            last[message.source] = message.offset

    def test_a_key_has_the_partition_that_kafka_gives_it(self, log: Log) -> None:
        topic(log, "t", partitions=7)
        fill(log, "t", 50)
        for message in read_all(log, "t"):
            assert message.partition == Partitioner().choose(message.key, 7)

    def test_records_without_a_key_are_spread(self, log: Log) -> None:
        topic(log, "t", partitions=2)
        with log.writer("w") as writer:
            for _ in range(20):
                with writer.transaction() as tx:
                    tx.publish("t", key=None, value=b"")
        assert {message.partition for message in read_all(log, "t")} == {0, 1}

    def test_a_record_of_a_megabyte_is_read_back_whole(self, log: Log) -> None:
        topic(log, "t")
        value = random.Random(1).randbytes(1024 * 1024)
        publish(log, "t", value)
        assert values(read_all(log, "t")) == [value]

    def test_a_record_that_is_too_large_is_refused_and_spoils_nothing(self, log: Log) -> None:
        topic(log, "t", partitions=1, max_record_bytes=1000)
        with log.writer("w") as writer, writer.transaction() as tx:
            tx.publish("t", key=b"k", value=b"before")
            with pytest.raises(RecordTooLarge) as refusal:
                tx.publish("t", key=b"k", value=b"x" * 1000)
            tx.publish("t", key=b"k", value=b"after")
        assert (refusal.value.topic, refusal.value.limit) == ("t", 1000)
        assert values(read_all(log, "t")) == [b"before", b"after"]

    def test_a_record_for_an_unknown_topic_is_refused_and_spoils_nothing(self, log: Log) -> None:
        topic(log, "t")
        with log.writer("w") as writer, writer.transaction() as tx:
            with pytest.raises(UnknownTopic, match="'other'"):
                tx.publish("other", key=b"k", value=b"v")
            tx.publish("t", key=b"k", value=b"v")
        assert values(read_all(log, "t")) == [b"v"]

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def test_an_empty_partition_and_its_end_give_nothing_until_something_comes(
        self, log: Log
    ) -> None:
        topic(log, "t", partitions=1)
        with log.reader(["t"]) as reader:
            assert reader.poll(limit=10, timeout_s=0.05) == []
            publish(log, "t", b"1")
            assert values(gather(reader, 1)) == [b"1"]
            assert reader.poll(limit=10, timeout_s=0.05) == []
            publish(log, "t", b"2")
            assert values(gather(reader, 1)) == [b"2"]

    def test_a_position_past_the_end_is_refused(self, log: Log) -> None:
        topic(log, "t", partitions=1)
        publish(log, "t", b"1")
        partition = Partition("t", 0)
        end = log.bounds("t")[partition][1]
        with pytest.raises(OffsetOutOfRange) as refusal:
            log.reader(["t"], start={partition: end + 1})
        assert (refusal.value.topic, refusal.value.partition) == partition
        assert (refusal.value.offset, refusal.value.end) == (end + 1, end)

    def test_a_poll_gives_no_more_than_its_limit_and_loses_nothing(self, log: Log) -> None:
        topic(log, "t", partitions=3)
        wanted = fill(log, "t", 100)
        with log.reader(["t"]) as reader:
            got: list[bytes | None] = []
            while len(got) < 100:
                messages = eventually(lambda: reader.poll(limit=7, timeout_s=1))
                assert len(messages) <= 7
                got += values(messages)
            assert sorted(got) == sorted(wanted)  # type: ignore[type-var]

    def test_a_waiting_reader_gets_what_another_process_publishes_at_once(
        self, harness: Harness, log: Log
    ) -> None:
        topic(log, "t", partitions=1)
        arrived: Queue[list[Message]] = Queue()
        with children(harness) as start, log.reader(["t"]) as reader:

            def wait_for_an_hour() -> None:
                arrived.put(reader.poll(limit=1, timeout_s=3600))

            waiting = threading.Thread(target=wait_for_an_hour, daemon=True)
            waiting.start()
            start("publish", "t", "other", 1)
            assert values(arrived.get(timeout=PATIENCE_S)) == [b"other:0:0"]
            waiting.join()

    def test_a_reader_starts_where_it_is_told(self, log: Log) -> None:
        topic(log, "t", partitions=2)
        with log.writer("w") as writer:
            for value in (b"0", b"1", b"2"):
                with writer.transaction() as tx:
                    tx.publish("t", key=b"k", value=value)
        first, second, third = read_all(log, "t")

        with log.reader(["t"], start={second.source: second.offset}) as reader:
            assert values(gather(reader, 2)) == [b"1", b"2"]
            assert reader.partitions() == {first.source}
            assert reader.position(first.source) >= third.next_offset
            reader.seek(first.source, first.offset)
            assert values(gather(reader, 3)) == [b"0", b"1", b"2"]
        with log.reader(["t"], start=Start.LATEST) as reader:
            publish(log, "t", b"new")
            assert values(gather(reader, 1)) == [b"new"]

    def test_readers_of_unknown_topics_and_partitions_are_refused(self, log: Log) -> None:
        topic(log, "t", partitions=1)
        with pytest.raises(UnknownTopic, match="'other'"):
            log.reader(["t", "other"])
        with pytest.raises(UnknownTopic):
            log.reader(["t"], start={Partition("t", 5): 0})
        with pytest.raises(UnknownTopic):
            log.bounds("other")
        with pytest.raises(UnknownTopic):
            log.offsets_at("other", NOON)

    def test_a_paused_partition_is_silent_until_resumed(self, log: Log) -> None:
        topic(log, "t", partitions=2)
        fill(log, "t", 40)
        paused = Partition("t", 0)
        silent = [message for message in read_all(log, "t") if message.source == paused]
        with log.reader(["t"]) as reader:
            reader.pause([paused])
            assert paused not in {message.source for message in gather(reader, 40 - len(silent))}
            assert reader.poll(limit=100, timeout_s=0.2) == []
            reader.resume([paused])
            assert gather(reader, len(silent)) == silent

    def test_a_backlog_is_read_from_all_partitions_in_turn(self, log: Log) -> None:
        topic(log, "t", partitions=4)
        with log.writer("w") as writer, writer.transaction() as tx:
            for n in range(2000):
                tx.publish("t", key=b"%d" % (n % 4), value=b"%d" % n, partition=n % 4)
        with log.reader(["t"]) as reader, log.join("g", ["t"], name="m") as member:
            for each in (reader, member):
                gathered = gather_in_steps(each, 400, step=20)
                shares = Counter(message.partition for message in gathered)
                assert min(shares[number] for number in range(4)) >= 40, shares
                assert_each_key_in_order(gathered)
                assert len({(m.partition, m.offset) for m in gathered}) == len(gathered)

    def test_partitions_read_in_turn_by_pausing_the_others_are_read_whole(self, log: Log) -> None:
        topic(log, "t", partitions=3)
        written = fill(log, "t", 900)
        ends = {partition: end for partition, (_, end) in log.bounds("t").items()}
        found: list[Message] = []
        with log.reader(["t"]) as reader:

            def read_on(partition: Partition) -> bool:
                reader.pause(reader.partitions() - {partition})
                reader.resume([partition])
                found.extend(reader.poll(limit=40, timeout_s=0.2))
                return all(reader.position(one) >= end for one, end in ends.items())

            turns = cycle(sorted(ends))
            eventually(lambda: read_on(next(turns)))
        assert Counter(values(found)) == Counter(written)

    # ── transactions ─────────────────────────────────────────────────────────────────────────

    def test_what_a_transaction_publishes_is_read_once_it_is_over(self, log: Log) -> None:
        topic(log, "t")
        with log.reader(["t"]) as reader, log.writer("w") as writer:
            with writer.transaction() as tx:
                tx.publish("t", key=b"k", value=b"v")
                assert reader.poll(limit=10, timeout_s=0.1) == []
            assert values(gather(reader, 1)) == [b"v"]

    def test_what_a_failed_transaction_published_and_committed_never_was(self, log: Log) -> None:
        topic(log, "in", partitions=1)
        topic(log, "out")
        publish(log, "in", b"1")
        with log.join("g", ["in"], name="m") as member:
            messages = gather(member, 1)
            with pytest.raises(ZeroDivisionError):
                copy_and_fail(member, messages, "out")
            assert log.committed("g") == {}
            member.rewind()
            copy(member, gather(member, 1), "out")
        assert values(read_all(log, "out")) == [b"1"]

    def test_a_transaction_over_several_topics_is_one_step(self, log: Log) -> None:
        for name in ("in", "out", "dead"):
            topic(log, name, partitions=1)
        publish(log, "in", b"1", b"2")
        with log.join("g", ["in"], name="m") as member:
            messages = gather(member, 2)
            with member.transaction() as tx:
                tx.publish("out", key=b"k", value=b"1")
                tx.publish("dead", key=b"k", value=b"2")
                tx.commit(positions(messages))
        assert values(read_all(log, "out")) == [b"1"]
        assert values(read_all(log, "dead")) == [b"2"]
        assert log.committed("g") == positions(messages)

    def test_after_a_commit_of_unknown_outcome_rewinding_repeats_nothing(self, log: Log) -> None:
        topic(log, "in", partitions=1)
        topic(log, "out")
        publish(log, "in", b"1", b"2")
        with log.join("g", ["in"], name="m") as member:
            copy(member, gather(member, 1), "out")
            member.rewind()  # as if the answer to the commit had been lost
            copy(member, gather(member, 1), "out")
        assert values(read_all(log, "out")) == [b"1", b"2"]

    def test_the_newer_of_two_writers_of_a_name_fences_the_older(self, log: Log) -> None:
        topic(log, "t")
        with log.writer("w") as older, log.writer("w") as newer, log.writer("other") as other:
            with pytest.raises(Fenced, match="'w'"), older.transaction() as tx:
                tx.publish("t", key=b"k", value=b"older")
            for name, writer in (("newer", newer), ("other", other)):
                with writer.transaction() as tx:
                    tx.publish("t", key=b"k", value=name.encode())
        assert values(read_all(log, "t")) == [b"newer", b"other"]

    def test_the_newer_of_two_members_of_a_name_fences_the_older(self, log: Log) -> None:
        topic(log, "in", partitions=1)
        topic(log, "out")
        publish(log, "in", b"1")
        with log.join("g", ["in"], name="m") as older:
            messages = gather(older, 1)
            with log.join("g", ["in"], name="m") as newer:
                with pytest.raises((Fenced, LostOwnership)):
                    copy(older, messages, "out")
                copy(newer, gather(newer, 1), "out")
        assert values(read_all(log, "out")) == [b"1"]

    def test_a_member_whose_name_was_taken_over_is_told_even_if_it_only_reads(
        self, log: Log
    ) -> None:
        topic(log, "t", partitions=2)
        with log.join("g", ["t"], name="m") as older:
            agree([older], 2)
            with log.join("g", ["t"], name="m") as newer:

                def told() -> bool:
                    newer.poll(limit=10, timeout_s=0.1)
                    try:
                        older.poll(limit=10, timeout_s=0.1)
                    except Fenced:
                        return True
                    return False

                eventually(told)
                assert len(newer.partitions()) == 2

    # ── groups ───────────────────────────────────────────────────────────────────────────────

    def test_a_group_goes_on_at_what_it_committed(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t", partitions=1)
            publish(log, "t", b"1", b"2", b"3")
            with log.join("g", ["t"], name="m") as member:
                messages = gather(member, 2)
                commit(member, messages[:1])
        with harness.open() as log, log.join("g", ["t"], name="m") as member:
            assert values(gather(member, 2)) == [b"2", b"3"]

    def test_a_record_can_be_put_beside_another_whatever_its_key_says(self, log: Log) -> None:
        topic(log, "t", partitions=4)
        with log.writer("w") as writer, writer.transaction() as tx:
            for number in range(4):
                tx.publish("t", key=b"key", value=b"%d" % number, partition=number)
        assert {(m.partition, m.value) for m in read_all(log, "t")} == {
            (number, b"%d" % number) for number in range(4)
        }

    def test_groups_are_independent(self, log: Log) -> None:
        topic(log, "t")
        wanted = fill(log, "t", 10)
        for group in ("live", "replay"):
            with log.join(group, ["t"], name="m") as member:
                messages = gather(member, 10)
                assert sorted(values(messages)) == sorted(wanted)  # type: ignore[type-var]
                if group == "live":
                    commit(member, messages)
            if group == "live":
                live = log.committed("live")
        assert log.committed("live") == live
        assert log.committed("replay") == {}

    def test_a_new_group_that_wants_the_latest_misses_nothing_from_then_on(self, log: Log) -> None:
        topic(log, "t", partitions=1)
        publish(log, "t", b"old")
        with log.join("g", ["t"], name="m", start=Start.LATEST):
            publish(log, "t", b"1")
        # It left without a commit: what came while it was there, and while not, is still due.
        publish(log, "t", b"2")
        with log.join("g", ["t"], name="m", start=Start.LATEST) as member:
            assert values(gather(member, 2)) == [b"1", b"2"]

    def test_members_share_the_partitions_evenly(self, log: Log) -> None:
        topic(log, "t", partitions=5)
        topic(log, "u", partitions=3)
        with ExitStack() as stack:
            members: list[Member] = []
            for name in ("a", "b", "c"):
                members.append(stack.enter_context(log.join("g", ["t", "u"], name=name)))
                shares = agree(members, 8)
                assert len(frozenset[Partition]().union(*shares)) == 8

            def as_told() -> bool:
                """The log tells the same, which it cannot while they agree anew."""
                shares = dict(zip("abc", agree(members, 8), strict=True))
                told = [group.members for group in log.groups() if group.name == "g"]
                return [{n: frozenset(p) for n, p in each.items()} for each in told] == [shares]

            eventually(as_told)
            members.pop().close()
            agree(members, 8)

    def test_what_a_member_keeps_it_goes_on_with(self, log: Log) -> None:
        topic(log, "in", partitions=4)
        topic(log, "out")
        fill(log, "in", 40)
        with log.join("g", ["in"], name="a") as a:
            first = gather(a, 20)
            with log.join("g", ["in"], name="b") as b:
                share([a, b])
                copy(a, first, "out")
                while len(read_all(log, "out")) < 40:
                    for member in (a, b):
                        if messages := member.poll(limit=5, timeout_s=0.05):
                            copy(member, messages, "out")
        assert len(set(values(read_all(log, "out")))) == 40

    def test_a_member_that_joins_takes_nothing_out_of_anothers_hands(self, log: Log) -> None:
        topic(log, "in", partitions=2)
        topic(log, "out")
        fill(log, "in", 20)
        with log.join("g", ["in"], name="a") as a:
            messages = gather(a, 20)
            with log.join("g", ["in"], name="b") as b:
                share([b, a])
                assert b.poll(limit=10, timeout_s=0.3) == []
                copy(a, messages, "out")
                agree([a, b], 2)
                assert b.poll(limit=10, timeout_s=0.3) == []
        assert len(read_all(log, "out")) == 20

    def test_a_member_says_which_partitions_were_taken(self, log: Log) -> None:
        topic(log, "t", partitions=4)
        with log.join("g", ["t"], name="a") as a:
            before, *_ = agree([a], 4)
            assert a.taken() == frozenset()
            with log.join("g", ["t"], name="b") as b:
                after, _ = agree([a, b], 4)
                assert a.taken() == before - after
                assert a.taken() == frozenset()

    def test_a_member_that_lost_its_partition_cannot_commit(self, harness: Harness) -> None:
        idle = replace(SHORT, max_idle_s=0.5)
        with harness.open() as log, harness.open(idle) as sleepy:
            topic(log, "in", partitions=1)
            topic(log, "out")
            publish(log, "in", b"1")
            with sleepy.join("g", ["in"], name="asleep") as asleep:
                lost = gather(asleep, 1)
                with log.join("g", ["in"], name="awake") as awake:
                    copy(awake, gather(awake, 1), "out")
                    with pytest.raises(LostOwnership):
                        copy(asleep, lost, "out")
                # It comes back, gets the partition again, and finds nothing left to do.
                assert asleep.poll(limit=10, timeout_s=0.2) == []
                agree([asleep], 1)
                assert asleep.taken() == {Partition("in", 0)}
                assert asleep.poll(limit=10, timeout_s=0.2) == []
            assert values(read_all(log, "out")) == [b"1"]

    def test_what_was_read_before_a_partition_was_lost_and_regained_cannot_be_committed(
        self, harness: Harness
    ) -> None:
        idle = replace(SHORT, max_idle_s=0.5)
        with harness.open() as log, harness.open(idle) as sleepy:
            topic(log, "in", partitions=1)
            topic(log, "out")
            publish(log, "in", b"1")
            with sleepy.join("g", ["in"], name="asleep") as asleep:
                stale = gather(asleep, 1)
                with log.join("g", ["in"], name="awake") as awake:
                    copy(awake, gather(awake, 1), "out")
                agree([asleep], 1)
                with pytest.raises(LostOwnership):
                    copy(asleep, stale, "out")
            assert values(read_all(log, "out")) == [b"1"]

    def test_a_member_keeps_its_partitions_however_long_its_work_takes(
        self, harness: Harness
    ) -> None:
        session = replace(SESSION, session_s=6.0)
        with harness.open(session) as log:
            topic(log, "in", partitions=1)
            topic(log, "out")
            publish(log, "in", b"1")
            with log.join("g", ["in"], name="slow") as slow:
                messages = gather(slow, 1)
                with log.join("g", ["in"], name="other") as other:
                    assert other.poll(limit=1, timeout_s=session.session_s * 1.5) == []
                    copy(slow, messages, "out")
            assert values(read_all(log, "out")) == [b"1"]

    def test_a_commit_for_a_partition_of_somebody_else_is_refused(self, log: Log) -> None:
        topic(log, "t", partitions=2)
        with log.join("g", ["t"], name="a") as a, log.join("g", ["t"], name="b") as b:
            _, [of_b] = agree([a, b], 2)
            with pytest.raises(LostOwnership), a.transaction() as tx:
                tx.commit({of_b: 0})
        assert log.committed("g") == {}

    def test_a_paused_partition_stays_paused_when_others_are_gained(self, log: Log) -> None:
        topic(log, "t", partitions=2)
        with log.join("g", ["t"], name="a") as a:
            with log.join("g", ["t"], name="b") as b:
                [kept], _ = agree([a, b], 2)
                a.pause([kept])
            agree([a], 2)
            fill(log, "t", 20)
            others = [message for message in read_all(log, "t") if message.source != kept]
            assert gather(a, len(others)) == others
            assert a.poll(limit=50, timeout_s=0.3) == []

    def test_partitions_that_are_added_get_an_owner_and_are_read_from_their_beginning(
        self, log: Log
    ) -> None:
        topic(log, "t", partitions=1)
        with (
            log.join("g", ["t"], name="m", start=Start.LATEST) as member,
            log.reader(["t"], start=Start.LATEST) as reader,
        ):
            agree([member], 1)
            log.alter_topic("t", TopicSettings(partitions=3))
            wanted = sorted(fill(log, "t", 30))
            assert sorted(values(gather(member, 30))) == wanted  # type: ignore[type-var]
            assert sorted(values(gather(reader, 30))) == wanted  # type: ignore[type-var]
            assert len(member.partitions()) == 3
        assert {message.partition for message in read_all(log, "t")} == {0, 1, 2}

    # ── lag ──────────────────────────────────────────────────────────────────────────────────

    def test_lag_is_zero_exactly_when_nothing_is_left(self, log: Log) -> None:
        topic(log, "in", partitions=3)
        topic(log, "out")
        fill(log, "in", 30)
        with log.join("g", ["in"], name="m") as member:
            agree([member], 3)
            done = 0
            while done < 30:
                assert sum(_group(log, "g").lag.values()) >= 1
                messages = member.poll(limit=7, timeout_s=1)
                copy(member, messages, "out")
                done += len(messages)
            status = _group(log, "g")
            assert dict(status.lag) == dict.fromkeys(status.lag, 0)
            assert status.waiting_since is None

    def test_what_waits_longest_is_told_by_its_age(self, log: Log) -> None:
        topic(log, "t", partitions=1)
        with log.writer("w") as writer, writer.transaction() as tx:
            for minute in range(3):
                at = NOON + timedelta(minutes=minute)
                tx.publish("t", key=b"k", value=b"", timestamp=at)
        with log.join("g", ["t"], name="m") as member:
            assert _group(log, "g").waiting_since == NOON
            commit(member, gather(member, 1))
            assert _group(log, "g").waiting_since == NOON + timedelta(minutes=1)

    # ── offsets by time ──────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize(
        ("minutes", "when", "expected"),
        [
            ([0, 1, 2], timedelta(minutes=1), 1),  # exactly
            ([0, 1, 2], timedelta(minutes=1, microseconds=1), 2),  # just after
            ([0, 1, 2], timedelta(seconds=90), 2),  # between
            ([0, 1, 2], timedelta(days=-1), 0),  # before the first
            ([0, 1, 2], timedelta(days=1), 3),  # after the last: the end
            ([0, 1, 1, 1, 2], timedelta(minutes=1), 1),  # the first of equals
            ([0, 5, 1, 2, 9], timedelta(minutes=2), 1),  # out of order
            ([0, 5, 1, 2, 9], timedelta(minutes=6), 4),
            ([9, 0, 1], timedelta(minutes=5), 0),
            ([], timedelta(), 0),
        ],
    )
    def test_an_offset_is_found_by_time(
        self, log: Log, minutes: list[int], when: timedelta, expected: int
    ) -> None:
        topic(log, "t", partitions=1)
        with log.writer("w") as writer, writer.transaction() as tx:
            for minute in minutes:
                at = NOON + timedelta(minutes=minute)
                tx.publish("t", key=b"k", value=b"", timestamp=at)
        partition = Partition("t", 0)
        offsets = [message.offset for message in read_all(log, "t")]
        offsets.append(log.bounds("t")[partition][1])
        assert log.offsets_at("t", NOON + when) == {partition: offsets[expected]}

    # ── reset ────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize(
        ("to", "expected"),
        [
            (lambda log: {p: begin for p, (begin, _) in log.bounds("t").items()}, b"01234"),
            (lambda log: {p: end for p, (_, end) in log.bounds("t").items()}, b""),
            (lambda log: log.offsets_at("t", NOON + timedelta(minutes=3)), b"34"),
            (lambda log: {p: o - 1 for p, o in log.committed("g").items()}, b"1234"),
            (lambda log: dict.fromkeys(log.bounds("t"), 1_000_000), b""),  # clamped
            (lambda log: dict.fromkeys(log.bounds("t"), -5), b"01234"),  # clamped
        ],
    )
    def test_a_group_without_members_starts_where_it_was_reset_to(
        self, log: Log, to: Callable[[Log], dict[Partition, int]], expected: bytes
    ) -> None:
        topic(log, "t", partitions=1)
        with log.writer("w") as writer:
            for minute in range(5):
                with writer.transaction() as tx:
                    at = NOON + timedelta(minutes=minute)
                    tx.publish("t", key=b"k", value=str(minute).encode(), timestamp=at)
        with log.join("g", ["t"], name="m") as member:
            commit(member, gather(member, 2))

        log.reset("g", to(log))

        with log.join("g", ["t"], name="m") as member:
            got = values(gather(member, len(expected)))
            assert b"".join(value or b"" for value in got) == expected
            assert member.poll(limit=1, timeout_s=0.2) == []

    def test_a_group_with_members_is_neither_reset_nor_deleted(self, log: Log) -> None:
        topic(log, "t", partitions=1)
        publish(log, "t", b"1")
        with log.join("g", ["t"], name="m") as member:
            messages = gather(member, 1)
            commit(member, messages)
            with pytest.raises(GroupActive) as refusal:
                log.reset("g", {Partition("t", 0): 0})
            assert (refusal.value.group, refusal.value.members) == ("g", 1)
            with pytest.raises(GroupActive) as refusal:
                log.delete_group("g")
            assert (refusal.value.group, refusal.value.members) == ("g", 1)
        assert log.committed("g") == positions(messages)
        log.delete_group("g")
        assert log.committed("g") == {}
        assert "g" not in {group.name for group in log.groups()}

    def test_a_reset_to_an_unknown_topic_is_refused(self, log: Log) -> None:
        with pytest.raises(UnknownTopic):
            log.reset("g", {Partition("nowhere", 0): 0})

    # ── topics ───────────────────────────────────────────────────────────────────────────────

    def test_a_topic_that_exists_is_left_as_it_is(self, log: Log) -> None:
        settings = TopicSettings(
            partitions=2, retention_s=3600, retention_bytes=10**9, max_record_bytes=5000
        )
        log.create_topic("t", settings)
        log.create_topic("t", TopicSettings(partitions=9))
        fill(log, "t", 10)
        [status] = [status for status in log.topics() if status.name == "t"]
        assert (status.settings, status.records, set(status.bounds)) == (settings, 10, {0, 1})
        assert status.size_bytes >= 20

    def test_how_a_topic_differs_from_what_is_wanted_is_told_and_nothing_changed(
        self, log: Log
    ) -> None:
        topic(log, "t", partitions=2, retention_s=7 * 86_400, max_record_bytes=5000)
        wanted = TopicSettings(partitions=4, compacted=True, max_record_bytes=6000)
        present = TopicSettings(partitions=2, retention_s=7 * 86_400, max_record_bytes=5000)
        assert log.differences("t", wanted) == [
            "2 partitions, not 4",
            "not compacted",
            "kept 7 days, not for ever",
            "records of up to 5,000 bytes, not 6,000 bytes",
        ]
        assert log.differences("t", present) == []
        assert [status.settings for status in log.topics()] == [present]
        with pytest.raises(UnknownTopic):
            log.differences("other", wanted)

    def test_topics_and_groups_of_others_can_be_left_out(self, log: Log) -> None:
        for name in ("ours.a", "ours.b", "theirs"):
            topic(log, name, partitions=1)
            publish(log, name, b"1", b"2")
        for name, followed in (("both", ["ours.a", "theirs"]), ("other", ["theirs"])):
            with log.join(name, followed, name="m") as member:
                agree([member], len(followed))
                assert log.members(name) == {"m": sorted(member.partitions())}
                commit(member, gather(member, 2 * len(followed)))
        publish(log, "theirs", b"3")
        assert [status.name for status in log.topics("ours.")] == ["ours.a", "ours.b"]
        [group] = log.groups("ours.")
        assert group.name == "both"
        assert dict(group.lag) == {Partition("ours.a", 0): 0}
        assert set(group.positions) == {Partition("ours.a", 0)}
        assert {group.name for group in log.groups()} == {"both", "other"}
        assert log.members("both") == log.members("nobody") == {}

    def test_a_topic_can_change_but_not_shrink(self, log: Log) -> None:
        topic(log, "t", partitions=2)
        changed = TopicSettings(partitions=4, retention_s=60, compacted=True)
        log.alter_topic("t", changed)
        with pytest.raises(Mistake, match="4 partitions"):
            log.alter_topic("t", TopicSettings(partitions=3))
        assert [status.settings for status in log.topics()] == [changed]
        with pytest.raises(UnknownTopic):
            log.alter_topic("other", changed)

    @pytest.mark.parametrize("name", ["", ".", "a b", "a/b", "x" * 250, "ü"])
    def test_a_name_that_kafka_would_not_take_is_refused(self, log: Log, name: str) -> None:
        with pytest.raises(Mistake, match="cannot name a topic"):
            log.create_topic(name, TopicSettings())

    def test_a_deleted_topic_is_gone_with_its_records_and_positions(self, log: Log) -> None:
        topic(log, "t", partitions=1)
        publish(log, "t", b"old")
        with log.join("g", ["t"], name="m") as member:
            commit(member, gather(member, 1))
        log.delete_topic("t")
        with pytest.raises(UnknownTopic):
            log.bounds("t")
        assert log.committed("g") == {}
        topic(log, "t", partitions=1)
        publish(log, "t", b"new")
        assert values(read_all(log, "t")) == [b"new"]

    # ── retention and compaction ─────────────────────────────────────────────────────────────

    def test_records_past_their_age_are_removed_and_no_others(self, log: Log) -> None:
        topic(log, "t", partitions=1, retention_s=3600)
        topic(log, "kept", partitions=1)
        old = datetime.now(UTC) - timedelta(hours=2)
        with log.writer("w") as writer:
            for value, at in ((b"old", old), (b"new", datetime.now(UTC))):
                with writer.transaction() as tx:
                    tx.publish("t", key=b"k", value=value, timestamp=at)
                    tx.publish("kept", key=b"k", value=value, timestamp=at)

        def cleaned() -> bool:
            log.maintain(datetime.now(UTC))
            return values(read_all(log, "t")) == [b"new"]

        eventually(cleaned)
        assert values(read_all(log, "kept")) == [b"old", b"new"]

    def test_a_position_that_was_retained_away(self, log: Log) -> None:
        """A reader is told; a member goes on with the oldest record kept; lag counts those."""
        topic(log, "t", partitions=1, retention_s=3600)
        partition = Partition("t", 0)
        old = datetime.now(UTC) - timedelta(hours=2)
        with log.writer("w") as writer:
            for value, at in ((b"0", old), (b"1", old), (b"2", old), (b"3", None)):
                with writer.transaction() as tx:
                    tx.publish("t", key=b"k", value=value, timestamp=at)
        with log.join("g", ["t"], name="m") as member:
            commit(member, gather(member, 1))
        with log.reader(["t"]) as reader:
            gather(reader, 1)

            def cleaned() -> bool:
                log.maintain(datetime.now(UTC))
                return values(read_all(log, "t")) == [b"3"]

            eventually(cleaned)
            begin, end = log.bounds("t")[partition]
            with pytest.raises(OffsetOutOfRange, match="was retained away") as refusal:
                reader.poll(limit=10, timeout_s=1)
            assert (refusal.value.begin, refusal.value.end) == (begin, end)
            reader.seek(partition, begin)
            assert values(gather(reader, 1)) == [b"3"]
        with pytest.raises(OffsetOutOfRange):
            log.reader(["t"], start={partition: begin - 1})
        assert _group(log, "g").lag == {partition: 1}
        with log.join("g", ["t"], name="m") as member:
            assert values(gather(member, 1)) == [b"3"]

    def test_compaction_keeps_the_newest_record_of_each_key_in_order(self, log: Log) -> None:
        topic(log, "t", partitions=2, compacted=True)
        with log.writer("w") as writer:
            for round_ in range(5):
                with writer.transaction() as tx:
                    for key in range(10):
                        tx.publish("t", key=str(key).encode(), value=f"{key}:{round_}".encode())
        newest = {f"{key}:4".encode() for key in range(10)}
        [before] = [status for status in log.topics() if status.name == "t"]

        def cleaned() -> list[Message] | None:
            log.maintain(datetime.now(UTC))
            messages = read_all(log, "t")
            return messages if len(messages) < before.records else None

        messages = eventually(cleaned)
        assert newest <= set(values(messages))
        assert_each_key_in_order(messages)

    def test_lag_counts_no_record_that_compaction_removed(self, log: Log) -> None:
        topic(log, "t", partitions=1, compacted=True)
        topic(log, "out")
        publish(log, "t", b"1", b"2", b"3")
        with log.join("g", ["t"], name="m") as member:
            copy(member, gather(member, 1), "out")
            log.maintain(datetime.now(UTC))

            def drained() -> bool:
                if found := member.poll(limit=10, timeout_s=0.3):
                    copy(member, found, "out")
                return list(_group(log, "g").lag.values()) == [0]

            eventually(drained)

    def test_a_compacted_topic_refuses_a_record_without_a_key(self, log: Log) -> None:
        topic(log, "t", compacted=True)
        with log.writer("w") as writer, writer.transaction() as tx:
            with pytest.raises(ValueError, match="needs a key"):
                tx.publish("t", key=None, value=b"v")
            tx.publish("t", key=b"k", value=b"v")
        assert values(read_all(log, "t")) == [b"v"]

    # ── when things break ────────────────────────────────────────────────────────────────────

    def test_a_log_that_is_away_is_waited_for_and_nothing_is_lost(
        self, harness: Harness, log: Log
    ) -> None:
        topic(log, "in", partitions=1)
        topic(log, "out")
        publish(log, "in", b"1")
        with log.join("g", ["in"], name="m") as member:
            messages = gather(member, 1)
            with harness.away():
                started = time.monotonic()
                with pytest.raises(LogUnavailable):
                    copy(member, messages, "out")
                assert time.monotonic() - started < PATIENCE_S

            def done() -> bool:
                try:
                    member.rewind()
                    if found := member.poll(limit=1, timeout_s=1):
                        copy(member, found, "out")
                    return sum(_group(log, "g").lag.values()) == 0
                except (LostOwnership, LogUnavailable):
                    return False  # its session may be over, and then it joins anew

            eventually(done)
        assert values(read_all(log, "out")) == [b"1"]

    def test_a_writer_killed_at_any_moment_loses_nothing_it_was_promised(
        self, harness: Harness, log: Log
    ) -> None:
        topic(log, "t")
        chance = random.Random(7)
        size = 20
        with children(harness) as start:
            for life in range(6):
                child = start("publish", "t", f"life{life}", size)
                assert child.hear() == "ready"
                # However busy the machine is, the first was promised something.
                said = set() if life else {int(child.hear())}
                time.sleep(chance.random() * 0.15)
                child.kill()
                said |= {int(line) for line in child.heard() if line}
                found: dict[int, int] = Counter()
                for value in values(read_all(log, "t")):
                    name, transaction, _ = (value or b"").decode().split(":")
                    if name == f"life{life}":
                        found[int(transaction)] += 1
                # Whole transactions, all that were acknowledged, at most one more than that.
                assert set(found.values()) <= {size}
                assert set(found) >= said
                assert len(found) <= len(said) + 1

    def test_workers_killed_at_any_moment_do_everything_exactly_once(
        self, harness: Harness, log: Log
    ) -> None:
        topic(log, "in", partitions=4)
        topic(log, "out", partitions=4)
        published: list[bytes] = []

        def publish_more() -> None:
            new = [str(len(published) + number).encode() for number in range(80)]
            with log.writer("w") as writer, writer.transaction() as tx:
                for number, value in enumerate(new):
                    tx.publish("in", key=str(number % 30).encode(), value=value)
            published.extend(new)

        def is_done() -> bool:
            # On a busy machine none of those killed has committed anything yet.
            found = [group for group in log.groups() if group.name == "g" and group.positions]
            return bool(found) and sum(found[0].lag.values()) == 0

        chance = random.Random(11)
        with children(harness) as start:

            def worker(slot: int) -> Child:
                return start("copy", "in", "out", "g", f"slot{slot}", chance.random())

            workers = [worker(0), worker(1)]
            for _ in range(12):
                publish_more()
                time.sleep(chance.random() * 0.5)
                slot = chance.randrange(2)
                workers[slot].kill()
                workers[slot] = worker(slot)
            eventually(is_done)
        messages = read_all(log, "out")
        assert Counter(values(messages)) == Counter(published)
        assert_each_key_in_order(messages)

    def test_partitions_of_a_killed_member_are_taken_over(self, harness: Harness, log: Log) -> None:
        topic(log, "in", partitions=2)
        topic(log, "out")
        wanted = fill(log, "in", 20)
        with children(harness) as start:
            child = start("hold", "in", "out", "g", "doomed")
            assert child.hear().startswith("holding")
            child.kill()
            killed_at = time.monotonic()
            with log.join("g", ["in"], name="heir") as heir:
                messages = gather(heir, 20)
                assert time.monotonic() - killed_at < harness.takeover_s
                copy(heir, messages, "out")
        assert sorted(values(read_all(log, "out"))) == sorted(wanted)  # type: ignore[type-var]

    def test_a_stopped_member_that_wakes_up_late_cannot_commit(
        self, harness: Harness, log: Log
    ) -> None:
        topic(log, "in", partitions=1)
        topic(log, "out")
        publish(log, "in", b"1", b"2", b"3")
        with children(harness) as start:
            zombie = start("hold", "in", "out", "g", "zombie")
            assert zombie.hear() == "holding 3"
            zombie.signal(SIGSTOP)
            with log.join("g", ["in"], name="heir") as heir:
                copy(heir, gather(heir, 3), "out")
                zombie.signal(SIGCONT)
                zombie.tell("commit")
                assert zombie.hear() == "LostOwnership"
                # It belongs to the group again, and gets what it should when the heir has gone.
            publish(log, "in", b"4")
            while (heard := zombie.hear()) != "committed":
                # On a loaded machine its short session can end once more.
                assert heard in {"holding 1", "LostOwnership"}
                if heard == "holding 1":
                    zombie.tell("commit")
        assert values(read_all(log, "out")) == [b"1", b"2", b"3", b"4"]

    def test_a_group_whose_members_were_killed_can_be_reset(
        self, harness: Harness, log: Log
    ) -> None:
        topic(log, "in", partitions=1)
        topic(log, "out")
        publish(log, "in", b"1")
        with children(harness) as start:
            child = start("hold", "in", "out", "g", "doomed")
            assert child.hear() == "holding 1"
            child.kill()

        def reset() -> bool:
            try:
                log.reset("g", {Partition("in", 0): 1})
            except GroupActive:
                return False
            return True

        eventually(reset, within_s=harness.takeover_s)
        assert log.committed("g") == {Partition("in", 0): 1}


def _group(log: Log, name: str) -> GroupStatus:
    [status] = [group for group in log.groups() if group.name == name]
    return status
