"""`/feeds` and a page for each feed: its health, its last polls, and what was decided."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from aiohttp import web

from onrecord.processing.feeds.listed import FeedDetail, ListedFeed
from onrecord.processing.feeds.requests import ACTS, AddedFeeds
from onrecord.web.access import AccessControl
from onrecord.web.feeds_api import FeedDesk, wanted_feeds
from onrecord.web.forms import form_of
from onrecord.web.looking import Looking
from onrecord.web.pages.feed_forms import (
    ChangedMeanwhile,
    new_feeds_in,
    rules_in,
    rules_version,
    settings_in,
    settings_version,
    shown_settings,
)
from onrecord.web.pages.listings import FORMATS, AtomEntry, Listing, answer, columns_of
from onrecord.web.pages.rendering import page, path_of, with_ending
from onrecord.web.problems import Problem

# What a page says after a change, by the word in its address.
_TOLD: Mapping[str, str] = {
    "change": "The change is kept.",
    "pause": "The feed is paused.",
    "resume": "The feed is resumed.",
    "poll": "The feed is to be polled at once.",
    "refetch": "Its pages are fetched again at the next poll.",
    "fill": "Its archive is read from the next poll on.",
}
_TOLD_OF_LIST = {
    "added": "The feeds are followed now.",
    "removed": "The feed is not followed any more.",
}


class FeedPages:
    """The pages of feeds. Whoever may write adds, changes, pauses, polls and removes them."""

    def __init__(
        self,
        desk: FeedDesk,
        looking: Looking,
        access: AccessControl,
        clock: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._looking = looking
        self._access = access
        self._clock = clock

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the pages."""
        router.add_get("/feeds", self._show_list)
        router.add_post("/feeds", self._add)
        router.add_get(f"/feeds.{{ending:{'|'.join(FORMATS)}}}", self._list)
        router.add_get("/feeds/{url}", self._show)
        router.add_get("/feeds/{url}/json", self._detail)
        router.add_post(f"/feeds/{{url}}/{{act:{'|'.join(ACTS)}}}", self._act)
        router.add_post("/feeds/{url}/{part:settings|rules}", self._change)
        router.add_post("/feeds/{url}/remove", self._remove)

    # ── the list ─────────────────────────────────────────────────────────────────────────────

    async def _show_list(self, request: web.Request) -> web.Response:
        return await self._list_page(request, told=_TOLD_OF_LIST.get(request.query.get("told", "")))

    async def _list_page(
        self,
        request: web.Request,
        *,
        told: str | None = None,
        found: AddedFeeds | None = None,
    ) -> web.Response:
        everything = await asyncio.to_thread(self._desk.all)
        return page(
            request,
            "feeds.html",
            feeds=self._wanted(request, everything),
            followed=len(everything),
            categories=sorted({each for feed in everything for each in feed.categories}),
            asked=request.query,
            beside=with_ending(request),
            told=told,
            refused=() if found is None else found.refused,
            title="Feeds",
        )

    async def _list(self, request: web.Request) -> web.Response:
        everything = await asyncio.to_thread(self._desk.all)
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
        listing = Listing(title="Feeds", rows=rows, entries=entries, columns=columns_of(ListedFeed))
        return answer(request, request.match_info["ending"], listing)

    def _wanted(self, request: web.Request, everything: Sequence[ListedFeed]) -> list[ListedFeed]:
        """The feeds that the query asks for, the worst first unless it says otherwise."""
        return wanted_feeds(request.query, everything, self._clock(), usual="health")

    async def _add(self, request: web.Request) -> web.Response:
        await self._access.check_form(request)
        wanted = new_feeds_in(await form_of(request))
        found = await self._looking.add(wanted)
        if not found.refused:
            raise web.HTTPSeeOther("/feeds?told=added")
        return await self._list_page(request, found=found)

    # ── one feed ─────────────────────────────────────────────────────────────────────────────

    async def _show(self, request: web.Request) -> web.Response:
        found = await self._found(request)
        return page(
            request,
            "feed.html",
            feed=found.feed,
            settings=shown_settings(found.feed),
            settings_version=settings_version(found.feed),
            rules_version=rules_version(found.feed),
            polls=found.polls,
            blocked=found.blocked_entries,
            told=_TOLD.get(request.query.get("told", "")),
            title=found.feed.name,
        )

    async def _detail(self, request: web.Request) -> web.Response:
        body = msgspec.json.encode(await self._found(request))
        return web.Response(body=body, content_type="application/json")

    async def _found(self, request: web.Request) -> FeedDetail:
        url = request.match_info["url"]
        found = await asyncio.to_thread(self._desk.find, url)
        if found is None:
            raise Problem(404, f"{url} is not followed")
        return found

    async def _act(self, request: web.Request) -> web.Response:
        await self._access.check_form(request)
        url = (await self._found(request)).feed.url
        act = next(one for one in ACTS if one == request.match_info["act"])
        await asyncio.to_thread(self._desk.act, url, act)
        raise _back_to(url, act)

    async def _change(self, request: web.Request) -> web.Response:
        await self._access.check_form(request)
        feed = (await self._found(request)).feed
        form = await form_of(request)
        in_form = settings_in if request.match_info["part"] == "settings" else rules_in
        try:
            change = in_form(form, feed)
        except ChangedMeanwhile as error:
            raise Problem(409, str(error)) from None
        await asyncio.to_thread(self._desk.change, feed.url, change)
        raise _back_to(feed.url, "change")

    async def _remove(self, request: web.Request) -> web.Response:
        await self._access.check_form(request)
        url = (await self._found(request)).feed.url
        await asyncio.to_thread(self._desk.remove, url)
        raise web.HTTPSeeOther("/feeds?told=removed")


def _back_to(url: str, told: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"{path_of('feeds', url)}?told={told}")
