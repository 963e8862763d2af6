"""Lookups of the newest record of a key; see `interface.Lookup`.

The topic is read once into a local file, and followed from there.
"""

import logging
import time
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from typing import Self

from onrecord.log.interface import Extract, Message, Partition, Reader
from onrecord.log.kafka.closing import drop
from onrecord.log.kafka.index_file import IndexFile
from onrecord.log.read_to_end import read_up_to

_logger = logging.getLogger(__name__)

# Records entered in one transaction of the file.
_STEP = 5_000
# How often the progress of an index being built is reported.
_REPORT_S = 5.0

Bounds = Mapping[Partition, tuple[int, int]]


class KafkaLookup:
    """Looks keys up in the local file. Its construction reads what the file does not have yet."""

    def __init__(
        self,
        file: IndexFile,
        topic: str,
        extract: Extract,
        *,
        bounds: Callable[[], Bounds],
        open_reader: Callable[[Mapping[Partition, int]], Reader],
    ) -> None:
        self.topic = topic
        self._file = file
        self._extract = extract
        self._bounds_now = bounds
        self._open_reader = open_reader
        self._reader: Reader | None = None
        self._bounds: Bounds = {}
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def get(self, key: bytes) -> bytes | None:
        found = self._file.get(key)
        if found is None:
            return None
        partition, offset, extract = found
        begin, _ = self._bounds.get(Partition(self.topic, partition), (0, 0))
        return extract if offset >= begin else None

    def get_all(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.get(key) for key in keys]

    def known(self) -> dict[Partition, int]:
        return {partition: end for partition, (_, end) in self._bounds.items()}

    def keep(self, name: str, pieces: Iterable[bytes]) -> None:
        self._file.keep(name, pieces)

    def kept(self, name: str) -> Generator[bytes, None, None]:
        return self._file.kept(name)

    def catch_up(self, own: Collection[bytes] = ()) -> list[bytes]:  # noqa: ARG002
        # The index is made of what is read here, whoever published it.
        bounds = self._bounds_now()
        keys = self._read(bounds, self.known())
        self._bounds = bounds
        return keys

    def close(self) -> None:
        self._drop_reader()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _begin(self) -> None:
        # Another process may enter more in between, which must not look like another topic's.
        entered = self._file.positions()
        bounds = self._bounds_now()
        if any(entered.get(p.number, 0) > end for p, (_, end) in bounds.items()):
            self._file.clear()  # the topic was deleted and made again
        entered = self._file.positions()
        self._read(bounds, {p: entered.get(p.number, 0) for p in bounds})
        self._bounds = bounds
        self._file.expire({p.number: span for p, span in bounds.items()})

    def _read(self, bounds: Bounds, known: Mapping[Partition, int]) -> list[bytes]:
        """Enter everything between these offsets and the ends; the keys.

        After a failure all of it is read again, by another reader: this one is past messages that
        were not entered, and the keys of those that were have not been told.
        """
        try:
            return self._enter_all(self._reader_of(bounds, known), bounds)
        except BaseException:
            self._drop_reader()
            raise

    def _enter_all(self, reader: Reader, bounds: Bounds) -> list[bytes]:
        ends = {partition: end for partition, (_, end) in bounds.items()}
        keys: list[bytes] = []
        reported = time.monotonic()
        messages: list[Message] = []
        for message in read_up_to(reader, ends):
            messages.append(message)
            if len(messages) >= _STEP:
                keys += self._enter(messages, bounds)
                messages = []
                if time.monotonic() - reported >= _REPORT_S:
                    reported = time.monotonic()
                    left = sum(end - reader.position(p) for p, end in ends.items())
                    _logger.warning("%d records of %s to index", left, self.topic)
        return keys + self._enter(messages, bounds)

    def _enter(self, messages: list[Message], bounds: Bounds) -> list[bytes]:
        if not messages:
            return []
        self._file.enter(
            [(m, None if m.value is None else self._extract(m)) for m in messages],
            _positions_after(messages),
            {partition.number: begin for partition, (begin, _) in bounds.items()},
        )
        return [message.key for message in messages if message.key is not None]

    def _reader_of(self, bounds: Bounds, known: Mapping[Partition, int]) -> Reader:
        """The reader of all partitions; one that is opened begins at these offsets."""
        if self._reader is not None and self._reader.partitions() == bounds.keys():
            return self._reader
        self._drop_reader()
        start = {p: max(begin, known.get(p, begin)) for p, (begin, _) in bounds.items()}
        self._reader = self._open_reader(start)
        return self._reader

    def _drop_reader(self) -> None:
        reader, self._reader = self._reader, None
        drop(reader)


def _positions_after(messages: list[Message]) -> dict[int, int]:
    """The position after the last of these messages, in each partition."""
    return {message.partition: message.next_offset for message in messages}
