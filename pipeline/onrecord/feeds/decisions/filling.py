"""How far the archive of a feed has been read (RFC 5005), where a person asked for it. All pure."""

from datetime import datetime

from msgspec.structs import replace

from onrecord.feeds.decisions.outcome import ArchiveFill, Read
from onrecord.records import FeedState


def is_more_waiting(outcome: Read) -> bool:
    """Whether the next poll has more to publish: entries that wait, or parts of an archive."""
    has_parts = outcome.archive is not None and outcome.archive.following is not None
    return outcome.waiting > 0 or has_parts


def with_fill(
    state: FeedState, fill: ArchiveFill | None, *, is_waiting: bool, now: datetime
) -> FeedState:
    """The state after a poll that read parts of the archive.

    While entries wait, the same parts are read again: what was published of them is known by then.
    """
    if fill is None or is_waiting:
        return state
    if fill.following is None:
        return replace(state, archive_next=None, archive_parts=0, filled_at=now)
    parts = state.archive_parts + fill.parts
    return replace(state, archive_next=fill.following, archive_parts=parts)
