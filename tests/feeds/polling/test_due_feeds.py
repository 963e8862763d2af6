"""Which feeds are due, and how often all of them are looked through."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from onrecord.feeds.decisions.conditional import is_poll_due
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.polling.due_feeds import DueFeeds
from onrecord.records import Feed, FeedState, Hold
from tests.builders import NOON
from tests.feeds.polling.test_poller import MemoryLedger


class CountingLedger(MemoryLedger):
    def __init__(self, *states: FeedState) -> None:
        super().__init__({state.url: state for state in states})
        self.passes = 0
        self.kept_up = 0

    def feeds(self) -> list[tuple[Feed, FeedState]]:
        self.passes += 1
        return [(Feed(url=url), state) for url, state in self.states.items()]

    def keep_up(self) -> None:
        self.kept_up += 1


def state(name: str, due_in_s: float, **more: object) -> FeedState:
    return FeedState(url=name, next_poll_at=NOON + timedelta(seconds=due_in_s), **more)  # type: ignore[arg-type]


def due_feeds(ledger: CountingLedger, elapsed_s: Iterator[float]) -> DueFeeds:
    """Due feeds whose every pass takes the processor a second."""
    return DueFeeds(
        ledger,
        is_poll_due,
        policy=PollPolicy(),
        random=lambda: 0.5,
        elapsed_s=lambda: next(elapsed_s),
        worked_s=count(0.0).__next__,
    )


def test_feeds_that_are_due_are_taken_once_the_longest_due_last_after_a_start() -> None:
    until = NOON + timedelta(hours=1)
    held = state("d", 60, hold=Hold(host="d.example", until=until))
    ledger = CountingLedger(state("a", -30), state("b", -10), state("c", 10), held)
    due = due_feeds(ledger, count(0.0))
    assert due.find(NOON) == {"d.example": until}
    assert [feed.url for feed in due.take()] == ["b", "a"]
    assert list(due.take()) == []


def test_half_a_minute_after_a_start_the_order_is_random_however_few_passes_there_were() -> None:
    ledger = CountingLedger(state("b", -30), state("a", -10))
    due = due_feeds(ledger, iter([100.0, 101.0, 129.0, 129.0, 130.0, 130.0]))
    orders = []
    for _ in range(3):
        due.find(NOON)
        orders.append([feed.url for feed in due.take()])
    assert orders == [["a", "b"], ["a", "b"], ["b", "a"]]


def test_after_a_pass_over_many_feeds_the_next_waits_while_the_ledger_is_kept_up() -> None:
    ledger = CountingLedger(state("a", -30))
    elapsed = iter([0.0, 0.0, 1.0, 2.0, 20.0, 21.0, 22.0, 23.0])
    due = due_feeds(ledger, elapsed)
    seen = []
    for _ in range(4):
        due.look(NOON)
        seen.append((ledger.passes, ledger.kept_up))
    assert seen == [(1, 0), (1, 1), (1, 2), (2, 2)]
