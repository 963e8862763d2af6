"""A transactional producer: kafka-python's, with waits that end and records of every kind.

What the library leaves to its user, and is done here:

- Two of a producer's calls wait without end (`send_offsets_to_transaction`, and
  `commit_transaction` behind it): `Producer` waits for so long and no longer. A producer that
  was given up is never used again: what is left of it in its own thread ends by itself.
- A producer whose positions were refused keeps them through the abort, and moves them with those
  of its next transaction: `Producer` forgets them.
- A producer refuses records without key and value, and headers without a value, all of which
  Kafka can keep: they are handed to it in disguise.
"""

from collections.abc import Mapping
from typing import Any

from kafka import KafkaProducer
from kafka import errors as kafka_errors
from kafka.serializer import Serializer

from onrecord.log.interface import Headers


class Producer(KafkaProducer):  # type: ignore[misc]  # kafka-python ships no types
    """A transactional producer whose waits all end. After an error only `abort`, `discard`."""

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
        """End the transaction; nothing of it is ever read, and no position of it moves."""
        result = self._transaction_manager.begin_abort()
        self._wait_for(result, timeout_s, "aborting")
        self._transaction_manager._pending_txn_offset_commits.clear()  # noqa: SLF001

    def discard(self) -> None:
        """Give it up without waiting: what it was doing is left to end in its own thread."""
        self._unregister_cleanup()
        self._sender.force_close()
        self._closed = True

    @property
    def failure(self) -> Exception | None:
        """What brought it into a state of error: the calls themselves only say that it is."""
        failure: Exception | None = self._transaction_manager.last_error
        return failure

    def _wait_for(self, result: Any, timeout_s: float, doing: str) -> None:
        self._sender.wakeup()
        if not result.wait(timeout_ms=int(timeout_s * 1000)):
            raise kafka_errors.KafkaTimeoutError(f"{doing} took longer than {timeout_s:g} s")


class _Value:
    """A record's value, and its headers where they are not what the producer was shown."""

    __slots__ = ("headers", "value")

    def __init__(self, value: bytes | None, headers: list[Any] | None) -> None:
        self.value = value
        self.headers = headers


class _Headers(list[Any]):
    """Headers of which the producer adds up no lengths: one without a value has none."""

    def __bool__(self) -> bool:
        return False


class Disguised(Serializer):  # type: ignore[misc]
    """Puts the real value and headers in the place of what the producer was shown."""

    def serialize(self, _topic: str, headers: list[Any], data: _Value) -> bytes | None:
        if isinstance(headers, _Headers):
            headers[:] = data.headers or []
        return data.value
