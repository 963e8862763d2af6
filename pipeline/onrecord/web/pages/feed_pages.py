"""`/feeds` and a page for each feed: its health, its last polls, and what was decided."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from aiohttp import web

from onrecord.errors import Mistake
from onrecord.processing.feeds.listed import (
    FeedDetail,
    ListedFeed,
    Order,
    chosen,
    in_order,
)
from onrecord.web.access import AccessControl
from onrecord.web.pages.listings import FORMATS, AtomEntry, Listing, answer
from onrecord.web.pages.operations import Operations
from onrecord.web.pages.rendering import page, path_of, with_ending
from onrecord.web.problems import Problem

_ORDERS: Mapping[str, Order] = {"health": "health", "name": "name", "last": "last"}
_ACTS = "pause|resume|poll"


class FeedPages:
    """The pages of feeds. Whoever may write pauses, resumes and polls them."""

    def __init__(
        self, operations: Operations, access: AccessControl, clock: Callable[[], datetime]
    ) -> None:
        self._operations = operations
        self._access = access
        self._clock = clock

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the pages."""
        router.add_get("/feeds", self._show_list)
        router.add_get(f"/feeds.{{ending:{'|'.join(FORMATS)}}}", self._list)
        router.add_get("/feeds/{url}", self._show)
        router.add_get("/feeds/{url}/json", self._detail)
        router.add_post(f"/feeds/{{url}}/{{act:{_ACTS}}}", self._act)

    async def _show_list(self, request: web.Request) -> web.Response:
        everything = await asyncio.to_thread(self._operations.feeds)
        return page(
            request,
            "feeds.html",
            feeds=self._wanted(request, everything),
            followed=len(everything),
            categories=sorted({each for feed in everything for each in feed.categories}),
            asked=request.query,
            beside=with_ending(request),
            title="Feeds",
        )

    async def _list(self, request: web.Request) -> web.Response:
        everything = await asyncio.to_thread(self._operations.feeds)
        wanted = self._wanted(request, everything)
        entries = [
            AtomEntry(
                key=f"feeds/{feed.url}",
                title=feed.name,
                path=path_of("feeds", feed.url),
                updated=feed.last_new_at,
                summary=feed.error or "",
            )
            for feed in wanted
        ]
        rows = [msgspec.to_builtins(feed) for feed in wanted]
        listing = Listing(title="Feeds", rows=rows, entries=entries)
        return answer(request, request.match_info["ending"], listing)

    def _wanted(self, request: web.Request, everything: Sequence[ListedFeed]) -> list[ListedFeed]:
        """The feeds that the query asks for, the worst first unless it says otherwise."""
        wanted = chosen(
            everything,
            self._clock(),
            word=request.query.get("word") or None,
            category=request.query.get("category") or None,
            failing=bool(request.query.get("failing")),
            silent_days=_days(request.query.get("silent")),
        )
        return in_order(wanted, _ORDERS.get(request.query.get("sort", ""), "health"))

    async def _show(self, request: web.Request) -> web.Response:
        found = await self._found(request)
        return page(
            request,
            "feed.html",
            feed=found.feed,
            polls=found.polls,
            blocked=found.blocked_entries,
            told=request.query.get("told"),
            title=found.feed.name,
        )

    async def _detail(self, request: web.Request) -> web.Response:
        body = msgspec.json.encode(await self._found(request))
        return web.Response(body=body, content_type="application/json")

    async def _found(self, request: web.Request) -> FeedDetail:
        url = request.match_info["url"]
        found = await asyncio.to_thread(self._operations.feed, url)
        if found is None:
            raise Problem(404, f"{url} is not followed")
        return found

    async def _act(self, request: web.Request) -> web.Response:
        await self._access.check_form(request)
        url, act = request.match_info["url"], request.match_info["act"]
        try:
            await asyncio.to_thread(self._operations.change_feed, url, act)
        except Mistake as error:
            raise Problem(404, str(error)) from None
        told = {"pause": "paused", "resume": "resumed", "poll": "to be polled at once"}[act]
        raise web.HTTPSeeOther(f"{path_of('feeds', url)}?told={told.replace(' ', '+')}")


def _days(written: str | None) -> float | None:
    if not written:
        return None
    if not (written.isascii() and written.isdecimal() and len(written) < 6):
        raise Problem(400, "silent: a number of days")
    return float(written)
