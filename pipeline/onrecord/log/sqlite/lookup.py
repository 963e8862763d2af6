"""Lookups of the newest record of a key; see `interface.Lookup`."""

import logging
import time
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Self

from onrecord.log.interface import Extract, Partition
from onrecord.log.sqlite import derived, newest
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.records import PartitionRow, partitions_of_topic, read
from onrecord.log.sqlite.schema import OFFSET_BITS

_logger = logging.getLogger(__name__)

# Keys entered in one transaction, for which other writers wait.
_STEP = 2_000
# How often the progress of an index being built is reported.
_REPORT_S = 5.0


class SqliteLookup:
    """Looks keys up in the index. Its construction completes the index, in steps."""

    def __init__(self, db: Database, topic: str, extract: Extract) -> None:
        self._db = db
        self.topic = topic
        self._extract = extract
        try:
            _complete(db, topic)
            self._rows = self._rows_now()
        except BaseException:
            db.close()
            raise
        # Records written by a process of an older version since then, which keeps no index.
        self._not_indexed: dict[bytes, int] = {}

    def get(self, key: bytes) -> bytes | None:
        topic = min(self._rows)
        record = self._not_indexed.get(key) or newest.find(self._db, topic, key)
        return self._extract_of(key, record)

    def get_all(self, keys: Sequence[bytes]) -> list[bytes | None]:
        found = newest.find_all(self._db, min(self._rows), keys) | self._not_indexed
        return [self._extract_of(key, found.get(key)) for key in keys]

    def _extract_of(self, key: bytes, record: int | None) -> bytes | None:
        row = None if record is None else self._row_of(record)
        if record is None or row is None:
            return None
        with closing(read(self._db, row, row.offset(record), 1)) as found:
            message = next(found, None)
        if message is None or message.key != key or message.value is None:
            return None
        return self._extract(message)

    def catch_up(self, own: Collection[bytes] = ()) -> Sequence[bytes]:
        with self._db.snapshot():
            rows = self._rows_now()
            indexed = newest.ends_of(self._db, list(rows))
            if is_own := self._has_entered_only(len(own), rows, indexed):
                changed = []
            else:
                changed = [
                    (key, record)
                    for row in rows.values()
                    for key, record in self._keys_since(row, self._seen(row))
                ]
        self._rows = rows
        for key, record in changed:
            row = self._row_of(record)
            if row is not None and row.offset(record) >= indexed.get(row.id, 0):
                self._not_indexed[key] = record
            else:
                self._not_indexed.pop(key, None)
        if not is_own:
            return [key for key, _ in changed]
        for key in own:
            self._not_indexed.pop(key, None)
        return list(own)

    def known(self) -> dict[Partition, int]:
        return {row.partition: row.ends for row in self._rows.values()}

    def seen(self) -> dict[int, int]:
        """For each partition's id, the end at the last `catch_up`."""
        return {row.id: row.ends for row in self._rows.values()}

    def keep(self, name: str, pieces: Iterable[bytes]) -> None:
        derived.keep(self._db, min(self._rows), name, pieces)

    def kept(self, name: str) -> Generator[bytes, None, None]:
        return derived.kept(self._db, min(self._rows), name)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _rows_now(self) -> dict[int, PartitionRow]:
        return {row.id: row for row in partitions_of_topic(self._db, self.topic)}

    def _row_of(self, record: int) -> PartitionRow | None:
        """The partition of a record, with its present end or an earlier one."""
        row = self._rows.get(record >> OFFSET_BITS)
        return None if row is None else row._replace(ends=max(row.ends, row.offset(record) + 1))

    def _seen(self, row: PartitionRow) -> int:
        known = self._rows.get(row.id)
        return 0 if known is None else known.ends

    def _has_entered_only(
        self, records: int, rows: Mapping[int, PartitionRow], indexed: Mapping[int, int]
    ) -> bool:
        """Whether so many records were added, and all of them are in the index."""
        added = sum(row.ends - self._seen(row) for row in rows.values())
        return added == records and all(
            indexed.get(id_, 0) == row.ends for id_, row in rows.items()
        )

    def _keys_since(self, row: PartitionRow, offset: int) -> list[tuple[bytes, int]]:
        if offset >= row.ends:
            return []
        return self._db.rows(
            "SELECT key, id FROM records WHERE id >= ? AND id < ? AND key IS NOT NULL ORDER BY id",
            (row.row_id(offset), row.row_id(row.ends)),
        )


def _complete(db: Database, topic: str) -> None:
    """Enter what is missing from the index, a few thousand records at a time.

    The progress is in the file: a process that is killed goes on where it was, and several can
    build at once.
    """
    if _missing(db, topic) == 0:
        return
    with db.write():
        newest.create(db, [row.id for row in partitions_of_topic(db, topic)])
    reported = time.monotonic()
    while _step(db, topic):
        if time.monotonic() - reported >= _REPORT_S:
            reported = time.monotonic()
            _logger.warning("%s: %d records of %s to index", db.path, _missing(db, topic), topic)


def _missing(db: Database, topic: str) -> int:
    """The number of offsets that are not indexed; 1 at least while a partition is not."""
    rows = partitions_of_topic(db, topic)
    ends = newest.ends_of(db, [row.id for row in rows])
    return sum(row.ends - ends[row.id] if row.id in ends else row.ends + 1 for row in rows)


def _step(db: Database, topic: str) -> bool:
    """Index some records; False when there are none left."""
    with db.step():
        rows = partitions_of_topic(db, topic)
        ids = [row.id for row in rows]
        ends = newest.ends_of(db, ids)
        row = next((row for row in rows if ends.get(row.id, 0) < row.ends), None)
        if row is None:
            newest.create(db, ids)  # also partitions that were added and are empty
            return False
        start = max(ends.get(row.id, 0), row.begins)
        found = db.rows(
            "SELECT key, id FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
            (row.row_id(start), row.row_id(row.ends), _STEP),
        )
        end = row.offset(found[-1][1]) + 1 if len(found) == _STEP else row.ends
        newest.enter_if_newer(
            db, [(min(ids), key, record) for key, record in found if key is not None]
        )
        newest.enter(db, (), [(row.id, end)])
    return True
