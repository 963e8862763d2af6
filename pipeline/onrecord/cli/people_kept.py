"""Deriving people beside other work, in a thread; of several processes one does it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from onrecord import wiring
from onrecord.beside import beside
from onrecord.cli.operating import Operating
from onrecord.cli.signals import Stop
from onrecord.config import Config
from onrecord.errors import OnrecordError
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log

PART = "people"


@contextmanager
def people_kept(
    config: Config, log: Log, stop: Stop, operations: Operating, *, once: bool
) -> Iterator[None]:
    """Derive people while the body runs and nobody stops it; with `once`, after the body.

    An error ends the deriving and is reported; the body goes on without. Raises ConfigError, before
    anything starts, for a list of known people that cannot be read.
    """
    keeper = wiring.people_keeper(config, log)

    def keep(over: threading.Event) -> None:
        stopped = operations.asked(PART, lambda: over.is_set() or stop())
        try:
            keeper.run(stopped, Backoff(operations.outage, PART), once=once)
        except OnrecordError as error:
            operations.people_ended(PART, error)
        else:
            operations.ended(PART)

    if once:
        yield
        keep(threading.Event())
        return
    with beside("people", keep):
        yield
