"""Retention and compaction beside the stages."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onrecord import wiring
from onrecord.beside import beside
from onrecord.errors import OnrecordError
from onrecord.log.interface import Log

# Compacted topics grow with every poll until then; a log of ten thousand feeds by 50 MB.
EVERY_S = 300.0


@contextmanager
def kept_up(log: Log, *, once: bool, say: Callable[[str], None]) -> Iterator[None]:
    """Maintain the log every EVERY_S seconds while the body runs; with `once`, after it."""
    with beside("upkeep", lambda over: _keep_up(log, over, say)):
        yield
        if once:
            _maintain(log, say)


def _keep_up(log: Log, over: threading.Event, say: Callable[[str], None]) -> None:
    while not over.wait(EVERY_S):
        _maintain(log, say)


def _maintain(log: Log, say: Callable[[str], None]) -> None:
    try:
        log.maintain(wiring.now())
    except OnrecordError as error:
        # Records not deleted now are deleted next time; readers and writers report the same error.
        say(f"retention and compaction wait: {error}")
