"""Deriving people beside other work, in a thread; of several processes one does it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onrecord import wiring
from onrecord.config import Config
from onrecord.errors import OnrecordError
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log


@contextmanager
def people_kept(
    config: Config, log: Log, *, once: bool, say: Callable[[str], None]
) -> Iterator[None]:
    """Derive people while the body runs; with `once`, after it.

    An error ends the deriving and is said; the body goes on without.
    """
    over = threading.Event()
    if once:
        yield
        _keep(config, log, over, say, once=True)
        return
    thread = threading.Thread(
        target=_keep, args=(config, log, over, say), name="people", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _keep(
    config: Config,
    log: Log,
    over: threading.Event,
    say: Callable[[str], None],
    *,
    once: bool = False,
) -> None:
    backoff = Backoff(Outage(say), "people")
    try:
        wiring.people_keeper(config, log).run(over.is_set, backoff, once=once)
    except OnrecordError as error:
        say(f"people are not derived here: {error}")
