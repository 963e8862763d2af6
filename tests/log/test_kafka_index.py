"""The local index of a cluster's topic, over a log without a cluster."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, cast

import pytest

from onrecord.errors import LogBroken, LogUnavailable
from onrecord.log.interface import Log, Message, Partition, Reader
from onrecord.log.kafka import index_file
from onrecord.log.kafka import lookup as lookup_module
from onrecord.log.kafka.index_file import IndexFile
from onrecord.log.kafka.lookup import Bounds, KafkaLookup
from onrecord.log.sqlite.database import Database
from tests.log.contract import publish, topic
from tests.log.lookup_contract import found


def value_of(message: Message) -> bytes | None:
    return message.value


class Failing:
    """Readers of a log that give one message a poll, and fail after some of them when told to."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.fails_after: int | None = None

    def open(self, start: Mapping[Partition, int]) -> Reader:
        reader = self._log.reader(["t"], start=start)
        poll = reader.poll

        def poll_one(*, limit: int, timeout_s: float) -> list[Message]:
            if self.fails_after == 0:
                raise LogUnavailable("the broker is away")
            if self.fails_after is not None:
                self.fails_after -= 1
            return poll(limit=min(limit, 1), timeout_s=timeout_s)

        cast("Any", reader).poll = poll_one
        return reader

    def lookup(self, file: Path) -> KafkaLookup:
        return KafkaLookup(
            IndexFile(file, "t"),
            "t",
            value_of,
            bounds=lambda: self._log.bounds("t"),
            open_reader=self.open,
        )


