"""`/people/ID`: somebody's names and offices, what they say, about whom, and who prints it."""

import asyncio
from dataclasses import replace

from aiohttp import web

from onrecord.archive.interface import Archive
from onrecord.archive.query import Named, NameField, above, quoted
from onrecord.archive.results import HitCount, HitPage, Order, PersonSummary, SeenRole
from onrecord.people.registry import PersonKnown
from onrecord.sink.filters import FOR_PEOPLE
from onrecord.web.pages.cards import cards_of, listing_of, ranked, ranked_people
from onrecord.web.pages.listings import answer
from onrecord.web.pages.people_desk import PeopleDesk
from onrecord.web.pages.plots import plot
from onrecord.web.pages.rendering import page, path_of, search_path, with_ending
from onrecord.web.pages.shared import Shared, split_ending
from onrecord.web.pages.whole_csv import answer_whole
from onrecord.web.problems import Problem

_NEWEST = 20
_LISTED = 200
_LONGEST = 200


class PeoplePages:
    """The page of a person, found by an id in the registry, else by a whole name."""

    def __init__(self, shared: Shared, desk: PeopleDesk) -> None:
        self._shared = shared
        self._desk = desk

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the route of the page."""
        router.add_get("/people/{id}", self._show)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        who, ending = split_ending(request.match_info["id"])
        known = await asyncio.to_thread(self._desk.person, who)
        if known is not None and known.id != who:
            # One address for a person: former ids and names lead there.
            path = path_of("people", known.id) + (f".{ending}" if ending else "")
            query = f"?{request.query_string}" if request.query_string else ""
            raise web.HTTPFound(path + query)
        found = await self._summary(who, known, _LISTED if ending else _NEWEST)
        if found is None:
            raise Problem(404, f"the archive has no quote by or about {who[:100]!r}")
        if ending == "csv":
            return await answer_whole(request, self._shared.library, _said_by(found), Order.NEWEST)
        if ending is not None:
            listing = listing_of(request, found.name, found.newest)
            return answer(request, ending, listing)
        return await self._page(request, known, found)

    async def _summary(
        self, who: str, known: PersonKnown | None, limit: int
    ) -> PersonSummary | None:
        """What the archive has of them, also while it does not know the person's id yet."""
        forms = [name.forms[0].text for name in known.names if name.forms] if known else []

        def ask(archive: Archive) -> PersonSummary | None:
            asked = (archive.person(one, limit=limit) for one in (who, *forms))
            return next((one for one in asked if one is not None), None)

        return await self._shared.library.ask(ask)

    async def _sure_quotes(self, found: PersonSummary) -> tuple[HitPage, HitCount]:
        """Their newest quotes that every list for people shows, and how many there are."""
        sure = above(_said_by(found), quoted=FOR_PEOPLE.quoted, indirect=FOR_PEOPLE.indirect)
        return await self._shared.library.ask(
            lambda archive: (archive.search(sure, limit=_NEWEST), archive.count(sure))
        )

    async def _page(
        self, request: web.Request, known: PersonKnown | None, found: PersonSummary
    ) -> web.Response:
        name = known.name if known else found.name
        names = [one.forms[0].text for one in known.names if one.forms] if known else found.names
        wanted = request.query.get("merge", "").strip()[:_LONGEST]
        candidates = await asyncio.to_thread(self._desk.find, wanted) if wanted else []
        judgements = await asyncio.to_thread(self._desk.about_person, known) if known else []
        speaker = query_of(found, "speaker")
        sure, count = await self._sure_quotes(found)
        zone = self._shared.zone
        return page(
            request,
            "person.html",
            title=name,
            person=found,
            known=known,
            also=[one for one in names if one != name],
            roles=roles_of(found),
            cards=cards_of(sure.hits),
            count=count,
            by_month=plot(found.by_month, f"Quotes by {name}, by month", zone),
            about_by_month=plot(found.mentions_by_month, f"Quotes about {name}", zone),
            about=ranked_people(found.about),
            spoken_of_by=ranked_people(found.spoken_of_by),
            quoted_by=ranked(found.quoted_by, lambda more: search_path(f"{speaker} {more}")),
            speaker=found.person or found.name,
            everything=search_path(speaker),
            follow=speaker,
            about_them=search_path(query_of(found, "about")),
            wanted=wanted,
            candidates=[one for one in candidates if known is None or one.id != known.id],
            judgements=judgements,
            judged=request.query.get("judged"),
            beside=with_ending(request),
        )


def _said_by(found: PersonSummary) -> Named:
    return Named(NameField.SPEAKER, found.person or found.name, (), is_whole=True)


def query_of(found: PersonSummary, field: str) -> str:
    """A query that finds them: exactly by their id, else with others of the same words."""
    return f"{field}:{quoted(found.person or found.name)}"


def roles_of(found: PersonSummary) -> list[SeenRole]:
    """The roles in the order in which they were first seen, each once however it is spelt."""
    together: dict[str, SeenRole] = {}
    for role in sorted(found.roles, key=lambda one: (-one.quotes, one.first_seen)):
        key = role.role.casefold().replace("’", "'")
        same = together.get(key)
        if same is None:
            together[key] = role
            continue
        together[key] = replace(
            same,
            first_seen=min(same.first_seen, role.first_seen),
            last_seen=max(same.last_seen, role.last_seen),
            quotes=same.quotes + role.quotes,
        )
    return sorted(together.values(), key=lambda one: one.first_seen)
