"""Records that kafka-python cannot decode: named by their place, or read all the same.

After an error while it decodes a batch, the library has an iterator that is used up and that it
does not take for used up: the next poll never returns. So the error is raised as one that names
the record, and `client.MendedConsumer` does not poll again after it. The name of a header that is
not UTF-8, which any producer can write, is no reason for that: it is read with replacements.
"""

from typing import Any

from kafka import errors as kafka_errors
from kafka.consumer.fetcher import Fetcher
from kafka.record.default_records import DefaultRecordBatch

_Records = Fetcher.PartitionRecords
_take = _Records.take
_read_msg = DefaultRecordBatch._read_msg  # noqa: SLF001


class UnreadableRecord(kafka_errors.KafkaError):  # type: ignore[misc]
    """A record, or the batch that it begins, cannot be decoded; `__cause__` is why."""


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
    """Bytes whose pieces are text whatever they are."""

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
