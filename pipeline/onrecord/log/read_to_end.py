"""What a log holds now: everything up to the end as it is at this moment."""

from collections.abc import Iterator, Mapping
from time import monotonic

from onrecord.errors import LogUnavailable, OffsetOutOfRange
from onrecord.log.interface import Log, Message, Partition, Reader

_READ = 500
# Looked at now and then: what is not given to anyone, as Kafka's marker of a transaction, is passed
# over without a message that would end the waiting.
_LOOK_S = 0.05


class Patience:
    """Waits for what is known to be there; raises LogUnavailable when it does not come.

    A log answers where it ends and then gives nothing, when what keeps a partition dies between
    the two. To take that for the end would be to decide without having read everything: whoever
    looks whether an article is published already would publish it twice.
    """

    LONGEST_S = 30.0

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._until = monotonic() + longest_s

    def note(self, reader: Reader, *, moved: bool) -> None:
        """Whether something came just now."""
        if moved:
            self._until = monotonic() + self._longest_s
        elif monotonic() > self._until:
            where = ", ".join(map(str, sorted(reader.partitions())))
            raise LogUnavailable(f"nothing came for {self._longest_s:g} s of {where}")


def everything(log: Log, topic: str) -> Iterator[Message]:
    """Every message of a topic up to its present end, of each partition in order."""
    with log.reader([topic]) as reader:
        yield from read_to_end(log, reader)


def read_to_end(log: Log, reader: Reader) -> Iterator[Message]:
    """Every message there is now from where the reader stands."""
    reading = reader.partitions()
    bounds = {
        partition: end
        for topic in {partition.topic for partition in reading}
        for partition, (_, end) in log.bounds(topic).items()
        if partition in reading
    }
    yield from read_up_to(reader, bounds)


def read_up_to(
    reader: Reader, ends: Mapping[Partition, int], *, patience_s: float = Patience.LONGEST_S
) -> Iterator[Message]:
    """Every message from where the reader stands to before these offsets, and perhaps a few more.

    What was retained away before it was read is passed over: what is left is all there is. Raises
    LogUnavailable when nothing comes for `patience_s` although not everything was read.
    """
    patience = Patience(patience_s)
    while any(reader.position(partition) < end for partition, end in ends.items()):
        try:
            messages = reader.poll(limit=_READ, timeout_s=_LOOK_S)
        except OffsetOutOfRange as error:
            reader.seek(Partition(error.topic, error.partition), error.begin)
            continue
        yield from messages
        patience.note(reader, moved=bool(messages))  # what is done with them may take its time
