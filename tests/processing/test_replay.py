"""A replay sees exactly its stretch, at its rate, and never moves anyone else's positions."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.log.interface import Log, Partition, Start
from pipeline.processing.replay import UpTo, begin_group, count_records, stretch
from tests.conftest import TOPICS

T0 = datetime(2026, 11, 1, tzinfo=UTC)


def fill(log: Log, numbers: range) -> None:
    with log.writer("fill") as writer, writer.transaction() as tx:
        for n in numbers:
            at = T0 + timedelta(hours=n)
            tx.publish(TOPICS.articles, key=f"{n}".encode(), value=b"x", timestamp=at)


def read_bounded(log: Log, bounded: UpTo) -> list[int]:
    seen: list[int] = []
    while not bounded.is_done():
        messages = bounded.poll(limit=7, timeout_s=0.1)
        seen += [int(message.key or b"") for message in messages]
        with bounded.transaction() as tx:
            tx.commit({message.source: message.next_offset for message in messages})
    return sorted(seen)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (Start.EARLIEST, None, range(40)),
        (T0 + timedelta(hours=10), None, range(10, 40)),
        (T0 + timedelta(hours=10), T0 + timedelta(hours=20), range(10, 20)),
        (T0 + timedelta(hours=20), T0 + timedelta(hours=10), range(0)),
        (Start.LATEST, None, range(0)),
    ],
)
def test_the_stretch_is_read_and_counted_and_nothing_else(
    log: Log, since: datetime | Start, until: datetime | None, expected: range
) -> None:
    fill(log, range(40))
    bounds = stretch(log, TOPICS.articles, since, until)
    assert count_records(log, TOPICS.articles, bounds) == len(expected)
    begin_group(log, "r", bounds)
    with log.join("r", [TOPICS.articles], name="m") as member:
        assert read_bounded(log, UpTo(member, bounds.end)) == list(expected)


def test_what_arrives_meanwhile_is_not_in_it(log: Log) -> None:
    fill(log, range(10))
    bounds = stretch(log, TOPICS.articles, Start.EARLIEST, None)
    begin_group(log, "r", bounds)
    fill(log, range(10, 30))
    with log.join("r", [TOPICS.articles], name="m") as member:
        assert read_bounded(log, UpTo(member, bounds.end)) == list(range(10))


def test_started_again_it_goes_on_where_it_stopped(log: Log) -> None:
    fill(log, range(30))
    bounds = stretch(log, TOPICS.articles, Start.EARLIEST, None)
    assert begin_group(log, "r", bounds)
    with log.join("r", [TOPICS.articles], name="m") as member:
        first = UpTo(member, bounds.end).poll(limit=12, timeout_s=1.0)
        with member.transaction() as tx:
            tx.commit({message.source: message.next_offset for message in first})
    assert not begin_group(log, "r", bounds)
    with log.join("r", [TOPICS.articles], name="m") as member:
        rest = read_bounded(log, UpTo(member, bounds.end))
    done = [int(message.key or b"") for message in first]
    assert sorted(done + rest) == list(range(30))


def test_a_live_group_never_notices(log: Log) -> None:
    fill(log, range(10))
    with log.join("live", [TOPICS.articles], name="m") as member:
        first = member.poll(limit=4, timeout_s=1.0)
        with member.transaction() as tx:
            tx.commit({message.source: message.next_offset for message in first})
    before = log.committed("live")
    bounds = stretch(log, TOPICS.articles, Start.EARLIEST, None)
    begin_group(log, "r", bounds)
    with log.join("r", [TOPICS.articles], name="m") as member:
        read_bounded(log, UpTo(member, bounds.end))
    assert log.committed("live") == before


def test_no_more_is_read_than_the_rate_allows(log: Log) -> None:
    fill(log, range(40))
    clock = [100.0]
    with log.join("r", [TOPICS.articles], name="m") as member:
        member.poll(limit=0, timeout_s=0.0)
        ends: dict[Partition, int] = {p: end for p, (_, end) in log.bounds(TOPICS.articles).items()}
        slow = UpTo(member, ends, rate=4.0, clock=lambda: clock[0], pause=lambda _: None)
        read_at = []
        for _ in range(12):
            read_at.append(len(slow.poll(limit=50, timeout_s=0.0)))
            clock[0] += 0.5
    assert read_at[0] == 0
    assert all(count <= 2 for count in read_at)
    assert 20 <= sum(read_at) <= 22
