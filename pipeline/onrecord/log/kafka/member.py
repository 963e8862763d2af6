"""A member of a consumer group: its share of the partitions, and commits that others cannot undo.

The group uses Kafka's cooperative-sticky assignment: the old owner of a partition releases it in
one rebalance, and the new owner takes it in the next. Between the two the old owner can still
commit, since no other member can own the partition yet. So a partition with uncommitted messages
is finished first: no more of it is read until they are committed, and only then does this member
take part in the next rebalance. Losses and gains are reported only within `poll`; the other
members continue without this member being polled (`client.MendedConsumer`).

Membership is static, under the member's name: a killed worker that returns under the same name
regains its partitions at once, without a rebalance, and fences a predecessor that is still
alive. A worker that is closed leaves, and the others take over at once.

The cluster decides which commits are valid: it checks member and generation with the positions
(KIP-447). However, it accepts a commit without a generation, which is what an expelled consumer
sends: such a commit is refused here. The membership is read before ownership is checked, never
after: a partition lost in between changes the generation.
"""

import logging
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from typing import Any

from kafka import ConsumerRebalanceListener
from kafka import errors as kafka_errors
from kafka.structs import TopicPartition

from onrecord.errors import (
    Fenced,
    GroupActive,
    LostOwnership,
    OffsetOutOfRange,
    OnrecordError,
)
from onrecord.log.in_hand import InHand
from onrecord.log.interface import (
    Message,
    Partition,
    SessionPolicy,
    Start,
    Transaction,
)
from onrecord.log.kafka.assignor import DisputeAssignor
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.closing import close_within
from onrecord.log.kafka.cluster import Cluster
from onrecord.log.kafka.positions import GroupPositions
from onrecord.log.kafka.publishing import Publisher, offsets_of
from onrecord.log.kafka.reading import ConsumerReader
from onrecord.log.kafka.translating import translated
from onrecord.log.transaction import PendingTransaction

logger = logging.getLogger(__name__)

# How long joining waits for partitions. A group with uncommitted messages can take longer, and
# so can a new group on a cluster that waits for more members.
_JOIN_S = 2.0
_STEP_S = 0.05
# How often positions are moved past transaction markers, and how long that may take.
_TIDY_S = 2.0
_TIDY_MS = 500
_NOT_IN_AN_INSTANCE_ID = re.compile(r"[^A-Za-z0-9._-]")


