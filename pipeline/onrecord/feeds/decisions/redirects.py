"""Permanent redirects: when a feed's new address is adopted, and given up. All pure."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from msgspec.structs import replace

from onrecord.feeds.fetch import Redirect
from onrecord.records import FeedState, Move

# A permanent redirect is adopted once every poll has seen it for this long: captive portals and
# broken releases answer 301 too, and adopting that at once would lose every feed.
_BELIEVED_AFTER = timedelta(days=7)
_BELIEVED_SEEN = 5
# An adopted address that fails as often as this in a row is given up for the subscribed one.
DISBELIEVED_FAILURES = 3
_PERMANENT = (301, 308)


def with_move(state: FeedState, redirects: tuple[Redirect, ...], now: datetime) -> FeedState:
    """The state after a success: a redirect is adopted, watched or forgotten."""
    # A target with a secret in its URL is followed each time: it cannot be remembered as it is.
    if not redirects or any(hop.status not in _PERMANENT or hop.is_private for hop in redirects):
        return replace(state, move=None)
    asked, target = state.address or state.url, redirects[-1].url
    if _is_upgrade(asked, target):
        return replace(state, address=target, move=None)
    move = state.move
    if move is None or move.url != target:
        return replace(state, move=Move(url=target, since=now))
    move = replace(move, seen=move.seen + 1)
    if now - move.since >= _BELIEVED_AFTER and move.seen >= _BELIEVED_SEEN:
        return replace(state, address=target, move=None)
    return replace(state, move=move)


def _is_upgrade(url: str, target: str) -> bool:
    """Whether the target is the same URL over TLS."""
    before, after = urlsplit(url), urlsplit(target)
    return (
        (before.scheme, after.scheme) == ("http", "https")
        and before.hostname == after.hostname
        and before.port in (None, 80)
        and after.port in (None, 443)
        and (before.path or "/", before.query) == (after.path or "/", after.query)
    )
