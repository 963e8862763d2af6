"""Publishing: the contents of a transaction, and its execution.

A transaction is collected in memory and sent on leaving, so that no transaction is open on the
cluster while its body works. These rules prevent a commit from skipping a lost record:

1. All records are sent and acknowledged before positions are moved, and positions are moved
   before the transaction is committed. kafka-python 3.0.12 commits despite a record that timed
   out, and reports a commit that became an abort as successful.
2. After an error the producer is discarded, unless the transaction was aborted cleanly. The next
   producer takes over the name, and the cluster then aborts any open transaction.
3. Committed records can be read when the transaction is left: the cluster confirms a commit
   shortly before the last stable offset advances, and a check for remaining work in between
   would find none. (A transaction left open by another process delays the last stable offset
   further; that is not waited for.)
4. What was looked up holds until the commit, or the transaction is aborted: `overtaking.py`.
5. At most `_IN_FLIGHT` bytes are unacknowledged (back-pressure): the producer itself sets no
   limit.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self

from kafka import errors as kafka_errors
from kafka.structs import OffsetAndMetadata, TopicPartition

from onrecord.errors import Fenced, LostOwnership, OnrecordError, Overtaken
from onrecord.log.interface import Lookup, Partition, Transaction
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.closing import close_within
from onrecord.log.kafka.cluster import Cluster
from onrecord.log.kafka.lookup import KafkaLookup
from onrecord.log.kafka.overtaking import Placed, UncommittedRecords, is_overtaken
from onrecord.log.kafka.producer import Producer
from onrecord.log.kafka.translating import TAKEN_OVER, as_ours, translated
from onrecord.log.partitioner import Partitioner
from onrecord.log.transaction import Outgoing, PendingTransaction

_IN_FLIGHT = 16 * 1024 * 1024
# An acknowledgement arrives or fails within the producer's own limit, and is then reported.
_MARGIN_S = 5.0
# Committed records can be read within a few milliseconds; otherwise another open transaction
# holds back the last stable offset, and the wait is skipped for a while.
_READABLE_S = 0.5
_HINDERED_S = 5.0
_LOOK_AGAIN_S = 0.002


class Publisher:
    """Executes whole transactions under one transactional id, which it takes over at once.

    `name` is the name shown in Fenced. `may_take_over` raises Fenced when another process holds
    the id. It is called before the id is taken again after an error, and when the cluster
    refuses this producer, which it also does after a transaction timeout. `never_awaited` is a
    topic of which no record is waited for: many processes write to its one partition, so one of
    them has a transaction open at any time.
    """

    def __init__(
        self,
        connection: Connection,
        transactional_id: str,
        *,
        name: str,
        cluster: Cluster,
        may_take_over: Callable[[], None] | None = None,
        never_awaited: str | None = None,
    ) -> None:
        self._never_awaited = never_awaited
        self._connection = connection
        self._ends_of = cluster.ends
        self._uncommitted = UncommittedRecords(connection, cluster)
        self._hindered_until = 0.0
        self._id = transactional_id
        self._name = name
        self._may_take_over = may_take_over
        self._timeout_s = connection.policy.timeout_s
        self._partitioner = Partitioner()
        self._is_fenced = False
        self._producer: Producer | None = self._take_over()

    def settle(self) -> Producer:
        """The producer, with no open transaction of an earlier one. Errors as in `publish`."""
        if self._is_fenced:
            raise Fenced(self._name)
        if self._producer is not None:
            return self._producer
        if self._may_take_over is not None:
            self._may_take_over()
        self._producer = self._take_over()
        return self._producer

    def _take_over(self) -> Producer:
        with translated(f"{self._connection.url}: taking over as {self._id}", name=self._name):
            return self._connection.producer(self._id)

    def publish(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[Partition, int] | None = None,
        group: object = None,
        lookups: Iterable[Lookup] = (),
    ) -> None:
        """Execute one transaction. `group` is the membership that commits the positions.

        Raises Fenced, LostOwnership, Overtaken as to what `lookups` told; LogUnavailable when the
        outcome may be unknown.
        """
        if not records and not positions:
            return
        producer = self.settle()
        try:
            producer.begin_transaction()
            placed = self._send(producer, records)
            self._check_lookups(placed, lookups)
            if positions:
                producer.send_offsets(offsets_of(positions), group, self._timeout_s)
            producer.commit(self._timeout_s)
        except (kafka_errors.KafkaError, RuntimeError) as error:
            raise self._explained(error, producer) from error
        except Overtaken:
            if not self._aborted(producer):
                self._give_up(producer)
            raise
        except BaseException:
            self._give_up(producer)
            raise
        awaited = [one for one in placed if one.partition.topic != self._never_awaited]
        self._wait_until_readable({one.partition: one.offset for one in awaited})

    def _check_lookups(self, placed: Sequence[Placed], lookups: Iterable[Lookup]) -> None:
        for lookup in lookups:
            if not isinstance(lookup, KafkaLookup):
                raise TypeError("a lookup of another log")
            ours = [one for one in placed if one.partition.topic == lookup.topic]
            if is_overtaken(ours, lookup.known(), self._uncommitted.read):
                raise Overtaken(
                    f"others published to {lookup.topic} what {self._name} was about to"
                )

    def close(self) -> None:
        """Release the id, and close the reader of uncommitted records."""
        producer, self._producer = self._producer, None
        if producer is not None:
            # Nothing is in flight between transactions, so no wait is needed.
            producer.discard()
        self._uncommitted.close()

    def _send(self, producer: Producer, records: Sequence[Outgoing]) -> list[Placed]:
        """Send records and wait for every acknowledgement; the records' places, in order."""
        sent = _Sent(wait_s=self._timeout_s + _MARGIN_S)
        for record in records:
            sent.make_room(record.size)
            sent.add(self._hand_over(producer, record), record)
        if records:
            # The producer reports an error for a batch that the broker found too large, even if
            # it is now resent as two. The acknowledgements show whether records failed.
            with suppress(kafka_errors.UnknownError):
                producer.flush(timeout=sent.wait_s)
        sent.make_room(_IN_FLIGHT + 1)
        return sent.placed

    def _wait_until_readable(self, written: Mapping[Partition, int]) -> None:
        now = time.monotonic()
        if not written or now < self._hindered_until:
            return
        until = now + _READABLE_S
        pause_s = _LOOK_AGAIN_S
        # An outage now has no effect: the transaction is committed.
        with suppress(OnrecordError):
            while any(end <= written[p] for p, end in self._ends_of(written.keys()).items()):
                if time.monotonic() > until:
                    self._hindered_until = until + _HINDERED_S
                    return
                time.sleep(pause_s)
                pause_s *= 2  # each look is a request to every leader

    def _hand_over(self, producer: Producer, record: Outgoing) -> Any:
        partitions = len(producer.partitions_for(record.topic))
        return producer.publish(
            record.topic,
            self._partitioner.choose(record.key, partitions)
            if record.partition is None
            else record.partition,
            key=record.key,
            value=record.value,
            headers=record.headers,
            timestamp_ms=record.timestamp_ms,
        )

    def _explained(self, error: Exception, producer: Producer) -> OnrecordError:
        """The translated error, after ending the transaction as far as possible."""
        # The producer's calls report its error state, but not the cause.
        cause = producer.failure or error
        doing = f"{self._connection.url}: publishing as {self._id}"
        ours = as_ours(cause, doing, detail=str(error))
        if isinstance(cause, TAKEN_OVER):
            self._give_up(producer)
            return self._refused(ours)
        if not isinstance(ours, LostOwnership) or not self._aborted(producer):
            self._give_up(producer)
        return ours

    def _refused(self, error: OnrecordError) -> OnrecordError:
        """Fenced, if fencing is the reason for the refusal; else the error itself."""
        if self._may_take_over is not None:
            try:
                self._may_take_over()
            except OnrecordError as other:
                self._is_fenced = isinstance(other, Fenced)
                return other
            return error
        self._is_fenced = True
        return Fenced(self._name)

    def _aborted(self, producer: Producer) -> bool:
        """Whether the transaction was aborted, so that readers need not wait for its timeout."""
        with suppress(kafka_errors.KafkaError):
            producer.abort(self._timeout_s)
            return True
        return False

    def _give_up(self, producer: Producer) -> None:
        producer.discard()
        self._producer = None


