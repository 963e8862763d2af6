"""Hours, days, months and years, for counts over time. All in UTC."""

from datetime import datetime, timedelta

from onrecord.archive.results import Interval

# The most points of a timeline: three years of days.
MOST_POINTS = 1_100


def start_of(at: datetime, interval: Interval) -> datetime:
    """The beginning of the hour, day, month or year of an instant."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match interval:
        case "hour":
            return day.replace(hour=at.hour)
        case "day":
            return day
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)


def next_start(start: datetime, interval: Interval) -> datetime:
    """The beginning of the next."""
    longest = {"hour": 1, "day": 24, "month": 31 * 24, "year": 366 * 24}[interval]
    # Past the end of the longest is inside the next one, however short.
    return start_of(start + timedelta(hours=longest), interval)


def intervals_between(
    first: datetime, last: datetime, interval: Interval | None
) -> tuple[Interval, list[datetime], bool]:
    """The interval (that fits, for None), its beginnings from first to last, and whether cut.

    Only the last MOST_POINTS are given.
    """
    fitting = interval or _fitting(last - first)
    starts = []
    start = start_of(first, fitting)
    while start <= last:
        starts.append(start)
        start = next_start(start, fitting)
    return fitting, starts[-MOST_POINTS:], len(starts) > MOST_POINTS


def _fitting(span: timedelta) -> Interval:
    if span <= timedelta(days=3):
        return "hour"
    if span <= timedelta(days=92):
        return "day"
    return "month" if span <= timedelta(days=366 * 15) else "year"
