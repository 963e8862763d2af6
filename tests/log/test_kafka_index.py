"""The local index of a cluster's topic, over a log without a cluster."""

from collections.abc import Mapping
from pathlib import Path

from onrecord.log.interface import Log, Message, Partition, Reader
from onrecord.log.kafka.index_file import IndexFile
from onrecord.log.kafka.lookup import Bounds, KafkaLookup
from tests.log.contract import publish, topic


def value_of(message: Message) -> bytes | None:
    return message.value


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
