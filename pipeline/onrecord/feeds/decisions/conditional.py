"""Conditional requests: the validators to send, and checks that the server honours them.

All pure.
"""

from collections.abc import Iterable
from datetime import datetime
from zlib import crc32

from msgspec.structs import replace

from onrecord.feeds.articles.claims import domain_of, registrable_domain
from onrecord.feeds.articles.page_retries import is_page_due
from onrecord.feeds.decisions.health import is_gone
from onrecord.feeds.decisions.schedule import PollPolicy, is_due
from onrecord.feeds.fetch import FeedManners, FetchRequest, FetchResponse
from onrecord.records import Doubt, Feed, FeedState


def held_hosts(states: Iterable[FeedState], now: datetime) -> dict[str, datetime]:
    """Until when each host must not be asked, by the Retry-After that its feeds received."""
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
    """The request to send to a feed's server now."""
    url = feed.address or state.address or feed.url
    # Not all feeds at once: a feed's URL determines its turn.
    turn = (state.polls + crc32(feed.url.encode())) % _UNCONDITIONAL_EVERY
    is_turn = state.polls >= _UNCONDITIONAL_AFTER and turn == 0
    if is_turn or not state.conditional:
        return FetchRequest(url=url, feed=feed.url)
    validators = state.doubt or state
    return FetchRequest(
        url=url, feed=feed.url, etag=validators.etag, last_modified=validators.last_modified
    )


def manners_of(feed: Feed) -> FeedManners | None:
    """How the feed's requests are made, where that is not as for all feeds."""
    if not (feed.user_agent or feed.proxy or feed.secrets):
        return None
    site = domain_of(feed.address or feed.url)
    return FeedManners(
        user_agent=feed.user_agent,
        proxy=feed.proxy,
        secrets=feed.secrets,
        may_know=lambda host: registrable_domain(host.removeprefix("www.")) == site,
        needs_tls=(feed.address or feed.url).lower().startswith("https:"),
    )


def with_due_forgotten(feed: Feed, state: FeedState, now: datetime) -> FeedState:
    """The state without its document when something in that is to be looked at again.

    The date of an entry has come, a page is to be asked for again, entries wait, or a person asks
    for a poll: where the feed moved to, the old validators mean nothing. The document is then asked
    for and read even if it has not changed.
    """
    is_due = any(
        (seen.due is not None and seen.due <= now) or is_page_due(seen, now)
        for seen in state.seen.values()
    )
    is_asked = (
        is_poll_asked(feed, state, now) or is_refetch_due(feed, state) or is_fill_due(feed, state)
    )
    if is_due or state.waiting or is_asked:
        return replace(state, etag=None, last_modified=None, doubt=None, body_hash=None)
    return state


def is_refetch_due(feed: Feed, state: FeedState) -> bool:
    """Whether a user's request to fetch the feed's pages again is still open."""
    if feed.refetch_at is None:
        return False
    return state.refetched_at is None or state.refetched_at < feed.refetch_at


def is_poll_asked(feed: Feed, state: FeedState, now: datetime) -> bool:
    """Whether a user's request to poll the feed at once is still open."""
    return _is_asked_anew(feed.poll_at, state, now)


def is_poll_due(feed: Feed, state: FeedState, now: datetime, policy: PollPolicy) -> bool:
    """Whether to ask a feed now: its time has come, or a person wants it.

    A request is tried at once, and after a failure again when the schedule says so.
    """
    if is_poll_asked(feed, state, now):
        return True
    if feed.paused:
        return False
    if is_due(state.next_poll_at, now, policy, is_gone=is_gone(state)):
        return True
    is_refetch_asked = is_refetch_due(feed, state) and _is_asked_anew(feed.refetch_at, state, now)
    is_fill_asked = is_fill_due(feed, state) and _is_asked_anew(feed.fill_at, state, now)
    return is_refetch_asked or is_fill_asked


def next_change_at(feed: Feed, state: FeedState, now: datetime) -> datetime | None:
    """When a feed that is not due can be due next, as far as is known: a time to come."""
    times = (state.next_poll_at, feed.poll_at, feed.refetch_at, feed.fill_at)
    return min((time for time in times if time is not None and time > now), default=None)


def _is_asked_anew(asked_at: datetime | None, state: FeedState, now: datetime) -> bool:
    """Whether a user has asked for something since the last poll.

    A time to come is from a machine whose clock is ahead: no poll would be later than the request.
    """
    if asked_at is None or asked_at > now:
        return False
    return state.last_poll_at is None or state.last_poll_at < asked_at


def is_fill_due(feed: Feed, state: FeedState) -> bool:
    """Whether a user's request for the articles of the feed's archive is still open."""
    if feed.fill_at is None:
        return False
    return state.filled_at is None or state.filled_at < feed.fill_at


def is_lie(state: FeedState, request: FetchRequest, response: FetchResponse) -> bool:
    """Whether the server wrongly claims "not modified".

    Of a 304 only the validators that we doubt tell; another document under the very validators
    that we have would have been denied, had they been sent.
    """
    if response.is_unchanged:
        return state.doubt is not None and _validators_of(request) == _validators_of(state.doubt)
    return _could_have_been_denied(state, request) and (
        _validators_of(response) == _validators_of(state)
    )


def doubt_of(state: FeedState, request: FetchRequest, response: FetchResponse) -> Doubt | None:
    """What to ask with next, after another document has come than the one we had; None as usual.

    A poll without validators cannot tell whether they would have been answered with 304. So the
    next poll sends those of the old document; a 304 then proves the server wrong. There is one
    request per poll.
    """
    if response.is_unchanged or not _could_have_been_denied(state, request):
        return None
    return Doubt(etag=state.etag, last_modified=state.last_modified)


def _could_have_been_denied(state: FeedState, request: FetchRequest) -> bool:
    had = state.body_hash is not None and _validators_of(state) != (None, None)
    return had and state.conditional and not request.is_conditional


def _validators_of(
    holder: FeedState | Doubt | FetchRequest | FetchResponse,
) -> tuple[str | None, str | None]:
    return holder.etag, holder.last_modified
