"""Forms that correct what pages show: each writes a judgement with the name of who sent it."""

from urllib.parse import urlencode

from aiohttp import web

from onrecord.web.corrections_api import judged
from onrecord.web.forms import form_of
from onrecord.web.pages.people_desk import PeopleDesk
from onrecord.web.pages.rendering import path_of
from onrecord.web.pages.shared import Shared
from onrecord.web.problems import Problem


class CorrectionsPages:
    """What the forms on the pages of quotes and people are sent to."""

    def __init__(self, shared: Shared, desk: PeopleDesk) -> None:
        self._shared = shared
        self._desk = desk

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the forms."""
        router.add_post("/people/{id}/{act:merge|split|rename}", self._judge_person)
        router.add_post("/quotes/{id}/{act:reject|speaker|nobody}", self._judge_quote)
        router.add_post("/judgements/{id}/undo", self._undo)

    async def _judge_person(self, request: web.Request) -> web.Response:
        visitor = await self._shared.access.check_form(request)
        form = await form_of(request)
        who, given = request.match_info["id"], form.get("given", "")
        act = {"merge": self._desk.merge, "rename": self._desk.rename}.get(
            request.match_info["act"]
        )
        if act is None:
            made = await judged(lambda: self._desk.split(visitor.name, given))
        else:
            made = await judged(lambda: act(visitor.name, who, given))
        raise _back(path_of("people", who), made)

    async def _judge_quote(self, request: web.Request) -> web.Response:
        visitor = await self._shared.access.check_form(request)
        form = await form_of(request)
        quote_id = request.match_info["id"]
        found = await self._shared.current_quote(quote_id)
        quote, article = found.quote, found.article.id
        act, person = request.match_info["act"], form.get("given", "") or None
        if act == "reject":
            made = await judged(lambda: self._desk.reject(visitor.name, quote, article))
        elif act == "speaker" and person is None:
            raise Problem(400, "choose a person, or say that the speaker is not known")
        else:
            made = await judged(
                lambda: self._desk.correct_speaker(visitor.name, quote, article, person)
            )
        raise _back(path_of("quotes", quote_id), made)

    async def _undo(self, request: web.Request) -> web.Response:
        visitor = await self._shared.access.check_form(request)
        form = await form_of(request)
        back = form.get("back", "")
        await judged(lambda: self._desk.undo(visitor.name, request.match_info["id"]))
        is_here = back.startswith(("/people/", "/quotes/")) and back.isprintable()
        raise _back(back if is_here else "/", "undone")


def _back(path: str, made: str) -> web.HTTPSeeOther:
    """The page that the form was on, which then tells of the judgement."""
    return web.HTTPSeeOther(f"{path}?{urlencode({'judged': made})}")
