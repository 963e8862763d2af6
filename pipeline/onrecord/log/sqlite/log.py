"""The log itself: topics, groups, readers and writers; see `interface.Log`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Self
from weakref import WeakSet

from onrecord.errors import LogRefused, UnknownTopic
from onrecord.log.interface import (
    Extract,
    GroupStatus,
    Lookup,
    Member,
    Partition,
    Reader,
    SessionPolicy,
    Start,
    TopicSettings,
    TopicStatus,
    Writer,
)
from onrecord.log.sqlite import cleaning, groups, topics
from onrecord.log.sqlite.access import FileAccess, access_to
from onrecord.log.sqlite.breaks import Breaks, Interrupted
from onrecord.log.sqlite.database import LOG_FILE, Database, FileKind
from onrecord.log.sqlite.lookup import SqliteLookup
from onrecord.log.sqlite.member import SqliteMember
from onrecord.log.sqlite.notify import Commits
from onrecord.log.sqlite.placement import prepare
from onrecord.log.sqlite.reading import SqliteReader
from onrecord.log.sqlite.records import (
    PartitionRow,
    count_from,
    first_timestamp,
    offset_at,
    partitions_of,
    partitions_of_topic,
)
from onrecord.log.sqlite.writing import Clock, SqliteWriter
from onrecord.log.timestamps import from_ms, to_ms, to_ms_or_later
from onrecord.log.topic_rules import check_new, differences


def _now() -> datetime:
    return datetime.now(UTC)


# What is read in order is read once, and need not stay in memory.
_READ_IN_ORDER = replace(LOG_FILE, cache_kib=1024)


class SqliteLog:
    """A log in one file; a missing file is created, or refused without `make`.

    `busy_s` bounds how long a call waits while another process writes, before LogUnavailable.
    Raises LogRefused for a file that is not a usable log.
    """

    def __init__(
        self,
        path: Path,
        *,
        session: SessionPolicy = SessionPolicy(),  # noqa: B008 (immutable)
        busy_s: float = 10.0,
        clock: Clock = _now,
        make: bool = True,
        most_bytes: int | None = None,
    ) -> None:
        """Without `make` the log is only read, where more is not allowed.

        With `most_bytes` nothing more is published once the file holds so much.
        """
        self._most_bytes = most_bytes
        self._file = prepare(path, busy_s=busy_s, make=make)
        self._path = path
        self._session = session
        self._busy_s = busy_s
        self._clock = clock
        self._commits = Commits()
        self._upkeep = Breaks()
        self._opened: WeakSet[SqliteReader | SqliteMember | SqliteWriter | SqliteLookup] = WeakSet()
        self._lock = RLock()
        self._db = self._connect()

    # ── topics ───────────────────────────────────────────────────────────────────────────────

    def create_topic(self, name: str, settings: TopicSettings) -> None:
        check_new(name, settings)
        with self._writing() as db:
            topics.create(db, name, settings)

    def alter_topic(self, name: str, settings: TopicSettings) -> None:
        with self._writing() as db:
            topics.alter(db, name, settings)

    def delete_topic(self, name: str) -> None:
        with self._lock:
            cleaning.discard(self._db, name)

    def differences(self, name: str, settings: TopicSettings) -> list[str]:
        with self._reading() as db:
            return differences(settings, topics.settings_of(db, name))

    def topics(self, prefix: str = "") -> list[TopicStatus]:
        with self._reading() as db:
            names = [name for name in topics.names(db) if name.startswith(prefix)]
            return [_topic_status(db, name) for name in names]

    def bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        with self._reading() as db:
            rows = partitions_of_topic(db, topic)
            return {row.partition: (row.begins, row.ends) for row in rows}

    def ends(self, topic: str) -> dict[Partition, int]:
        # One process writes at a time, and nobody sees what it has not committed.
        return {partition: end for partition, (_, end) in self.bounds(topic).items()}

    def offsets_at(self, topic: str, when: datetime) -> dict[Partition, int]:
        ms = to_ms_or_later(when)
        with self._reading() as db:
            return {r.partition: offset_at(db, r, ms) for r in partitions_of_topic(db, topic)}

    def erase(self, topic: str, keys: Collection[bytes]) -> int | None:
        with self._lock:
            return cleaning.erase(self._db, topic, keys)

    def maintain(self, now: datetime) -> None:
        # On a separate connection: it can take long, and other threads use the shared one.
        db = self._connect(self._upkeep)
        try:
            cleaning.clean(db, to_ms(now))
        except Interrupted:
            return  # the next process goes on
        finally:
            db.close()

    def hurry(self) -> None:
        """End the upkeep after its present step; another process's write to the file ends soon."""
        self._upkeep.hurry()

    # ── groups ───────────────────────────────────────────────────────────────────────────────

    def groups(self, prefix: str = "") -> list[GroupStatus]:
        with self._reading() as db:
            found = [_group_status(db, name, self._now_ms(), prefix) for name in groups.names(db)]
            return [status for status in found if status is not None]

    def members(self, group: str) -> dict[str, list[Partition]]:
        with self._reading() as db:
            return _members(groups.view(db, group), self._now_ms())

    def committed(self, group: str) -> dict[Partition, int]:
        with self._reading() as db:
            return groups.positions_of(db, group)

    def reset(self, group: str, positions: Mapping[Partition, int]) -> None:
        with self._writing() as db:
            groups.refuse_if_active(db, group, self._now_ms())
            rows = partitions_of(db, {partition.topic for partition in positions})
            by_partition = {row.partition: row for row in rows}
            if unknown := positions.keys() - by_partition.keys():
                raise UnknownTopic(str(min(unknown)))
            groups.move(
                db,
                group,
                [(by_partition[p].id, _clamped(by_partition[p], o)) for p, o in positions.items()],
            )

    def delete_group(self, group: str) -> None:
        with self._writing() as db:
            groups.refuse_if_active(db, group, self._now_ms())
            groups.forget(db, group)

    # ── readers and writers ──────────────────────────────────────────────────────────────────

    def reader(
        self, topics: Sequence[str], *, start: Start | Mapping[Partition, int] = Start.EARLIEST
    ) -> Reader:
        reader = SqliteReader(self._connect(kind=_READ_IN_ORDER), self._commits, topics, start)
        self._opened.add(reader)
        return reader

    def join(
        self, group: str, topics: Sequence[str], *, name: str, start: Start = Start.EARLIEST
    ) -> Member:
        self._refuse_unless_writable("a group keeps its position in it")
        member = SqliteMember(
            self._connect,
            self._commits,
            group=group,
            topics=topics,
            name=name,
            start=start,
            session=self._session,
            clock=self._clock,
        )
        self._opened.add(member)
        return member

    def writer(self, name: str) -> Writer:
        self._refuse_unless_writable("nothing can be published")
        writer = SqliteWriter(self._connect(), name, clock=self._clock)
        self._opened.add(writer)
        return writer

    def newest(self, topic: str, extract: Extract) -> Lookup:
        lookup = SqliteLookup(self._connect(), topic, extract)
        self._opened.add(lookup)
        return lookup

    def close(self) -> None:
        """Close the log and all readers, members and writers opened through it."""
        for opened in list(self._opened):
            opened.close()
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # ── the file ─────────────────────────────────────────────────────────────────────────────

    def _connect(self, breaks: Breaks | None = None, *, kind: FileKind = LOG_FILE) -> Database:
        return Database(
            self._path,
            busy_s=self._busy_s,
            on_commit=self._commits.announce,
            file=self._file,
            kind=kind,
            access=access_to(self._path),
            most_bytes=self._most_bytes,
            breaks=breaks,
        )

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        with self._lock, self._db.snapshot():
            yield self._db

    def _refuse_unless_writable(self, why: str) -> None:
        if access_to(self._path) is not FileAccess.WRITE:
            raise LogRefused(f"{self._path} and its folder cannot be written, and {why}")

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        self._refuse_unless_writable("nothing can be changed")
        with self._lock, self._db.write():
            yield self._db

    def _now_ms(self) -> int:
        return to_ms(self._clock())


