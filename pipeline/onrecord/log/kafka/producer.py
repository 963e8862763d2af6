"""A transactional producer: kafka-python's, with bounded waits and support for all records.

Shortcomings of the library that are handled here:

- Two calls of a producer wait without a limit (`send_offsets_to_transaction`, and
  `commit_transaction` after it): `Producer` bounds the waits. A discarded producer is never used
  again: the rest of its work ends by itself in its own thread.
- A producer whose positions were refused keeps them through the abort, and commits them with
  those of its next transaction: `Producer` forgets them.
- A producer refuses records without key and value, and headers without a value, although Kafka
  can store them: placeholders are passed to it, and replaced on serialisation.
"""

from collections.abc import Mapping
from typing import Any

from kafka import KafkaProducer
from kafka import errors as kafka_errors
from kafka.serializer import Serializer

from onrecord.log.interface import Headers


class Producer(KafkaProducer):  # type: ignore[misc]  # kafka-python ships no types
    """A producer with bounded waits. After an error only `abort` and `discard` are allowed."""

    def publish(
        self,
        topic: str,
        partition: int,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        timestamp_ms: int | None,
    ) -> Any:
        """Add a record; the future of its acknowledgement."""
        shown, real = [], None
        if headers:
            real = list(headers)
            shown = [(name, b"" if value is None else value) for name, value in headers]
        return self.send(
            topic,
            partition=partition,
            key=key,
            value=_Value(value, real),
            headers=shown if real in (None, shown) else _Headers(shown),
            timestamp_ms=timestamp_ms,
        )

    def send_offsets(self, offsets: Mapping[Any, Any], group: object, timeout_s: float) -> None:
        """Move a group's positions in this transaction."""
        result = self._transaction_manager.send_offsets_to_transaction(offsets, group)
        self._wait_for(result, timeout_s, "moving positions")

    def commit(self, timeout_s: float) -> None:
        """End the transaction. After a timeout the outcome is unknown."""
        result = self._transaction_manager.begin_commit()
        self._wait_for(result, timeout_s, "committing")

    def abort(self, timeout_s: float) -> None:
        """Abort the transaction: its records are never read, and no position moves."""
        result = self._transaction_manager.begin_abort()
        self._wait_for(result, timeout_s, "aborting")
        self._transaction_manager._pending_txn_offset_commits.clear()  # noqa: SLF001

    def discard(self) -> None:
        """Close without waiting: pending work ends in the producer's own thread."""
        self._unregister_cleanup()
        self._sender.force_close()
        self._closed = True

    @property
    def failure(self) -> Exception | None:
        """The cause of the producer's error state, which its calls report without a cause."""
        failure: Exception | None = self._transaction_manager.last_error
        return failure

    def _wait_for(self, result: Any, timeout_s: float, doing: str) -> None:
        self._sender.wakeup()
        if not result.wait(timeout_ms=int(timeout_s * 1000)):
            raise kafka_errors.KafkaTimeoutError(f"{doing} took longer than {timeout_s:g} s")


class _Value:
    """A record's real value, and its headers if they differ from those given to the producer."""

    __slots__ = ("headers", "value")

    def __init__(self, value: bytes | None, headers: list[Any] | None) -> None:
        self.value = value
        self.headers = headers


class _Headers(list[Any]):
    """Headers hidden from the producer's size calculation: a missing value has no length."""

    def __bool__(self) -> bool:
        return False


class Disguised(Serializer):  # type: ignore[misc]
    """Replaces the placeholders given to the producer with the real value and headers."""

    def serialize(self, _topic: str, headers: list[Any], data: _Value) -> bytes | None:
        if isinstance(headers, _Headers):
            headers[:] = data.headers or []
        return data.value
