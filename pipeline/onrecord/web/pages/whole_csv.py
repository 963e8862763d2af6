"""All quotes of a search as one CSV file, sent while they are read."""

import logging
from functools import partial

from aiohttp import web

from onrecord.archive.interface import MOST_HITS, Archive
from onrecord.archive.query import Node
from onrecord.archive.results import Order
from onrecord.web.pages.cards import COLUMNS, row_of
from onrecord.web.pages.library import Library
from onrecord.web.pages.listings import csv_header, csv_headers, origin_of, to_csv
from onrecord.web.problems import Problem

logger = logging.getLogger(__name__)

_TOO_MANY = (
    "the search names more people than can be searched for, so that its file would lack quotes: "
    "write names whole, or add limit=1000 for a part"
)


async def answer_whole(
    request: web.Request, library: Library, query: Node, order: Order
) -> web.StreamResponse:
    """Every hit of a query, however many there are; a thousand are in memory at a time.

    Relevance ranks some of the hits only: the newest come first instead. Raises Problem for a
    query that names more people than can be searched for. An archive that fails meanwhile breaks
    the connection off, so that no file looks whole.
    """
    if request.method == "HEAD":
        return web.StreamResponse(headers=csv_headers(request))
    origin = origin_of(request)
    by_time = Order.NEWEST if order is Order.RELEVANCE else order

    def lines(archive: Archive, cursor: str | None) -> tuple[str, str | None]:
        hits = archive.search(query, order=by_time, cursor=cursor, limit=MOST_HITS)
        if hits.is_bounded:
            raise Problem(400, _TOO_MANY)
        rows = [row_of(hit.quote, origin) for hit in hits.hits]
        return to_csv(rows, COLUMNS), hits.cursor

    text, cursor = await library.ask(partial(lines, cursor=None))
    response = web.StreamResponse(headers=csv_headers(request))
    await response.prepare(request)
    try:
        await response.write((csv_header(COLUMNS) + text).encode())
        while cursor is not None:
            text, cursor = await library.ask(partial(lines, cursor=cursor))
            await response.write(text.encode())
        await response.write_eof()
    except ConnectionError:
        pass  # the reader went away
    except Exception as error:  # noqa: BLE001 - whatever it is, the file is not whole
        logger.warning("%s is broken off: %s", request.path, error or type(error).__name__)
        _break_off(request)
    except BaseException:
        _break_off(request)
        raise
    return response


def _break_off(request: web.Request) -> None:
    """End the connection so that no client takes what it has for the whole file.

    An error page would be read as further lines, an orderly end as the end of the file.
    """
    if request.transport is not None:
        request.transport.abort()
