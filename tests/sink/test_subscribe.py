"""Reading a topic from any point: everything that was asked for, once, in the order of time."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from onrecord.errors import UnknownTopic
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Message, Start
from onrecord.sink.subscribe import Stretch, read
from tests.filling import HOUR, T0, publish_numbers
from tests.patience import PATIENCE_S


def fill(log: Log, count: int, *, topic: str = "t", every: timedelta = HOUR) -> None:
    """Records 0, 1, 2 … over all partitions."""
    publish_numbers(log, topic, range(count), every=every)


def numbers(messages: list[Message]) -> list[int]:
    return [int(message.value or b"") for message in messages]


def backoff() -> Backoff:
    return Backoff(Outage(print), "test")


def now() -> datetime:
    return datetime.now(UTC)


def read_all(log: Log, stretch: Stretch, topic: str = "t") -> list[int]:
    return numbers(
        list(read(log, topic, stretch, clock=now, stopped=lambda: False, backoff=backoff()))
    )


def test_the_whole_topic_in_the_order_of_time_over_all_partitions(log: Log) -> None:
    fill(log, 2500)
    assert read_all(log, Stretch(start=Start.EARLIEST, until="end")) == list(range(2500))


def test_an_empty_topic_ends_at_once(log: Log) -> None:
    fill(log, 0)
    assert read_all(log, Stretch(start=Start.EARLIEST, until="end")) == []


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (timedelta(hours=3), timedelta(hours=6), [3, 4, 5]),
        (timedelta(hours=2.5), timedelta(hours=3.5), [3]),
        (timedelta(hours=-9), timedelta(hours=2), [0, 1]),
        (timedelta(hours=8), timedelta(hours=99), [8, 9]),
        (timedelta(hours=5), timedelta(hours=5), []),
    ],
)
def test_a_stretch_between_two_times_holds_the_first_and_not_the_last(
    log: Log, since: timedelta, until: timedelta, expected: list[int]
) -> None:
    fill(log, 10)
    assert read_all(log, Stretch(start=T0 + since, until=T0 + until)) == expected


def test_the_latest_to_the_end_is_nothing(log: Log) -> None:
    fill(log, 10)
    assert read_all(log, Stretch(start=Start.LATEST, until="end")) == []


def test_a_topic_that_is_not_there_is_named(log: Log) -> None:
    with pytest.raises(UnknownTopic, match="'nowhere'"):
        read_all(log, Stretch(until="end"), topic="nowhere")


def test_after_the_past_comes_what_is_published_live(log: Log) -> None:
    fill(log, 5)
    seen: list[Message] = []

    def follow() -> None:
        whole = Stretch(start=Start.EARLIEST)
        stopped = lambda: len(seen) >= 8  # noqa: E731
        seen.extend(read(log, "t", whole, clock=now, stopped=stopped, backoff=backoff()))

    thread = threading.Thread(target=follow)
    thread.start()
    while len(seen) < 5:
        time.sleep(0.01)
    with log.writer("live") as writer:
        for n in range(5, 8):
            with writer.transaction() as tx:
                tx.publish("t", key=b"k", value=str(n).encode())
    thread.join(PATIENCE_S)
    assert numbers(seen) == list(range(8))


def test_what_was_not_read_when_a_future_end_comes_is_read_then(log: Log) -> None:
    fill(log, 0)
    end = T0 + timedelta(hours=1_200)
    times = [T0]
    stretch = Stretch(start=Start.EARLIEST, until=end)
    messages = read(
        log, "t", stretch, clock=lambda: times[-1], stopped=lambda: False, backoff=backoff()
    )
    publish_numbers(log, "t", range(1_300), every=HOUR)
    times.append(end)
    assert numbers(list(messages)) == list(range(1_200))


def test_a_future_end_is_waited_for(log: Log) -> None:
    fill(log, 3)
    soon = now() + timedelta(seconds=0.5)
    assert read_all(log, Stretch(start=Start.EARLIEST, until=soon)) == [0, 1, 2]
    assert now() >= soon
