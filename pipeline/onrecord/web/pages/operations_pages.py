"""`/status`, `/replays` and `/dead-letters`: what the command line tells operators."""

import asyncio
import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from onrecord.processing.replays.view import ReplayView
from onrecord.records import DeadLetter
from onrecord.web.access import AccessControl
from onrecord.web.pages.listings import FORMATS, AtomEntry, Listing, answer, columns_of
from onrecord.web.pages.operations import Operations
from onrecord.web.pages.rendering import page, with_ending
from onrecord.web.problems import Problem

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class OperationsPages:
    """The pages for operators."""

    def __init__(self, operations: Operations, access: AccessControl) -> None:
        self._operations = operations
        self._access = access

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the pages."""
        for name, show, rows in (
            ("status", self._show_status, self._status_rows),
            ("replays", self._show_replays, self._replay_rows),
            ("dead-letters", self._show_letters, self._letter_rows),
        ):
            router.add_get(f"/{name}", show)
            endings = "|".join(FORMATS)
            router.add_get(f"/{name}.{{ending:{endings}}}", _listed(rows))
        router.add_get("/replays/{name}", self._show_comparison)
        router.add_post("/dead-letters/{id}/{act:retry|drop}", self._settle)

    async def _show_status(self, request: web.Request) -> web.Response:
        status = await asyncio.to_thread(self._operations.status)
        return page(
            request, "status.html", status=status, beside=with_ending(request), title="Status"
        )

    async def _show_replays(self, request: web.Request) -> web.Response:
        replays = await asyncio.to_thread(self._operations.replays)
        return page(
            request, "replays.html", replays=replays, beside=with_ending(request), title="Replays"
        )

    async def _show_letters(self, request: web.Request) -> web.Response:
        letters = await asyncio.to_thread(self._operations.dead_letters)
        return page(
            request,
            "dead_letters.html",
            letters=letters[::-1],
            retried=request.query.get("retried"),
            dropped=request.query.get("dropped"),
            beside=with_ending(request),
            title="Dead letters",
        )

    async def _show_comparison(self, request: web.Request) -> web.Response:
        """The report that `onrecord compare --report` writes: a page with a style of its own."""
        html = await asyncio.to_thread(self._operations.comparison, request.match_info["name"])
        hashes = " ".join(
            f"'sha256-{b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
            for style in _STYLE.findall(html)
        )
        policy = f"default-src 'none'; style-src {hashes}; base-uri 'none'; frame-ancestors 'none'"
        return web.Response(
            text=html, content_type="text/html", headers={"Content-Security-Policy": policy}
        )

    async def _settle(self, request: web.Request) -> web.Response:
        await self._access.check_form(request)
        letter = request.match_info["id"]
        if request.match_info["act"] == "drop":
            await asyncio.to_thread(self._operations.drop, letter)
            raise web.HTTPSeeOther(f"/dead-letters?{urlencode({'dropped': letter})}")
        why = await asyncio.to_thread(self._operations.retry, letter)
        if why is not None:
            raise Problem(409, f"{letter} was not put back: {why}")
        raise web.HTTPSeeOther(f"/dead-letters?{urlencode({'retried': letter})}")

    # ── the same for programs ────────────────────────────────────────────────────────────────

    def _status_rows(self) -> Listing:
        status = msgspec.to_builtins(self._operations.status())
        topics = status.pop("topics", [])
        listing = _listing("Topics", topics, key="name", path="/status", time="", text="")
        return Listing(title="Status", rows=topics, entries=listing.entries, more=status)

    def _replay_rows(self) -> Listing:
        rows = _rows(self._operations.replays())
        return _listing(
            "Replays",
            rows,
            key="name",
            path="/replays",
            time="created_at",
            text="state",
            columns=columns_of(ReplayView),
        )

    def _letter_rows(self) -> Listing:
        rows = _rows(self._operations.dead_letters())
        return _listing(
            "Dead letters",
            rows,
            key="id",
            path="/dead-letters",
            time="failed_at",
            text="reason",
            columns=columns_of(DeadLetter),
        )


def _listed(make: Any) -> Any:
    async def list_rows(request: web.Request) -> web.Response:
        listing = await asyncio.to_thread(make)
        return answer(request, request.match_info["ending"], listing)

    return list_rows


def _rows(structs: Sequence[msgspec.Struct]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(one) for one in structs]


def _listing(
    title: str,
    rows: list[dict[str, Any]],
    *,
    key: str,
    path: str,
    time: str,
    text: str,
    columns: Sequence[str] | None = None,
) -> Listing:
    entries = [
        AtomEntry(
            key=f"{path.strip('/')}/{row[key]}",
            title=str(row[key]),
            path=path,
            updated=datetime.fromisoformat(row[time]) if row.get(time) else None,
            summary=str(row.get(text) or ""),
        )
        for row in rows
    ]
    return Listing(title=title, rows=rows, entries=entries, columns=columns)
