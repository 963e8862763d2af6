"""A packed state is the state, and its outline has all that planning polls needs."""

from msgspec.structs import replace

from onrecord.processing.feeds.packed_state import PackedState
from onrecord.records import FeedState, PollNote, Seen
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


def test_the_outline_lacks_only_what_is_remembered_of_entries_and_polls() -> None:
    assert PackedState.of(STATE).outline == replace(STATE, seen={}, history=())
