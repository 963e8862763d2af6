"""How a feed is doing: what its last polls say of it. All pure."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from onrecord.records import FeedState, PollNote

_GONE = 410
# A server that says "gone" once may be mistaken; one that says so for a day means it.
_GONE_AFTER = timedelta(days=1)
_GONE_FAILURES = 3
# A site that moves, or a domain that lapses, is back within weeks or never.
_DEAD_AFTER = timedelta(days=28)
_DEAD_FAILURES = 10
_MOST_NOTES = 8


def is_gone(state: FeedState) -> bool:
    """Whether a feed is gone: its server has said so for a day, or nothing came for weeks."""
    if state.error is None or state.failing_since is None or state.last_poll_at is None:
        return False
    failing = state.last_poll_at - state.failing_since
    if state.status == _GONE and failing >= _GONE_AFTER and state.failures >= _GONE_FAILURES:
        return True
    return failing >= _DEAD_AFTER and state.failures >= _DEAD_FAILURES


def with_note(state: FeedState, now: datetime, *, new: int, edited: int, blocked: int) -> FeedState:
    """The state after a poll, with what came of it in its history."""
    note = PollNote(
        at=now,
        status=state.status,
        new=new,
        edited=edited,
        blocked=blocked,
        error=state.error,
        why=state.why,
    )
    return replace(state, history=(note, *state.history[: _MOST_NOTES - 1]))
