"""Lookups in a file: the index, how it is built, and what removes from it."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from onrecord.errors import Overtaken
from onrecord.log.interface import Log, TopicSettings
from onrecord.log.sqlite import lookup as lookups
from onrecord.log.sqlite.database import Database
from onrecord.log.sqlite.lookup import SqliteLookup
from onrecord.log.sqlite.reading import SqliteReader
from tests.log.contract import fill, publish, topic
from tests.log.lookup_contract import LookupContract, found, publish_unless_known, value_of
from tests.log.test_sqlite import SqliteHarness


@pytest.fixture
def harness(tmp_path: Path) -> SqliteHarness:
    return SqliteHarness(tmp_path)


@pytest.fixture
def log(harness: SqliteHarness) -> Iterator[Log]:
    with harness.open() as log:
        yield log


class TestSqliteLookup(LookupContract):
    pass


def entries(harness: SqliteHarness) -> int:
    with closing(harness.connect()) as connection:
        return int(connection.execute("SELECT count(*) FROM newest").fetchone()[0])


def test_an_index_that_was_left_in_the_middle_is_completed(
    harness: SqliteHarness, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic(log, "t", partitions=3)
    fill(log, "t", 30)
    monkeypatch.setattr(lookups, "_STEP", 4)

    class KilledError(Exception):
        pass

    def killed(*_: object) -> bool:
        if entries(harness) >= 8:
            raise KilledError
        return step(*_)  # type: ignore[arg-type]

    step = lookups._step
    monkeypatch.setattr(lookups, "_step", killed)
    with pytest.raises(KilledError):
        log.newest("t", value_of)
    assert 8 <= entries(harness) < 30
    publish(log, "t", b"meanwhile", key=b"3")
    monkeypatch.setattr(lookups, "_step", step)
    with log.newest("t", value_of) as lookup:
        keys = [str(number).encode() for number in range(30)]
        assert found(lookup, keys) == [b"meanwhile" if key == b"3" else key for key in keys]


def test_records_of_a_version_that_keeps_no_index_are_found(
    harness: SqliteHarness, log: Log
) -> None:
    topic(log, "t", partitions=1)
    publish(log, "t", b"1", key=b"a")
    with log.newest("t", value_of) as lookup:
        with closing(harness.connect()) as older:
            # What such a version does: a record at the end, and the partition's new end.
            older.execute("INSERT INTO records SELECT id + 1, timestamp, latest, key, headers,"
                          " CAST('2' AS BLOB), 0, NULL FROM records")  # fmt: skip
            older.execute("UPDATE partitions SET ends = ends + 1, records = 2 WHERE topic = 't'")
        assert lookup.catch_up() == [b"a"]
        assert lookup.get(b"a") == b"2"
        publish(log, "t", b"3", key=b"b")
        lookup.catch_up([b"b"])
        assert found(lookup, [b"a", b"b"]) == [b"2", b"3"]
    with log.newest("t", value_of) as lookup:
        assert found(lookup, [b"a", b"b"]) == [b"2", b"3"]


def test_retention_and_deletion_take_keys_out_of_the_index(
    harness: SqliteHarness, log: Log
) -> None:
    topic(log, "t", partitions=2, retention_s=60)
    old = datetime.now(UTC) - timedelta(hours=1)
    with log.writer("w") as writer, writer.transaction() as tx:
        for number in range(20):
            tx.publish("t", key=str(number).encode(), value=b"old", timestamp=old)
    with log.newest("t", value_of) as lookup:
        publish(log, "t", b"new", key=b"3")
        log.maintain(datetime.now(UTC))
        lookup.catch_up()
        assert found(lookup, [b"2", b"3"]) == [None, b"new"]
    assert entries(harness) == 1
    log.delete_topic("t")
    assert entries(harness) == 0


def test_erasing_records_drops_what_was_derived_from_them(log: Log) -> None:
    topic(log, "t")
    publish(log, "t", b"1", b"2", key=b"a")
    with log.newest("t", value_of) as lookup:
        lookup.keep("one", [b"1"])
        log.erase("t", [b"a"])
        assert list(lookup.kept("one")) == []


def test_what_is_taken_back_with_nothing_in_its_place_leaves_no_bytes(
    harness: SqliteHarness, log: Log
) -> None:
    topic(log, "t")
    with log.newest("t", value_of) as lookup:
        lookup.keep("stories", [b"a signature" * 1_000] * 2)
        lookup.keep("stories", ())
        files = harness.path.parent.glob(harness.path.name + "*")
        assert not [path.name for path in files if b"signature" in path.read_bytes()]


def test_what_is_derived_and_read_in_order_does_not_fill_the_cache(log: Log) -> None:
    topic(log, "t", partitions=1)
    with log.newest("t", value_of) as lookup, log.reader(["t"]) as reader:
        db = cast("SqliteLookup", lookup)._db
        usual = cache_of(db)

        def pieces() -> Iterator[bytes]:
            assert cache_of(db) * 10 < usual
            yield b"1" * 10_000

        lookup.keep("one", pieces())
        assert cache_of(db) == usual
        with closing(lookup.kept("one")) as kept:
            assert next(kept) == b"1" * 10_000
            assert cache_of(db) * 10 < usual
        assert cache_of(db) == usual
        assert cache_of(cast("SqliteReader", reader)._db) * 4 < usual


def cache_of(db: Database) -> int:
    """How much of the file a connection holds in memory, in KiB."""
    return -db.number("PRAGMA cache_size")


def test_nothing_derived_is_kept_of_a_topic_that_was_deleted(
    harness: SqliteHarness, log: Log
) -> None:
    topic(log, "t")
    with log.newest("t", value_of) as lookup:
        log.delete_topic("t")
        lookup.keep("one", [b"1"])
    with closing(harness.connect()) as connection:
        assert connection.execute("SELECT count(*) FROM derived").fetchone() == (0,)


def test_a_topic_made_again_is_not_taken_for_the_one_that_was_looked_up(log: Log) -> None:
    topic(log, "t", partitions=1)
    publish(log, "t", b"1", b"2", key=b"a")

    def others() -> None:
        log.delete_topic("t")
        topic(log, "t", partitions=1)
        publish(log, "t", b"theirs", key=b"b")

    with log.newest("t", value_of) as lookup, pytest.raises(Overtaken):
        publish_unless_known(log, lookup, b"b", meanwhile=others)


def test_compaction_leaves_the_newest_record_to_be_found(harness: SqliteHarness, log: Log) -> None:
    topic(log, "t", partitions=1, compacted=True)
    with log.newest("t", value_of) as lookup:
        for number in range(5):
            publish(log, "t", str(number).encode(), key=b"a")
        publish(log, "t", b"1", None, key=b"b")
        log.maintain(datetime.now(UTC) + timedelta(days=2))
        lookup.catch_up()
        assert found(lookup, [b"a", b"b"]) == [b"4", None]
    assert entries(harness) == 1


def test_an_append_to_an_indexed_topic_reads_nothing_of_its_past(
    harness: SqliteHarness, log: Log
) -> None:
    """Opening a lookup again takes the same few steps after one record and after a thousand."""
    topic(log, "t", partitions=1)
    with log.newest("t", value_of):
        fill(log, "t", 1000)
    assert entries(harness) == 1000
    log.alter_topic("t", TopicSettings(partitions=2))
    with log.newest("t", value_of) as lookup:
        assert lookup.get(b"999") == b"999"
