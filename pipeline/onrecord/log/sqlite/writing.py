"""Publishing without a group.

A writer locks the file only for the milliseconds of writing, so that others can overtake what it
looked up; a member locks it for its whole transaction (see `member.py`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Self

from onrecord.errors import Fenced, LogBroken, LogUnavailable
from onrecord.log.interface import Transaction
from onrecord.log.partitioner import Partitioner
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.overtaking import refuse_overtaken
from onrecord.log.sqlite.packing import pack_all
from onrecord.log.sqlite.records import append
from onrecord.log.sqlite.schema import PACKED_FORMAT
from onrecord.log.sqlite.topics import settings_of
from onrecord.log.timestamps import to_ms
from onrecord.log.transaction import PendingTransaction

Clock = Callable[[], datetime]


class SqliteWriter:
    """Publishes under a name; see `interface.Writer`."""

    def __init__(self, db: Database, name: str, *, clock: Clock) -> None:
        self._db = db
        self._name = name
        self._clock = clock
        self._partitioner = Partitioner()
        self._closed = False
        with db.write():
            db.execute("DELETE FROM writers WHERE name = ?", (name,))
            self._id = db.execute("INSERT INTO writers (name) VALUES (?)", (name,))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        pending = PendingTransaction(partial(settings_of, self._db), with_positions=False)
        try:
            yield pending
        finally:
            pending.close()
        stored = pack_all(pending.records, compressed=self._db.format >= PACKED_FORMAT)
        with self._db.write():
            if not self._db.row("SELECT 1 FROM writers WHERE id = ?", (self._id,)):
                raise Fenced(self._name)
            refuse_overtaken(self._db, pending.records, pending.lookups, name=self._name)
            append(
                self._db,
                stored,
                partitioner=self._partitioner,
                now_ms=to_ms(self._clock()),
            )

    def close(self) -> None:
        """Release the name, so that callers with a new name per job leave no rows behind."""
        if self._closed:
            return
        self._closed = True
        with suppress(LogUnavailable, LogBroken), self._db.write():
            self._db.execute("DELETE FROM writers WHERE id = ?", (self._id,))
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
