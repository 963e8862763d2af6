"""The archive for a command that reads it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from onrecord import wiring
from onrecord.cli.printing import SkippedRecords
from onrecord.cli.signals import stopping
from onrecord.config import Config
from onrecord.log.backoff import Backoff, Outage

if TYPE_CHECKING:
    # `subscribe` reads the archive with `--by published` alone.
    from onrecord.archive.indexing.indexer import Indexed
    from onrecord.archive.interface import Archive

_SAY_EVERY_S = 10.0


@contextmanager
def level_archive(config: Config, say: Callable[[str], None]) -> "Iterator[Archive]":
    """The archive, brought level with the log unless another process does that."""
    with (
        wiring.open_to_read(config) as log,
        stopping(config, log) as stop,
        wiring.level_archive(
            config,
            log,
            backoff=Backoff(Outage(say), "archive"),
            skipped=SkippedRecords(say),
            report=ArchivingPace(say),
            broken=lambda why: None if why is None else say(why),
            stopped=stop,
        ) as archive,
    ):
        yield archive


class ArchivingPace:
    """Says now and then how far the archive is, where there is much to read."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._records = 0
        self._say_at = monotonic() + _SAY_EVERY_S

    def __call__(self, done: "Indexed") -> None:
        self._records += done.records
        if monotonic() >= self._say_at:
            self._say(f"bringing the archive level with the log: {self._records:,} records")
            self._say_at = monotonic() + _SAY_EVERY_S
