"""How late and how completely a feed's entries reach us: running figures. All pure."""

from datetime import datetime

from pipeline.records import Article, FeedState


def delays_s(articles: tuple[Article, ...], state: FeedState, now: datetime) -> list[float]:
    """From publication to us, of what was new at this poll and not before the first."""
    if not state.seen:
        return []  # the first document is full of what was published before we came
    dates = [a.published_at for a in articles if a.revision == 1 and a.published_at is not None]
    return [max(0.0, (now - date).total_seconds()) for date in dates]


def smoothed(before: float | None, values: list[float]) -> float | None:
    """A running figure: a fifth of it is the median of what came last."""
    if not values:
        return before
    median = sorted(values)[len(values) // 2]
    return median if before is None else 0.8 * before + 0.2 * median