def _topic_status(db: Database, name: str) -> TopicStatus:
    rows = partitions_of_topic(db, name)
    return TopicStatus(
        name=name,
        settings=topics.settings_of(db, name),
        bounds={row.number: (row.begins, row.ends) for row in rows},
        records=sum(row.records for row in rows),
        size_bytes=sum(row.bytes for row in rows),
    )


def _group_status(db: Database, name: str, now_ms: int, prefix: str) -> GroupStatus | None:
    """A group's status within topics with this prefix; None when it uses none of them."""
    view = groups.view(db, name)
    positions = groups.positions_of(db, name)
    present = [member for member in view.members.values() if not member.is_gone(now_ms)]
    followed = {partition.topic for partition in positions}.union(*(m.topics for m in present))
    followed = {topic for topic in followed if topic.startswith(prefix)}
    if prefix and not followed:
        return None
    rows = partitions_of(db, followed)
    waiting = [
        timestamp
        for row in rows
        if (timestamp := first_timestamp(db, row, positions.get(row.partition, 0))) is not None
    ]
    return GroupStatus(
        name=name,
        members=_members(view, now_ms),
        positions={p: offset for p, offset in positions.items() if p.topic in followed},
        lag={r.partition: count_from(db, r, positions.get(r.partition, 0)) for r in rows},
        waiting_since=from_ms(min(waiting)) if waiting else None,
    )


def _members(view: groups.GroupView, now_ms: int) -> dict[str, list[Partition]]:
    return {
        member.name: [p for p, claim in view.owners.items() if claim.member == member.id]
        for member in view.members.values()
        if not member.is_gone(now_ms)
    }


def _clamped(row: PartitionRow, offset: int) -> int:
    return max(row.begins, min(offset, row.ends))
