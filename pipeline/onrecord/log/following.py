"""Following a topic: through outages, and past records that retention removed unread."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic

from onrecord.errors import LogUnavailable, OffsetOutOfRange
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log, Message, Partition, Reader

_logger = logging.getLogger(__name__)

_LIMIT = 500
_WAIT_S = 0.5
# How long messages that exist may not come before somebody is told.
_SILENT_S = 5.0
# How long a process that is ending waits for such messages.
_HURRIED_S = 0.5


def poll_past_gap(reader: Reader, *, limit: int, timeout_s: float) -> list[Message]:
    """The next messages; none if retention has passed the position.

    The position then moves to the oldest record kept. Raises OffsetOutOfRange for a position
    past the end, which belongs to another log.
    """
    try:
        return reader.poll(limit=limit, timeout_s=timeout_s)
    except OffsetOutOfRange as error:
        if error.offset > error.end:
            raise
        reader.seek(Partition(error.topic, error.partition), error.begin)
        return []


def open_past_gap(log: Log, topics: Sequence[str], start: Mapping[Partition, int]) -> Reader:
    """A reader from these offsets on, or from the oldest records kept.

    Retention can pass an offset between the moment it was looked up and the opening. Raises
    OffsetOutOfRange for an offset past the end.
    """
    offsets = dict(start)
    while True:
        try:
            return log.reader(topics, start=offsets)
        except OffsetOutOfRange as error:
            if error.offset > error.end:
                raise
            offsets[Partition(error.topic, error.partition)] = error.begin


class Follower:
    """A reader that waits out an outage. `before_poll` is called before each poll."""

    def __init__(
        self,
        reader: Reader,
        *,
        backoff: Backoff,
        stopped: Callable[[], bool],
        before_poll: Callable[[], None] = lambda: None,
    ) -> None:
        self._reader = reader
        self._backoff = backoff
        self._stopped = stopped
        self._before_poll = before_poll
        self.is_away = False

    def poll(self, *, limit: int = _LIMIT, timeout_s: float = _WAIT_S) -> list[Message]:
        """The next messages; none after `timeout_s`, or (then `is_away`) during an outage.

        Raises OffsetOutOfRange for a position past the end; UnknownTopic.
        """
        self._before_poll()
        try:
            messages = poll_past_gap(self._reader, limit=limit, timeout_s=timeout_s)
        except LogUnavailable as error:
            self.is_away = True
            self._backoff.wait(error, self._stopped)
            return []
        self.is_away = False
        self._backoff.reset()
        return messages

    def position(self, partition: Partition) -> int:
        """The next offset to read. Raises LogUnavailable when stopped during an outage."""
        found = self._backoff.answered(lambda: self._reader.position(partition), self._stopped)
        if found is None:
            raise LogUnavailable(f"stopped before the position in {partition} was known")
        return found

    def partitions(self) -> frozenset[Partition]:
        return self._reader.partitions()

    def seek(self, partition: Partition, offset: int) -> None:
        self._reader.seek(partition, offset)

    def pause(self, partitions: Iterable[Partition]) -> None:
        self._reader.pause(partitions)

    def resume(self, partitions: Iterable[Partition]) -> None:
        self._reader.resume(partitions)

    def is_hurried(self) -> bool:
        return self._reader.is_hurried()


class ExpectedMessages:
    """Polls for messages that are known to exist.

    A broker can report a partition's end and die before serving it, and a writer that died holds
    records back until its transaction times out (`kafka.transaction_timeout_s`, and the brokers
    look every 10 s). Empty polls must not be taken for the end: a poller that checks whether an
    article is published already would publish it twice. So LogUnavailable is raised after
    `patience_s` of empty polls, or after a moment in a process that is ending; the time that
    callers spend between polls is not counted.
    """

    PATIENCE_S = 60.0

    def __init__(self, reader: Reader, *, patience_s: float = PATIENCE_S) -> None:
        self._reader = reader
        self._patience_s = patience_s
        self._waited_s = 0.0

    def poll(self, *, limit: int, timeout_s: float) -> list[Message]:
        if self._waited_s > self._patience_s:
            raise LogUnavailable(f"nothing came for {self._patience_s:g} s of {self._where()}")
        if self._waited_s > _HURRIED_S and self._reader.is_hurried():
            raise LogUnavailable(f"ending, while records of {self._where()} do not come yet")
        began, waited_s = monotonic(), self._waited_s
        messages = poll_past_gap(self._reader, limit=limit, timeout_s=timeout_s)
        self._waited_s = 0.0 if messages else waited_s + monotonic() - began
        if waited_s < _SILENT_S <= self._waited_s:
            _logger.warning(
                "waiting for records of %s: a transaction is open, or a broker slow", self._where()
            )
        return messages

    def _where(self) -> str:
        return ", ".join(map(str, sorted(self._reader.partitions())))
