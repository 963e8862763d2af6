"""Finds, among the messages of a topic, the newest of each key.

A topic that keeps its records by age holds every revision of an article, and what was extracted
from it more than once. A table should have each quote once.
"""

from collections.abc import Iterable

from onrecord.log.interface import Message, Partition


class Newest:
    """The newest message of each key, found by a first pass over a stretch of a topic.

    The first pass needs about 200 bytes of memory a key, the second pass only the offsets of the
    messages that were replaced. Messages that came after the first pass are not kept.
    """

    def __init__(self, messages: Iterable[Message]) -> None:
        newest: dict[bytes, tuple[Partition, int]] = {}
        self._replaced: set[tuple[Partition, int]] = set()
        self._ends: dict[Partition, int] = {}
        self.count = 0
        for message in messages:
            at = (message.source, message.offset)
            self._ends[message.source] = message.next_offset
            self.count += 1
            if message.key is not None:
                if (before := newest.get(message.key)) is not None:
                    self._replaced.add(before)
                newest[message.key] = at

    def keeps(self, message: Message) -> bool:
        """Whether a message is the newest of its key, or has none."""
        is_seen = message.offset < self._ends.get(message.source, 0)
        return is_seen and (message.source, message.offset) not in self._replaced
