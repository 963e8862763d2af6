"""Records that kafka-python cannot decode: reported by partition and offset, or read leniently.

After a decoding error in a batch, the library keeps an exhausted iterator that it does not
recognise as exhausted: the next poll never returns. So the error is raised with the record's
position, and `client.MendedConsumer` does not poll again after it. A header name that is not
UTF-8, which any producer can write, is not such an error: it is read with replacements.
"""

from typing import Any

from kafka import errors as kafka_errors
from kafka.consumer.fetcher import Fetcher
from kafka.record.default_records import DefaultRecordBatch

_Records = Fetcher.PartitionRecords
_take = _Records.take
_read_msg = DefaultRecordBatch._read_msg  # noqa: SLF001


class UnreadableRecord(kafka_errors.KafkaError):  # type: ignore[misc]
    """A record, or the batch that starts with it, cannot be decoded; `__cause__` says why."""


def _take_or_name(records: Any, n: int | None = None) -> list[Any]:
    try:
        taken: list[Any] = _take(records, n)
    except Exception as error:
        topic, partition = records.topic_partition
        why = " ".join(str(error).split()) or "it is damaged"
        raise UnreadableRecord(
            f"{topic}/{partition} offset {records.next_fetch_offset} cannot be read "
            f"({type(error).__name__}: {why})"
        ) from error
    return taken


class _Lenient(bytearray):
    """Bytes whose slices always decode, with replacements for invalid UTF-8."""

    def __getitem__(self, where: Any) -> Any:
        found = super().__getitem__(where)
        return _Lenient(found) if isinstance(where, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return bytes(self).decode(encoding, errors)


def _read_leniently(batch: Any) -> Any:
    try:
        return _read_msg(batch)
    except UnicodeDecodeError:
        whole = batch._buffer  # noqa: SLF001
        batch._buffer = _Lenient(whole)  # noqa: SLF001
        try:
            return _read_msg(batch)
        finally:
            batch._buffer = whole  # noqa: SLF001


_Records.take = _take_or_name
DefaultRecordBatch._read_msg = _read_leniently  # noqa: SLF001
