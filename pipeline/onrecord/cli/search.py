"""`onrecord search`: quotes that a query finds in the archive."""

import sys
from enum import Enum
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from onrecord.archive.interface import MOST_HITS, Archive
from onrecord.archive.query import Node, above, parse_query
from onrecord.archive.results import FacetCounts, FacetField, Order, Timeline
from onrecord.cli.archive_reading import level_archive
from onrecord.cli.options import (
    ConfigOption,
    FormatOption,
    LogOption,
    MinConfidenceOption,
    floor_of,
    is_pretty,
    settings,
)
from onrecord.cli.output import say
from onrecord.cli.render import BLANKS, console, print_quote
from onrecord.records import to_json


class Per(Enum):
    """The steps of a course over time."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


def search(
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help="Words, and fields as speaker:lind.")
    ],
    order: Annotated[Order, typer.Option(help="The order of the quotes.")] = Order.NEWEST,
    limit: Annotated[int, typer.Option(min=1, help="At most so many quotes.")] = 20,
    facets: Annotated[
        bool, typer.Option("--facets", help="Count speakers, publishers, … instead of quotes.")
    ] = False,
    per: Annotated[
        Per | None, typer.Option(help="Count quotes over time instead, with their share of all.")
    ] = None,
    min_confidence: MinConfidenceOption = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Find quotes in the archive.

    A query has words, "phrases", prefix*, AND, OR, NOT, parentheses, and the fields person:,
    speaker:, about:, publisher:, category:, section:, type:, language:, before:, after:,
    min_confidence:.

    Example: onrecord search 'pier speaker:lind after:2026-01'
    """
    loaded = settings(config, log)
    pretty = is_pretty(format)
    floor = floor_of(min_confidence, pretty=pretty)
    asked = parse_query(" ".join(query))
    wanted = above(asked, quoted=floor.quoted, indirect=floor.indirect)
    with level_archive(loaded, say) as archive:
        if facets:
            _print_facets(archive.facets(wanted), pretty=pretty)
        elif per is not None:
            _print_timeline(archive.timeline(wanted, interval=per.value), pretty=pretty)
        else:
            _print_quotes(archive, wanted, order, limit, pretty=pretty)


def _print_quotes(archive: Archive, query: Node, order: Order, limit: int, *, pretty: bool) -> None:
    out = console()
    cursor, left = None, limit
    while left > 0:
        page = archive.search(query, order=order, cursor=cursor, limit=min(left, MOST_HITS))
        for hit in page.hits:
            found = hit.quote
            if pretty:
                print_quote(out, found.article, found.quote, found.extracted_at)
            else:
                sys.stdout.buffer.write(to_json(found.on_record()) + b"\n")
        left -= len(page.hits)
        cursor = page.cursor
        if cursor is None:
            break
    if pretty:
        total = archive.count(query)
        more = "more than " if total.is_bounded else ""
        say(f"{limit - left:,} of {more}{total.count:,} quotes")


def _print_facets(found: FacetCounts, *, pretty: bool) -> None:
    if not pretty:
        shown = {
            "counted": found.counted,
            "is_bounded": found.is_bounded,
            "facets": {
                field.value: [msgspec.to_builtins(value) for value in values]
                for field, values in found.values.items()
            },
        }
        sys.stdout.buffer.write(msgspec.json.encode(shown) + b"\n")
        return
    table = Table(show_header=False, box=None)
    for field in FacetField:
        for at, value in enumerate(found.values.get(field, ())):
            name = field.value if at == 0 else ""
            table.add_row(Text(name, "bold"), value.value.translate(BLANKS), f"{value.count:,}")
    console().print(table)
    say(f"of {'the newest ' if found.is_bounded else ''}{found.counted:,} quotes")


def _print_timeline(found: Timeline, *, pretty: bool) -> None:
    if not pretty:
        for point in found.points:
            shown = {"start": point.start, "count": point.count, "of": point.of}
            sys.stdout.buffer.write(msgspec.json.encode(shown | {"share": point.share}) + b"\n")
        return
    table = Table(found.interval, "quotes", "share", box=None)
    for point in found.points:
        share = "" if point.share is None else f"{point.share:.2%}"
        start = f"{point.start:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
        table.add_row(start, f"{point.count:,}", share)
    console().print(table)
    if found.is_bounded:
        say("earlier quotes are not counted")
