"""A consumer that loses its partitions, or whose commit fails, reads everything again."""

from pathlib import Path

import pytest

from onrecord.errors import LostOwnership
from onrecord.log.consuming import Consumer
from onrecord.log.interface import Partition, TopicSettings
from onrecord.log.sqlite import SqliteLog
from tests.log.contract import publish, values

T0 = Partition("t", 0)


def test_after_a_failed_commit_reading_goes_on_at_the_committed_position(tmp_path: Path) -> None:
    with SqliteLog(tmp_path / "log.db") as log:
        log.create_topic("t", TopicSettings(partitions=1))
        publish(log, "t", b"a", b"b", b"c")
        forgotten: list[frozenset[Partition] | None] = []
        with log.join("g", ["t"], name="m") as member:
            consumer = Consumer(member, forget=forgotten.append)
            first = consumer.poll(limit=1, timeout_s=1)
            with consumer.transaction() as tx:
                tx.commit({T0: first[-1].next_offset})
            consumer.poll(limit=1, timeout_s=1)
            with pytest.raises(LostOwnership), consumer.transaction():
                raise LostOwnership("taken meanwhile")
            assert forgotten[-1] is None
            assert consumer.must_rewind
            assert values(consumer.poll(limit=9, timeout_s=1)) == [b"b", b"c"]
            assert not consumer.must_rewind
