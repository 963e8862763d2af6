"""`/`: the newest quotes, live, and who is quoted most."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from onrecord.archive.interface import Archive
from onrecord.archive.query import EVERYTHING, After, Node
from onrecord.archive.results import FacetField
from onrecord.errors import Mistake
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log
from onrecord.people.readers import PeopleReader
from onrecord.sink.filters import FOR_PEOPLE, Filter
from onrecord.sink.parse_options import parse_filter
from onrecord.sink.selection import What
from onrecord.web.pages.cards import Ranked, cards_of, listing_of, ranked_people
from onrecord.web.pages.listings import FORMATS, answer
from onrecord.web.pages.plots import Plot, plot_of
from onrecord.web.pages.rendering import page, search_path
from onrecord.web.pages.shared import Shared
from onrecord.web.pages.tail import NewestQuotes, newest_quotes
from onrecord.web.problems import Problem
from onrecord.web.query import parse_pattern

_SHOWN = 40
_LISTED = 200
_RANKED = 8
_FIELDS = ("speaker", "about", "publisher", "type", "language")
# The archive has no such fields.
_LIVE_ONLY = ("category", "section")
_LIVE_FIELDS = (*_FIELDS, *_LIVE_ONLY)
_LONGEST = 500


class LatestPages:
    """The page, and its list for programs."""

    def __init__(
        self,
        shared: Shared,
        log: Log,
        topic: str,
        backoff: Callable[[], Backoff],
        people: PeopleReader | None,
    ) -> None:
        """`topic` is that of extractions; `backoff` waits out an outage of the log."""
        self._shared = shared
        self._log = log
        self._topic = topic
        self._backoff = backoff
        self._people = people

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the pages."""
        router.add_get("/", self._show)
        router.add_get(f"/latest.{{ending:{'|'.join(FORMATS)}}}", self._list)

    async def _show(self, request: web.Request) -> web.Response:
        given = _given(request)
        mistake = None
        try:
            wanted = _filter(given)
        except Mistake as error:
            mistake, wanted = str(error), _filter({})
        newest = await self._newest(wanted, _SHOWN)
        most_quoted, volume = await self._of_the_archive()
        query = urlencode(given)
        return page(
            request,
            "latest.html",
            title="Latest quotes",
            at=self._shared.clock(),
            given=given,
            mistake=mistake,
            floor=wanted.floor,
            cards=cards_of(newest.quotes),
            stream="/quotes?" + urlencode({"cursor": newest.cursor} | given),
            older=_older(given) if newest.quotes and given.keys().isdisjoint(_LIVE_ONLY) else None,
            most_quoted=most_quoted,
            volume=volume,
            beside={one: f"/latest.{one}" + (f"?{query}" if query else "") for one in FORMATS},
            http_status=400 if mistake else 200,
        )

    async def _list(self, request: web.Request) -> web.Response:
        newest = await self._newest(_filter(_given(request)), _LISTED)
        listing = listing_of(request, "onrecord: the latest quotes", newest.quotes)
        return answer(request, request.match_info["ending"], listing)

    async def _newest(self, wanted: Filter, limit: int) -> NewestQuotes:
        wanted = replace(wanted, people=self._people)
        return await asyncio.to_thread(
            lambda: newest_quotes(
                self._log, self._topic, wanted, limit=limit, backoff=self._backoff()
            )
        )

    async def _of_the_archive(self) -> tuple[tuple[str, list[Ranked]] | None, Plot | None]:
        """Who is quoted most, and how much an hour; neither while there is no archive."""
        now = self._shared.clock()
        windows = _windows(now.astimezone(self._shared.zone))

        def ask(archive: Archive) -> tuple[tuple[str, list[Ranked]] | None, Plot | None]:
            day = archive.timeline(After(now - timedelta(hours=24)), interval="hour")
            volume = plot_of(day, "Quotes by hour, last 24 hours", self._shared.zone)
            if not volume.total:  # an archive of older quotes only
                volume = plot_of(
                    archive.timeline(EVERYTHING), "Quotes over time", self._shared.zone
                )
            for name, node in windows:
                counts = archive.facets(node, (FacetField.SPEAKER,), limit=_RANKED)
                people = ranked_people(counts.values.get(FacetField.SPEAKER, ()))
                if people:
                    return (name, people), volume if volume.total else None
            return None, None

        try:
            return await self._shared.library.ask(ask)
        except Problem:
            return None, None


def _windows(now: datetime) -> list[tuple[str, Node]]:
    """Today, and longer times for when nobody spoke yet."""
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    return [
        ("today", After(midnight)),
        ("in the last 7 days", After(now - timedelta(days=7))),
        ("of all time", EVERYTHING),
    ]


def _given(request: web.Request) -> dict[str, str]:
    """The filters of the address; an empty field of the form is none."""
    names = (*_LIVE_FIELDS, "min_confidence")
    return {
        name: text for name in names if (text := request.query.get(name, "").strip()[:_LONGEST])
    }


def _filter(given: Mapping[str, str]) -> Filter:
    """The same filter as that of the stream, so that both speak of the same quotes."""
    options: dict[str, Any] = {name: given[name] for name in _LIVE_FIELDS if name in given}
    least = given.get("min_confidence")
    return parse_filter(
        **options,
        what=What.QUOTES,
        min_confidence=None if least is None else _share(least),
        floor=FOR_PEOPLE,
        compiled=parse_pattern,
    )


def _share(text: str) -> float:
    if not (text.isascii() and text.replace(".", "", 1).isdecimal()):
        raise Mistake(f"min_confidence {text[:20]!r}: a number from 0 to 1, as in 0.5")
    return float(text)


def _older(given: Mapping[str, str]) -> str:
    """A search for the same, which goes on where the list ends."""
    terms = [f'{name}:"{given[name].replace(chr(34), " ")}"' for name in _FIELDS if name in given]
    return search_path(" ".join(terms))
