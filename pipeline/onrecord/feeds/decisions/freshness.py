"""Delay and completeness of new entries: running figures of a feed, and of all feeds.

All pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from msgspec.structs import replace

from onrecord.records import Article, FeedState

# The weight of the newest value in a running figure.
_WEIGHT = 0.2


def with_freshness(
    after: FeedState, before: FeedState, articles: tuple[Article, ...], now: datetime
) -> FeedState:
    """The state with how late the articles came that were new now.

    The first document tells nothing: it is full of what was published before we came.
    """
    dates = [a.published_at for a in articles if a.revision == 1 and a.published_at is not None]
    if not before.seen or not dates:
        return after
    delays_s = [max(0.0, (now - date).total_seconds()) for date in dates]
    since = before.last_poll_at or now
    prompt = sum(date >= since for date in dates) / len(dates)
    return replace(
        after,
        delay_s=_running(before.delay_s, median(delays_s)),
        prompt=_running(before.prompt, prompt),
    )


def _running(before: float | None, value: float) -> float:
    return value if before is None else (1 - _WEIGHT) * before + _WEIGHT * value


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Of all feeds together; None while nothing is known.

    `delay_s` is the middle of the feeds' usual times from publication to the topic, `delay_s_95`
    what 95 in 100 feeds stay below. `prompt` is the share of new entries that were seen at the
    first poll after their publication; `losing` counts feeds whose entries come and go between
    two polls.
    """

    delay_s: float | None
    delay_s_95: float | None
    prompt: float | None
    losing: int


def freshness_of(states: Iterable[FeedState]) -> Freshness:
    """The figures of all these feeds, each counting once."""
    known = list(states)
    delays_s = sorted(state.delay_s for state in known if state.delay_s is not None)
    prompt = [state.prompt for state in known if state.prompt is not None]
    return Freshness(
        delay_s=median(delays_s) if delays_s else None,
        delay_s_95=delays_s[int(0.95 * (len(delays_s) - 1))] if delays_s else None,
        prompt=sum(prompt) / len(prompt) if prompt else None,
        losing=sum(is_losing(state) for state in known),
    )


def is_losing(state: FeedState) -> bool:
    """Whether the last changed document contained none of the entries seen before."""
    return state.overlap == 0


# A feed is silent when nothing new has come for so long, and for so many of its usual gaps.
_SILENT_S = 7 * 86_400.0
_SILENT_GAPS = 10.0


def is_silent(state: FeedState, now: datetime) -> bool:
    """Whether a responding feed has brought nothing new for far longer than is usual for it."""
    if state.error is not None or state.last_new_at is None:
        return False
    usual_s = _SILENT_GAPS * (state.gap_s or 0.0)
    return (now - state.last_new_at).total_seconds() > max(_SILENT_S, usual_s)
