"""The pages together, as an addition to the server."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote as percent_encoded
from zoneinfo import ZoneInfo

from aiohttp import web

from onrecord.archive.interface import Archive
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log
from onrecord.people.readers import PeopleReader
from onrecord.web.access import AccessControl
from onrecord.web.corrections_api import CorrectionsApi
from onrecord.web.feeds_api import FeedDesk, FeedsApi
from onrecord.web.looking import Looking
from onrecord.web.pages.api_page import ApiPages
from onrecord.web.pages.article_page import ArticlePages
from onrecord.web.pages.assets import Assets
from onrecord.web.pages.compare_page import ComparePages
from onrecord.web.pages.corrections_pages import CorrectionsPages
from onrecord.web.pages.feed_pages import FeedPages
from onrecord.web.pages.latest_page import LatestPages
from onrecord.web.pages.library import Library
from onrecord.web.pages.operations import Operations
from onrecord.web.pages.operations_pages import OperationsPages
from onrecord.web.pages.people_desk import PeopleDesk
from onrecord.web.pages.people_page import PeoplePages
from onrecord.web.pages.quote_page import Explain, QuotePages
from onrecord.web.pages.rendering import page, set_up
from onrecord.web.pages.saved_searches import SavedSearchPages, SearchShelf
from onrecord.web.pages.search_page import SearchPages
from onrecord.web.pages.security import add_security_headers
from onrecord.web.pages.shared import Shared
from onrecord.web.pages.sign_in import SignInPages
from onrecord.web.pages.story_page import StoryPages
from onrecord.web.policy import WebPolicy
from onrecord.web.problems import RENDER_PROBLEM

_HEADINGS = {
    400: "That did not work",
    403: "Not allowed",
    404: "Not found",
    410: "No longer here",
    503: "Not available now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteParts:
    """What the pages read, and what they can do.

    `extractions` is the topic of the results. `is_private` is whether the server listens on
    this machine only; with tokens there is a proxy before it, and others reach it. Without
    `explain` no quote is explained.
    """

    log: Log
    extractions: str
    open_archive: Callable[[], Archive]
    operations: Operations
    feeds: FeedDesk
    desk: PeopleDesk
    searches: SearchShelf
    explain: Explain | None
    description: dict[str, Any]
    policy: WebPolicy
    is_private: bool
    version: str
    clock: Callable[[], datetime]


def add_pages(
    app: web.Application,
    access: AccessControl,
    backoff: Callable[[], Backoff],
    people: PeopleReader | None,
    parts: SiteParts,
) -> None:
    """Add every page to an application.

    `backoff` waits out an outage of the log; `people` tells who is who in what is read from it.
    """
    zone = ZoneInfo(parts.policy.timezone)
    assets = Assets()
    set_up(app, zone=zone, assets=assets, version=parts.version)
    library = Library(parts.open_archive)
    shared = Shared(
        library=library,
        access=access,
        zone=zone,
        clock=parts.clock,
        shows_full_text=(parts.is_private and not access.needs_token) or parts.policy.full_text,
    )
    looking = Looking(parts.feeds.add)
    quotes = QuotePages(shared, parts.desk, parts.explain)
    assets.add_to(app)
    for pages in (
        SignInPages(access),
        LatestPages(shared, parts.log, parts.extractions, backoff, people),
        SearchPages(shared),
        SavedSearchPages(shared, parts.searches),
        quotes,
        ArticlePages(shared),
        PeoplePages(shared, parts.desk),
        CorrectionsPages(shared, parts.desk),
        CorrectionsApi(parts.desk, shared.current_quote, access),
        StoryPages(shared),
        ComparePages(shared),
        FeedPages(parts.feeds, looking, access, parts.clock),
        FeedsApi(parts.feeds, looking, access, parts.clock),
        OperationsPages(parts.operations, access),
        ApiPages(parts.description),
    ):
        pages.add_to(app.router)
    app[RENDER_PROBLEM] = render_problem
    app.on_response_prepare.append(add_security_headers)

    async def close(_: web.Application) -> None:
        quotes.close()
        library.close()
        parts.desk.close()

    app.on_cleanup.append(close)


def render_problem(request: web.Request, status: int, detail: str) -> web.Response | None:
    """An error as a page; who is not signed in is shown where to. None for programs."""
    if "text/html" not in request.headers.get("Accept", ""):
        return None
    if status == 401 and request.method == "GET":
        following = percent_encoded(request.path_qs, safe="")
        return web.Response(status=303, headers={"Location": f"/sign-in?next={following}"})
    return page(
        request,
        "problem.html",
        title=_HEADINGS.get(status, HTTPStatus(status).phrase),
        detail=detail,
        is_form=request.method == "POST" and status == 400,
        http_status=status,
    )
