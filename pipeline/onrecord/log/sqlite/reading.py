"""Readers: fetch records from a position onwards.

Every poll reads the file in a snapshot of its own, which ends with the poll. Nothing stays open
between two polls, so a reader that takes hours over its messages does not block other processes.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Self

from onrecord.errors import OffsetOutOfRange, UnknownTopic
from onrecord.log.interface import Message, Partition, Start
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.notify import Commits
from onrecord.log.sqlite.records import PartitionRow, partitions_of, read

# The most bytes one poll holds in memory, whatever its limit; one message is always delivered.
_POLL_BYTES = 16 * 1024 * 1024


class Places:
    """The read position in each partition, and the share of each in the next fetch."""

    def __init__(self) -> None:
        self.positions: dict[Partition, int] = {}
        self.paused: set[Partition] = set()
        self._turn = 0

    def add(self, partition: Partition, offset: int) -> None:
        """Start reading a partition."""
        self.positions[partition] = offset

    def drop(self, partition: Partition) -> None:
        """Stop reading a partition, and forget that it was paused."""
        self.positions.pop(partition, None)
        self.paused.discard(partition)

    def fetch(self, db: Database, rows: Iterable[PartitionRow], limit: int) -> list[Message]:
        """Up to `limit` messages, a fair share of each partition; positions move past them.

        Runs in the snapshot of `rows`. Every position must be within its partition's bounds. On
        an error no position has moved: no undelivered message is skipped.
        """
        before = dict(self.positions)
        try:
            return self._fetch_fairly(db, rows, limit)
        except BaseException:
            self.positions = before
            raise

    def _fetch_fairly(
        self, db: Database, rows: Iterable[PartitionRow], limit: int
    ) -> list[Message]:
        waiting = [row for row in rows if self.positions[row.partition] < row.ends]
        if not waiting:
            return []
        # Each poll starts with another partition, so that a small limit starves none.
        self._turn += 1
        turn = self._turn % len(waiting)
        waiting = waiting[turn:] + waiting[:turn]
        messages: list[Message] = []
        room_bytes = _POLL_BYTES
        while waiting and len(messages) < limit and room_bytes > 0:
            share = -(-(limit - len(messages)) // len(waiting))
            for row in list(waiting):
                got = self._fetch_one(db, row, min(share, limit - len(messages)), room_bytes)
                messages += got
                room_bytes -= sum(map(_size, got))
                if self.positions[row.partition] >= row.ends:
                    waiting.remove(row)
                if len(messages) >= limit or room_bytes <= 0:
                    break
        return messages

    def _fetch_one(
        self, db: Database, row: PartitionRow, limit: int, room_bytes: int
    ) -> list[Message]:
        messages: list[Message] = []
        with closing(read(db, row, self.positions[row.partition], limit)) as found:
            for message in found:
                messages.append(message)
                room_bytes -= _size(message)
                if room_bytes <= 0:
                    break
        is_last = len(messages) < limit and room_bytes > 0
        # Move past the gaps that compaction left at the end: nothing is left to read there.
        self.positions[row.partition] = row.ends if is_last else messages[-1].next_offset
        return messages


def _size(message: Message) -> int:
    return len(message.key or b"") + len(message.value or b"")


class FileReader:
    """The common base of readers and members; see `interface.Reader`."""

    def __init__(self, db: Database, commits: Commits) -> None:
        self._db = db
        self._commits = commits
        self._places = Places()

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        until = time.monotonic() + timeout_s
        while True:
            seen = self._commits.seen(self._db)
            messages = self._poll_once(limit)
            if messages or limit <= 0 or time.monotonic() >= until:
                return messages
            self._commits.wait(self._db, seen, min(until, self._look_again_at()))

    def partitions(self) -> frozenset[Partition]:
        return frozenset(self._places.positions)

    def position(self, partition: Partition) -> int:
        return self._places.positions[partition]

    def seek(self, partition: Partition, offset: int) -> None:
        if partition not in self._places.positions:
            raise ValueError(f"{partition} is not being read here")
        self._places.positions[partition] = offset

    def pause(self, partitions: Iterable[Partition]) -> None:
        self._places.paused |= frozenset(partitions) & self.partitions()

    def resume(self, partitions: Iterable[Partition]) -> None:
        self._places.paused -= frozenset(partitions)

    def is_hurried(self) -> bool:
        return False  # nothing is waited for: what is committed can be read

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _poll_once(self, limit: int) -> list[Message]:
        raise NotImplementedError

    def _look_again_at(self) -> float:
        """The monotonic time of the next poll if nothing is committed before."""
        return float("inf")


class SqliteReader(FileReader):
    """Reads from where it was told; see `interface.Reader`."""

    def __init__(
        self,
        db: Database,
        commits: Commits,
        topics: Sequence[str],
        start: Start | Mapping[Partition, int],
    ) -> None:
        super().__init__(db, commits)
        self._topics = frozenset(topics)
        self._follows_new = isinstance(start, Start)
        try:
            self._begin(start)
        except BaseException:
            self.close()
            raise

    def _begin(self, start: Start | Mapping[Partition, int]) -> None:
        rows = partitions_of(self._db, self._topics)
        self._check_topics(rows)
        for row in rows:
            if isinstance(start, Start):
                self._places.add(row.partition, row.begins if start is Start.EARLIEST else row.ends)
            elif row.partition in start:
                self._places.add(row.partition, start[row.partition])
                self._check_range(row)
        if not isinstance(start, Start) and (unknown := set(start) - self.partitions()):
            raise UnknownTopic(str(min(unknown)))

    def _poll_once(self, limit: int) -> list[Message]:
        with self._db.snapshot():
            rows = partitions_of(self._db, self._topics)
            self._check_topics(rows)
            for row in rows:
                if self._follows_new and row.partition not in self._places.positions:
                    self._places.add(row.partition, row.begins)
            rows = [row for row in rows if self._is_read(row.partition)]
            for row in rows:
                self._check_range(row)
            return self._places.fetch(self._db, rows, limit)

    def _is_read(self, partition: Partition) -> bool:
        return partition in self._places.positions and partition not in self._places.paused

    def _check_topics(self, rows: Iterable[PartitionRow]) -> None:
        if missing := self._topics - {row.topic for row in rows}:
            raise UnknownTopic(min(missing))

    def _check_range(self, row: PartitionRow) -> None:
        position = self._places.positions[row.partition]
        if not row.begins <= position <= row.ends:
            raise OffsetOutOfRange(row.topic, row.number, position, row.begins, row.ends)
