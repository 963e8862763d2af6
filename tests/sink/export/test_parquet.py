"""Parquet files of quotes."""

import io

import pyarrow.parquet as pq

from onrecord.records import KnownAs, Speaker, on_record
from onrecord.sink.export.columns import QUOTE_COLUMNS
from onrecord.sink.export.parquet import ParquetWriter
from tests.builders import extraction, quote


def test_speakers_whom_nobody_knows_are_empty_cells() -> None:
    mara = KnownAs(id="p1", name="Mara Lind", by="name")
    speakers = [None, Speaker(name="the union"), Speaker(name="Lind", person=mara)]
    found = extraction(quotes=tuple(quote(speaker=speaker) for speaker in speakers))
    out = io.BytesIO()
    writer = ParquetWriter(out, QUOTE_COLUMNS)
    writer.write([on_record(found, one) for one in found.quotes])
    writer.finish()
    table = pq.read_table(io.BytesIO(out.getvalue()))
    assert table["speaker"].to_pylist() == [None, "the union", "Lind"]
    assert table["person"].to_pylist() == [None, None, "p1"]
    assert table["person_name"].to_pylist() == [None, None, "Mara Lind"]
