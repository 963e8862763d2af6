"""The log in SQLite: the contract that every log keeps, and what is only asked of this one."""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onrecord.errors import (
    LogBroken,
    LogRefused,
    LogUnavailable,
    LostOwnership,
    OnrecordError,
)
from onrecord.log.interface import Log, Partition, SessionPolicy, Start, TopicSettings, Writer
from onrecord.log.sqlite import SqliteLog
from onrecord.log.sqlite.placement import file_system_of, is_network
from tests.log.contract import (
    NOON,
    SESSION,
    LogContract,
    children,
    copy,
    fill,
    gather,
    publish,
    read_all,
    topic,
    values,
)

MIB = 1024 * 1024
NOISE = random.Random(1).randbytes(MIB)  # what does not shrink when it is compressed


class SqliteHarness:
    takeover_s = 120.0  # the system says that a process has ended; the rest is for a busy machine

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log" / "onrecord.db"
        self.url = f"sqlite:///{self.path}"

    def open(self, session: SessionPolicy = SESSION, *, busy_s: float = 15.0) -> Log:
        return SqliteLog(self.path, session=session, busy_s=busy_s)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Another process writes, and does not end."""
        with closing(self.connect()) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None)

    def wal_bytes(self) -> int:
        return self.path.with_name("onrecord.db-wal").stat().st_size


@pytest.fixture
def harness(tmp_path: Path) -> SqliteHarness:
    return SqliteHarness(tmp_path)


@pytest.fixture
def log(harness: SqliteHarness) -> Iterator[Log]:
    with harness.open() as log:
        yield log


class TestSqlite(LogContract):
    pass


def publish_many(writer: Writer, count: int, value: bytes) -> None:
    """Publish a value several times to topic t, in one transaction."""
    with writer.transaction() as tx:
        for _ in range(count):
            tx.publish("t", key=b"k", value=value)


# ── which files are taken ────────────────────────────────────────────────────────────────────


def test_what_is_not_a_log_of_ours_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to be taken for one")
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("PRAGMA auto_vacuum = FULL")
        other.execute("CREATE TABLE t (x)")
    newer = tmp_path / "newer.db"
    SqliteLog(newer).close()
    with closing(sqlite3.connect(newer)) as other:
        other.execute("PRAGMA user_version = 99")
    for path, says in (
        (tmp_path, "is a directory"),
        (text, "is not a log of onrecord"),
        (foreign, "another program"),
        (newer, "its format is 99, this one reads 1"),
        (text / "onrecord.db", "notes.txt is not a folder"),
    ):
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(LogRefused, match=says) as refusal:
            SqliteLog(path)
        assert str(path) in str(refusal.value)
        assert "\n" not in str(refusal.value)
        assert before is None or path.read_bytes() == before


def test_a_file_left_half_made_by_a_killed_process_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "onrecord.db"
    with closing(sqlite3.connect(path)) as started:
        started.execute("PRAGMA journal_mode = WAL")
    with SqliteLog(path) as log:
        assert log.topics() == []


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local\\040disk xfs rw 0 0
host:/x /mnt/x fuse.sshfs rw 0 0
overlay /mnt/over overlay rw 0 0
//nas/share /mnt/over cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "file_system", "refused"),
    [
        ("/var/lib/onrecord.db", "ext4", False),
        ("/home/ann/onrecord.db", "nfs4", True),
        ("/homes/onrecord.db", "ext4", False),
        ("/home/local disk/onrecord.db", "xfs", False),
        ("/mnt/x/onrecord.db", "fuse.sshfs", True),
        ("/mnt/over/onrecord.db", "cifs", True),  # mounted over the other
    ],
)
def test_a_network_file_system_is_known_by_its_mount(
    path: str, file_system: str, refused: bool
) -> None:
    assert file_system_of(Path(path), MOUNTS) == file_system
    assert is_network(file_system) is refused


def test_processes_that_start_at_once_on_a_new_file_all_get_it(harness: SqliteHarness) -> None:
    with children(harness) as start:
        started = [start("create", f"topic{number}") for number in range(4)]
        assert [child.hear() for child in started] == ["ready"] * 4
    with harness.open() as log:
        assert [status.name for status in log.topics()] == [f"topic{n}" for n in range(4)]


# ── when the file breaks ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_reader_of_a_log_that_is_gone_does_not_wait_for_ever(
    harness: SqliteHarness, log: Log, is_replaced: bool
) -> None:
    topic(log, "t")
    with log.reader(["t"], start=Start.LATEST) as reader:
        if is_replaced:
            shutil.copy(harness.path, harness.path.with_name("copy"))
            harness.path.with_name("copy").replace(harness.path)
        else:
            harness.path.unlink()
        with pytest.raises(LogBroken, match="was deleted or replaced"):
            reader.poll(limit=1, timeout_s=60)
    with pytest.raises(LogBroken, match="was deleted or replaced"):
        log.groups()


def test_a_process_that_may_open_no_more_files_is_told_so(harness: SqliteHarness, log: Log) -> None:
    topic(log, "t")
    with pytest.raises(LogBroken, match="may open no more files: raise its limit"):
        with_no_more_files(lambda: log.writer("w"))


def with_no_more_files(work: Callable[[], object]) -> None:
    """Do it where every number of a file that this process may open is taken."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        work()
    finally:
        for number in taken:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_log_deleted_while_in_use_takes_nothing_more(harness: SqliteHarness, log: Log) -> None:
    topic(log, "t")
    for path in harness.path.parent.iterdir():
        path.unlink()
    for write in (lambda: publish(log, "t", b"would be lost"), lambda: topic(log, "u")):
        with pytest.raises(LogBroken, match="was deleted or replaced"):
            write()
    assert not harness.path.exists()


