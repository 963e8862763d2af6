"""What belongs to this process: the clock, and the names of its parts."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from getpass import getuser
from socket import gethostname

from onrecord.config import Config


def now() -> datetime:
    """The clock: aware, UTC."""
    return datetime.now(UTC)


def user_name(asked: Callable[[], str] = getuser) -> str:
    """The user of this process; "unknown" where the system has no name for it."""
    try:
        return asked()
    except (KeyError, OSError):  # a container's user often has none
        return "unknown"


def own_name(part: str) -> str:
    """A name for this process's part, as `status` shows it: "extract@host:4711"."""
    return f"{part}@{gethostname()}:{os.getpid()}"


def slot_name(config: Config, part: str) -> str:
    """The name of this poller or extractor in its group, as configured: one slot, one process."""
    return f"{part}@{config.log.name}" if config.log.name else own_name(part)
