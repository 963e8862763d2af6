"""A request beats the schedule once: a feed that fails is then asked by the schedule again."""

from datetime import datetime, timedelta

import pytest

from onrecord.feeds.articles.revisions import MemoryPolicy
from onrecord.feeds.decisions.conditional import is_poll_due, is_refetch_due
from onrecord.feeds.decisions.decide import decide
from onrecord.feeds.decisions.outcome import Failed
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.records import Feed, FeedState
from tests.builders import NOON

URL = "https://a.example/feed"
POLICY = PollPolicy()
SECOND = timedelta(seconds=1)
PLANNED = FeedState(url=URL, last_poll_at=NOON - SECOND, next_poll_at=NOON + timedelta(hours=1))


def failed(feed: Feed, state: FeedState, now: datetime) -> FeedState:
    outcome = Failed(error="404 Not Found", status=404)
    memory = MemoryPolicy()
    return decide(feed, state, outcome, lambda _: None, now, policy=POLICY, memory=memory).state


@pytest.mark.parametrize("request_at", ["poll_at", "refetch_at", "fill_at"])
def test_a_request_to_a_feed_that_fails_is_tried_once_before_its_time(request_at: str) -> None:
    feed = Feed(url=URL, **{request_at: NOON})  # type: ignore[arg-type]
    assert is_poll_due(feed, PLANNED, NOON, POLICY)
    state = failed(feed, PLANNED, NOON)
    assert state.next_poll_at is not None
    assert not is_poll_due(feed, state, NOON + SECOND, POLICY)
    assert is_poll_due(feed, state, state.next_poll_at, POLICY)


def test_a_refetch_that_failed_stays_open() -> None:
    feed = Feed(url=URL, refetch_at=NOON)
    assert is_refetch_due(feed, failed(feed, PLANNED, NOON))


@pytest.mark.parametrize("request_at", ["poll_at", "refetch_at", "fill_at"])
def test_a_request_by_a_clock_that_is_ahead_counts_once_its_time_has_come(request_at: str) -> None:
    feed = Feed(url=URL, **{request_at: NOON + 10 * SECOND})  # type: ignore[arg-type]
    assert not is_poll_due(feed, PLANNED, NOON, POLICY)
    assert is_poll_due(feed, PLANNED, NOON + 10 * SECOND, POLICY)
