"""Deriving people beside other work, in a thread; of several processes one does it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onrecord import wiring
from onrecord.cli.beside import beside
from onrecord.config import Config
from onrecord.errors import OnrecordError
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log


@contextmanager
def people_kept(
    config: Config, log: Log, *, once: bool, say: Callable[[str], None], outage: Outage
) -> Iterator[None]:
    """Derive people while the body runs; with `once`, after it.

    An error ends the deriving and is said; the body goes on without. Raises ConfigError, before
    anything starts, for a list of known people that cannot be read.
    """
    keeper = wiring.people_keeper(config, log)

    def keep(over: threading.Event) -> None:
        try:
            keeper.run(over.is_set, Backoff(outage, "people"), once=once)
        except OnrecordError as error:
            say(f"people are not derived here: {error}")

    if once:
        yield
        keep(threading.Event())
        return
    with beside("people", keep):
        yield
