"""The promises of every log, whether it is stored in one SQLite file or in Kafka.

A log is a set of **topics**; a topic is a few **partitions**; a partition is a sequence of
records, each with an **offset** that only grows. Offsets are monotonic, not gapless: control
records, compaction and retention leave gaps, so the difference of two offsets is not a count.

1. Records with the same key go to the same partition (Kafka's default partitioner, see
   `partitioner.py`) and are read in the order written.
2. A record that was acknowledged (its transaction left without an error) survives a killed
   process.
3. A transaction is all or nothing: the records of an aborted or crashed transaction are never
   read, and its positions never move. A member that lost a partition, and a writer whose name
   was taken over, cannot commit. What a lookup told can be made to hold until the commit.
4. A committed position names the next record to read. A group that restarts continues there;
   a new group starts at its configured start.
5. Positions can be looked up by time, and reset per group while the group has no members. They
   last as long as their topic.
6. Groups are independent: no group moves the positions of another.
7. Topics keep records by age and size, or only the newest record of each key (compaction; a
   tombstone, a record without a value, removes its key).
8. The newest record of a key can be looked up without reading its topic from the beginning. The
   lookup sees every record whose transaction was left before the last `catch_up`.
9. When the log is unavailable, calls raise `LogUnavailable` after a bounded wait; nothing is
   dropped and nothing is committed.

A record's timestamp is the time it entered the log, to the millisecond, never the article's
own date. A member has at most one transaction open, opened after the slow work is done.

Threads: a `Log` may be shared; a `Reader`, `Member` or `Writer` belongs to one thread at a time.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
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


class Message(Struct, frozen=True):  # made in a fraction of a dataclass's time: that of reading
    """A record as it stands in the log. A `value` of None (a tombstone) deletes its key."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def source(self) -> Partition:
        """The partition from which the message was read."""
        return Partition(self.topic, self.partition)

    @property
    def next_offset(self) -> int:
        """The position to commit after processing this message: the next offset to read."""
        return self.offset + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSettings:
    """Retention, compaction and size limits of a topic. None means no limit.

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
    """A topic's settings and the contents of its partitions (begin, end: offsets).

    With `is_estimate`, `records` is a number of offsets, some of which hold no record.
    `open_since` is when a transaction that is still open wrote last: readers get nothing of what
    follows it before it ends.
    """

    name: str
    settings: TopicSettings
    bounds: Mapping[int, tuple[int, int]]
    records: int
    size_bytes: int
    is_estimate: bool = False
    open_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStatus:
    """A consumer group: its members' names, its committed positions, and its lag.

    `lag` counts records from the position to the end, per partition: 0 exactly when drained.
    `waiting_since` is when the oldest record not yet processed entered the log.
    """

    name: str
    members: Mapping[str, Sequence[Partition]]
    positions: Mapping[Partition, int]
    lag: Mapping[Partition, int]
    waiting_since: datetime | None


class Start(Enum):
    """The start of a reader, or of a group without a position."""

    EARLIEST = "earliest"
    LATEST = "latest"


class Transaction(Protocol):
    """Outputs and positions that become visible together, or not at all.

    They stay in memory until the transaction is left: use it for a batch, not for a backlog.
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
        """Add a record. Pass `timestamp` only to copy records from another log; default: now.

        Pass `partition` only if a record must be in the same partition as another, even after
        partitions were added; otherwise the key decides. RecordTooLarge, UnknownTopic
        and ValueError (no key in a compacted topic, a naive timestamp) are raised here, and leave
        the transaction usable without that record.
        """

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Move the group's positions: for each partition, the next offset to read.

        Fails with LostOwnership if one of them is another member's. Only in a member's transaction.
        """

    def unless_overtaken(self, lookup: "Lookup") -> None:
        """Fail with Overtaken if others publish one of our keys after the lookup's `catch_up`."""


class Closable(Protocol):
    """What a log opens, and the log itself: closed on leaving."""

    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc_info: object) -> None: ...


class Reader(Closable, Protocol):
    """Reads partitions from a given start, without storing a position in the log."""

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        """Up to `limit` next messages, in order within a partition; [] after `timeout_s`.

        Large messages reduce the number, so that they fit in memory. Partitions added later are
        read too, from their beginning, unless a mapping selected the partitions. Raises
        OffsetOutOfRange when retention has passed the position meanwhile; UnknownTopic when the
        topic was deleted.
        """

    def partitions(self) -> frozenset[Partition]:
        """The partitions being read: for a member, those it owns now."""

    def position(self, partition: Partition) -> int:
        """The offset `poll` reads next."""

    def seek(self, partition: Partition, offset: int) -> None:
        """Read this partition from `offset` on; the end itself is allowed."""

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Deliver no messages of these until resumed. Partitions gained later are not paused."""

    def resume(self, partitions: Iterable[Partition]) -> None: ...

    def is_hurried(self) -> bool:
        """Whether the process is ending, so that records which exist are no longer waited for."""


class Member(Reader, Protocol):
    """A member of a consumer group: owns a share of the partitions and can commit.

    Partitions come and go only inside `poll`, which must be called at least every
    `SessionPolicy.max_idle_s`; membership is kept alive meanwhile, however long the work
    between two polls takes. `poll(limit=0, …)` only takes part in the group. It raises Fenced
    when another process has joined under this member's name.

    A partition gained starts at the group's committed position, or at the group's `start`. If
    retention has passed that position, reading continues at the oldest record kept and a warning
    is logged: records that cannot be recovered do not stop a group. Where possible, a partition
    with messages in hand (delivered by `poll`, neither committed nor rewound) is not taken from
    a living member, which gets no more of its messages and releases it once they are committed.
    """

    def taken(self) -> frozenset[Partition]:
        """Partitions taken away since the last call, including those regained since.

        Their uncommitted messages must be dropped: another member can have processed them
        meanwhile. Call this after each `poll`, before using its result. Otherwise committing
        messages in hand of these partitions raises LostOwnership until `rewind`.
        """

    def rewind(self) -> None:
        """Return to the committed position in every owned partition, after a failed transaction."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Publish and move positions atomically, on leaving without an exception.

        Entering or leaving raises LostOwnership, Fenced, LogUnavailable or LogBroken when nothing
        was committed. After LogUnavailable the outcome can be unknown: rewind and repeat the work.
        The member must not poll inside it, and other writers can be blocked until it is left.
        """


class Writer(Closable, Protocol):
    """Publishes under a name. A newer writer of the same name fences the older."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Publish all or nothing, on leaving without an exception. Errors as in Member."""


