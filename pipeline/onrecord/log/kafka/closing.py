"""Closing within a limited time, although a Kafka client may never return from a call.

A client that does not return is left to a thread that ends with the process, and its membership to
the session timeout.
"""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

_STEP_S = 0.05


def close_within(limit_s: Callable[[], float], what: str, close: Callable[[], object]) -> None:
    """Call `close`, and stop waiting for it after so many seconds, which may become fewer."""
    errors: list[Exception] = []

    def run() -> None:
        try:
            close()
        except Exception as error:  # noqa: BLE001 - raised below, in the thread that waits
            errors.append(error)

    closing = threading.Thread(target=run, name=f"closing {what}", daemon=True)
    began = time.monotonic()
    closing.start()
    while closing.is_alive():
        if time.monotonic() > began + limit_s():
            logger.warning("%s did not close in %.0f s and is left behind", what, limit_s())
            return
        closing.join(_STEP_S)
    for error in errors:
        raise error
