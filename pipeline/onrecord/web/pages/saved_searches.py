"""`/searches`: searches that are kept under a name, followed as Atom, sent by mail or webhook."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, count
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from onrecord.archive.query import parse_query
from onrecord.records import SavedSearch
from onrecord.web.forms import form_of
from onrecord.web.pages.listings import FORMATS, AtomEntry, Listing, answer
from onrecord.web.pages.rendering import page, search_path, with_ending
from onrecord.web.pages.shared import Shared
from onrecord.web.problems import Problem

_LONGEST_NAME = 100
_COLUMNS = (
    "id",
    "name",
    "query",
    "created_at",
    "created_by",
    "sent",
    "last_sent_at",
    "waiting",
    "ended",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvedSearch:
    """A saved search with its alerts: what was sent, what waits, what keeps it from being sent.

    `lacks` is what the settings of this server lack to send it.
    """

    search: SavedSearch
    sent: int
    last_sent_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    lacks: str | None

    @property
    def to(self) -> str | None:
        """Who gets its quotes: an address, or the host of a webhook, whose path can be a secret."""
        if self.search.mail is not None:
            return self.search.mail
        return self.search.webhook and urlsplit(self.search.webhook).hostname


class SearchShelf(Protocol):
    """The saved searches of a log. All methods block, and can raise Mistake."""

    def all(self) -> list[ShelvedSearch]:
        """Every search, in the order of their names."""

    def add(self, *, name: str, query: str, to: str, by: str) -> str:
        """Save a search; its id. `to` is a mail address, the URL of a webhook, or empty."""

    def remove(self, search: str) -> None:
        """Remove a search by its id."""


class SavedSearchPages:
    """The page, its forms, and its list for programs."""

    def __init__(self, shared: Shared, shelf: SearchShelf) -> None:
        self._shared = shared
        self._shelf = shelf

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the pages."""
        router.add_get("/searches", self._show)
        router.add_get(f"/searches.{{ending:{'|'.join(FORMATS)}}}", self._list)
        router.add_post("/searches", self._add)
        router.add_post("/searches/{id}/remove", self._remove)

    async def _show(self, request: web.Request) -> web.Response:
        return page(
            request,
            "searches.html",
            title="Saved searches",
            searches=await asyncio.to_thread(self._shelf.all),
            saved=request.query.get("saved"),
            beside=with_ending(request),
        )

    async def _list(self, request: web.Request) -> web.Response:
        shelved = await asyncio.to_thread(self._shelf.all)
        rows = [dict(zip(_COLUMNS, _cells(one), strict=True)) for one in shelved]
        entries = [
            AtomEntry(
                key=f"searches/{search.id}",
                title=search.name,
                path=search_path(search.query),
                updated=search.created_at,
                summary=search.query,
                author=search.created_by,
            )
            for search in (one.search for one in shelved)
        ]
        listing = Listing(
            title="onrecord: saved searches", rows=rows, entries=entries, columns=_COLUMNS
        )
        return answer(request, request.match_info["ending"], listing)

    async def _add(self, request: web.Request) -> web.Response:
        visitor = await self._shared.access.check_form(request)
        form = {name: value.strip() for name, value in (await form_of(request)).items()}
        name, query, to = (form.get(field, "") for field in ("name", "query", "to"))
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            raise Problem(400, f"a search needs a name of 1 to {_LONGEST_NAME} characters")
        parse_query(query)
        if "numbered" in form:
            name = await asyncio.to_thread(self._free_name, name)
        saved = await asyncio.to_thread(
            partial(self._shelf.add, name=name, query=query, to=to, by=visitor.name)
        )
        raise web.HTTPSeeOther(f"/searches?{urlencode({'saved': saved})}")

    def _free_name(self, wanted: str) -> str:
        """The name, with a number where a search has it in any case: two can follow a person."""
        taken = {one.search.name.casefold() for one in self._shelf.all()}
        numbered = (f"{wanted[: _LONGEST_NAME - 5]} {n}" for n in count(2))
        return next(name for name in chain([wanted], numbered) if name.casefold() not in taken)

    async def _remove(self, request: web.Request) -> web.Response:
        await self._shared.access.check_form(request)
        await asyncio.to_thread(self._shelf.remove, request.match_info["id"])
        raise web.HTTPSeeOther("/searches")


def _cells(one: ShelvedSearch) -> tuple[object, ...]:
    """A saved search as a row of `_COLUMNS`, without where it is sent."""
    search = one.search
    asked = (search.id, search.name, search.query, search.created_at, search.created_by)
    return (*asked, one.sent, one.last_sent_at, one.waiting, search.ended)
