"""What a log holds now is read whole, or not at all."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import pytest

from onrecord.errors import LogUnavailable
from onrecord.log.interface import Message, Partition, Reader
from onrecord.log.read_to_end import read_up_to

PARTITION = Partition("t", 0)


class Halting:
    """A reader that gives what it is told to, poll by poll."""

    def __init__(self, *polls: Sequence[Message]) -> None:
        self._polls = list(polls)
        self._position = 0

    def partitions(self) -> frozenset[Partition]:
        return frozenset({PARTITION})

    def position(self, partition: Partition) -> int:
        return self._position

    def is_hurried(self) -> bool:
        return False

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Message]:
        messages = self._polls.pop(0) if self._polls else []
        if messages:
            self._position = messages[-1].next_offset
        return messages


def reader(*polls: Sequence[Message]) -> Reader:
    return cast("Reader", Halting(*polls))


def message(offset: int) -> Message:
    return Message("t", 0, offset, datetime(2026, 11, 20, tzinfo=UTC), b"k", b"v")


def test_a_log_that_halts_for_a_while_is_read_to_the_end_all_the_same() -> None:
    halting = reader([message(0)], [], [], [], [message(1)], [], [message(2)])
    found = read_up_to(halting, {PARTITION: 3})
    assert [message.offset for message in found] == [0, 1, 2]


def test_what_does_not_come_is_not_taken_for_the_end() -> None:
    """Else an article that is there already, behind what did not come, is published again."""
    found = read_up_to(reader([message(0)]), {PARTITION: 2}, patience_s=0.0)
    assert next(found).offset == 0
    with pytest.raises(LogUnavailable, match="nothing came for 0 s of t/0"):
        next(found)
