"""Writes records as CSV and as JSON lines, a batch at a time."""

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO, Protocol

import msgspec

from onrecord.sink.cells import cell
from onrecord.sink.export.columns import TableColumn, rows


class ExportWriter(Protocol):
    """Writes an export to a binary stream, without seeking."""

    def write(self, records: Sequence[object]) -> None:
        """Write a batch of records."""

    def finish(self) -> None:
        """Write what stands at the end. The stream stays open."""


class CsvWriter:
    """A table as RFC 4180 has it: UTF-8, CRLF, a first line of names, no formulas."""

    def __init__(self, out: BinaryIO, columns: Sequence[TableColumn]) -> None:
        self._out = out
        self._columns = columns
        self._write_rows([[column.name for column in columns]])

    def write(self, records: Sequence[object]) -> None:
        self._write_rows([[cell(v) for v in row] for row in rows(self._columns, records)])

    def finish(self) -> None:
        """Nothing stands at the end of a CSV table."""

    def _write_rows(self, cells: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(cells)
        self._out.write(text.getvalue().encode())


class JsonLinesWriter:
    """A JSON object on each line, with the names of the columns as keys."""

    def __init__(self, out: BinaryIO, columns: Sequence[TableColumn]) -> None:
        self._out = out
        self._columns = columns
        self._names = [column.name for column in columns]
        self._encoder = msgspec.json.Encoder()

    def write(self, records: Sequence[object]) -> None:
        found = [dict(zip(self._names, row, strict=True)) for row in rows(self._columns, records)]
        self._out.write(self._encoder.encode_lines(found))

    def finish(self) -> None:
        """Nothing stands at the end of JSON lines."""
