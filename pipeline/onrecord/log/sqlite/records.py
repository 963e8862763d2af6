"""Records as rows: adding them to partitions, reading them back, finding them by time.

Nothing here opens a transaction: the caller does, and decides its scope.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

from onrecord.errors import LogBroken, UnknownTopic
from onrecord.log.interface import Message, Partition
from onrecord.log.partitioner import Partitioner
from onrecord.log.sqlite import newest
from onrecord.log.sqlite.database import Database, Row
from onrecord.log.sqlite.packing import DamagedRecord, Packed, decode_headers, unpack
from onrecord.log.sqlite.schema import OFFSET_BITS, PACKED_FORMAT
from onrecord.log.timestamps import from_ms
from onrecord.log.transaction import Outgoing

_PARAMETERS = 500  # in one statement, far below SQLite's oldest limit

# The SQL equivalent of `Packed.size`.
_SIZE = "coalesce(length(key), 0) + coalesce(length(value), 0) + coalesce(length(headers), 0)"


# ── partitions ───────────────────────────────────────────────────────────────────────────────


class PartitionRow(NamedTuple):
    """A row of the partitions table. `schema.py` describes the columns."""

    id: int
    topic: str
    number: int
    begins: int
    ends: int
    records: int
    bytes: int
    latest: int
    solid: int
    cleaned: int
    tombstone: int | None

    @property
    def partition(self) -> Partition:
        return Partition(self.topic, self.number)

    def row_id(self, offset: int) -> int:
        """The row id of this partition's record at an offset."""
        return self.id << OFFSET_BITS | offset

    def offset(self, row_id: int) -> int:
        """The inverse of `row_id`."""
        return row_id - (self.id << OFFSET_BITS)


def without_partition(partition_id: int) -> PartitionRow:
    """The remains of a deleted topic's partition: records at any offsets."""
    ends = 1 << OFFSET_BITS
    return PartitionRow(partition_id, "", 0, 0, ends - 1, 0, 0, 0, 0, 0, None)


def partitions_of(db: Database, topics: Iterable[str]) -> list[PartitionRow]:
    """The partitions of these topics, by topic and number; a missing topic has none."""
    names = list(topics)
    marks = ", ".join("?" * len(names))
    rows = db.rows(
        f"SELECT {', '.join(PartitionRow._fields)} FROM partitions"  # noqa: S608 (no data in it)
        f" WHERE topic IN ({marks}) ORDER BY topic, number",
        names,
    )
    return [PartitionRow(*row) for row in rows]


def partitions_of_topic(db: Database, topic: str) -> list[PartitionRow]:
    """The partitions of a topic, by number. Raises UnknownTopic."""
    found = partitions_of(db, [topic])
    if not found:
        raise UnknownTopic(topic)
    return found


# ── adding ───────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Tail:
    """The end of a partition, while records are added to it."""

    row: PartitionRow
    ends: int
    latest: int
    topic: int
    is_indexed: bool
    bytes: int = 0


@dataclass(slots=True)
class _Tails:
    """The ends of all partitions of the topics that a transaction writes to."""

    db: Database
    partitioner: Partitioner
    by_topic: dict[str, list[_Tail]] = field(default_factory=dict)
    newest: dict[tuple[int, bytes], int] = field(default_factory=dict)

    def place(self, record: Outgoing, stored: Packed, now_ms: int) -> Row:
        """The row of a record, at the end of its partition."""
        tails = self.by_topic.get(record.topic)
        if tails is None:
            tails = self.by_topic[record.topic] = self._tails_of(record.topic)
        number = record.partition
        if number is None:
            number = self.partitioner.choose(record.key, len(tails))
        tail = tails[number]
        timestamp = now_ms if record.timestamp_ms is None else record.timestamp_ms
        row_id = tail.row.row_id(tail.ends)
        tail.ends += 1
        tail.latest = max(tail.latest, timestamp)
        tail.bytes += stored.size
        if tail.is_indexed and record.key is not None:
            self.newest[tail.topic, record.key] = row_id
        return (row_id, timestamp, tail.latest, *stored)

    def _tails_of(self, topic: str) -> list[_Tail]:
        rows = partitions_of_topic(self.db, topic)
        ids = [row.id for row in rows]
        indexed = newest.ends_of(self.db, ids)
        return [
            _Tail(row, row.ends, row.latest, min(ids), indexed.get(row.id) == row.ends)
            for row in rows
        ]

    def save(self) -> None:
        self.db.execute_many(
            "UPDATE partitions SET ends = ?, latest = ?, records = records + ?, bytes = bytes + ?"
            " WHERE id = ?",
            [
                (tail.ends, tail.latest, tail.ends - tail.row.ends, tail.bytes, tail.row.id)
                for tails in self.by_topic.values()
                for tail in tails
                if tail.ends > tail.row.ends
            ],
        )
        indexed = [tail for tails in self.by_topic.values() for tail in tails if tail.is_indexed]
        if indexed:
            newest.enter(
                self.db,
                sorted((*key, record) for key, record in self.newest.items()),
                [(tail.row.id, tail.ends) for tail in indexed if tail.ends > tail.row.ends],
            )


