"""What to ask of a feed's server, with which validators, and whether it lies. All pure."""

from collections.abc import Iterable
from datetime import datetime
from zlib import crc32

from pipeline.feeds.fetch import FetchRequest, FetchResponse
from pipeline.records import Feed, FeedState


def held_hosts(states: Iterable[FeedState], now: datetime) -> dict[str, datetime]:
    """Until when each host wants to be left alone, as its feeds were told."""
    held: dict[str, datetime] = {}
    for state in states:
        if state.hold is not None and state.hold.until > now:
            held[state.hold.host] = max(state.hold.until, held.get(state.hold.host, now))
    return held


# One poll in so many is made without validators, to catch servers that say "not modified" of
# what was. Not one of the first: there is nothing yet to have missed.
_UNCONDITIONAL_EVERY = 25
_UNCONDITIONAL_AFTER = 12


def request_for(feed: Feed, state: FeedState) -> FetchRequest:
    """What to ask of a feed's server now."""
    url = state.address or feed.url
    # Not all feeds at once: each has its turn by its URL.
    turn = (state.polls + crc32(feed.url.encode())) % _UNCONDITIONAL_EVERY
    is_turn = state.polls >= _UNCONDITIONAL_AFTER and turn == 0
    if is_turn or not state.conditional:
        return FetchRequest(url=url)
    return FetchRequest(url=url, etag=state.etag, last_modified=state.last_modified)


def lie_test(state: FeedState, request: FetchRequest) -> FetchRequest | None:
    """What to ask in order to find out whether the server lies; None when there is no doubt.

    After a poll without validators has brought another document than the one we had, the old
    validators must not be answered with "not modified".
    """
    had = FetchRequest(url=request.url, etag=state.etag, last_modified=state.last_modified)
    if request.is_conditional or not state.conditional or not had.is_conditional:
        return None
    return had if state.body_hash is not None else None


def is_same_validators(had: FetchRequest, response: FetchResponse) -> bool:
    """Whether another document came under the very validators that we have: that is a lie too."""
    return (had.etag, had.last_modified) == (response.etag, response.last_modified)