# What is looked up of a record: a log may keep it beside its index. None: as if not there.
Extract = Callable[[Message], bytes | None]


class Lookup(Closable, Protocol):
    """Finds the newest record of a key in one topic, for as long as the topic keeps it.

    The first opening reads the topic's keys once; later ones cost the same however long it is.
    After partitions were added, a key's newest record is the one with the latest timestamp.
    """

    def get(self, key: bytes) -> bytes | None:
        """The extract of a key's newest record, at `catch_up` or later; None for a tombstone."""

    def get_all(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The extracts of several keys, in their order, in less time than one by one."""

    def catch_up(self, own: Collection[bytes] = ()) -> Sequence[bytes]:
        """Take note of everything committed by now: the keys of records since the last call.

        They need not be read where `own`, the caller's, one for each record, are all there are.
        """

    def known(self) -> Mapping[Partition, int]:
        """For each partition, the offset before which everything was known at `catch_up`."""

    def keep(self, name: str, pieces: Iterable[bytes]) -> None:
        """Keep pieces derived from the topic beside its index. They can be lost at any time."""

    def kept(self, name: str) -> Generator[bytes, None, None]:
        """The pieces last kept under this name by any process that shares the index."""


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


class Log(Closable, Protocol):
    """An open log. The module docstring states its promises."""

    def create_topic(self, name: str, settings: TopicSettings) -> None:
        """Create the topic; an existing topic is left unchanged.

        Raises Mistake for a name that Kafka does not accept, or fewer than one partition.
        """

    def alter_topic(self, name: str, settings: TopicSettings) -> None:
        """Change a topic's settings. Raises UnknownTopic.

        The number of partitions can only grow, else Mistake. Keys then change their partition,
        so a key's order holds among the records before the change, and among those after it.
        """

    def differences(self, name: str, settings: TopicSettings) -> list[str]:
        """How a topic differs from these settings, each as in "4 partitions, not 8".

        Settings that this log does not reveal are ignored. Raises UnknownTopic.
        """

    def topics(self, prefix: str = "") -> list[TopicStatus]:
        """The topics with this prefix, by name. A cluster can hold topics of other programs."""

    def groups(self, prefix: str = "") -> list[GroupStatus]:
        """The consumer groups of topics with this prefix, by name, limited to those topics.

        Such a group has members subscribed to one of the topics, or positions in one.
        """

    def members(self, group: str) -> dict[str, list[Partition]]:
        """The members of a group by name, with the partitions each owns."""

    def bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        """Begin (first kept) and end (next to be written) of each partition, as seen by readers.

        Raises UnknownTopic.
        """

    def ends(self, topic: str) -> dict[Partition, int]:
        """The end of everything written to each partition, open transactions included.

        Who reads up to it has all that was acknowledged before the call, and waits for the
        transactions that were open then: records committed later can lie before acknowledged
        ones, and the end of `bounds` stops at the first of them. Raises UnknownTopic.
        """

    def offsets_at(self, topic: str, when: datetime) -> dict[Partition, int]:
        """Per partition, the first offset with a timestamp of `when` or later; else its end."""

    def reader(
        self, topics: Sequence[str], *, start: Start | Mapping[Partition, int] = Start.EARLIEST
    ) -> Reader:
        """Read topics from a start. A mapping selects single partitions, and reads only those.

        Raises UnknownTopic, and OffsetOutOfRange for an offset that cannot be read.
        """

    def join(
        self, group: str, topics: Sequence[str], *, name: str, start: Start = Start.EARLIEST
    ) -> Member:
        """Become a member. Raises UnknownTopic.

        `name` identifies this worker in `groups()`: joining fences an older member of the same
        name, and takes over its partitions at once. `start` applies to topics in which the group
        has no position at all: with LATEST the group then reads the records published after
        `join` returned, whether or not it commits before it is killed.
        """

    def writer(self, name: str) -> Writer:
        """Publish without a group. Fences an older writer of the same name."""

    def newest(self, topic: str, extract: Extract) -> Lookup:
        """Look up the newest record of any key of a topic. Raises UnknownTopic.

        `extract` must be a function of the record alone, and small: a few hundred bytes.
        """

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

    def erase(self, topic: str, keys: Collection[bytes]) -> int | None:
        """Remove all but the newest record of each key for good; None where a log cannot."""

    def maintain(self, now: datetime) -> None:
        """Apply retention and compaction, if this log does not apply them by itself."""

    def hurry(self) -> None:
        """Shorten all waits, because the process is ending."""