class _Sent:
    """Records that were sent, and their acknowledgements."""

    def __init__(self, *, wait_s: float) -> None:
        self.wait_s = wait_s
        self.placed: list[Placed] = []
        self._waiting: deque[tuple[Any, Outgoing]] = deque()
        self._bytes = 0

    def add(self, future: Any, record: Outgoing) -> None:
        self._waiting.append((future, record))
        self._bytes += record.size

    def make_room(self, size: int) -> None:
        """Wait for acknowledgements until `size` more bytes fit within the in-flight limit.

        Raises the error of a record that failed.
        """
        while self._waiting and self._bytes + size > _IN_FLIGHT:
            future, record = self._waiting.popleft()
            told = future.get(timeout=self.wait_s)
            where = Partition(told.topic, told.partition)
            self.placed.append(Placed(record.key, where, told.offset))
            self._bytes -= record.size


def offsets_of(positions: Mapping[Partition, int]) -> dict[Any, Any]:
    """Positions in kafka-python's types."""
    return {TopicPartition(*p): OffsetAndMetadata(o, "", -1) for p, o in positions.items()}


class KafkaWriter:
    """Publishes under a name; see `interface.Writer`."""

    def __init__(self, connection: Connection, cluster: Cluster, name: str) -> None:
        self._name = name
        self._settings_of = cluster.settings
        self._closing_limit_s = cluster.closing_limit_s
        self._publisher = Publisher(connection, name, name=name, cluster=cluster)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        pending = PendingTransaction(self._settings_of, with_positions=False)
        try:
            yield pending
        finally:
            pending.close()
        self._publisher.publish(pending.records, lookups=pending.lookups)

    def close(self) -> None:
        close_within(self._closing_limit_s, f"writer {self._name}", self._publisher.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
