"""Corrections of quotes for programs: what the forms on the pages do, as JSON.

A correction is a judgement in the name of the token's holder. It can be taken back by its id.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, Protocol

import msgspec
from aiohttp import web
from msgspec import Meta

from onrecord.archive.results import ArchivedQuote
from onrecord.errors import Mistake
from onrecord.people.registry import PersonKnown
from onrecord.records import Quote
from onrecord.web.access import AccessControl
from onrecord.web.problems import Problem
from onrecord.web.sent_json import json_response, sent_json

CORRECTION_PATH = "/api/quotes/{id}/correction"
UNDO_PATH = "/api/judgements/{id}/undo"

Line = Annotated[str, Meta(min_length=1, max_length=500)]


class QuoteCorrection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wrong with a quote.

    Of a *wrong-speaker* quote, `speaker` is the right one, by a person's id or whole name; null
    where the right one is nobody known. *not-a-quote* has no speaker.
    """

    kind: Literal["wrong-speaker", "not-a-quote"]
    speaker: Line | None = None


class JudgementMade(msgspec.Struct, frozen=True, kw_only=True):
    """The id of the judgement, by which it can be undone. What is shown follows within seconds."""

    judgement: str


class NothingElse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request without options: an empty object, or no body."""


class JudgingDesk(Protocol):
    """Judgements made in a name. All methods block, and can raise Mistake."""

    def person(self, who: str) -> PersonKnown | None: ...
    def reject(self, by: str, quote: Quote, article: str) -> str: ...
    def correct_speaker(self, by: str, quote: Quote, article: str, person: str | None) -> str: ...
    def undo(self, by: str, judgement_id: str) -> str: ...


class CorrectionsApi:
    """The endpoints. `find_quote` gives the archive's quote of an id, or raises Problem."""

    def __init__(
        self,
        desk: JudgingDesk,
        find_quote: Callable[[str], Awaitable[ArchivedQuote]],
        access: AccessControl,
    ) -> None:
        self._desk = desk
        self._find_quote = find_quote
        self._access = access

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_put(CORRECTION_PATH, self._correct)
        router.add_post(UNDO_PATH, self._undo)

    async def _correct(self, request: web.Request) -> web.Response:
        sent = await sent_json(request, self._access, QuoteCorrection)
        by = self._access.check_writer(request).name
        found = await self._find_quote(request.match_info["id"])
        quote, article = found.quote, found.article.id
        if sent.kind == "wrong-speaker":
            return await _answer(
                lambda: self._desk.correct_speaker(by, quote, article, self._person(sent.speaker))
            )
        if sent.speaker is not None:
            raise Problem(400, "speaker: what is not a quote has none")
        return await _answer(lambda: self._desk.reject(by, quote, article))

    def _person(self, who: str | None) -> str | None:
        """The id of the person of this id or name; None for nobody known. Raises Mistake."""
        if who is None:
            return None
        person = self._desk.person(who)
        if person is None:
            raise Mistake(f"speaker: no person is known by the id or name {who!r}")
        return person.id

    async def _undo(self, request: web.Request) -> web.Response:
        await sent_json(request, self._access, NothingElse)
        by = self._access.check_writer(request).name
        return await _answer(lambda: self._desk.undo(by, request.match_info["id"]))


async def _answer(judge: Callable[[], str]) -> web.Response:
    return json_response(JudgementMade(judgement=await judged(judge)))


async def judged(judge: Callable[[], str]) -> str:
    """The id of a judgement. Raises Problem in the words of the Mistake."""
    try:
        return await asyncio.to_thread(judge)
    except Mistake as error:
        raise Problem(409, str(error)) from error
