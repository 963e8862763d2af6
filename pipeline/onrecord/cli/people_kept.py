"""Deriving people beside other work, in a thread; of several processes one does it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onrecord import wiring
from onrecord.config import Config
from onrecord.errors import OnrecordError
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log
from onrecord.people.keeping import Keeper


@contextmanager
def people_kept(
    config: Config, log: Log, *, once: bool, say: Callable[[str], None], outage: Outage
) -> Iterator[None]:
    """Derive people while the body runs; with `once`, after it.

    An error ends the deriving and is said; the body goes on without. Raises ConfigError, before
    anything starts, for a list of known people that cannot be read.
    """
    over = threading.Event()
    keeper = wiring.people_keeper(config, log)
    if once:
        yield
        _keep(keeper, over, say, outage, once=True)
        return
    thread = threading.Thread(
        target=_keep, args=(keeper, over, say, outage), name="people", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _keep(
    keeper: Keeper,
    over: threading.Event,
    say: Callable[[str], None],
    outage: Outage,
    *,
    once: bool = False,
) -> None:
    backoff = Backoff(outage, "people")
    try:
        keeper.run(over.is_set, backoff, once=once)
    except OnrecordError as error:
        say(f"people are not derived here: {error}")