@pytest.mark.parametrize("step", [1, 5_000])
def test_what_was_read_before_a_failure_is_found_and_told_by_the_next_catching_up(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(lookup_module, "_STEP", step)
    topic(log, "t", partitions=1)
    failing = Failing(log)
    with failing.lookup(tmp_path / "index.db") as lookup:
        publish(log, "t", b"1", key=b"one")
        publish(log, "t", b"2", key=b"two")
        failing.fails_after = 1
        with pytest.raises(LogUnavailable, match="the broker is away"):
            lookup.catch_up()
        assert lookup.known() == {Partition("t", 0): 0}, "else others' records pass unnoticed"
        failing.fails_after = None
        with failing.lookup(tmp_path / "index.db"):
            pass  # another process enters them first
        assert lookup.catch_up() == [b"one", b"two"]
        assert lookup.known() == {Partition("t", 0): 2}
        assert lookup.catch_up() == []
        assert found(lookup, [b"one", b"two"]) == [b"1", b"2"]
    with failing.lookup(tmp_path / "index.db") as lookup:
        assert found(lookup, [b"one", b"two"]) == [b"1", b"2"]


def test_an_index_whose_making_failed_is_gone_on_with(log: Log, tmp_path: Path) -> None:
    topic(log, "t", partitions=1)
    for number in range(3):
        publish(log, "t", b"v", key=str(number).encode())
    failing = Failing(log)
    failing.fails_after = 2
    with pytest.raises(LogUnavailable):
        failing.lookup(tmp_path / "index.db")
    failing.fails_after = None
    with failing.lookup(tmp_path / "index.db") as lookup:
        assert found(lookup, [b"0", b"1", b"2"]) == [b"v"] * 3


def test_what_derives_from_a_deleted_record_leaves_no_bytes_in_the_file(
    log: Log, tmp_path: Path
) -> None:
    topic(log, "t", partitions=1)
    publish(log, "t", b"1", key=b"one")
    with Failing(log).lookup(tmp_path / "index.db") as lookup:
        lookup.keep("stories", [b"a former signature" * 1_000] * 2)
        lookup.keep("stories", [b"a later signature" * 1_000])
        publish(log, "t", None, key=b"one")
        lookup.catch_up()
        assert list(lookup.kept("stories")) == []
        written = b"".join(path.read_bytes() for path in tmp_path.glob("index.db*"))
        assert b"signature" not in written


def test_what_is_taken_back_with_nothing_in_its_place_leaves_no_bytes(tmp_path: Path) -> None:
    file = IndexFile(tmp_path / "index.db", "t")
    file.keep("stories", [b"a signature" * 1_000] * 2)
    file.keep("stories", ())
    files = tmp_path.glob("index.db*")
    assert not [path.name for path in files if b"signature" in path.read_bytes()]
    file.close()


def test_a_file_that_another_process_fills_meanwhile_is_not_taken_for_another_topics(
    log: Log, tmp_path: Path
) -> None:
    topic(log, "t", partitions=1)
    publish(log, "t", b"1", key=b"one")
    starts: list[Mapping[Partition, int]] = []

    def bounds() -> Bounds:
        return log.bounds("t")

    def open_reader(start: Mapping[Partition, int]) -> Reader:
        starts.append(start)
        return log.reader(["t"], start=start)

    def opened(ends: object = bounds) -> KafkaLookup:
        file = IndexFile(tmp_path / "index.db", "t")
        return KafkaLookup(file, "t", value_of, bounds=ends, open_reader=open_reader)  # type: ignore[arg-type]

    other = opened()

    def bounds_before_another_enters_more() -> Bounds:
        found = bounds()
        publish(log, "t", b"2", key=b"two")
        other.catch_up()
        return found

    with other, opened(bounds_before_another_enters_more):
        assert starts[-1] == {Partition("t", 0): 2}, "it goes on where the other is"


def test_a_power_cut_takes_positions_and_entries_together(tmp_path: Path) -> None:
    """Without any syncing, SQLite promises nothing: a page of positions can survive its entries."""
    file = IndexFile(tmp_path / "index.db", "t")
    assert file._db.number("PRAGMA synchronous") == 1, "synced with each checkpoint"
    file.close()


def test_a_full_disk_costs_no_index(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not let us mount a small disk")
    try:
        first = IndexFile(disk / "index.db", "t")
        first.keep("stories", [b"1" * 50_000])
        first.close()
        with suppress(OSError), (disk / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))
        with pytest.raises(LogBroken, match="the disk is full"):
            IndexFile(disk / "index.db", "t")
        (disk / "ballast").unlink()
        again = IndexFile(disk / "index.db", "t")
        assert list(again.kept("stories")) == [b"1" * 50_000]
        again.close()
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_limit_of_what_may_be_written_costs_no_index(tmp_path: Path) -> None:
    """As a disk quota, it comes as a failure of the disk, and the disk has room."""
    path = tmp_path / "index.db"
    first = IndexFile(path, "t")
    first.keep("stories", [b"1" * 50_000])
    first.close()
    limited = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from onrecord.log.kafka.index_file import IndexFile\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
        "IndexFile(Path(sys.argv[1]), 't')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", limited, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "LogBroken" in ended.stderr
    assert "a quota or a limit of file sizes" in ended.stderr
    again = IndexFile(path, "t")
    assert list(again.kept("stories")) == [b"1" * 50_000]
    again.close()


def test_a_file_that_cannot_be_written_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    IndexFile(path, "t").close()
    content = path.read_bytes()
    path.with_name("index.db-wal").mkdir()
    with pytest.raises(LogBroken, match="cannot be written"):
        IndexFile(path, "t")
    assert path.read_bytes() == content


def _of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE about (version INTEGER)")


def _damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 1000)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(_damaged, id="damaged"),
        pytest.param(lambda path: path.write_bytes(b"no database" * 500), id="no database"),
        pytest.param(_of_another_program, id="of another program"),
    ],
)
def test_a_file_of_no_use_is_made_anew(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "index.db"
    first = IndexFile(path, "t")
    first.keep("stories", [b"1"])
    first.close()
    spoil(path)
    again = IndexFile(path, "t")
    assert list(again.kept("stories")) == []
    again.keep("stories", [b"2"])
    assert list(again.kept("stories")) == [b"2"]
    again.close()


def test_a_file_that_another_process_makes_anew_meanwhile_is_shared_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"no database" * 500)
    others: list[IndexFile] = []

    class Late(Database):
        """A connection to the damaged file; meanwhile another process makes the file anew."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            try:
                super().__init__(*arguments, **options)
            finally:
                monkeypatch.undo()
                if not others:
                    others.append(IndexFile(path, "t"))
                    others[0].keep("stories", [b"1"])

    monkeypatch.setattr(index_file, "Database", Late)
    second = IndexFile(path, "t")
    assert list(second.kept("stories")) == [b"1"]
    others[0].keep("stories", [b"2"])
    assert list(second.kept("stories")) == [b"2"]
    for file in (*others, second):
        file.close()
