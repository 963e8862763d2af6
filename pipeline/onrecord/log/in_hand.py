"""What a member has read and not yet committed, and what was taken from it meanwhile."""

from collections.abc import Iterable, Mapping

from onrecord.log.interface import Message, Partition


class InHand:
    """Per partition, how far messages were given out beyond the committed position.

    `taken` are partitions that were lost since the caller last asked. A lost partition is
    tainted when messages of it were in hand: the caller may still have results of them, which
    another member repeats, so committing it is refused until the caller asks or rewinds.
    """

    def __init__(self) -> None:
        self._read_to: dict[Partition, int] = {}
        self._taken: set[Partition] = set()
        self._tainted: set[Partition] = set()

    def give_out(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._read_to[message.source] = message.next_offset

    def settle(self, positions: Mapping[Partition, int]) -> None:
        """These positions were committed."""
        for partition, offset in positions.items():
            if offset >= self._read_to.get(partition, 0):
                self._read_to.pop(partition, None)

    def lose(self, partition: Partition) -> None:
        self._taken.add(partition)
        if self._read_to.pop(partition, None) is not None:
            self._tainted.add(partition)

    def drop(self, partition: Partition) -> None:
        """Nothing of this partition is in hand any more: the caller moved its position."""
        self._read_to.pop(partition, None)

    def clear(self) -> None:
        """Nothing is in hand any more: the caller went back to the committed positions."""
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
        """The offset after the last message given out of a partition in hand."""
        return self._read_to[partition]