def test_a_damaged_file_is_reported_in_one_line(harness: SqliteHarness) -> None:
    with harness.open() as log:
        topic(log, "t", partitions=1)
        for _ in range(20):
            fill(log, "t", 100)
    with harness.path.open("r+b") as file:
        file.seek(4096)
        file.write(random.Random(3).randbytes(harness.path.stat().st_size - 4096))
    with (
        pytest.raises(LogBroken, match="the file is damaged") as failure,
        harness.open() as log,
    ):
        read_all(log, "t")
    assert str(harness.path) in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_full_disk_damages_nothing_and_the_log_goes_on_when_there_is_space(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = 'mount -t tmpfs -o size=6m none "$0" && head -c 2000000 /dev/zero > "$0/ballast"'
    if subprocess.run(["unshare", "-Urm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system does not let us mount a small disk")
    in_own_mounts = ["unshare", "-Urm", "sh", "-c"]
    script = Path(__file__).with_name("children.py")
    words = ["outgrow", f"sqlite:///{disk}/onrecord.db", "10", f"{disk}/ballast"]
    ran = subprocess.run(
        [*in_own_mounts, f'{mount} && exec "$@"', str(disk), sys.executable, str(script), *words],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    error, counts = ran.stdout.splitlines()
    acknowledged, found = map(int, counts.split())
    assert "the disk is full: free some space" in error
    assert acknowledged == found > 10


def test_a_transaction_that_finds_no_room_is_undone_as_a_whole(log: Log) -> None:
    topic(log, "t", partitions=1)
    with log.writer("w") as writer:
        database = writer._db  # type: ignore[attr-defined]
        [[pages]] = database.rows("PRAGMA page_count")
        database.execute(f"PRAGMA max_page_count = {pages + 40}")
        with pytest.raises(LogBroken, match="the disk is full"):
            publish_many(writer, 100, NOISE[:10_000])
        assert read_all(log, "t") == []
        database.execute("PRAGMA max_page_count = 1000000")
        publish_many(writer, 1, b"v")
    assert values(read_all(log, "t")) == [b"v"]


def test_after_closing_a_log_says_so(log: Log) -> None:
    topic(log, "t")
    reader = log.reader(["t"])
    log.close()
    log.close()
    for call in (log.topics, lambda: reader.poll(limit=1, timeout_s=0)):
        with pytest.raises(ValueError, match="is closed"):
            call()


# ── memory and the write-ahead log ───────────────────────────────────────────────────────────


def test_a_poll_holds_no_more_than_some_megabytes(log: Log) -> None:
    topic(log, "t", partitions=2)
    with log.writer("w") as writer:
        for _ in range(6):
            with writer.transaction() as tx:
                for key in range(10):
                    tx.publish("t", key=str(key).encode(), value=NOISE)
    with log.reader(["t"]) as reader:
        sizes = []
        while messages := reader.poll(limit=500, timeout_s=0):
            sizes.append(len(messages))
    assert sum(sizes) == 60
    assert max(sizes) <= 17


def test_the_write_ahead_log_stays_small_beside_slow_readers(
    harness: SqliteHarness, log: Log
) -> None:
    topic(log, "t", partitions=1)
    largest = 0
    with (
        log.reader(["t"]) as slow,
        log.join("g", ["t"], name="slow") as member,
        log.writer("w") as writer,
    ):
        for _ in range(30):
            publish_many(writer, 4, NOISE)
            # Both are in the middle of the topic, with messages in hand, all the time.
            assert slow.poll(limit=1, timeout_s=0)
            assert member.poll(limit=1, timeout_s=0)
            largest = max(largest, harness.wal_bytes())
    assert largest < 30 * MIB  # of 120 MiB written


def test_the_write_ahead_log_shrinks_again_when_a_stranger_held_a_snapshot(
    harness: SqliteHarness, log: Log
) -> None:
    topic(log, "t", partitions=1)
    with log.writer("w") as writer, closing(harness.connect()) as stranger:
        publish_many(writer, 8, NOISE)
        stranger.execute("BEGIN")
        stranger.execute("SELECT count(*) FROM records").fetchall()
        for _ in range(11):
            publish_many(writer, 8, NOISE)
        assert harness.wal_bytes() > 80 * MIB
        stranger.execute("COMMIT")
        for _ in range(4):
            publish_many(writer, 8, NOISE)
        assert harness.wal_bytes() <= 64 * MIB


# ── several processes ────────────────────────────────────────────────────────────────────────


def test_two_processes_write_and_one_reads_all_of_it(harness: SqliteHarness, log: Log) -> None:
    topic(log, "t", partitions=2)
    with children(harness) as start, log.reader(["t"]) as reader:
        writers = [start("publish", "t", name, 5) for name in ("a", "b")]
        for child in writers:
            assert [child.hear(), child.hear()] == ["ready", "0"]
        seen = gather(reader, 1000)
        for child in writers:
            child.kill()
        acknowledged = {
            f"{name}:{line}:{number}".encode()
            for name, child in zip("ab", writers, strict=True)
            for line in ["0", *child.heard()]
            for number in range(5)
        }
        while messages := reader.poll(limit=500, timeout_s=0.1):
            seen += messages
    assert len(set(values(seen))) == len(seen)
    assert acknowledged <= set(values(seen))
    assert {(value or b"")[:1] for value in values(seen)} == {b"a", b"b"}


def test_a_clock_that_jumps_takes_partitions_away_but_never_lets_two_commit(
    harness: SqliteHarness,
) -> None:
    def tomorrow() -> datetime:
        return datetime.now(UTC) + timedelta(days=1)

    with harness.open() as log, SqliteLog(harness.path, session=SESSION, clock=tomorrow) as ahead:
        topic(log, "in", partitions=1)
        topic(log, "out")
        publish(log, "in", b"1")
        with log.join("g", ["in"], name="a") as a, ahead.join("g", ["in"], name="b") as b:
            messages = (
                gather(a, 1) if a.poll(limit=0, timeout_s=0) else a.poll(limit=1, timeout_s=1)
            )
            copy(b, gather(b, 1), "out")
            with pytest.raises(LostOwnership):
                copy(a, messages, "out")
    with harness.open() as log:
        assert values(read_all(log, "out")) == [b"1"]


def test_a_process_that_is_ending_leaves_the_rest_of_retention_to_another(tmp_path: Path) -> None:
    kept = 300  # more than a step
    with SqliteLog(tmp_path / "log.db") as log:
        log.create_topic("t", TopicSettings(partitions=1, retention_s=60))
        with log.writer("w") as writer, writer.transaction() as tx:
            for number in range(kept):
                tx.publish("t", key=b"k", value=b"%d" % number, timestamp=NOON)
        log.hurry()
        log.maintain(NOON + timedelta(days=1))
        assert log.bounds("t") == {Partition("t", 0): (0, kept)}
    with SqliteLog(tmp_path / "log.db") as another:
        another.maintain(NOON + timedelta(days=1))
        assert another.bounds("t") == {Partition("t", 0): (kept, kept)}


# ── time ─────────────────────────────────────────────────────────────────────────────────────


def test_an_offset_is_found_by_time_although_what_was_newest_is_gone(log: Log) -> None:
    topic(log, "t", partitions=1, compacted=True)
    minutes = [("a", 50), ("b", 1), ("c", 2), ("a", 3), ("d", 60)]
    with log.writer("w") as writer, writer.transaction() as tx:
        for key, minute in minutes:
            at = NOON + timedelta(minutes=minute)
            tx.publish("t", key=key.encode(), value=b"", timestamp=at)
    log.maintain(NOON)
    assert [message.offset for message in read_all(log, "t")] == [1, 2, 3, 4]
    found = {
        minute: log.offsets_at("t", NOON + timedelta(minutes=minute))[Partition("t", 0)]
        for minute in (1, 2, 3, 40, 61)
    }
    assert found == {1: 1, 2: 2, 3: 3, 40: 4, 61: 5}


def test_a_time_without_a_zone_is_refused(log: Log) -> None:
    topic(log, "t")
    with pytest.raises(ValueError, match="without a zone"):
        log.offsets_at("t", datetime(2026, 1, 1))  # noqa: DTZ001


# ── cleaning ─────────────────────────────────────────────────────────────────────────────────


def test_the_oldest_records_go_when_a_topic_is_too_large(log: Log) -> None:
    topic(log, "t", partitions=3, retention_bytes=50_000)
    with log.writer("w") as writer:
        for start in range(0, 1000, 100):
            with writer.transaction() as tx:
                for number in range(start, start + 100):
                    at = NOON + timedelta(seconds=number)
                    value = str(number).encode().rjust(98)
                    tx.publish("t", key=b"%02d" % (number % 50), value=value, timestamp=at)
    log.maintain(NOON)
    kept = sorted(int(value or b"") for value in values(read_all(log, "t")))
    assert kept == list(range(500, 1000))
    [status] = log.topics()
    assert (status.records, status.size_bytes) == (500, 50_000)


def test_a_tombstone_removes_its_key_and_goes_itself_after_a_day(log: Log) -> None:
    topic(log, "t", partitions=1, compacted=True)
    for value in (b"1", b"2", None):
        with log.writer("w") as writer, writer.transaction() as tx:
            tx.publish("t", key=b"gone", value=value, timestamp=NOON)
    publish(log, "t", b"kept")
    log.maintain(NOON + timedelta(hours=23))
    assert values(read_all(log, "t")) == [None, b"kept"]
    log.maintain(NOON + timedelta(hours=25))
    assert values(read_all(log, "t")) == [b"kept"]


def test_lag_is_right_wherever_compaction_has_been(log: Log) -> None:
    topic(log, "t", partitions=1, compacted=True)
    partition = Partition("t", 0)
    for _ in range(3):
        fill(log, "t", 10)
    log.maintain(NOON)  # offsets 0 to 19 are gone
    fill(log, "t", 2)  # offsets 30 and 31, not compacted yet
    lag = {}
    for position in (0, 15, 25, 30, 31, 32):
        log.reset("g", {partition: position})
        [status] = log.groups()
        lag[position] = status.lag[partition]
    assert lag == {0: 12, 15: 12, 25: 7, 30: 2, 31: 1, 32: 0}


def test_cleaning_by_several_at_once_while_others_write_counts_right(
    harness: SqliteHarness,
) -> None:
    # On a busy machine a writer can wait for a second: what is tested is the count.
    log = harness.open(busy_s=60)
    topic(log, "t", partitions=2, compacted=True)
    topic(log, "u", partitions=2, retention_bytes=3000)
    stopped = threading.Event()
    failures: list[OnrecordError] = []

    def maintain() -> None:
        with harness.open(busy_s=60) as own:
            while not stopped.is_set():
                try:
                    own.maintain(datetime.now(UTC))
                except LogUnavailable as error:  # pragma: no cover
                    failures.append(error)

    threads = [threading.Thread(target=maintain) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        fill(log, "t", 40)
        fill(log, "u", 40)
    stopped.set()
    for thread in threads:
        thread.join()
    log.maintain(datetime.now(UTC))
    assert failures == []
    kept = read_all(log, "t")
    assert {int(value or b"") for value in values(kept)} == set(range(40))
    for status in log.topics():
        messages = read_all(log, status.name)
        assert status.records == len(messages)
        assert status.size_bytes == sum(len(m.key or b"") + len(m.value or b"") for m in messages)


def test_space_is_given_back(harness: SqliteHarness, log: Log) -> None:
    topic(log, "t", partitions=1)
    with log.writer("w") as writer:
        for _ in range(10):
            publish_many(writer, 8, NOISE)
    log.delete_topic("t")
    log.maintain(NOON)
    assert harness.path.stat().st_size < 12 * MIB


def test_records_of_a_topic_whose_deletion_was_interrupted_go_later(
    harness: SqliteHarness, log: Log
) -> None:
    topic(log, "t", partitions=1)
    fill(log, "t", 600)
    with closing(harness.connect()) as killed:  # as far as the first step of delete_topic
        killed.execute("INSERT INTO discarded SELECT id FROM partitions")
        killed.execute("DELETE FROM partitions")
        killed.execute("DELETE FROM topics")
    log.maintain(NOON)
    with closing(harness.connect()) as other:
        assert other.execute("SELECT count(*) FROM records").fetchone() == (0,)
        assert other.execute("SELECT count(*) FROM discarded").fetchone() == (0,)


def test_a_log_opened_twice_in_a_process_goes_on_seeing_what_others_write(
    harness: SqliteHarness,
) -> None:
    """To look into the file and close it again would take the first log's locks away."""
    script = Path(__file__).with_name("children.py")

    def create(name: str) -> None:
        words = [sys.executable, str(script), "create", harness.url, "2", name]
        subprocess.run(
            words, check=True, stdout=subprocess.DEVNULL, cwd=script.parent.parent.parent
        )

    with harness.open() as log:
        log.create_topic("a", TopicSettings())
        harness.open().close()
        create("b")
        create("c")
        log.create_topic("d", TopicSettings())
        assert [status.name for status in log.topics()] == ["a", "b", "c", "d"]
    with harness.open() as again:
        assert [status.name for status in again.topics()] == ["a", "b", "c", "d"]
