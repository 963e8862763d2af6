"""Reads replays from their topic: the newest record of each job and of each of its runs."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from onrecord.errors import RecordError
from onrecord.log.interface import Message
from onrecord.processing.replays.standing import Standing
from onrecord.records import Record, ReplayJob, ReplayProgress, from_json

_logger = logging.getLogger(__name__)

K = TypeVar("K")
R = TypeVar("R", bound=Record)


def read_standings(messages: Iterable[Message]) -> dict[str, Standing]:
    """Every job by name with its progress, the oldest first."""
    return _standings(_read(messages))


@dataclass(slots=True)
class _Table:
    """The newest record of each job and run."""

    jobs: dict[str, ReplayJob]
    progress: dict[bytes, ReplayProgress]

    def runs_of(self, name: str) -> tuple[ReplayProgress, ...]:
        return tuple(run for run in self.progress.values() if run.name == name)


def _standings(table: _Table) -> dict[str, Standing]:
    jobs = sorted(table.jobs.values(), key=lambda job: (job.created_at, job.name))
    return {job.name: Standing(job, table.runs_of(job.name)) for job in jobs}


def _read(messages: Iterable[Message]) -> _Table:
    table = _Table({}, {})
    for message in messages:
        key = message.key or b""
        if b" " in key:
            _put(table.progress, key, decoded(message, ReplayProgress))
        else:
            _put(table.jobs, key.decode("utf-8", "replace"), decoded(message, ReplayJob))
    return table


def _put(table: dict[K, R], key: K, record: R | None) -> None:
    if record is None:
        table.pop(key, None)
    else:
        table[key] = record


def decoded(message: Message, kind: type[R]) -> R | None:
    """The record; None for a tombstone or a record that a newer onrecord wrote."""
    if message.value is None:
        return None
    try:
        return from_json(message.value, kind)
    except RecordError as error:
        _logger.warning("%s offset %d: %s", message.source, message.offset, error)
        return None