class KafkaMember(ConsumerReader):
    """A member of a consumer group; see `interface.Member`."""

    def __init__(
        self,
        connection: Connection,
        cluster: Cluster,
        *,
        group: str,
        topics: Sequence[str],
        name: str,
        start: Start,
        session: SessionPolicy,
        positions: GroupPositions,
    ) -> None:
        partitions = cluster.partitions(topics)
        positions.restore(group, partitions)
        if start is Start.LATEST:
            _start_at_end(cluster, group, partitions)
        self._group = group
        self._instance_id = instance_id(name)
        self._session = session
        self._settings_of = cluster.settings
        self._kept_positions = positions
        self._in_hand = InHand()
        # The committed position of each partition, as known to this member.
        self._committed: dict[Partition, int] = {}
        # Not at once: a new worker has more urgent work.
        self._next_tidy = time.monotonic() + _TIDY_S
        # Already released from the group's point of view, but still to be finished here.
        self._finishing: dict[Partition, int] = {}
        self._finish_by = 0.0
        self._paused: set[Partition] = set()
        self._keeps_up_only = False
        self._is_committing = False
        self._is_closed = False
        with translated(f"{connection.url}: joining {group}"):
            consumer = connection.consumer(
                client_id=name,
                group_id=group,
                group_instance_id=self._instance_id,
                # The class, not an instance: members would share the instance.
                partition_assignment_strategy=[DisputeAssignor],
                session_timeout_ms=int(session.session_s * 1000),
                heartbeat_interval_ms=int(min(session.session_s / 6, 3.0) * 1000),
                max_poll_interval_ms=int(session.max_idle_s * 1000),
                holds_back=lambda: bool(self._finishing) or self._is_committing,
            )
        super().__init__(connection, cluster, topics, consumer, name=name)
        self._consumer.subscribe(sorted(self._topics), listener=_Listener(self))
        try:
            self._enter()
            # Before anything is read: this settles the transaction that an earlier holder of the
            # name left open. Until then the cluster does not report the positions.
            self._publisher = Publisher(
                connection,
                f"{group}.{name}",
                name=name,
                cluster=cluster,
                may_take_over=self._check_name,
                never_awaited=positions.topic,
            )
            self._join()
        except BaseException:
            close_within(cluster.closing_limit_s, name, self._leave)
            raise

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        if self._finishing and not self._has_finished():
            time.sleep(max(0.0, min(timeout_s, _STEP_S)))
            return []
        if limit <= 0:
            self._keep_up()
            return []
        messages = self._fetch(limit, timeout_s)
        self._in_hand.give_out(messages)
        if not messages and time.monotonic() >= self._next_tidy:
            self._next_tidy = time.monotonic() + _TIDY_S
            self._commit_past_markers()
        return messages

    def partitions(self) -> frozenset[Partition]:
        return super().partitions() | self._finishing.keys()

    def position(self, partition: Partition) -> int:
        if partition in self._finishing:
            return self._finishing[partition]
        return super().position(partition)

    def seek(self, partition: Partition, offset: int) -> None:
        super().seek(partition, offset)
        self._in_hand.drop(partition)

    def pause(self, partitions: Iterable[Partition]) -> None:
        self._paused |= set(partitions) & self.partitions()
        super().pause(partitions)

    def resume(self, partitions: Iterable[Partition]) -> None:
        self._paused -= set(partitions)
        super().resume(partitions)

    def taken(self) -> frozenset[Partition]:
        return self._in_hand.take_taken()

    def rewind(self) -> None:
        # Positions in an unfinished transaction are settled first: they are not reported before.
        self._publisher.settle()
        self._in_hand.clear()
        for partition in super().partitions():
            self._go_back(partition)

    def _go_back(self, partition: Partition) -> None:
        where = TopicPartition(*partition)
        with translated(f"{self._url}: looking up what {self._group} committed"):
            # A consumer's request waits until the transaction that an earlier owner left open is
            # committed or aborted.
            offset = self._consumer.committed(where, timeout_ms=self._timeout_s * 1000)
        if offset is None:
            [(offset, _)] = self._cluster.bounds([partition]).values()
        self._consumer.seek(where, offset)

    # ── committing ───────────────────────────────────────────────────────────────────────────

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        pending = PendingTransaction(self._settings_of, with_positions=True)
        try:
            yield pending
        finally:
            pending.close()
        self._carry_out(pending)
        self._in_hand.settle(pending.positions)
        self._committed |= pending.positions

    def _carry_out(self, pending: PendingTransaction) -> None:
        """Publish and commit; retry after a rebalance that took no partition from this member."""
        records = pending.records + self._kept_positions.records(self._group, pending.positions)
        self._is_committing = True
        try:
            while True:
                membership = self._consumer.group_metadata()
                self._check_rights(membership, pending.positions)
                try:
                    self._publisher.publish(
                        records, pending.positions, membership, lookups=pending.lookups
                    )
                except LostOwnership:
                    if self._consumer.group_metadata()[:3] == membership[:3]:
                        self._consumer.forget_membership()
                        raise
                else:
                    return
        finally:
            self._is_committing = False

    def _check_rights(self, membership: Any, partitions: Iterable[Partition]) -> None:
        if membership.generation_id < 0 or not membership.member_id:
            raise LostOwnership(f"{self._name} was silent for too long, and left {self._group}")
        mine = self.partitions()
        for partition in partitions:
            if partition not in mine or self._in_hand.is_tainted(partition):
                raise LostOwnership(f"{partition} belongs to another member of {self._group} since")

    def _check_name(self) -> None:
        """Raise Fenced if another process has joined the group under this member's name."""
        present = self._cluster.describe([self._group])[self._group].member_ids
        mine = self._consumer.group_metadata().member_id
        if mine and present.get(self._instance_id, mine) != mine:
            raise Fenced(self._name)

    def _commit_past_markers(self) -> None:
        """Commit positions past transaction markers in partitions without uncommitted messages.

        A marker takes an offset: without this, other tools would always show a lag of 1 for a
        group that has processed everything. Delivered messages are not committed here.
        """
        membership = self._consumer.group_metadata()
        if self._finishing or self._consumer.is_joining or membership.generation_id < 0:
            return
        # A failure loses nothing: a later poll retries, or meets the same error.
        with suppress(kafka_errors.KafkaError, OnrecordError, RuntimeError):
            positions = {Partition(*p): at for p, at in self._consumer.known_positions().items()}
            idle = positions.keys() - self._in_hand.partitions()
            if idle - self._committed.keys():
                # Not through the consumer: it waits for a killed member's open transaction.
                committed = self._cluster.committed([self._group])[self._group]
                # A partition without a committed position is left without one.
                self._committed |= {p: committed.get(p, positions[p]) for p in idle}
            ahead = {p: positions[p] for p in idle if positions[p] > self._committed[p]}
            if ahead:
                self._consumer.commit(offsets_of(ahead), timeout_ms=_TIDY_MS)
                self._committed |= ahead

    # ── belonging to the group ───────────────────────────────────────────────────────────────

    def _enter(self) -> None:
        """Start to join, so that other work can run meanwhile."""
        until = time.monotonic() + _JOIN_S
        while not self._consumer.knows(self._topics) and time.monotonic() < until:
            time.sleep(_STEP_S / 10)
        # A poll that lasts can see the whole of it, and must not read then.
        while not self._has_joined() and time.monotonic() < until:
            self._keep_up(_STEP_S / 50)

    def _has_joined(self) -> bool:
        return self._consumer.is_joining or bool(self._consumer.assignment())

    def _join(self) -> None:
        """Wait briefly for the first assignment."""
        until = time.monotonic() + _JOIN_S
        while self._consumer.is_joining and time.monotonic() < until:
            self._keep_up()

    def _keep_up(self, timeout_s: float = 0.0) -> None:
        """Take part in the group without reading."""
        self._keeps_up_only = True
        super().pause(super().partitions())
        try:
            self._fetch(1, timeout_s)
        finally:
            self._keeps_up_only = False
            super().resume(super().partitions() - self._paused)

    def _has_finished(self) -> bool:
        """Whether the partitions due to other members are finished, or the wait has timed out."""
        if (
            time.monotonic() < self._finish_by
            and self._finishing.keys() & self._in_hand.partitions()
        ):
            return False
        for partition in self._finishing:
            self._lose(partition)
        self._finishing.clear()
        return True

    def _lose(self, partition: Partition) -> None:
        self._paused.discard(partition)
        self._committed.pop(partition, None)
        self._in_hand.lose(partition)

    # Called from kafka-python's thread, while this thread waits within `poll`.

    def given(self, partitions: Iterable[Partition]) -> None:
        if self._keeps_up_only:
            self._consumer.pause(*(TopicPartition(*partition) for partition in partitions))

    def revoked(self, partitions: Iterable[Partition]) -> None:
        for partition in partitions:
            if partition in self._in_hand.partitions() and not self._is_closed:
                self._finishing[partition] = self._in_hand.read_to(partition)
                self._finish_by = time.monotonic() + self._session.max_idle_s / 2
            else:
                self._lose(partition)

    def lost(self, partitions: Iterable[Partition]) -> None:
        for partition in {*partitions, *self._finishing}:
            self._lose(partition)
        self._finishing.clear()
        # A disputed claim is settled by who has something to release; we have nothing.
        self._consumer.claim_nothing()

    def _cannot_read(self, error: OffsetOutOfRange) -> None:
        if error.offset > error.end:
            raise error
        logger.warning("group %s was overtaken by retention: %s", self._group, error)
        self._consumer.seek(TopicPartition(error.topic, error.partition), error.begin)

    def close(self) -> None:
        """Leave the group at once, so that other members need not wait for a session timeout."""
        if self._is_closed:
            return
        self._is_closed = True
        close_within(self._cluster.closing_limit_s, self._name, self._finish)

    def _finish(self) -> None:
        self._publisher.close()
        self._commit_past_markers()
        self._leave()

    def _leave(self) -> None:
        member_id = self._consumer.group_metadata().member_id
        # An unavailable cluster cannot be told: the session times out by itself.
        with suppress(OnrecordError):
            self._close_consumer()
            if member_id:
                self._cluster.remove_member(self._group, member_id, self._instance_id)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python ships no types
    """Forwards kafka-python's rebalance callbacks."""

    def __init__(self, member: KafkaMember) -> None:
        self._member = member

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._member.given([Partition(*partition) for partition in assigned])

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        self._member.revoked([Partition(*partition) for partition in revoked])

    def on_partitions_lost(self, lost: Iterable[Any]) -> None:
        self._member.lost([Partition(*partition) for partition in lost])


def instance_id(name: str) -> str:
    """A member's name as a Kafka static member id: letters, digits and `._-`."""
    plain = _NOT_IN_AN_INSTANCE_ID.sub("-", name)[:200]
    if plain == name:
        return name
    return f"{plain}-{blake2b(name.encode(), digest_size=6).hexdigest()}"


def _start_at_end(cluster: Cluster, group: str, partitions: Sequence[Partition]) -> None:
    """Commit the ends of those topics in which the group has no position yet.

    Committed at once, so that a group that starts at the end misses no record published while
    it is down before its first commit, and none in partitions added later.
    """
    known = {partition.topic for partition in cluster.committed([group])[group]}
    new = [partition for partition in partitions if partition.topic not in known]
    ends = {partition: end for partition, (_, end) in cluster.bounds(new).items()}
    # A group with members has started already: they did this when they joined.
    with suppress(GroupActive):
        cluster.move(group, ends)
