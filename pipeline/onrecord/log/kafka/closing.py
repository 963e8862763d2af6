"""Closing within a limited time, although a Kafka client may never return from a call.

A client that does not return is left to a thread that ends with the process, and its membership to
the session timeout.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from onrecord.errors import OnrecordError
from onrecord.log.interface import Closable

logger = logging.getLogger(__name__)

_STEP_S = 0.05
# How long a process that was told to end waits for all its clients to close, one after another:
# with what it was waiting for before, less than the ten seconds that supervisors wait. A client
# that closes after that is still given a moment.
_HURRIED_S = 4.0
_LEAST_S = 0.3


class ClosingLimit:
    """How long closing a client of a log may take: in a hurry, all clients share one limit."""

    def __init__(self, usual_s: float) -> None:
        self._usual_s = usual_s
        self._is_hurried = False
        # Set when the first client closes in a hurry: until then the process has other work.
        self._until: float | None = None

    def hurry(self) -> None:
        """Apply the limit of a process that was told to end."""
        self._is_hurried = True

    def left_s(self) -> float:
        """The seconds that are left from now on."""
        if not self._is_hurried:
            return self._usual_s
        now = time.monotonic()
        if self._until is None:
            self._until = now + _HURRIED_S
        return max(_LEAST_S, self._until - now)


def close_within(limit_s: Callable[[], float], what: str, close: Callable[[], object]) -> None:
    """Call `close`, and stop waiting for it after so many seconds.

    `limit_s` is asked again and again, for the seconds left from then on; they may become fewer.
    """
    errors: list[Exception] = []

    def run() -> None:
        try:
            close()
        except Exception as error:  # noqa: BLE001 - raised below, in the thread that waits
            errors.append(error)

    closing = threading.Thread(target=run, name=f"closing {what}", daemon=True)
    began = time.monotonic()
    until = began + limit_s()
    closing.start()
    while closing.is_alive():
        now = time.monotonic()
        until = min(until, now + limit_s())
        if now >= until:
            logger.warning("%s did not close in %.1f s and is left behind", what, until - began)
            return
        closing.join(_STEP_S)
    for error in errors:
        raise error


def drop(reader: Closable | None) -> None:
    """Close a reader, if there is one. An outage now has no effect: nothing was written by it."""
    if reader is not None:
        with suppress(OnrecordError):
            reader.close()