def append(
    db: Database,
    records: Sequence[tuple[Outgoing, Packed]],
    *,
    partitioner: Partitioner,
    now_ms: int,
) -> None:
    """Add records at the ends of their partitions, in order.

    Raises UnknownTopic, and LogUnavailable when the file holds as much as it may.
    """
    if records:
        db.check_room()
    tails = _Tails(db, partitioner)
    columns = 8 if db.format >= PACKED_FORMAT else 6
    db.execute_many(
        f"INSERT INTO records VALUES ({', '.join('?' * columns)})",  # noqa: S608 (no data in it)
        (tails.place(record, stored, now_ms)[:columns] for record, stored in records),
    )
    tails.save()


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def stored_columns(db: Database) -> str:
    """The columns to select for a `Packed`; older versions of the file lack the last two."""
    return f"key, headers, value, {'codec, checksum' if db.format >= PACKED_FORMAT else '0, NULL'}"


def read(
    db: Database, row: PartitionRow, offset: int, limit: int
) -> Generator[Message, None, None]:
    """Messages of a partition from an offset on. Close the generator to stop early."""
    rows = db.stream(
        f"SELECT id, timestamp, {stored_columns(db)} FROM records"  # noqa: S608 (no data in it)
        " WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (row.row_id(offset), row.row_id(row.ends), limit),
    )
    topic, number, first = row.topic, row.number, row.row_id(0)
    with closing(rows):
        for row_id, timestamp, *columns in rows:
            stored, at = Packed._make(columns), row_id - first
            try:
                value = unpack(stored)
            except DamagedRecord as error:
                where = f"{db.path}: {row.partition} offset {at}"
                raise LogBroken(f"{where} is damaged: {error}") from error
            headers = decode_headers(stored.headers)
            yield Message(topic, number, at, from_ms(timestamp), stored.key, value, headers)


def offset_at(db: Database, row: PartitionRow, ms: int) -> int:
    """The first offset whose timestamp is `ms` or later; else the end.

    The running maximum stored with each record is sorted, so a binary search applies; all
    records before the offset found are older. From there on, the maximum can stem from a removed
    record, so records are examined one by one: usually only one.
    """
    low, high = row.begins, row.ends
    while low < high:
        middle = (low + high) // 2
        found = db.row(
            "SELECT id, latest FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
            (row.row_id(middle), row.row_id(high)),
        )
        if found is None or found[1] >= ms:
            high = middle
        else:
            low = row.offset(found[0]) + 1
    found = db.row(
        "SELECT id FROM records WHERE id >= ? AND id < ? AND timestamp >= ? ORDER BY id LIMIT 1",
        (row.row_id(low), row.row_id(row.ends), ms),
    )
    return row.offset(found[0]) if found else row.ends


def count_from(db: Database, row: PartitionRow, offset: int) -> int:
    """The number of records of a partition from this offset on."""
    if offset <= row.begins:
        return row.records
    if offset >= row.solid:
        return max(0, row.ends - offset)
    found = db.row(
        "SELECT count(*) FROM records WHERE id >= ? AND id < ?",
        (row.row_id(offset), row.row_id(row.solid)),
    )
    return row.ends - row.solid + (int(found[0]) if found else 0)


