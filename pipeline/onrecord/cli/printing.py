"""Writing records to standard output, in the format asked for."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Protocol

from onrecord.cli.columns import Columns
from onrecord.cli.output import write as write_out
from onrecord.log.interface import Message
from onrecord.records import Article, Extraction
from onrecord.sink.filters import Floor
from onrecord.sink.selection import Selection, Wanted


class Printer(Protocol):
    """Writes the wanted records of a message."""

    def __call__(self, message: Message, *, limit: int | None) -> int:
        """Write up to `limit` records of the message; returns how many it has."""


def json_printer(selection: Selection, columns: Columns | None) -> Printer:
    """Each record as JSON on a line of its own: all of it, or some of its fields."""

    def write(message: Message, *, limit: int | None) -> int:
        if columns is None:
            lines = selection.lines(message)
        else:
            lines = [columns.line(record) for record in selection.records(message)]
        if lines:
            write_out(b"\n".join([*lines[:limit], b""]))
        return len(lines)

    return write


def csv_printer(selection: Selection, columns: Columns) -> Printer:
    """A table as RFC 4180 has it, with a first line of names."""

    def write_rows(rows: Iterable[list[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        write_out(text.getvalue().encode())

    def write(message: Message, *, limit: int | None) -> int:
        records = selection.records(message)
        write_rows(columns.cells(record) for record in records[:limit])
        return len(records)

    write_rows([columns.names])

    return write


def pretty_printer(selection: Selection) -> Printer:
    """For people."""
    # rich takes a twentieth of a second to import, and is used by nothing else here.
    from onrecord.cli.render import console, print_article, print_extraction, print_quote

    out = console()

    def show(record: Wanted) -> None:
        if isinstance(record, Article):
            print_article(out, record)
        elif isinstance(record, Extraction):
            print_extraction(out, record)
        else:
            print_quote(out, record.article, record.quote, record.extracted_at)

    def write(message: Message, *, limit: int | None) -> int:
        records = selection.records(message)
        for record in records[:limit]:
            show(record)
        return len(records)

    return write


def say_left_out(count: int, floor: Floor, say: Callable[[str], None]) -> None:
    """Say how many quotes were below the floor, if any were."""
    if count:
        kind = "without quotation marks " if floor.quoted < floor.indirect else ""
        say(
            f"{count} quote{'s' if count != 1 else ''} {kind}left out, less sure than "
            f"{floor.indirect:g} (--min-confidence 0 lists all)"
        )


class SkippedRecords:
    """Says which message holds no record, and why; after the first few only counts them."""

    SAID = 20

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.count = 0

    def __call__(self, message: Message, error: Exception) -> None:
        self.count += 1
        if self.count <= self.SAID:
            self._say(f"onrecord: {message.source} offset {message.offset} skipped: {error}")
        if self.count == self.SAID:
            self._say("onrecord: more like it are skipped without a line each")
