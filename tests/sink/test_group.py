"""Members of a group get every message at least once, in order, and only what others have not."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from onrecord.errors import Fenced, LogUnavailable, LostOwnership
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Partition, Start, TopicSettings
from onrecord.sink.group import GroupPolicy, GroupReading, begin_at, join
from onrecord.sink.subscribe import Stretch
from tests.filling import T0, publish_numbers
from tests.patience import PATIENCE_S

TO_END = Stretch(start=Start.EARLIEST, until="end")


def fill(log: Log, numbers: range) -> None:
    """Records an hour apart, over four partitions."""
    publish_numbers(log, "t", numbers, keys=7)


def backoff(say: Callable[[str], None] = print) -> Backoff:
    return Backoff(Outage(say), "test")


def member(log: Log, stretch: Stretch = TO_END, *, name: str = "m", **more: Any) -> GroupReading:
    given: dict[str, Any] = {"stopped": lambda: False, "backoff": backoff()} | more
    return join(log, "g", "t", stretch, name=name, clock=lambda: datetime.now(UTC), **given)


def numbers_of(reading: GroupReading) -> list[int]:
    with reading:
        return [int(message.value or b"") for message in reading]


@dataclass
class _Outrun:
    """A log on which another process begins the group in the moment in which we would."""

    log: Log

    def reset(self, group: str, positions: Mapping[Partition, int]) -> None:
        self.log.reset(group, positions)
        raise Fenced(f"{group}.positions")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


def test_of_two_processes_that_begin_a_group_at_once_none_ends_of_it(log: Log) -> None:
    fill(log, range(10))
    outrun: Any = _Outrun(log)
    begin_at(outrun, "g", "t", T0 + timedelta(hours=4))
    assert sorted(numbers_of(member(log))) == list(range(4, 10))


def test_a_group_goes_on_where_it_stopped(log: Log) -> None:
    fill(log, range(20))
    assert sorted(numbers_of(member(log))) == list(range(20))
    assert numbers_of(member(log)) == []
    fill(log, range(20, 25))
    assert sorted(numbers_of(member(log))) == [20, 21, 22, 23, 24]


def test_what_was_not_handled_is_given_again_and_what_was_is_not(log: Log) -> None:
    fill(log, range(20))
    handled: list[int] = []

    def fail_after_five() -> None:
        with member(log) as reading:
            for message in reading:
                if len(handled) == 5:
                    raise RuntimeError
                handled.append(int(message.value or b""))

    with pytest.raises(RuntimeError):
        fail_after_five()
    assert sorted(handled + numbers_of(member(log))) == list(range(20))


def test_the_message_in_hand_when_one_leaves_counts_only_if_it_was_accepted(log: Log) -> None:
    fill(log, range(1))
    with member(log) as reading:
        next(iter(reading))
    with member(log) as reading:
        next(iter(reading))
        reading.accept()
    assert numbers_of(member(log)) == []


def test_nothing_is_committed_before_what_was_done_with_it_lasts(log: Log) -> None:
    fill(log, range(20))
    disk_is_full = OSError("disk full")

    def settle() -> None:
        raise disk_is_full

    with pytest.raises(OSError, match="disk full"):
        numbers_of(member(log, settle=settle))
    assert log.committed("g") == {}


@pytest.mark.parametrize(
    ("start", "until", "expected"),
    [
        (timedelta(hours=3), timedelta(hours=6), [3, 4, 5]),
        (timedelta(hours=-3), timedelta(hours=2), [0, 1]),
        (timedelta(hours=18), timedelta(hours=99), [18, 19]),
    ],
)
def test_a_new_group_begins_at_a_time_and_stops_at_one(
    log: Log, start: timedelta, until: timedelta, expected: list[int]
) -> None:
    fill(log, range(20))
    assert sorted(numbers_of(member(log, Stretch(start=T0 + start, until=T0 + until)))) == expected
    rest = numbers_of(member(log, Stretch(start=T0, until="end")))
    assert sorted(rest) == list(range(expected[-1] + 1, 20)), "a group that began goes on"


def test_an_end_still_to_come_is_waited_for(log: Log) -> None:
    fill(log, range(3))
    soon = datetime.now(UTC) + timedelta(seconds=1)
    assert sorted(numbers_of(member(log, Stretch(start=Start.EARLIEST, until=soon)))) == [0, 1, 2]
    assert datetime.now(UTC) >= soon


def test_a_group_that_begins_with_the_latest_gets_what_comes_after(log: Log) -> None:
    fill(log, range(10))
    assert numbers_of(member(log, Stretch(start=Start.LATEST, until="end"))) == []
    fill(log, range(10, 12))
    assert sorted(numbers_of(member(log, Stretch(start=Start.LATEST, until="end")))) == [10, 11]


def together(*works: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_members_share_the_work_and_each_key_stays_in_order(log: Log) -> None:
    fill(log, range(400))
    seen: list[tuple[bytes, int, str]] = []

    def work(name: str) -> None:
        with member(log, name=name, policy=GroupPolicy(read_ahead=5)) as reading:
            for message in reading:
                # Long enough for the other to come, on any machine.
                time.sleep(0.0 if len({by for *_, by in seen}) == 2 else 0.05)
                seen.append((message.key or b"", int(message.value or b""), name))

    together(lambda: work("a"), lambda: work("b"))
    assert {number for _, number, _ in seen} == set(range(400))
    assert {name for *_, name in seen} == {"a", "b"}
    first: dict[bytes, list[int]] = {}
    for key, number, _ in seen:
        if number not in first.setdefault(key, []):
            first[key].append(number)
    assert all(numbers == sorted(numbers) for numbers in first.values())


def test_a_member_that_gets_no_share_ends_when_the_others_are_done(log: Log) -> None:
    log.create_topic("one", TopicSettings(partitions=1))
    with log.writer("w") as writer, writer.transaction() as tx:
        for n in range(20):
            tx.publish("one", key=b"k", value=str(n).encode())
    seen: list[int] = []

    def work(name: str) -> None:
        reading = join(
            log, "g", "one", TO_END, name=name, clock=lambda: datetime.now(UTC),
            stopped=lambda: False, backoff=backoff(),
        )  # fmt: skip
        with reading:
            for message in reading:
                time.sleep(0.05)
                seen.append(int(message.value or b""))

    together(lambda: work("a"), lambda: work("b"), lambda: work("c"))
    assert set(seen) == set(range(20))


class Flaky:
    """A log whose members' calls fail as scripted, in the order of the calls."""

    def __init__(self, of: Any, script: dict[str, list[Exception | None]]) -> None:
        self._of, self._script = of, script

    def join(self, *arguments: Any, **more: Any) -> Any:
        return Flaky(self._of.join(*arguments, **more), self._script)

    def __getattr__(self, name: str) -> Any:
        errors = self._script.get(name)
        if errors and (error := errors.pop(0)):
            raise error
        return getattr(self._of, name)


@pytest.mark.parametrize("error", [LogUnavailable("no answer"), LostOwnership("taken")])
def test_a_member_that_cannot_commit_is_given_the_same_again_and_misses_nothing(
    log: Log, error: Exception
) -> None:
    fill(log, range(20))
    flaky: Any = Flaky(log, {"transaction": [error], "rewind": [LogUnavailable("no answer"), None]})
    said: list[str] = []
    assert set(numbers_of(member(flaky, backoff=backoff(said.append)))) == set(range(20))
    assert sum(sum(group.lag.values()) for group in log.groups()) == 0
    assert said == [
        "the log does not answer, waiting for it: no answer",
        "the log answers again",
    ]
