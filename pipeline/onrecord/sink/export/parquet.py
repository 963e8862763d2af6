"""Writes records as Apache Parquet, through pyarrow: the extra `parquet`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from onrecord.errors import Mistake
from onrecord.sink.export.columns import Kind, TableColumn, rows

if TYPE_CHECKING:
    import pyarrow as pa

# A row group is held in memory; larger groups are read faster.
_ROWS_A_GROUP = 20_000


def require_pyarrow() -> None:
    """Raise Mistake where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ImportError:
        raise Mistake(
            "--format parquet needs pyarrow: pip install 'onrecord[parquet]', "
            "or choose --format csv or jsonl"
        ) from None


class ParquetWriter:
    """A typed table in row groups of 20,000, compressed with Zstandard."""

    def __init__(self, out: BinaryIO, columns: Sequence[TableColumn]) -> None:
        # pyarrow takes a quarter of a second to import: only Parquet waits for it.
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._columns = columns
        self._schema = pa.schema([_field(column) for column in columns])
        self._waiting: list[object] = []
        self._writer = pq.ParquetWriter(out, self._schema, compression="zstd")

    def write(self, records: Sequence[object]) -> None:
        self._waiting.extend(records)
        while len(self._waiting) >= _ROWS_A_GROUP:
            self._write_group(self._waiting[:_ROWS_A_GROUP])
            del self._waiting[:_ROWS_A_GROUP]

    def finish(self) -> None:
        if self._waiting:
            self._write_group(self._waiting)
            self._waiting = []
        self._writer.close()

    def _write_group(self, records: Sequence[object]) -> None:
        import pyarrow as pa

        values = zip(*rows(self._columns, records), strict=True)
        arrays = [
            pa.array(column, type=field.type)
            for column, field in zip(values, self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


def _field(column: TableColumn) -> "pa.Field":
    import pyarrow as pa

    types: dict[Kind, pa.DataType] = {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "time": pa.timestamp("us", tz="UTC"),
        "number": pa.float64(),
        "whole number": pa.int64(),
    }
    return pa.field(column.name, types[column.kind], metadata={"description": column.meaning})
