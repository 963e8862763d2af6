"""A bad release stops the worker, one bad publisher does not."""

import pytest

from onrecord.errors import TooManyDeadLetters
from onrecord.processing.failure_streak import FailureStreak
from onrecord.processing.reasons import Failure, ReasonCode

BAD = Failure(ReasonCode.FAILED, "told to fail", "ValueError")


def test_failures_of_different_feeds_reach_the_limit_together() -> None:
    results = [(f"feed {n % 3}", BAD) for n in range(10)]
    assert FailureStreak().after(results[:9], 10).count == 9
    with pytest.raises(TooManyDeadLetters, match="10 articles in a row failed, of 3 feeds"):
        FailureStreak().after(results[:9], 10).after(results[9:], 10)


def test_two_feeds_full_of_bad_articles_stop_nobody_until_it_is_many_more() -> None:
    streak = FailureStreak().after([("a", BAD), ("b", BAD)] * 49, 10)
    assert streak.count == 98
    with pytest.raises(TooManyDeadLetters, match="of 2 feeds"):
        streak.after([("a", BAD)] * 2, 10)


def test_a_success_ends_the_streak() -> None:
    streak = FailureStreak().after([("a", BAD)] * 5 + [("b", None)] + [("c", BAD)], 10)
    assert streak == FailureStreak(1, frozenset({"c"}))
