"""When failing articles stop the worker: a bad release must, one bad publisher must not."""

from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.errors import TooManyDeadLetters
from onrecord.processing.reasons import Failure

# A faulty release fails on the articles of every feed. Failures from fewer feeds than this stop
# the worker only after `_LONGER` times as many: one publisher can write hundreds of articles that
# cannot be extracted. Some users, however, follow only a single feed.
_FEEDS = 3
_LONGER = 10


@dataclass(frozen=True, slots=True)
class FailureStreak:
    """The failures since the last success, and their feeds."""

    count: int = 0
    feeds: frozenset[str] = frozenset()

    def after(self, results: Iterable[tuple[str, Failure | None]], limit: int) -> "FailureStreak":
        """The streak after these results, each with its feed; None for the failure is a success.

        Raises TooManyDeadLetters as soon as the streak is too long, before the results are
        committed.
        """
        streak = self
        for feed, failure in results:
            if failure is None:
                streak = FailureStreak()
                continue
            streak = FailureStreak(streak.count + 1, streak.feeds | {feed})
            if streak._is_too_long(limit):
                raise TooManyDeadLetters(
                    f"{streak.count} articles in a row failed, of {len(streak.feeds)} feeds, the "
                    f"last with: {failure.reason}. Nothing more is committed; the limit is "
                    f"dead_letters.in_a_row = {limit}"
                )
        return streak

    def _is_too_long(self, limit: int) -> bool:
        return self.count >= (limit if len(self.feeds) >= _FEEDS else limit * _LONGER)
