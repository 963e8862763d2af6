"""Plots as SVG: the geometry of bars and lines. The templates draw it, with a table beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from onrecord.archive.results import Timeline, TimelinePoint

WIDTH, HEIGHT = 720.0, 160.0
_FORMATS = {"hour": "%d %b %H:00", "day": "%d %b %Y", "month": "%b %Y", "year": "%Y"}
# A bar wider than this looks like a surface.
_WIDEST = 100.0
# A bar narrower than this in a plot of this width cannot be seen.
MOST_BARS = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar or a point of a line: its place, and its time and numbers in words."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Bars over time. `most` is the number at the top."""

    title: str
    bars: tuple[Bar, ...]
    most: float
    is_share: bool
    total: int
    is_bounded: bool = False

    @property
    def line(self) -> str:
        """The points of a line through the tops of the bars."""
        return " ".join(f"{bar.x + bar.width / 2:.1f},{bar.y:.1f}" for bar in self.bars)


def plot_of(
    timeline: Timeline,
    title: str,
    zone: ZoneInfo,
    *,
    is_share: bool = False,
    most: float | None = None,
) -> Plot:
    """The plot of a timeline; `most` gives several plots one scale."""
    return plot(
        timeline.points,
        title,
        zone,
        interval=timeline.interval,
        is_share=is_share,
        is_bounded=timeline.is_bounded,
        most=most,
    )


def plot(
    points: Sequence[TimelinePoint],
    title: str,
    zone: ZoneInfo,
    *,
    interval: str = "month",
    is_share: bool = False,
    is_bounded: bool = False,
    most: float | None = None,
) -> Plot:
    """The plot of points. The newest are drawn where there are too many to be seen."""
    shown = points[-MOST_BARS:]
    values = [(point.share or 0.0) if is_share else float(point.count) for point in shown]
    top = most or max(values, default=0.0)
    step = WIDTH / max(1, len(shown))
    bars = []
    for number, (point, value) in enumerate(zip(shown, values, strict=True)):
        height = HEIGHT * value / top if top else 0.0
        width = min(max(0.5, step * 0.86), _WIDEST)
        bars.append(
            Bar(
                x=round(number * step + (step - width) / 2, 2),
                y=round(HEIGHT - height, 2),
                width=round(width, 2),
                height=round(height, 2),
                label=label_of(point.start, interval, zone),
                count=point.count,
                share=point.share,
            )
        )
    return Plot(
        title=title,
        bars=tuple(bars),
        most=top,
        is_share=is_share,
        total=sum(point.count for point in points),
        is_bounded=is_bounded,
    )


def label_of(start: datetime, interval: str, zone: ZoneInfo) -> str:
    """The hour, day, month or year in words. Only hours move with the zone: days are UTC's."""
    shown = start.astimezone(zone) if interval == "hour" else start
    return shown.strftime(_FORMATS[interval])
