"""Following a topic goes on through outages and past what retention removed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import pytest

from onrecord.errors import LogUnavailable, OffsetOutOfRange
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.following import Follower, open_past_gap, poll_past_gap
from onrecord.log.interface import Log, Message, Partition, Reader

AWAY = LogUnavailable("no answer")


class Scripted:
    """A reader whose polls give, or raise, what a test says."""

    def __init__(self, *polls: Sequence[Message] | Exception) -> None:
        self._polls = list(polls)
        self.sought: list[tuple[Partition, int]] = []

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Message]:
        found = self._polls.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def seek(self, partition: Partition, offset: int) -> None:
        self.sought.append((partition, offset))


def message(offset: int) -> Message:
    return Message("t", 0, offset, datetime(2026, 11, 20, tzinfo=UTC), b"k", b"v")


def test_what_retention_removed_is_passed_over() -> None:
    scripted = Scripted(OffsetOutOfRange("t", 0, 3, 40, 50), [message(40)])
    reader = cast("Reader", scripted)
    assert poll_past_gap(reader, limit=1, timeout_s=0) == []
    assert scripted.sought == [(Partition("t", 0), 40)]
    assert poll_past_gap(reader, limit=1, timeout_s=0) == [message(40)]


class Passed:
    """A log that retention works on while a reader is opened."""

    def __init__(self, *begins: int, end: int = 50) -> None:
        self._begins = list(begins)
        self._end = end

    def reader(self, topics: Sequence[str], *, start: dict[Partition, int]) -> dict[Partition, int]:
        begin = self._begins.pop(0)
        for partition, offset in start.items():
            if not begin <= offset <= self._end:
                raise OffsetOutOfRange(*partition, offset, begin, self._end)
        return dict(start)


def opened(log: Passed, offset: int) -> dict[Partition, int]:
    start = {Partition("t", 0): offset, Partition("t", 1): 45}
    return cast("dict[Partition, int]", open_past_gap(cast("Log", log), ["t"], start))


def test_an_offset_that_retention_passes_while_a_reader_is_opened_moves_with_it() -> None:
    at = {Partition("t", 0): 40, Partition("t", 1): 45}
    assert opened(Passed(7, 30, 40, 40), 3) == at
    with pytest.raises(OffsetOutOfRange):
        opened(Passed(7), 60)


def test_a_position_past_the_end_is_an_error_and_not_a_gap() -> None:
    reader = cast("Reader", Scripted(OffsetOutOfRange("t", 0, 60, 40, 50)))
    with pytest.raises(OffsetOutOfRange):
        poll_past_gap(reader, limit=1, timeout_s=0)


def test_an_outage_is_told_from_a_topic_with_nothing_new() -> None:
    said: list[str] = []
    follower = Follower(
        cast("Reader", Scripted([], AWAY, [message(1)])),
        backoff=Backoff(Outage(said.append), "test"),
        stopped=lambda: bool(said),
    )
    assert (follower.poll(), follower.is_away) == ([], False)
    assert (follower.poll(), follower.is_away) == ([], True)
    assert (follower.poll(), follower.is_away) == ([message(1)], False)
    assert said[-1] == "the log answers again"
