"""`/search`: a query, its hits, facets and timeline."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from aiohttp import web

from onrecord.archive.interface import MOST_HITS, Archive
from onrecord.archive.query import Node, above, parse_query
from onrecord.archive.results import FacetCounts, FacetField, HitCount, HitPage, Order, Timeline
from onrecord.errors import QueryError
from onrecord.sink.filters import FOR_PEOPLE
from onrecord.web.pages.cards import Ranked, cards_of, listing_of, ranked, ranked_people
from onrecord.web.pages.listings import FORMATS, answer
from onrecord.web.pages.named_ids import names_of_ids, shown_with_names
from onrecord.web.pages.plots import plot_of
from onrecord.web.pages.rendering import page, search_path, with_ending, with_parameters
from onrecord.web.pages.shared import Shared
from onrecord.web.pages.whole_csv import answer_whole
from onrecord.web.pages.wider import parsed_or_none, wider_queries
from onrecord.web.problems import Problem

_PAGE = 25
_LISTED = 200
_FACETS = {
    FacetField.SPEAKER: "Who speaks",
    FacetField.ABOUT: "About whom or what",
    FacetField.PUBLISHER: "Publishers",
    FacetField.TYPE: "Types",
    FacetField.LANGUAGE: "Languages",
}
# With fewer hits than this, wider queries are offered.
_FEW = 5
_OFFERED = 4
# With one of these, a list is a part of the hits.
_PARTS = ("cursor", "limit")
_NAMES = ("speaker", "about", "publisher", "type", "language")
_DATES = ("after", "before")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_MOST_WORDS = 20
_QUOTATION_MARKS = re.compile(r'["“”„«»]+')


class SearchPages:
    """The page, and its lists for programs."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the pages."""
        router.add_get("/search", self._show)
        router.add_get(f"/search.{{ending:{'|'.join(FORMATS)}}}", self._list)

    async def _show(self, request: web.Request) -> web.Response:
        narrowed = narrowed_query(request)
        if narrowed is not None:
            # One parameter says all, so that an address says what is asked in one language.
            raise web.HTTPFound(search_path(narrowed, order=_order(request).value))
        query, order = request.query.get("q", "").strip(), _order(request)
        try:
            parsed = shown_query(query)
        except QueryError as error:
            return self._mistaken(request, query, order, error)
        cursor = request.query.get("cursor") or None

        def ask(
            archive: Archive,
        ) -> tuple[HitPage, HitCount, FacetCounts, Timeline, list[Ranked], HitPage | None, str]:
            count, names = archive.count(parsed), names_of_ids(archive, query)
            wider = list(_wider(archive, query, count, names))
            return (
                archive.search(parsed, order=order, cursor=cursor, limit=_PAGE),
                count,
                archive.facets(parsed),
                archive.timeline(parsed),
                wider,
                _instead(archive, wider, order) if count.count == 0 else None,
                shown_with_names(query, names),
            )

        hits, count, facets, timeline, wider, instead, shown = await self._shared.library.ask(ask)
        return page(
            request,
            "search.html",
            title=f"Search: {shown}" if query else "Search",
            q=query,
            shown=shown,
            order=order.value,
            mistake=None,
            cards=cards_of(hits.hits),
            count=count,
            wider=wider,
            instead=cards_of(instead.hits) if instead else (),
            instead_path=search_path(wider[0].query, order=order.value) if wider else None,
            following=with_parameters(request, cursor=hits.cursor) if hits.cursor else None,
            orders={one.value: search_path(query, order=one.value) for one in Order},
            timeline=plot_of(timeline, "Quotes over time", self._shared.zone),
            facets=_shown(facets, query),
            compare="/compare?" + search_path(query).partition("?")[2],
            beside=with_ending(request),
        )

    def _mistaken(
        self, request: web.Request, query: str, order: Order, error: QueryError
    ) -> web.Response:
        return page(
            request,
            "search.html",
            title="Search",
            q=query,
            order=order.value,
            mistake=str(error),
            pointer=" " * (error.at - 1) + "^",
            plain=_plain(query),
            http_status=400,
        )

    async def _list(self, request: web.Request) -> web.StreamResponse:
        query, order = request.query.get("q", "").strip(), _order(request)
        parsed = shown_query(query)
        if request.match_info["ending"] == "csv" and request.query.keys().isdisjoint(_PARTS):
            return await answer_whole(request, self._shared.library, parsed, order)
        cursor, limit = request.query.get("cursor") or None, _limit(request)
        hits = await self._shared.library.ask(
            lambda archive: archive.search(parsed, order=order, cursor=cursor, limit=limit)
        )
        title = f"onrecord: {query}" if query else "onrecord: all quotes"
        quotes, more = [hit.quote for hit in hits.hits], {"cursor": hits.cursor}
        listing = listing_of(request, title, quotes, more)
        return answer(request, request.match_info["ending"], listing)


