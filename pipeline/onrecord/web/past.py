"""Past messages, read from the log for one reader at the reader's own pace."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from onrecord.errors import Mistake, RecordError
from onrecord.log.backoff import Backoff
from onrecord.log.following import Follower
from onrecord.log.interface import Log, Message, Partition, Start
from onrecord.sink.filters import Filter
from onrecord.sink.selection import Opened, What
from onrecord.sink.subscribe import Clock, Stretch, ends_of, in_order_of_time, positions_at
from onrecord.web.cursor import Place, to_text

# The amount read before the reader is sent some of it and other readers get a turn.
_MESSAGES = 300
_RECORDS = 100
_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """A reader's request."""

    what: What
    topic: str
    wanted: Filter
    stretch: Stretch
    cursor: Place | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """One record of the stream: JSON on a line, and the cursor after it."""

    line: bytes
    cursor: str


@dataclass(frozen=True, slots=True)
class Begin:
    """The start, and the end if it is already known.

    `lost` counts partitions in which retention removed messages after the cursor.
    """

    place: Place
    ends: dict[int, int] | None
    lost: int = 0


class CursorGone(Mistake):
    """A cursor is past the topic's end: it belongs to another log or to a recreated one."""


def begin(log: Log, asked: Asked, clock: Clock) -> Begin:
    """The start for a reader. Raises CursorGone, UnknownTopic, LogUnavailable."""
    bounds = {p.number: bounds for p, bounds in log.bounds(asked.topic).items()}
    found = ends_of(log, asked.topic, asked.stretch.until, clock)
    ends = None if found is None else {p.number: end for p, end in found.items()}
    if asked.cursor is None:
        return Begin(Place(_positions(log, asked, bounds)), ends)
    given = asked.cursor.positions
    if any(offset > bounds.get(number, (0, -1))[1] for number, offset in given.items()):
        raise CursorGone(
            "the cursor (or Last-Event-ID) is past the end of this log: begin without it"
        )
    begins = {number: begin for number, (begin, _) in bounds.items()}
    lost = sum(offset < begins[number] for number, offset in given.items())
    positions = {number: max(given.get(number, 0), begin) for number, begin in begins.items()}
    place = Place(positions, asked.cursor.partition, asked.cursor.given)
    return Begin(place, ends, lost)


def _positions(log: Log, asked: Asked, bounds: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    start = asked.stretch.start
    if isinstance(start, Start):
        at = 0 if start is Start.EARLIEST else 1
        return {number: ends[at] for number, ends in bounds.items()}
    found = positions_at(log, asked.topic, start)
    return {p.number: offset for p, offset in found.items()} if isinstance(found, Mapping) else {}


class Past:
    """Reads a topic from a place to given ends, in time order, in small steps.

    It blocks: the event loop calls it in threads, one call at a time.
    """

    def __init__(self, log: Log, asked: Asked, place: Place, backoff: Backoff) -> None:
        self._log = log
        self._asked = asked
        self.place = place
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        for partition, (begins, _) in log.bounds(asked.topic).items():
            # Partitions that were added, and messages that retention removed, since then.
            position = place.positions.get(partition.number, 0)
            place.positions[partition.number] = max(position, begins)
        self._reader = log.reader([asked.topic], start=place.of(asked.topic))
        self._follower = Follower(self._reader, backoff=backoff, stopped=self._stopped.is_set)
        self._messages: Iterator[Message] = iter(())

    def read_to(self, ends: Mapping[int, int]) -> None:
        """Set the ends for the following reads."""
        wanted = {Partition(self._asked.topic, number): end for number, end in ends.items()}
        self._messages = in_order_of_time(self._follower, wanted, self._stopped.is_set)

    def some(self, *, limit: int | None = None) -> tuple[list[StreamRecord], bool]:
        """The next few wanted records, and whether there are more messages."""
        with self._lock:
            records: list[StreamRecord] = []
            most = _RECORDS if limit is None else min(limit, _RECORDS)
            size = 0
            for _ in range(_MESSAGES):
                message = None if self._stopped.is_set() else next(self._messages, None)
                if message is None:
                    return records, False
                opened = Opened(message.value, self._asked.wanted.people)
                for record in wanted_of(message, opened, self._asked, self.place):
                    records.append(record)
                    size += len(record.line)
                    if len(records) >= most and limit is not None:
                        return records, True
                if len(records) >= most or size >= _BYTES:
                    break
            return records, True

    def close(self) -> None:
        """Stop, and close the log reader."""
        self._stopped.set()
        with self._lock:
            self._reader.close()


def wanted_of(
    message: Message,
    opened: Opened,
    asked: Asked,
    place: Place,
    skipped: Callable[[RecordError], None] = lambda _: None,
) -> Iterator[StreamRecord]:
    """The wanted records of a message that were not yet sent. The place moves past each."""
    if place.is_past(message):
        return
    first = place.first_of(message)
    try:
        numbers = [n for n in opened.numbers(asked.what, asked.wanted) if n >= first]
        lines = [opened.line(asked.what, number, asked.wanted.floor) for number in numbers]
    except RecordError as error:
        skipped(error)
        numbers, lines = [], []
    for at, (number, line) in enumerate(zip(numbers, lines, strict=True)):
        if at < len(numbers) - 1:
            place.go_into(message, number)
        else:
            place.go_past(message)
        yield StreamRecord(line, to_text(place, asked.topic))
    place.go_past(message)