def first_timestamp(db: Database, row: PartitionRow, offset: int) -> int | None:
    """The timestamp of the first record at this offset or later."""
    found = db.row(
        "SELECT timestamp FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
        (row.row_id(max(offset, row.begins)), row.row_id(row.ends)),
    )
    return int(found[0]) if found else None


def sizes(
    db: Database, row: PartitionRow, limit: int
) -> Iterator[tuple[int, PartitionRow, int, int]]:
    """Timestamp, partition, offset and size of the first records of a partition."""
    rows = db.stream(
        f"SELECT id, timestamp, {_SIZE} FROM records WHERE id >= ? AND id < ?"  # noqa: S608
        " ORDER BY id LIMIT ?",
        (row.row_id(row.begins), row.row_id(row.ends), limit),
    )
    for row_id, timestamp, size in rows:
        yield timestamp, row, row.offset(row_id), size


def end_of_stretch(
    db: Database, row: PartitionRow, start: int, end: int, *, records: int, size: int
) -> int:
    """The offset that ends a stretch from `start` on; at most `end`.

    It has at most so many records, and at most `size` bytes if it has more than one.
    """
    found = db.rows(
        f"SELECT id, {_SIZE} FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",  # noqa: S608
        (row.row_id(start), row.row_id(end), records + 1),
    )
    total = 0
    for count, (row_id, record_size) in enumerate(found):
        total += record_size
        if count == records or (count and total > size):
            return row.offset(row_id)
    return end


def count_within(db: Database, row: PartitionRow, offsets: Sequence[int], *, size: int) -> int:
    """How many of these records, from the first on, have at most `size` bytes; at least one."""
    marks = ", ".join("?" * len(offsets))
    found = db.rows(
        f"SELECT id, {_SIZE} FROM records WHERE id IN ({marks})",  # noqa: S608 (no data in it)
        [row.row_id(offset) for offset in offsets],
    )
    sizes_of: dict[int, int] = dict(found)
    total = 0
    for count, offset in enumerate(offsets):
        total += sizes_of.get(row.row_id(offset), 0)
        if count and total > size:
            return count
    return len(offsets)


# ── removing ─────────────────────────────────────────────────────────────────────────────────


def remove(db: Database, row: PartitionRow, offsets: Sequence[int]) -> None:
    """Delete records one by one, in rising order. Offsets already removed are ignored."""
    db.execute(
        "UPDATE partitions SET solid = max(solid, ?) WHERE id = ?", (offsets[-1] + 1, row.id)
    )
    for at in range(0, len(offsets), _PARAMETERS):
        ids = [row.row_id(offset) for offset in offsets[at : at + _PARAMETERS]]
        _remove_where(db, row, f"id IN ({', '.join('?' * len(ids))})", ids)


def remove_before(db: Database, row: PartitionRow, offset: int) -> None:
    """Delete the head of a partition, which then begins at `offset`."""
    _remove_where(db, row, "id >= ? AND id < ?", [row.row_id(0), row.row_id(offset)])
    db.execute(
        "UPDATE partitions SET begins = ?1, solid = max(solid, ?1), cleaned = max(cleaned, ?1)"
        " WHERE id = ?2 AND begins < ?1",
        (offset, row.id),
    )


def _remove_where(db: Database, row: PartitionRow, condition: str, values: list[int]) -> None:
    # `condition` is one of the two above.
    found = db.row(
        f"SELECT count(*), coalesce(sum({_SIZE}), 0) FROM records WHERE {condition}",  # noqa: S608
        values,
    )
    records, size = found or (0, 0)
    if records:
        newest.forget(db, row.id, condition, values)
        db.execute(f"DELETE FROM records WHERE {condition}", values)  # noqa: S608
        db.execute(
            "UPDATE partitions SET records = records - ?, bytes = bytes - ? WHERE id = ?",
            (records, size, row.id),
        )
