"""The feeds that are due.

All are looked through once a minute and when many are assigned, and between only what changes.
"""

import heapq
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic

from onrecord.feeds.decisions.conditional import held_hosts, next_change_at
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.polling.ledger import Ledger
from onrecord.records import Feed, FeedState

# Whether to poll a feed now, given its state.
IsDue = Callable[[Feed, FeedState, datetime, PollPolicy], bool]
# Until when each host must not be asked.
Holds = Mapping[str, datetime]

# How long after the first polls a feed that ends the process counts as a danger.
_START_S = 30.0
# A pass over 100,000 feeds takes half a second of a processor. It finds what the looks between
# passes cannot: feeds that are due because the clock was set.
_PASS_EVERY_S = 60.0
# Which feeds a pass plans: those due before the next one, however late that is.
_PLANNED_AHEAD = timedelta(minutes=5)
# After a start all feeds are due at once; they are spread, at so many polls a second, or as many as
# are needed to poll all within ten minutes.
_POLLS_A_SECOND = 50.0
_ALL_WITHIN_S = 600.0
# When a feed is looked at again whose poll was not settled, as one whose host is held.
_AGAIN_AFTER = timedelta(seconds=15)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_Pair = tuple[Feed, FeedState]


class DueFeeds:
    """The due feeds of a ledger, in the order in which they are to be polled.

    For 30 seconds from the first feed on, those that have been due longest come last: a feed whose
    poll ended the process, however it did that, was not settled and must not be the first again.
    Later they come in random order. `elapsed_s` is a clock.
    """

    def __init__(
        self,
        ledger: Ledger,
        is_due: IsDue,
        *,
        policy: PollPolicy,
        random: Callable[[], float],
        elapsed_s: Callable[[], float] = monotonic,
    ) -> None:
        self._ledger = ledger
        self._is_due = is_due
        self._policy = policy
        self._random = random
        self._elapsed_s = elapsed_s
        self._due: OrderedDict[str, Feed] = OrderedDict()
        # When to look at a feed again; some were polled or planned anew since.
        self._planned: list[tuple[datetime, str]] = []
        self._polled: deque[tuple[datetime, str]] = deque()
        self._start_until: float | None = None
        self._pass_at = 0.0
        # How many polls were not settled since starts were taken.
        self._unsettled = 0
        # How many feeds the last pass saw, due or not.
        self._feeds = 0

    def take_starts(self, seconds: float) -> int:
        """How many polls to start in this time at most. For the event loop.

        Those that were not settled, as their host is held, are made up for: they asked nobody.
        """
        unsettled, self._unsettled = self._unsettled, 0
        return unsettled + int(seconds * max(_POLLS_A_SECOND, self._feeds / _ALL_WITHIN_S))

    def look(self, now: datetime) -> Holds:
        """Find the feeds that became due since the last look, or pass, and the new holds.

        Brings the ledger up to date. For the ledger's thread, as `find` is.
        """
        urls = self._ledger.keep_up()
        # More than the last pass saw: partitions were assigned since.
        if self._elapsed_s() >= self._pass_at or len(urls) > self._feeds:
            return self._pass(now)
        while self._polled:
            heapq.heappush(self._planned, self._polled.popleft())
        changed = self._pairs_of(urls)
        planned = self._pairs_of(self._take_planned(now))
        self._add(changed, now)
        self._add(planned, now)
        return held_hosts((state for _, state in changed), now)

    def find(self, now: datetime) -> Holds:
        """Make a pass: find all feeds that are due now, and the holds."""
        self._ledger.keep_up()
        return self._pass(now)

    def _pass(self, now: datetime) -> Holds:
        feeds = self._ledger.feeds()
        self._feeds = len(feeds)
        self._planned = []
        self._due.clear()
        self._add(feeds, now)
        self._pass_at = self._elapsed_s() + _PASS_EVERY_S
        return held_hosts((state for _, state in feeds), now)

    def is_due(self, feed: Feed, state: FeedState, now: datetime) -> bool:
        """Whether to poll a feed now."""
        return self._is_due(feed, state, now, self._policy)

    def take(self) -> Iterator[Feed]:
        """The feeds found, each once. Some may have been polled since. For the event loop."""
        while self._due:
            yield self._due.popitem(last=False)[1]

    def look_again(self, url: str, now: datetime, *, is_settled: bool) -> None:
        """Look at a feed again after its poll, which can be due once more. For the event loop."""
        self._unsettled += not is_settled
        self._polled.append((now if is_settled else now + _AGAIN_AFTER, url))

    def _pairs_of(self, urls: Iterable[str]) -> list[_Pair]:
        return [pair for url in urls if (pair := self._ledger.outline(url)) is not None]

    def _add(self, feeds: Iterable[_Pair], now: datetime) -> None:
        """Add those of these feeds that are due; plan the others that are due soon."""
        due = []
        for feed, state in feeds:
            if self.is_due(feed, state, now):
                due.append((feed, state))
            else:
                self._plan(feed, state, now)
        self._due |= ((feed.url, feed) for feed, _ in self._in_order(due))

    def _plan(self, feed: Feed, state: FeedState, now: datetime) -> None:
        again_at = next_change_at(feed, state, now)
        if again_at is not None and again_at <= now + _PLANNED_AHEAD:
            heapq.heappush(self._planned, (again_at, feed.url))

    def _in_order(self, due: list[_Pair]) -> list[_Pair]:
        due.sort(key=lambda _: self._random())
        if due and self._is_just_started():
            due.sort(key=lambda pair: _due_since(pair[1]), reverse=True)
        return due

    def _take_planned(self, now: datetime) -> Iterator[str]:
        while self._planned and self._planned[0][0] <= now:
            yield heapq.heappop(self._planned)[1]

    def _is_just_started(self) -> bool:
        elapsed_s = self._elapsed_s()
        if self._start_until is None:
            self._start_until = elapsed_s + _START_S
        return elapsed_s < self._start_until


def _due_since(state: FeedState) -> datetime:
    return state.next_poll_at or state.last_poll_at or _LONG_AGO
