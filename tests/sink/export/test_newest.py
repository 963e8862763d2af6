"""Of each key the newest message is kept, in one partition or several."""

from onrecord.log.interface import Message
from onrecord.sink.export.newest import Newest
from tests.builders import NOON


def message(key: str | None, offset: int, partition: int = 0) -> Message:
    encoded = None if key is None else key.encode()
    return Message("t", partition, offset, NOON, encoded, b"{}")


def test_the_newest_message_of_each_key_is_kept() -> None:
    messages = [message("a", 0), message("b", 1), message("a", 2), message(None, 3)]
    newest = Newest(messages)
    assert [found.offset for found in messages if newest.keeps(found)] == [1, 2, 3]
    assert newest.count == 4


def test_a_key_that_moved_to_another_partition_is_kept_where_it_is_newest() -> None:
    messages = [message("a", 0, partition=0), message("a", 0, partition=1)]
    newest = Newest(messages)
    assert [found.partition for found in messages if newest.keeps(found)] == [1]


def test_what_came_after_the_first_pass_is_left_for_the_next_export() -> None:
    newest = Newest([message("a", 0)])
    assert newest.keeps(message("a", 0))
    assert not newest.keeps(message("a", 1))
    assert not newest.keeps(message("b", 0, partition=1))
