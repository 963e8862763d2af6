"""A member of a consumer group: its share of the partitions, and commits that others cannot undo.

Members have no leader. A few times a second, within `poll`, each member reads the group's rows,
computes the assignment (`assignment.py`) and does its own part: it releases excess partitions
and takes the free partitions assigned to it. A separate thread renews the lease meanwhile.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread

from onrecord.errors import (
    Fenced,
    LogBroken,
    LogUnavailable,
    LostOwnership,
    OffsetOutOfRange,
)
from onrecord.log.in_hand import InHand
from onrecord.log.interface import Message, Partition, SessionPolicy, Start, Transaction
from onrecord.log.partitioner import Partitioner
from onrecord.log.sqlite import groups
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.groups import Claim, GroupView, MemberRow, Step
from onrecord.log.sqlite.notify import Commits
from onrecord.log.sqlite.packing import pack_all
from onrecord.log.sqlite.reading import FileReader
from onrecord.log.sqlite.records import (
    PartitionRow,
    append,
    partitions_of,
    partitions_of_topic,
)
from onrecord.log.sqlite.schema import PACKED_FORMAT
from onrecord.log.sqlite.topics import settings_of
from onrecord.log.sqlite.writing import Clock
from onrecord.log.timestamps import to_ms
from onrecord.log.transaction import PendingTransaction

logger = logging.getLogger(__name__)

# How often a member reads the group's rows, which costs a few small queries.
_LOOK_S = 0.5


class SqliteMember(FileReader):
    """A member of a consumer group; see `interface.Member`."""

    def __init__(
        self,
        connect: Callable[[], Database],
        commits: Commits,
        *,
        group: str,
        topics: Sequence[str],
        name: str,
        start: Start,
        session: SessionPolicy,
        clock: Clock,
    ) -> None:
        super().__init__(connect(), commits)
        self._group = group
        self._topics = frozenset(topics)
        self._name = name
        self._session = session
        self._clock = clock
        self._partitioner = Partitioner()
        self._held: dict[Partition, Claim] = {}
        self._in_hand = InHand()
        self._finishing: frozenset[Partition] = frozenset()
        self._last_poll = time.monotonic()
        self._next_look = 0.0
        self._id = self._join(start)
        self._pulse = _Pulse(connect(), session, self._renew)

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def taken(self) -> frozenset[Partition]:
        return self._in_hand.take_taken()

    def rewind(self) -> None:
        with self._db.snapshot():
            rows = partitions_of(self._db, self._topics)
            positions = groups.positions_of(self._db, self._group)
        self._start_at(positions, [row for row in rows if row.partition in self._held])
        self._in_hand.clear()

    def _poll_once(self, limit: int) -> list[Message]:
        self._last_poll = time.monotonic()
        if self._last_poll >= self._next_look:
            self._look()
        if limit <= 0:
            return []
        with self._db.snapshot():
            rows = [row for row in partitions_of(self._db, self._topics) if self._is_read(row)]
            for row in rows:
                self._skip_what_was_retained_away(row)
            messages = self._places.fetch(self._db, rows, limit)
        self._in_hand.give_out(messages)
        return messages

    def _look_again_at(self) -> float:
        return self._next_look

    def _is_read(self, row: PartitionRow) -> bool:
        claim = self._held.get(row.partition)
        return (
            claim is not None
            and claim.partition == row.id  # else the topic was deleted and recreated
            and row.partition not in self._places.paused
            and row.partition not in self._finishing
        )

    def _skip_what_was_retained_away(self, row: PartitionRow) -> None:
        position = self._places.positions[row.partition]
        if position > row.ends:
            raise OffsetOutOfRange(row.topic, row.number, position, row.begins, row.ends)
        if position < row.begins:
            logger.warning(
                "group %s was overtaken by retention: offsets %d to %d of %s are gone unread",
                self._group,
                position,
                row.begins,
                row.partition,
            )
            self._places.add(row.partition, row.begins)

    # ── committing ───────────────────────────────────────────────────────────────────────────

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        # The lock is held from the start, not only for writing: the records that the body reads
        # to decide what to publish cannot change before it publishes.
        with self._db.write():
            pending = PendingTransaction(partial(settings_of, self._db), with_positions=True)
            try:
                yield pending
            finally:
                pending.close()
            self._check_rights(pending.positions)
            now_ms = to_ms(self._clock())
            stored = pack_all(pending.records, compressed=self._db.format >= PACKED_FORMAT)
            append(self._db, stored, partitioner=self._partitioner, now_ms=now_ms)
            moves = [(self._held[p].partition, offset) for p, offset in pending.positions.items()]
            groups.move(self._db, self._group, moves)
        self._in_hand.settle(pending.positions)
        if self._finishing - self._in_hand.partitions():
            self._next_look = 0.0  # another member is waiting for it

    def _check_rights(self, partitions: Iterable[Partition]) -> None:
        """Raise unless a member that has owned these partitions since reading their messages."""
        members = groups.members_of(self._db, self._group)
        self._check_nobody_took_my_name(members)
        if self._id not in {member.id for member in members}:
            self._next_look = 0.0
            raise LostOwnership(f"{self._name} was silent for too long, and left {self._group}")
        for partition in partitions:
            claim = self._held.get(partition)
            is_mine = claim is not None and groups.holds(self._db, self._group, claim)
            if not is_mine or self._in_hand.is_tainted(partition):
                self._next_look = 0.0
                raise LostOwnership(f"{partition} belongs to another member of {self._group} since")

    def _check_nobody_took_my_name(self, members: Iterable[MemberRow]) -> None:
        if any(member.name == self._name and member.id != self._id for member in members):
            raise Fenced(self._name)

    # ── belonging to the group ───────────────────────────────────────────────────────────────

    def _join(self, start: Start) -> int:
        with self._db.write():
            for topic in self._topics:
                partitions_of_topic(self._db, topic)
            if start is Start.LATEST:
                groups.start_at_end(self._db, self._group, self._topics)
            return self._add()

    def _add(self) -> int:
        return groups.add_member(
            self._db, self._group, self._name, self._topics, self._lease_ends()
        )

    def _look(self) -> None:
        """Take part in moving every partition to its assigned owner."""
        with self._db.snapshot():
            group = groups.view(self._db, self._group)
        me = group.members.get(self._id)
        step = self._next_step(group, self._id) if me else None
        # This member's own lease can expire while the whole process is stopped.
        if me is None or step is None or step.writes or me.is_gone(to_ms(self._clock())):
            with self._db.write():
                member, step, claims = self._act()
            self._id = member
            self._take_note(step, claims)
        else:
            self._take_note(step, {})
        self._next_look = time.monotonic() + min(_LOOK_S, self._session.session_s / 5)

    def _act(self) -> tuple[int, Step, dict[Partition, Claim]]:
        """Act on the next step: this member's id (new if it was removed), the step, new claims."""
        member = self._id
        group = groups.view(self._db, self._group)
        self._check_nobody_took_my_name(group.members.values())
        if member not in group.members:
            member = self._add()
            group = groups.view(self._db, self._group)
        step = self._next_step(group, member)
        groups.remove_members(self._db, self._group, step.gone)
        for partition in step.release:
            groups.release(self._db, self._group, group.partitions[partition], member)
        claims = {
            partition: groups.claim(self._db, self._group, group.partitions[partition], member)
            for partition in step.claim
        }
        groups.renew_lease(self._db, member, self._lease_ends())
        return member, step, claims

    def _next_step(self, group: GroupView, me: int) -> Step:
        now_ms = to_ms(self._clock())
        gone = {m.id for m in group.members.values() if m.id != me and m.is_gone(now_ms)}
        return groups.next_step(group, me, self._held, self._in_hand.partitions(), frozenset(gone))

    def _take_note(self, step: Step, claims: dict[Partition, Claim]) -> None:
        """Stop reading partitions no longer owned, and start reading those gained."""
        for partition in step.lost | step.release:
            self._held.pop(partition, None)
            self._places.drop(partition)
            self._in_hand.lose(partition)
        self._finishing = step.finish
        if claims:
            with self._db.snapshot():
                rows = partitions_of(self._db, self._topics)
                positions = groups.positions_of(self._db, self._group)
            self._start_at(positions, [row for row in rows if row.partition in claims])
            self._held.update(claims)

    def _start_at(self, positions: Mapping[Partition, int], rows: Iterable[PartitionRow]) -> None:
        """Read these partitions from the group's positions, or else from their begin."""
        for row in rows:
            self._places.add(row.partition, positions.get(row.partition, row.begins))

    def _lease_ends(self) -> int:
        return to_ms(self._clock()) + int(self._session.session_s * 1000)

    def _renew(self, db: Database) -> None:
        """Renew the lease, unless the owner seems dead. Runs on the pulse's thread."""
        if time.monotonic() - self._last_poll < self._session.max_idle_s:
            with db.write():
                groups.renew_lease(db, self._id, self._lease_ends())

    def close(self) -> None:
        """Leave the group at once, so that other members need not wait for the lease to expire."""
        if not self._pulse.stop():
            return
        with suppress(LogUnavailable, LogBroken), self._db.write():
            groups.remove_members(self._db, self._group, [self._id])
        super().close()


class _Pulse:
    """The thread that renews a member's lease, on a separate connection."""

    def __init__(
        self, db: Database, session: SessionPolicy, renew: Callable[[Database], None]
    ) -> None:
        self._db = db
        self._every_s = session.session_s / 3
        self._renew = renew
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="onrecord member", daemon=True)
        self._thread.start()

    def stop(self) -> bool:
        """Stop the thread and wait for its end. False if it was stopped before."""
        if self._stopped.is_set():
            return False
        self._stopped.set()
        self._thread.join()
        self._db.close()
        return True

    def _run(self) -> None:
        while not self._stopped.wait(self._every_s):
            # The owner meets the same error in its next poll, and handles it there.
            with suppress(LogUnavailable, LogBroken):
                self._renew(self._db)
