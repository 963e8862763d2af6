"""Feeds for programs, under `/api/feeds`: looking, adding, changing, acting, removing.

Whoever may read lists them; whoever may write changes them. A change is sent as JSON, or as OPML,
which a browser lets no foreign page send without asking this server first, and it is not allowed.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

import msgspec
from aiohttp import web

from onrecord.processing.feeds.listed import FeedDetail, ListedFeed, Order, chosen, in_order
from onrecord.processing.feeds.requests import (
    ACTS,
    Act,
    AddedFeeds,
    FeedChange,
    NewFeeds,
    RefetchPages,
)
from onrecord.web.access import AccessControl
from onrecord.web.looking import Looking
from onrecord.web.problems import Problem
from onrecord.web.sent_json import json_response, sent_json

PATH = "/api/feeds"
# None of them can a page of another site send unasked.
OPML_TYPES = ("text/x-opml", "application/xml", "text/xml")
ORDERS: Mapping[str, Order] = {"name": "name", "health": "health", "last": "last"}


class FeedDesk(Protocol):
    """The feeds that are followed, and changes to them. All methods block."""

    def all(self) -> Sequence[ListedFeed]: ...
    def find(self, url: str) -> FeedDetail | None: ...
    def opml(self) -> str: ...
    def add(self, wanted: NewFeeds) -> AddedFeeds: ...
    def follow_opml(self, document: bytes) -> AddedFeeds: ...
    def change(self, url: str, change: FeedChange) -> None: ...
    def act(self, url: str, act: Act, *, days: float | None = None) -> None: ...
    def remove(self, url: str) -> None: ...


class FeedsPage(msgspec.Struct, frozen=True, kw_only=True):
    """The feeds asked for, and how many are followed in all."""

    feeds: list[ListedFeed]
    followed: int


class FeedsApi:
    """The endpoints."""

    def __init__(
        self,
        desk: FeedDesk,
        looking: Looking,
        access: AccessControl,
        clock: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._access = access
        self._clock = clock
        self._looking = looking

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_get(PATH, self._list, allow_head=False)
        router.add_post(PATH, self._add)
        router.add_get(f"{PATH}.opml", self._opml, allow_head=False)
        router.add_post(f"{PATH}.opml", self._follow_opml)
        router.add_get(f"{PATH}/{{url}}", self._show, allow_head=False)
        router.add_patch(f"{PATH}/{{url}}", self._change)
        router.add_delete(f"{PATH}/{{url}}", self._remove)
        router.add_post(f"{PATH}/{{url}}/{{act:{'|'.join(ACTS)}}}", self._act)

    # ── looking ──────────────────────────────────────────────────────────────────────────────

    async def _list(self, request: web.Request) -> web.Response:
        everything = await asyncio.to_thread(self._desk.all)
        wanted = wanted_feeds(_known(request.query), everything, self._clock(), usual="name")
        return json_response(FeedsPage(feeds=wanted, followed=len(everything)))

    async def _opml(self, _: web.Request) -> web.Response:
        body = await asyncio.to_thread(self._desk.opml)
        return web.Response(body=body.encode(), content_type="text/x-opml", charset="utf-8")

    async def _show(self, request: web.Request) -> web.Response:
        return json_response(await self._found(request.match_info["url"]))

    async def _found(self, url: str) -> FeedDetail:
        found = await asyncio.to_thread(self._desk.find, url)
        if found is None:
            raise Problem(404, f"{url} is not followed")
        return found

    # ── changing ─────────────────────────────────────────────────────────────────────────────

    async def _add(self, request: web.Request) -> web.Response:
        wanted = await sent_json(request, self._access, NewFeeds)
        return json_response(await self._looking.add(wanted))

    async def _follow_opml(self, request: web.Request) -> web.Response:
        self._access.check_writer(request)
        if request.content_type not in OPML_TYPES:
            raise Problem(415, f"send OPML, with Content-Type: {OPML_TYPES[0]}")
        document = await request.read()
        return json_response(await asyncio.to_thread(self._desk.follow_opml, document))

    async def _change(self, request: web.Request) -> web.Response:
        change = await sent_json(request, self._access, FeedChange)
        return await self._done(request, partial(self._desk.change, change=change))

    async def _act(self, request: web.Request) -> web.Response:
        act = next(one for one in ACTS if one == request.match_info["act"])
        days = None
        if act == "refetch":
            days = (await sent_json(request, self._access, RefetchPages)).days
        else:
            await sent_json(request, self._access, NoOptions)
        return await self._done(request, partial(self._desk.act, act=act, days=days))

    async def _done(self, request: web.Request, change: Callable[[str], None]) -> web.Response:
        """The feed after a change."""
        url = request.match_info["url"]
        await self._found(url)
        await asyncio.to_thread(change, url)
        return json_response(await self._found(url))

    async def _remove(self, request: web.Request) -> web.Response:
        self._access.check_writer(request)
        url = request.match_info["url"]
        await self._found(url)
        await asyncio.to_thread(self._desk.remove, url)
        return web.Response(status=204)


class NoOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act without options: an empty object, or no body."""


def wanted_feeds(
    query: Mapping[str, str], everything: Sequence[ListedFeed], now: datetime, *, usual: Order
) -> list[ListedFeed]:
    """The feeds that a query asks for, in its order. Raises Problem."""
    wanted = chosen(
        everything,
        now,
        word=query.get("word") or None,
        category=query.get("category") or None,
        failing=query.get("failing", "") not in {"", "0", "false"},
        silent_days=_days(query.get("silent")),
    )
    return in_order(wanted, ORDERS.get(query.get("sort", ""), usual))


def _days(written: str | None) -> float | None:
    if not written:
        return None
    if not (written.isascii() and written.isdecimal() and len(written) < 6):
        raise Problem(400, "silent: a number of days")
    return float(written)


_PARAMETERS = ("word", "category", "failing", "silent", "sort")


def _known(query: Mapping[str, str]) -> Mapping[str, str]:
    for name in query:
        if name not in _PARAMETERS:
            raise Problem(
                400, f"there is no parameter {name!r}; there are {', '.join(_PARAMETERS)}"
            )
    if query.get("sort", "name") not in ORDERS:
        raise Problem(400, f"sort: one of {', '.join(ORDERS)}")
    if query.get("failing", "true") not in {"true", "false"}:
        raise Problem(400, "failing: true or false")
    return query
