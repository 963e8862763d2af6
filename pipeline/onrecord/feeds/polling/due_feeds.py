"""The feeds that are due, found by passes over all feeds."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic, thread_time

from onrecord.feeds.decisions.conditional import held_hosts
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.polling.ledger import Ledger
from onrecord.records import Feed, FeedState

# Whether to poll a feed now, given its state.
IsDue = Callable[[Feed, FeedState, datetime, PollPolicy], bool]
# Until when each host must not be asked.
Holds = Mapping[str, datetime]

# How long after the first pass a feed that ends the process counts as a danger.
_START_S = 30.0
# A pass over 100,000 feeds takes half a second of a processor: after each, the next one waits for
# so many times as long.
_REST = 20
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class DueFeeds:
    """The due feeds of a ledger, in the order in which they are to be polled.

    For 30 seconds after a start, those that have been due longest come last: a feed whose poll
    ended the process, however it did that, was not settled and must not be the first again. Later
    the order is random. `elapsed_s` and `worked_s` are clocks of time and of the processor.
    """

    def __init__(
        self,
        ledger: Ledger,
        is_due: IsDue,
        *,
        policy: PollPolicy,
        random: Callable[[], float],
        elapsed_s: Callable[[], float] = monotonic,
        worked_s: Callable[[], float] = thread_time,
    ) -> None:
        self._ledger = ledger
        self._is_due = is_due
        self._policy = policy
        self._random = random
        self._elapsed_s = elapsed_s
        self._worked_s = worked_s
        self._due: deque[Feed] = deque()
        self._start_until: float | None = None
        self._pass_at = 0.0

    def look(self, now: datetime) -> Holds:
        """Keep the ledger up to date, and make a pass if it is time for one.

        Gives the holds that a pass finds. For the ledger's thread, as `find` is.
        """
        if self._elapsed_s() >= self._pass_at:
            return self.find(now)
        self._ledger.keep_up()
        return {}

    def find(self, now: datetime) -> Holds:
        """Make a pass: find all feeds that are due now, and the holds."""
        began = self._worked_s()
        feeds = self._ledger.feeds()
        due = [pair for pair in feeds if self.is_due(*pair, now)]
        due.sort(key=lambda _: self._random())
        if self._is_just_started():
            due.sort(key=lambda pair: _due_since(pair[1]), reverse=True)
        self._due = deque(feed for feed, _ in due)
        held = held_hosts((state for _, state in feeds), now)
        self._pass_at = self._elapsed_s() + _REST * (self._worked_s() - began)
        return held

    def _is_just_started(self) -> bool:
        elapsed_s = self._elapsed_s()
        if self._start_until is None:
            self._start_until = elapsed_s + _START_S
        return elapsed_s < self._start_until

    def is_due(self, feed: Feed, state: FeedState, now: datetime) -> bool:
        """Whether to poll a feed now."""
        return self._is_due(feed, state, now, self._policy)

    def take(self) -> Iterator[Feed]:
        """The feeds that the last pass found, each once. Some may have been polled since."""
        while self._due:
            yield self._due.popleft()


def _due_since(state: FeedState) -> datetime:
    return state.next_poll_at or state.last_poll_at or _LONG_AGO
