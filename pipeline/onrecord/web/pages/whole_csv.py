"""All quotes of a search as one CSV file, sent while they are read."""

from functools import partial

from aiohttp import web

from onrecord.archive.interface import MOST_HITS, Archive
from onrecord.archive.query import Node
from onrecord.archive.results import Order
from onrecord.web.pages.cards import COLUMNS, row_of
from onrecord.web.pages.library import Library
from onrecord.web.pages.listings import csv_header, csv_headers, origin_of, to_csv


async def answer_whole(
    request: web.Request, library: Library, query: Node, order: Order
) -> web.StreamResponse:
    """Every hit of a query, however many there are; a thousand are in memory at a time.

    An archive that fails meanwhile breaks the transfer off, so that no file looks whole.
    """
    origin = origin_of(request)

    def lines(archive: Archive, cursor: str | None) -> tuple[str, str | None]:
        hits = archive.search(query, order=order, cursor=cursor, limit=MOST_HITS)
        rows = [row_of(hit.quote, origin) for hit in hits.hits]
        return to_csv(rows, COLUMNS), hits.cursor

    text, cursor = await library.ask(partial(lines, cursor=None))
    response = web.StreamResponse(headers=csv_headers(request))
    await response.prepare(request)
    await response.write((csv_header(COLUMNS) + text).encode())
    while cursor is not None:
        text, cursor = await library.ask(partial(lines, cursor=cursor))
        await response.write(text.encode())
    await response.write_eof()
    return response
