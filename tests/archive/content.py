"""All that an archive holds, to be compared with another."""

from typing import Any

from onrecord.archive.interface import Archive
from onrecord.archive.query import EVERYTHING
from onrecord.archive.results import Order


def content(archive: Archive) -> dict[str, Any]:
    """Every article with its texts and quotes, every hit, and the counts."""
    hits, cursor = [], None
    while True:
        page = archive.search(EVERYTHING, order=Order.OLDEST, cursor=cursor, limit=500)
        hits += [hit.quote for hit in page.hits]
        cursor = page.cursor
        if cursor is None:
            break
    return {
        "articles": sorted(archive.articles(), key=lambda article: article.ref.id),
        "hits": sorted(hits, key=lambda quote: quote.id),
        "timeline": archive.timeline(EVERYTHING, interval="month"),
        "facets": {
            field: sorted((value.value, value.count) for value in values)
            for field, values in archive.facets(EVERYTHING, limit=1_000).values.items()
        },
        "quotes": archive.status().quotes,
        "people": {
            name: None if found is None else (found.quotes, found.by_month, found.mentions_by_month)
            for name in sorted({quote.speaker.name for quote in hits if quote.speaker})
            if (found := archive.person(name)) or True
        },
    }
