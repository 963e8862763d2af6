"""Which feeds are due, and how often all of them are looked through."""

from collections.abc import Collection
from datetime import timedelta

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
        return [(self.feed(url), state) for url, state in self.states.items()]

    def keep_up(self) -> Collection[str]:
        self.kept_up += 1
        return super().keep_up()

    def outline(self, url: str) -> tuple[Feed, FeedState] | None:
        return (self.feed(url), self.states[url]) if url in self.states else None

    def change(self, state: FeedState) -> None:
        self.states[state.url] = state
        self.changed.add(state.url)


def state(name: str, due_in_s: float, **more: object) -> FeedState:
    return FeedState(url=name, next_poll_at=NOON + timedelta(seconds=due_in_s), **more)  # type: ignore[arg-type]


class Looking:
    """The due feeds of a ledger, found at times that a test gives."""

    def __init__(self, *states: FeedState) -> None:
        self.ledger = CountingLedger(*states)
        self.elapsed_s = 0.0
        self.due = DueFeeds(
            self.ledger,
            is_poll_due,
            policy=PollPolicy(),
            random=lambda: 0.5,
            elapsed_s=lambda: self.elapsed_s,
        )

    def at(self, elapsed_s: float) -> list[str]:
        """The feeds found by a look so long after the start."""
        self.elapsed_s = elapsed_s
        self.due.look(NOON + timedelta(seconds=elapsed_s))
        return self.taken()

    def taken(self) -> list[str]:
        return [feed.url for feed in self.due.take()]


def test_feeds_that_are_due_are_taken_once_the_longest_due_last_after_a_start() -> None:
    until = NOON + timedelta(hours=1)
    held = state("d", 60, hold=Hold(host="d.example", until=until))
    looking = Looking(state("a", -30), state("b", -10), state("c", 10), held)
    assert looking.due.find(NOON) == {"d.example": until}
    assert looking.taken() == ["b", "a"]
    assert looking.taken() == []


def test_feeds_that_are_assigned_after_the_first_look_start_in_the_same_order() -> None:
    looking = Looking()
    assert looking.at(0) == []
    for number in range(600):
        looking.ledger.change(state(str(number), -1 - number))
    looking.ledger.change(state("later", 100))
    assert looking.at(40) == [str(number) for number in range(600)]
    for name, due_in_s in (("a", -30), ("b", -10), ("c", -20)):
        looking.ledger.change(state(name, due_in_s))
    assert looking.at(41) == ["b", "c", "a"]


def test_the_number_of_polls_follows_feeds_that_are_assigned_after_the_first_look() -> None:
    looking = Looking()
    looking.at(0)
    for number in range(36_000):
        looking.ledger.change(state(str(number), 900))
    looking.at(3)
    assert looking.due.take_starts(0.5) == 30


def test_half_a_minute_after_a_start_the_order_is_random_however_few_passes_there_were() -> None:
    looking = Looking(state("b", -30), state("a", -10))
    orders = []
    for looking.elapsed_s in (100.0, 129.0, 130.0):
        looking.due.find(NOON)
        orders.append(looking.taken())
    assert orders == [["a", "b"], ["a", "b"], ["b", "a"]]


def test_all_feeds_are_looked_through_once_a_minute_and_the_ledger_is_kept_up() -> None:
    looking = Looking(state("a", 1_000))
    seen = []
    for elapsed_s in (0, 0.5, 59, 60, 60.5):
        looking.at(elapsed_s)
        seen.append((looking.ledger.passes, looking.ledger.kept_up))
    assert seen == [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5)]


def test_between_two_passes_a_feed_is_found_once_its_time_has_come() -> None:
    looking = Looking(state("a", 10), state("b", 5), state("c", 50), state("d", -1))
    found = {elapsed_s: looking.at(elapsed_s) for elapsed_s in (0, 4.5, 5, 11, 49.5, 50.5)}
    assert found == {0: ["d"], 4.5: [], 5: ["b"], 11: ["a"], 49.5: [], 50.5: ["c"]}
    assert looking.ledger.passes == 1


def test_between_two_passes_changes_of_feeds_and_states_count() -> None:
    looking = Looking(*(state(name, 10 if name == "a" else 900) for name in "abcd"))
    assert looking.at(0) == []
    looking.ledger.change(state("a", 20))
    looking.ledger.change(state("new", -1))
    looking.ledger.change(state("b", 15))
    looking.ledger.subscriptions["c"] = Feed(url="c", poll_at=NOON)
    looking.ledger.changed.add("c")
    assert sorted(looking.at(1)) == ["c", "new"]
    looking.ledger.change(state("new", 900))
    looking.ledger.change(state("c", 900, last_poll_at=NOON))
    assert [looking.at(elapsed_s) for elapsed_s in (10, 15, 20)] == [[], ["b"], ["a"]]
    assert looking.ledger.passes == 1


def test_a_request_by_a_clock_that_is_ahead_is_found_once_its_time_has_come() -> None:
    looking = Looking(state("a", 900))
    looking.ledger.subscriptions["a"] = Feed(url="a", poll_at=NOON + timedelta(seconds=2))
    assert [looking.at(elapsed_s) for elapsed_s in (0, 1.5, 2)] == [[], [], ["a"]]


def test_a_look_tells_of_a_hold_that_another_poller_met() -> None:
    looking = Looking(state("a", 900))
    looking.at(0)
    until = NOON + timedelta(hours=1)
    looking.ledger.change(state("a", 900, hold=Hold(host="a.example", until=until)))
    assert looking.due.look(NOON) == {"a.example": until}
    assert looking.due.look(NOON) == {}


def test_a_feed_that_goes_before_its_time_is_not_found() -> None:
    looking = Looking(state("a", 10))
    looking.at(0)
    del looking.ledger.states["a"]
    assert looking.at(10) == []


def test_after_its_poll_a_feed_is_looked_at_again_and_later_if_it_was_not_settled() -> None:
    looking = Looking(state("a", -1), state("b", -1))
    assert looking.at(0) == ["a", "b"]
    looking.due.look_again("a", NOON, is_settled=True)
    looking.due.look_again("b", NOON, is_settled=False)
    assert [looking.at(elapsed_s) for elapsed_s in (1, 14, 15)] == [["a"], [], ["b"]]


def test_a_feed_found_twice_is_taken_once() -> None:
    looking = Looking(state("a", -1))
    looking.due.look(NOON)
    looking.ledger.change(state("a", -1))
    looking.due.look(NOON)
    assert looking.taken() == ["a"]


def test_fifty_polls_a_second_are_started_or_all_within_ten_minutes() -> None:
    few, many = (Looking(*(state(str(n), 900) for n in range(feeds))) for feeds in (60, 36_000))
    few.at(0)
    many.at(0)
    assert (few.due.take_starts(0.5), many.due.take_starts(0.5)) == (25, 30)


def test_polls_of_a_held_host_use_up_no_starts() -> None:
    looking = Looking(*(state(str(number), -1) for number in range(3)))
    for url in looking.at(0):
        looking.due.look_again(url, NOON, is_settled=False)
    assert [looking.due.take_starts(0.5) for _ in range(2)] == [25 + 3, 25]


def test_a_clock_that_was_set_back_is_found_by_the_next_pass() -> None:
    looking = Looking(state("a", 900))
    looking.at(0)
    looking.elapsed_s = 60.0
    looking.due.look(NOON - timedelta(days=90))
    assert looking.taken() == ["a"]
