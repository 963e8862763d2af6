"""A packed state is the state, and its outline has all that planning polls needs."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from onrecord.feeds.decisions.conditional import held_hosts, is_poll_due
from onrecord.feeds.decisions.health import is_gone
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.processing.feeds.packed_state import PackedState
from onrecord.records import Feed, FeedState, Hold, PollNote, Seen
from tests.builders import NOON

STATE = FeedState(
    url="https://a.example/feed",
    etag='"1"',
    next_poll_at=NOON,
    seen={"1": Seen(article_id="a", revision=2, content_hash="c", before=("b",))},
    history=(PollNote(at=NOON, status=200, new=1),),
)


def test_a_state_is_whole_again() -> None:
    assert PackedState.of(STATE).whole() == STATE


LATER = NOON + timedelta(hours=1)
FEED = Feed(url=STATE.url)


@pytest.mark.parametrize(
    ("feed", "state"),
    [
        (FEED, STATE),
        (FEED, replace(STATE, next_poll_at=LATER)),
        (FEED, replace(STATE, next_poll_at=NOON + timedelta(days=20))),
        (FEED, replace(STATE, hold=Hold(host="a.example", until=LATER), next_poll_at=LATER)),
        (replace(FEED, poll_at=NOON), replace(STATE, last_poll_at=NOON, next_poll_at=LATER)),
        (replace(FEED, poll_at=NOON), replace(STATE, last_poll_at=LATER, next_poll_at=LATER)),
        (replace(FEED, refetch_at=NOON), replace(STATE, refetched_at=NOON, next_poll_at=LATER)),
        (
            replace(FEED, fill_at=NOON),
            replace(STATE, filled_at=NOON, last_poll_at=NOON, next_poll_at=LATER),
        ),
        (
            FEED,
            replace(
                STATE,
                error="gone",
                status=410,
                failures=90,
                failing_since=NOON - timedelta(days=90),
                last_poll_at=NOON,
                next_poll_at=NOON + timedelta(days=20),
            ),
        ),
    ],
)
def test_the_outline_tells_the_same_of_the_next_poll_as_the_state(
    feed: Feed, state: FeedState
) -> None:
    outline = PackedState.of(state).outline
    policy = PollPolicy()
    assert is_poll_due(feed, outline, NOON, policy) == is_poll_due(feed, state, NOON, policy)
    assert held_hosts([outline], NOON) == held_hosts([state], NOON)
    assert is_gone(outline) == is_gone(state)
