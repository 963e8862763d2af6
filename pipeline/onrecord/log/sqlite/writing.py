"""Publishing: what a transaction gathers, and the one step in which it happens.

A transaction is gathered in memory and written when it is left. A writer holds the file for the
milliseconds of the writing alone; a member from the beginning (see `member.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Self

from onrecord.errors import Fenced, LogBroken, LogUnavailable, RecordTooLarge
from onrecord.log.interface import Headers, Partition, TopicSettings, Transaction
from onrecord.log.partitioner import Partitioner
from onrecord.log.sqlite import topics
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.records import Outgoing, append, encode_headers, to_ms

Clock = Callable[[], datetime]


class Draft:
    """A transaction that is being gathered."""

    def __init__(self, db: Database, *, with_positions: bool) -> None:
        self.records: list[Outgoing] = []
        self.positions: dict[Partition, int] = {}
        self._db = db
        self._with_positions = with_positions
        self._settings: dict[str, TopicSettings] = {}
        self._is_open = True

    def publish(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        timestamp: datetime | None = None,
    ) -> None:
        self._check_open()
        settings = self._settings_of(topic)
        at = None if timestamp is None else to_ms(timestamp)
        record = Outgoing(topic, key, value, encode_headers(headers), at)
        if record.size > settings.max_record_bytes:
            raise RecordTooLarge(topic, record.size, settings.max_record_bytes)
        if settings.compacted and key is None:
            raise ValueError(f"a record of {topic}, which is compacted by key, needs a key")
        self.records.append(record)

    def commit(self, positions: Mapping[Partition, int]) -> None:
        self._check_open()
        if not self._with_positions:
            raise ValueError("a writer has no group whose positions it could move")
        self.positions.update(positions)

    def close(self) -> None:
        """Take nothing more: what came later would be lost without a word."""
        self._is_open = False

    def _check_open(self) -> None:
        if not self._is_open:
            raise ValueError("this transaction is over")

    def _settings_of(self, topic: str) -> TopicSettings:
        if topic not in self._settings:
            self._settings[topic] = topics.settings_of(self._db, topic)
        return self._settings[topic]


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
        draft = Draft(self._db, with_positions=False)
        try:
            yield draft
        finally:
            draft.close()
        with self._db.write():
            if not self._db.row("SELECT 1 FROM writers WHERE id = ?", (self._id,)):
                raise Fenced(self._name)
            append(
                self._db,
                draft.records,
                partitioner=self._partitioner,
                now_ms=to_ms(self._clock()),
            )

    def close(self) -> None:
        """Give the name back: who uses a new one for each job leaves nothing behind."""
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
