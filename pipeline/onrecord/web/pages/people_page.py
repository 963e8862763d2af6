"""`/people/ID`: somebody's names and offices, what they say, about whom, and who prints it."""

from datetime import datetime

from aiohttp import web

from onrecord.archive.results import PersonSummary, SeenRole
from onrecord.web.pages.cards import cards_of, listing_of, ranked, ranked_people
from onrecord.web.pages.listings import answer
from onrecord.web.pages.plots import plot
from onrecord.web.pages.rendering import page, search_path, with_ending
from onrecord.web.pages.shared import Shared, split_ending
from onrecord.web.problems import Problem

_NEWEST = 20
_LISTED = 200


class PeoplePages:
    """The page of a person, found by the id in the registry, else by a whole name."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the route of the page."""
        router.add_get("/people/{id}", self._show)

    async def _show(self, request: web.Request) -> web.Response:
        who, ending = split_ending(request.match_info["id"])
        limit = _LISTED if ending else _NEWEST
        found = await self._shared.library.ask(lambda archive: archive.person(who, limit=limit))
        if found is None:
            raise Problem(404, f"the archive has no quote by or about {who[:100]!r}")
        if ending is not None:
            return answer(request, ending, listing_of(found.name, found.newest))
        speaker = query_of(found, "speaker")
        zone = self._shared.zone
        return page(
            request,
            "person.html",
            title=found.name,
            person=found,
            also=[name for name in found.names if name != found.name],
            roles=sorted(found.roles, key=_first_seen),
            cards=cards_of(found.newest),
            by_month=plot(found.by_month, f"Quotes by {found.name}, by month", zone),
            about_by_month=plot(found.mentions_by_month, f"Quotes about {found.name}", zone),
            about=ranked_people(found.about),
            spoken_of_by=ranked_people(found.spoken_of_by),
            quoted_by=ranked(found.quoted_by, lambda more: search_path(f"{speaker} {more}")),
            speaker=found.person or found.name,
            everything=search_path(speaker),
            about_them=search_path(query_of(found, "about")),
            beside=with_ending(request),
        )


def query_of(found: PersonSummary, field: str) -> str:
    """The query that finds exactly them."""
    name = (found.person or found.name).replace('"', " ")
    return f'{field}:"{name}"'


def _first_seen(role: SeenRole) -> datetime:
    return role.first_seen
