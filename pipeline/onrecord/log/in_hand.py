"""A member's uncommitted messages, and the partitions taken from it meanwhile."""

from collections.abc import Iterable, Mapping

from onrecord.log.interface import Message, Partition


class InHand:
    """Per partition, how far messages were delivered beyond the committed position.

    `taken` holds the partitions lost since the caller last asked. A lost partition is tainted if
    messages of it were in hand: the caller can still hold their results, which another member
    repeats, so committing the partition is refused until the caller asks or rewinds.
    """

    def __init__(self) -> None:
        self._read_to: dict[Partition, int] = {}
        self._taken: set[Partition] = set()
        self._tainted: set[Partition] = set()

    def give_out(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._read_to[message.source] = message.next_offset

    def settle(self, positions: Mapping[Partition, int]) -> None:
        """Record that these positions were committed."""
        for partition, offset in positions.items():
            if offset >= self._read_to.get(partition, 0):
                self._read_to.pop(partition, None)

    def lose(self, partition: Partition) -> None:
        self._taken.add(partition)
        if self._read_to.pop(partition, None) is not None:
            self._tainted.add(partition)

    def drop(self, partition: Partition) -> None:
        """Drop this partition's messages in hand: the caller moved its position."""
        self._read_to.pop(partition, None)

    def clear(self) -> None:
        """Drop all messages in hand: the caller returned to the committed positions."""
        self._read_to.clear()
        self._tainted.clear()

    def take_taken(self) -> frozenset[Partition]:
        """The partitions lost since the last call; asking clears the taint."""
        taken = frozenset(self._taken)
        self._taken.clear()
        self._tainted.clear()
        return taken

    def is_tainted(self, partition: Partition) -> bool:
        return partition in self._tainted

    def partitions(self) -> frozenset[Partition]:
        return frozenset(self._read_to)

    def read_to(self, partition: Partition) -> int:
        """The offset after the last message delivered from a partition in hand."""
        return self._read_to[partition]
