"""Reads the log from where an archive stands, and writes what is new into it, batch by batch."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

from onrecord.archive.indexing.changes import ArchiveSources
from onrecord.archive.interface import (
    ArchiveWriter,
    ArticleGone,
    Change,
    ExtractionGone,
    ExtractionRead,
)
from onrecord.errors import (
    ArchiveBroken,
    ArchiveRefused,
    ArchiveUnavailable,
    RecordError,
    UnknownTopic,
)
from onrecord.log.following import open_past_gap, poll_past_gap
from onrecord.log.interface import Log, Message, Partition, Reader
from onrecord.log.step_size import StepSize

_logger = logging.getLogger(__name__)

Skipped = Callable[[Message, Exception], None]


@dataclass(frozen=True, slots=True)
class Indexed:
    """What one batch brought: records read, quotes indexed, records left out."""

    records: int = 0
    quotes: int = 0
    skipped: int = 0


class Indexer:
    """Follows the topics of an archive. A context manager; belongs to one thread.

    `skipped` is told of each record that cannot be indexed; the records after it proceed.
    """

    def __init__(
        self,
        log: Log,
        sources: ArchiveSources,
        writer: ArchiveWriter,
        *,
        skipped: Skipped,
        batch: int = 500,
        is_even: bool = False,
    ) -> None:
        """With `is_even` all batches are as large, however long they take.

        Raises ArchiveRefused where the archive is of another log.
        """
        self._log = log
        self._topics = sources.topics
        self._news = sources.news
        self._again = sources.again
        self._writer = writer
        self._skipped = skipped
        self._size = StepSize(batch, is_even=is_even)
        self._written = dict(writer.positions())
        self._reader: Reader | None = None
        self._open()

    def positions(self) -> Mapping[Partition, int]:
        """The positions that the archive has."""
        return self._written

    def step(self, timeout_s: float) -> Indexed:
        """Index the next batch; waits for records up to `timeout_s`.

        Raises LogUnavailable, ArchiveUnavailable, ArchiveBroken: nothing of the batch is lost.
        """
        if self._reader is None:
            self._open()
            if self._reader is None:
                return Indexed()
        try:
            return self._step(self._reader, timeout_s)
        except BaseException:
            # What was read or judged and not written is read and given again.
            self._again()
            self.close()
            raise

    def _step(self, reader: Reader, timeout_s: float) -> Indexed:
        news = self._news()
        messages = poll_past_gap(reader, limit=self._size.records, timeout_s=timeout_s)
        positions = {p: reader.position(p) for p in reader.partitions()}
        moved = {p: at for p, at in positions.items() if self._written.get(p) != at}
        if not moved and not news:
            self._look_for_partitions(reader)
            return Indexed()
        return self._write(news, messages, moved)

    def _write(
        self, news: list[Change], messages: Sequence[Message], moved: Mapping[Partition, int]
    ) -> Indexed:
        began = monotonic()
        changes, skipped = self._changes(messages)
        changes = news + changes
        try:
            self._writer.write(_in_order(changes), moved, skipped=skipped)
        except (ArchiveUnavailable, ArchiveBroken):
            raise
        except Exception:  # noqa: BLE001 - one record is at fault: each is tried alone
            self._again()
            changes, skipped = self._one_by_one(self._news(), messages, moved)
        self._written |= moved
        # After a removal a whole file can be written anew, however many records there are.
        if not any(isinstance(change, ArticleGone | ExtractionGone) for change in changes):
            self._size.took(monotonic() - began, len(messages))
        return Indexed(len(messages), _quotes_in(changes), skipped)

    def _changes(self, messages: Sequence[Message]) -> tuple[list[Change], int]:
        changes: list[Change] = []
        skipped = 0
        for message in messages:
            try:
                changes += self._topics[message.topic](message)
            except RecordError as error:
                skipped += 1
                self._skipped(message, error)
        return changes, skipped

    def _one_by_one(
        self, news: list[Change], messages: Sequence[Message], moved: Mapping[Partition, int]
    ) -> tuple[list[Change], int]:
        self._write_alone(news)
        written: list[Change] = []
        skipped = 0
        for message in messages:
            try:
                changes = self._topics[message.topic](message)
                self._writer.write(changes, {message.source: message.next_offset})
                written += changes
            except (ArchiveUnavailable, ArchiveBroken):
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the next record proceeds
                skipped += 1
                self._skipped(message, error)
                self._again()
        self._writer.write([], moved, skipped=skipped)
        return written, skipped

    def _write_alone(self, news: list[Change]) -> None:
        try:
            self._writer.write(news, {})
        except (ArchiveUnavailable, ArchiveBroken):
            raise
        except Exception as error:  # noqa: BLE001 - the records proceed
            _logger.warning("changes of people are left out of the archive: %s", error)

    # ── the reader ───────────────────────────────────────────────────────────────────────────

    def _open(self) -> None:
        """Read from the archive's positions on; topics that are not there yet are left out."""
        bounds: dict[Partition, tuple[int, int]] = {}
        for topic in self._topics:
            bounds |= bounds_of(self._log, topic)
        start = {}
        for partition, (begin, end) in bounds.items():
            at = self._written.get(partition, begin)
            if at > end:
                raise ArchiveRefused(
                    f"the archive has read {partition} up to {at}, and the log ends at {end}: it "
                    "is of another log; `onrecord archive rebuild` makes it of this one"
                )
            start[partition] = max(begin, at)
        topics = sorted({partition.topic for partition in start})
        if start:
            self._reader = open_past_gap(self._log, topics, start)

    def _look_for_partitions(self, reader: Reader) -> None:
        """Start anew when partitions or topics were added."""
        reading = reader.partitions()
        for topic in self._topics:
            if bounds_of(self._log, topic).keys() - reading:
                self.close()
                return

    def close(self) -> None:
        """Stop reading; the next step reads on from what was written."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def bounds_of(log: Log, topic: str) -> Mapping[Partition, tuple[int, int]]:
    """The bounds of a topic; none where it is not there yet."""
    try:
        return log.bounds(topic)
    except UnknownTopic:
        return {}


def _in_order(changes: list[Change]) -> list[Change]:
    """Extractions by the time of publication, where each article occurs once.

    An index that grows at its end is written in half the time. Names and corrections are the same
    before and after the quotes they speak of.
    """
    extractions = [change for change in changes if isinstance(change, ExtractionRead)]
    ids = {change.extraction.article.id for change in extractions}
    is_gone = any(isinstance(change, ArticleGone | ExtractionGone) for change in changes)
    if is_gone or len(ids) < len(extractions):
        return changes
    extractions.sort(
        key=lambda change: change.extraction.article.published_at or change.extraction.extracted_at
    )
    return [one for one in changes if not isinstance(one, ExtractionRead)] + extractions


def _quotes_in(changes: Sequence[Change]) -> int:
    return sum(
        len(change.extraction.quotes) for change in changes if isinstance(change, ExtractionRead)
    )