def _wider(
    archive: Archive, query: str, count: HitCount, names: dict[str, str]
) -> Iterator[Ranked]:
    """Queries that find more than one that finds little."""
    if count.count >= _FEW:
        return
    counts = {count.count}
    for wider in dict.fromkeys(wider_queries(query)):
        found = archive.count(shown_query(wider)).count if wider != query else 0
        # As many as another one are mostly the same quotes.
        if found > count.count and found not in counts and len(counts) <= _OFFERED:
            counts.add(found)
            yield Ranked(shown_with_names(wider, names), found, search_path(wider), wider)


def _instead(archive: Archive, wider: Sequence[Ranked], order: Order) -> HitPage | None:
    """The first hits of the closest wider query."""
    if not wider:
        return None
    return archive.search(shown_query(wider[0].query), order=order, limit=_FEW)


def shown_query(query: str) -> Node:
    """The query with the floor of every list for people, unless it names one of its own.

    Raises QueryError.
    """
    parsed = parse_query(query)
    if "min_confidence:" in query:
        return parsed
    return above(parsed, quoted=FOR_PEOPLE.quoted, indirect=FOR_PEOPLE.indirect)


def narrowed_query(request: web.Request) -> str | None:
    """The query together with the fields of the form; None where no field is filled."""
    given = request.query
    terms = [f'{name}:"{_clean(given[name])}"' for name in _NAMES if _clean(given.get(name, ""))]
    terms += [f"{name}:{_day(given[name], name)}" for name in _DATES if given.get(name)]
    if not any(name in given for name in (*_NAMES, *_DATES)):
        return None
    query = given.get("q", "").strip()
    if terms and " OR " in query:
        query = f"({query})"
    return " ".join(filter(None, (query, *terms)))


def _plain(query: str) -> Ranked | None:
    """A search for the words of a query that cannot be read, such as a pasted headline."""
    words = " ".join(_WORD.findall(query)[:_MOST_WORDS]).lower()
    is_search = words and words != query and parsed_or_none(words) is not None
    return Ranked(words, 0, search_path(words)) if is_search else None


def _clean(text: str) -> str:
    return " ".join(_QUOTATION_MARKS.sub(" ", text).split())


def _day(text: str, name: str) -> str:
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d}"
    except ValueError:
        raise Problem(400, f"{name} {text[:40]!r}: write a day as 2026-11-28") from None


def _order(request: web.Request) -> Order:
    text = request.query.get("order") or Order.NEWEST.value
    try:
        return Order(text)
    except ValueError:
        raise Problem(400, f"order {text[:40]!r}: newest, oldest or relevance") from None


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", str(_LISTED))
    is_number = text.isascii() and text.isdecimal() and len(text) < 10
    if not (is_number and 1 <= int(text) <= MOST_HITS):
        raise Problem(400, f"limit {text[:20]!r}: a whole number from 1 to {MOST_HITS}")
    return int(text)


def _shown(facets: FacetCounts, query: str) -> list[tuple[str, object]]:
    """The facets with several values, without those that the query names already."""
    shown: list[tuple[str, object]] = []
    for field, name in _FACETS.items():
        values = [one for one in facets.values.get(field, ()) if one.query not in query]
        if len(values) < 2:
            continue
        if field is FacetField.SPEAKER and not query:
            shown.append((name, ranked_people(values)))
        else:
            shown.append(
                (name, ranked(values, lambda more: search_path(f"{query} {more}".strip())))
            )
    return shown
