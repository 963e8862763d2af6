"""Quotes as lists show them, for people and for programs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from onrecord.archive.results import ArchivedQuote, FacetValue, Hit
from onrecord.web.pages.listings import AtomEntry, Listing, origin_of
from onrecord.web.pages.marking import Segment, plain_words, words_of
from onrecord.web.pages.rendering import path_of

COLUMNS = (
    "id",
    "words",
    "speaker",
    "person",
    "role",
    "source",
    "cue",
    "about",
    "type",
    "confidence",
    "publisher",
    "published_at",
    "title",
    "url",
    "language",
    "article_id",
    "revision",
    "extracted_at",
    "permalink",
)


@dataclass(frozen=True, slots=True)
class Card:
    """A quote, and its words in segments, one list for each span."""

    quote: ArchivedQuote
    words: list[list[Segment]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A value of a ranking, with the page that it leads to, and the query where it is one."""

    name: str
    count: int
    path: str
    query: str = ""


def cards_of(quotes: Iterable[ArchivedQuote | Hit]) -> list[Card]:
    """A card for each quote."""
    hits = (one if isinstance(one, Hit) else Hit(quote=one) for one in quotes)
    return [Card(hit.quote, words_of(hit)) for hit in hits]


def ranked(values: Sequence[FacetValue], narrowed: Callable[[str], str]) -> list[Ranked]:
    """The values of a facet; `narrowed` gives the path for a value's query."""
    return [Ranked(value.value, value.count, narrowed(value.query)) for value in values]


def ranked_people(values: Sequence[FacetValue]) -> list[Ranked]:
    """Persons, each leading to their own page."""
    return [
        Ranked(value.value, value.count, path_of("people", value.person or value.value))
        for value in values
    ]


def listing_of(
    request: web.Request,
    title: str,
    quotes: Sequence[ArchivedQuote],
    more: dict[str, Any] | None = None,
) -> Listing:
    """Quotes for programs."""
    origin = origin_of(request)
    return Listing(
        title=title,
        columns=COLUMNS,
        rows=[row_of(quote, origin) for quote in quotes],
        entries=[entry_of(quote) for quote in quotes],
        more=more,
    )


def row_of(found: ArchivedQuote, origin: str) -> dict[str, Any]:
    """A quote as flat values, by the names in COLUMNS. `origin` is the address of this server."""
    quote, article = found.quote, found.article
    return {
        "id": quote.id,
        "words": plain_words(quote),
        "speaker": found.speaker.name if found.speaker else None,
        "person": found.speaker.person if found.speaker else None,
        "role": found.role,
        "source": quote.source.text if quote.source else None,
        "cue": quote.cue.text if quote.cue else None,
        "about": tuple(one.name for one in found.about),
        "type": quote.type,
        "confidence": quote.confidence,
        "publisher": article.publisher,
        "published_at": article.published_at,
        "title": article.title,
        "url": article.url,
        "language": article.language,
        "article_id": article.id,
        "revision": article.revision,
        "extracted_at": found.extracted_at,
        "permalink": origin + path_of("quotes", found.id),
    }


def entry_of(found: ArchivedQuote) -> AtomEntry:
    """A quote for feed readers."""
    name = found.speaker.name if found.speaker else None
    words = plain_words(found.quote)
    shown = words if len(words) <= 140 else words[:140].rsplit(" ", 1)[0] + " …"
    publisher = found.article.publisher or "unknown publisher"
    return AtomEntry(
        key=f"quotes/{found.id}",
        title=f"{name or 'Somebody'}: “{shown}”",
        path=path_of("quotes", found.id),
        updated=found.extracted_at,
        summary=f"“{words}” — {name or 'speaker not found'}, in {publisher}: {found.article.title}",
        author=name,
    )
