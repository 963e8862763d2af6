"""Whether another process published a key between our look-up and our commit.

The records of a key are in one partition, and so in one order. Of two transactions that publish
the same key at the same time, the one whose record comes second finds the record of the other
before its own, committed or not, and gives way. Before it decides again it catches up, which waits
for the end of the other transaction, and of its own aborted one. Usually no offsets of others lie
in between, and nothing is read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from onrecord.log.interface import Partition
from onrecord.log.kafka.client import Connection
from onrecord.log.kafka.closing import drop
from onrecord.log.kafka.cluster import Cluster
from onrecord.log.kafka.reading import KafkaReader
from onrecord.log.read_to_end import read_up_to


class Placed(NamedTuple):
    """A record and its place in the log."""

    key: bytes | None
    partition: Partition
    offset: int


Stretches = Mapping[Partition, tuple[int, int]]


def is_overtaken(
    ours: Sequence[Placed],
    known: Mapping[Partition, int],
    read: Callable[[Stretches], Iterable[Placed]],
) -> bool:
    """Whether others published one of our keys before us, after the offsets that we know.

    `read` gives the records in these stretches of offsets, the last one included, also those of
    open transactions.
    """
    if any(one.offset < 0 for one in ours):
        return True  # a broker did not tell where a record that was sent twice is
    last = {(one.partition, one.key): one.offset for one in ours}
    own = {(one.partition, one.offset) for one in ours}
    stretches = _with_offsets_of_others(ours, known)
    return any(
        (one.partition, one.offset) not in own
        and one.offset < last.get((one.partition, one.key), 0)
        for one in (read(stretches) if stretches else ())
    )


def _with_offsets_of_others(ours: Sequence[Placed], known: Mapping[Partition, int]) -> Stretches:
    """From what is known to our last record, where not all offsets are of our records."""
    offsets: dict[Partition, list[int]] = defaultdict(list)
    for one in ours:
        offsets[one.partition].append(one.offset)
    found = {p: (known.get(p, 0), max(at)) for p, at in offsets.items()}
    return {p: (a, b) for p, (a, b) in found.items() if b + 1 - a != len(offsets[p])}


class UncommittedRecords:
    """Records at given offsets, also those of open and aborted transactions.

    The reader stays open from one look to the next, and is replaced after an error.
    """

    def __init__(self, connection: Connection, cluster: Cluster) -> None:
        self._open = partial(KafkaReader, connection, cluster, uncommitted=True)
        self._patience_s = connection.policy.timeout_s
        self._reader: KafkaReader | None = None

    def read(self, stretches: Stretches) -> Iterator[Placed]:
        """The records in these stretches of offsets, and perhaps a few later ones."""
        start = {partition: begin for partition, (begin, _) in stretches.items()}
        ends = {partition: last + 1 for partition, (_, last) in stretches.items()}
        try:
            reader = self._reader_at(start)
            for message in read_up_to(reader, ends, patience_s=self._patience_s):
                yield Placed(message.key, message.source, message.offset)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        reader, self._reader = self._reader, None
        drop(reader)

    def _reader_at(self, start: Mapping[Partition, int]) -> KafkaReader:
        topics = {partition.topic for partition in start}
        if self._reader is None or topics != {one.topic for one in self._reader.partitions()}:
            self.close()
            self._reader = self._open(sorted(topics), start)
        else:
            self._reader.restart(start)
        return self._reader
