"""`/compare?q=…&q=…`: two searches over time."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from onrecord.archive.interface import Archive
from onrecord.archive.query import Node
from onrecord.archive.results import HitCount, Timeline, TimelinePoint
from onrecord.errors import QueryError
from onrecord.web.pages.listings import FORMATS, AtomEntry, Listing, answer
from onrecord.web.pages.plots import MOST_BARS, Plot, plot
from onrecord.web.pages.rendering import page, search_path, with_ending, with_parameters
from onrecord.web.pages.search_page import shown_query
from onrecord.web.pages.shared import Shared

_MOST = 2
_INTERVALS = ("hour", "day", "month", "year")


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the searches."""

    query: str
    count: HitCount
    timeline: Timeline
    path: str


class ComparePages:
    """The page, and its list for programs."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the pages."""
        router.add_get("/compare", self._show)
        router.add_get(f"/compare.{{ending:{'|'.join(FORMATS)}}}", self._list)

    async def _show(self, request: web.Request) -> web.Response:
        queries = _queries(request)
        try:
            compared = await self._compare(queries)
        except QueryError as error:
            return self._page(request, queries, [], mistake=str(error))
        return self._page(request, queries, compared, mistake=None)

    def _page(
        self,
        request: web.Request,
        queries: list[str],
        compared: list[Compared],
        *,
        mistake: str | None,
    ) -> web.Response:
        is_share = request.query.get("share") == "1"
        starts, plots = _plots(compared, self._shared, is_share=is_share)
        return page(
            request,
            "compare.html",
            title="Compare",
            queries=[*queries, "", ""][:_MOST],
            mistake=mistake,
            compared=compared,
            plots=plots,
            rows=list(zip(starts, *(one.bars for one in plots), strict=True)),
            is_share=is_share,
            other_scale=with_parameters(request, share=None if is_share else "1"),
            beside=with_ending(request),
            http_status=400 if mistake else 200,
        )

    async def _list(self, request: web.Request) -> web.Response:
        compared = await self._compare(_queries(request))
        starts, plots = _plots(compared, self._shared, is_share=False)
        rows: list[dict[str, Any]] = []
        for number, start in enumerate(starts):
            row: dict[str, Any] = {"start": start}
            for one, drawn in zip(compared, plots, strict=True):
                row[_column(one.query, row)] = drawn.bars[number].count
            rows.append(row)
        entries = [
            AtomEntry(
                key=f"searches/{one.query}",
                title=one.query or "all quotes",
                path=one.path,
                updated=one.timeline.points[-1].start if one.timeline.points else None,
                summary=f"{one.count.count} quotes",
            )
            for one in compared
        ]
        listing = Listing(title="onrecord: compared", rows=rows, entries=entries)
        return answer(request, request.match_info["ending"], listing)

    async def _compare(self, queries: list[str]) -> list[Compared]:
        nodes = [shown_query(query) for query in queries]
        if not nodes:
            return []
        return await self._shared.library.ask(lambda archive: _ask(archive, queries, nodes))


def _column(query: str, taken: Container[str]) -> str:
    """The name of a search's column: the query, unless another column is called so."""
    name = query
    while name in taken:
        name = f"q={name}"
    return name


def _queries(request: web.Request) -> list[str]:
    given = [query.strip() for query in request.query.getall("q", [])]
    return [query for query in given if query][:_MOST]


def _ask(archive: Archive, queries: list[str], nodes: list[Node]) -> list[Compared]:
    """The timelines, all by the longest interval that any of them needs."""
    timelines = [archive.timeline(node) for node in nodes]
    interval = max((one.interval for one in timelines), key=_INTERVALS.index)
    return [
        Compared(
            query,
            archive.count(node),
            own if own.interval == interval else archive.timeline(node, interval=interval),
            search_path(query),
        )
        for query, node, own in zip(queries, nodes, timelines, strict=True)
    ]


def _plots(
    compared: list[Compared], shared: Shared, *, is_share: bool
) -> tuple[list[datetime], list[Plot]]:
    """One plot for each search, over the same times and on the same scale; and the times."""
    starts = sorted({point.start for one in compared for point in one.timeline.points})[-MOST_BARS:]
    series: list[list[TimelinePoint]] = []
    for one in compared:
        known = {point.start: point for point in one.timeline.points}
        nothing = (TimelinePoint(start=start, count=0, of=0) for start in starts)
        series.append([known.get(empty.start, empty) for empty in nothing])
    values = [
        (point.share or 0.0) if is_share else float(point.count) for row in series for point in row
    ]
    return starts, [
        plot(
            points,
            one.query or "all quotes",
            shared.zone,
            interval=one.timeline.interval,
            is_share=is_share,
            is_bounded=one.timeline.is_bounded,
            most=max(values, default=0.0),
        )
        for one, points in zip(compared, series, strict=True)
    ]
