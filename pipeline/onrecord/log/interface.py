"""What every log promises, whatever keeps it: one file of SQLite, or Kafka.

A log is a set of **topics**; a topic is a few **partitions**; a partition is a sequence of
records, each with an **offset** that only grows. Offsets are monotonic, not gapless: markers,
compaction and retention leave holes, so the difference of two offsets is not a count.

1. Records with the same key go to the same partition (Kafka's default partitioner, see
   `partitioner.py`) and are read in the order written.
2. A record that was acknowledged (its transaction left without an error) survives a killed
   process.
3. A transaction is all or nothing: what an aborted or crashed one published is never read, its
   positions are never moved. A member that lost a partition, and a writer whose name was taken
   over, cannot commit.
4. A committed position names the next record to read. A group that starts again starts there;
   a new one starts where it was told.
5. Positions can be looked up by time, and reset per group while the group has no members.
6. Groups are independent: one never moves another's positions.
7. Topics keep records by age and size, or only the newest of each key (compaction; a record
   without a value removes its key).
8. When the log is away, calls raise `LogUnavailable` after a bounded wait; nothing is dropped
   and nothing is committed.

A record's timestamp is the time it entered the log, to the millisecond, never the article's
own date. A member has at most one transaction open, opened after the slow work is done.

Threads: a `Log` may be shared; a `Reader`, `Member` or `Writer` belongs to one thread at a time.
All of them are context managers; leaving closes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol, Self

from msgspec import Struct

from onrecord.settings import Seconds, key

Headers = tuple[tuple[str, bytes | None], ...]


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}"


class Message(Struct, frozen=True):
    """A record as it stands in the log. A `value` of None (a tombstone) deletes its key.

    A Struct, because a log makes hundreds of thousands of them: a frozen dataclass takes as long
    to make as kafka-python takes to read the record.
    """

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def source(self) -> Partition:
        """The partition it was read from."""
        return Partition(self.topic, self.partition)

    @property
    def next_offset(self) -> int:
        """The position to commit once this message is done: the next one to read."""
        return self.offset + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSettings:
    """How a topic keeps its records. None keeps without a limit.

    `retention_s` and `retention_bytes` (of a whole topic's keys, values and headers) remove the
    oldest records; `compacted` keeps only the newest record of each key. A record larger than
    `max_record_bytes` (key, value and headers) is refused.
    """

    partitions: int = 8
    retention_s: int | None = None
    retention_bytes: int | None = None
    compacted: bool = False
    max_record_bytes: int = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicStatus:
    """A topic as it is: its settings, and what each partition holds (begin, end: offsets).

    `is_estimate` when `records` is a number of offsets, some of which hold no record.
    """

    name: str
    settings: TopicSettings
    bounds: Mapping[int, tuple[int, int]]
    records: int
    size_bytes: int
    is_estimate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStatus:
    """A consumer group: its members' names, its committed positions, and what is left to read.

    `lag` counts records from the position to the end, per partition: 0 exactly when drained.
    `waiting_since` is when the oldest record not yet processed entered the log.
    """

    name: str
    members: Mapping[str, Sequence[Partition]]
    positions: Mapping[Partition, int]
    lag: Mapping[Partition, int]
    waiting_since: datetime | None


class Start(Enum):
    """Where a reader, or a group without a position, begins."""

    EARLIEST = "earliest"
    LATEST = "latest"


class Transaction(Protocol):
    """Outputs and positions that become visible together, or not at all.

    They are in memory until the transaction is left: it is for a batch, not for a backlog.
    """

    def publish(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        timestamp: datetime | None = None,
        partition: int | None = None,
    ) -> None:
        """Add a record. `timestamp` only when records are moved from another log; else now.

        `partition` only where a record must stand beside another, whatever the number of
        partitions became since; else the key decides.

        RecordTooLarge and UnknownTopic are raised here and spoil nothing: the transaction
        can go on without that record. So does ValueError, for a record without a key where the
        topic is compacted, and for a time without a zone.
        """

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Move the group's positions: for each partition, the next offset to read.

        Naming a partition also guards it: if it is not this member's any more, the whole
        transaction fails with LostOwnership. Only in a member's transaction.
        """


class Reader(Protocol):
    """Reads partitions from where it was told, keeping no position in the log."""

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        """Up to `limit` next messages, in order within a partition; [] after `timeout_s` of none.

        Fewer when they are large, so that they fit in memory. Partitions that were added since
        are read too, from their beginning, unless a mapping said which to read. Raises
        OffsetOutOfRange when the position was retained away meanwhile; UnknownTopic when the
        topic was deleted.
        """

    def partitions(self) -> frozenset[Partition]:
        """What is being read: for a member, what it owns now."""

    def position(self, partition: Partition) -> int:
        """The offset `poll` reads next."""

    def seek(self, partition: Partition, offset: int) -> None:
        """Read this partition from `offset` on; the end itself is allowed."""

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Give no messages of these until resumed. Partitions gained later are not paused."""

    def resume(self, partitions: Iterable[Partition]) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...


class Member(Reader, Protocol):
    """One of a consumer group: owns a share of the partitions and can commit.

    Partitions come and go only inside `poll`, which must be called at least every
    `SessionPolicy.max_idle_s`; membership is kept alive meanwhile, however long the work
    between two polls takes. `poll(limit=0, …)` only keeps up with the group. It may raise
    Fenced, when another process joined under this member's name.

    A partition gained starts at the group's committed position, or at the group's `start`. If
    retention has passed that, it goes on with the oldest record kept and a warning is logged:
    a group is not stopped by what nobody can give back. Where a log can help it, a partition
    with messages in hand (given by `poll`, neither committed nor rewound) is not taken from a
    living member: it gets no more of them, and gives the partition up when they are committed.
    """

    def taken(self) -> frozenset[Partition]:
        """Partitions taken away since this was last asked, those gained back since included.

        What was read of them and not committed must be dropped: another member may have done
        it meanwhile. Ask after each `poll`, before using what it returned. Who does not ask
        gets LostOwnership when committing what was in hand of them, until `rewind`.
        """

    def rewind(self) -> None:
        """Go back, in every owned partition, to what is committed: after a failed transaction."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Publish and move positions in one step, on leaving without an exception.

        Entering or leaving raises LostOwnership, Fenced, LogUnavailable or LogBroken when nothing
        was committed. After LogUnavailable the outcome may be unknown: rewind and do it again.
        The member must not poll inside it, and other writers may have to wait until it is left.
        """


class Writer(Protocol):
    """Publishes under a name. A newer writer of the same name fences the older."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Publish all or nothing, on leaving without an exception. Errors as in Member."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...


@dataclass(frozen=True, kw_only=True)
class SessionPolicy:
    """When a member of a consumer group counts as gone."""

    session_s: Seconds = key(
        10.0,
        "Seconds until a member of a consumer group that is not heard of loses its partitions (a "
        "killed one on the same machine sooner). Shorter takes over sooner; longer forgives a "
        "machine that stalls.",
    )
    max_idle_s: Seconds = key(
        300.0,
        "The longest a member may work between two polls of the log, in seconds, before it counts "
        "as stuck. Far longer than any batch takes.",
    )


class Log(Protocol):
    """A log, opened. See the module for what it promises."""

    def create_topic(self, name: str, settings: TopicSettings) -> None:
        """Make the topic; one that exists is left exactly as it is.

        Raises Mistake for a name that Kafka would not take, or fewer than one partition.
        """

    def alter_topic(self, name: str, settings: TopicSettings) -> None:
        """Change how a topic keeps its records. Raises UnknownTopic.

        The number of partitions can only grow, else Mistake. Keys then change their partition,
        so the order of a key holds among the records before, and among those after.
        """

    def differences(self, name: str, settings: TopicSettings) -> list[str]:
        """How a topic is kept otherwise than this, each in words as "4 partitions, not 8".

        What this log lets nobody see is passed over. Raises UnknownTopic.
        """

    def topics(self, prefix: str = "") -> list[TopicStatus]:
        """The topics whose names begin so, by name. A cluster may hold those of others too."""

    def groups(self, prefix: str = "") -> list[GroupStatus]:
        """The consumer groups, by name, of topics whose names begin so, as far as those go.

        A group has members that follow such a topic, or positions in it.
        """

    def members(self, group: str) -> dict[str, list[Partition]]:
        """Who is in a group, by name, and what each owns."""

    def bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        """Begin (first kept) and end (next to be written) of each partition, as readers see it.

        Raises UnknownTopic.
        """

    def offsets_at(self, topic: str, when: datetime) -> dict[Partition, int]:
        """Of each partition, the first offset whose timestamp is `when` or later; else its end."""

    def reader(
        self, topics: Sequence[str], *, start: Start | Mapping[Partition, int] = Start.EARLIEST
    ) -> Reader:
        """Read topics from a start. A mapping names partitions one by one, and reads only those.

        Raises UnknownTopic, and OffsetOutOfRange for an offset that cannot be read.
        """

    def join(
        self, group: str, topics: Sequence[str], *, name: str, start: Start = Start.EARLIEST
    ) -> Member:
        """Become a member. Raises UnknownTopic.

        `name` says who in `groups()`, and stands for this worker's slot: joining fences an older
        member of the name, and takes over its partitions at once. `start` counts for topics in
        which the group has no position at all: with LATEST it then reads what is published after
        `join` returned, whether or not it commits before it is killed.
        """

    def writer(self, name: str) -> Writer:
        """Publish without a group. Fences an older writer of the same name."""

    def committed(self, group: str) -> dict[Partition, int]:
        """The group's positions; partitions without one are absent."""

    def reset(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Set a group's positions, clamped to what can be read.

        Raises GroupActive, UnknownTopic.
        """

    def delete_group(self, group: str) -> None:
        """Forget a group's positions. Raises GroupActive."""

    def delete_topic(self, name: str) -> None:
        """Delete a topic with its records and every group's positions in it."""

    def maintain(self, now: datetime) -> None:
        """Apply retention and compaction, if this log does not do it by itself."""

    def hurry(self) -> None:
        """Somebody wants to end: a log that is away is not waited for as long as usual."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...
