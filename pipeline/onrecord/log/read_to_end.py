"""Reads the present contents of a log: all records up to the end at the time of the call."""

from collections.abc import Iterator, Mapping

from onrecord.log.following import ExpectedMessages
from onrecord.log.interface import Log, Message, Partition, Reader

_READ = 500
# Poll briefly: control records advance the position without delivering a message.
_LOOK_S = 0.05


def everything(log: Log, topic: str) -> Iterator[Message]:
    """Every message of a topic up to its present end, of each partition in order."""
    with log.reader([topic]) as reader:
        yield from read_to_end(log, reader)


def visible(log: Log, topic: str) -> Iterator[Message]:
    """Every message of a topic that can be read at once, of each partition in order.

    For what is shown: it ends before a transaction that is open, where `everything` waits for it.
    """
    with log.reader([topic]) as reader:
        yield from read_up_to(reader, {p: end for p, (_, end) in log.bounds(topic).items()})


def read_to_end(log: Log, reader: Reader) -> Iterator[Message]:
    """Every message up to the present ends, from the reader's positions on."""
    reading = reader.partitions()
    ends = {
        partition: end
        for topic in {partition.topic for partition in reading}
        for partition, end in log.ends(topic).items()
        if partition in reading
    }
    yield from read_up_to(reader, ends)


def read_up_to(
    reader: Reader,
    ends: Mapping[Partition, int],
    *,
    patience_s: float = ExpectedMessages.PATIENCE_S,
) -> Iterator[Message]:
    """Every message before these offsets, from the reader's positions on, and perhaps a few more.

    Messages that retention removes first are skipped. Raises LogUnavailable when polls stay
    empty for `patience_s` although messages are left.
    """
    expected = ExpectedMessages(reader, patience_s=patience_s)
    while any(reader.position(partition) < end for partition, end in ends.items()):
        yield from expected.poll(limit=_READ, timeout_s=_LOOK_S)
