"""What a log holds now: everything up to the end as it is at this moment."""

from collections.abc import Iterator, Mapping
from time import monotonic

from pipeline.errors import OffsetOutOfRange
from pipeline.log.interface import Log, Message, Partition, Reader

_READ = 500
# A log that says there is more and gives nothing for so long has a hole at its end. Looked at now
# and then meanwhile: what is not given to anyone, as Kafka's marker of a transaction, is passed
# over without a message that would end the waiting.
_PATIENCE_S = 2.0
_LOOK_S = 0.05


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


def read_up_to(reader: Reader, ends: Mapping[Partition, int]) -> Iterator[Message]:
    """Every message from where the reader stands to before these offsets, and perhaps a few more.

    What was retained away before it was read is passed over: what is left is all there is.
    """
    until = monotonic() + _PATIENCE_S
    while any(reader.position(partition) < end for partition, end in ends.items()):
        try:
            messages = reader.poll(limit=_READ, timeout_s=_LOOK_S)
        except OffsetOutOfRange as error:
            reader.seek(Partition(error.topic, error.partition), error.begin)
            continue
        if messages:
            yield from messages
            until = monotonic() + _PATIENCE_S
        elif monotonic() > until:
            return
