"""Why a command ends: a line for people, or an event where the command writes events as JSON.

Every command can end with an error, so this module imports nothing heavy.
"""

import sys
from collections.abc import Callable
from contextlib import suppress

# Writes an event; None where the error that ends the command is a line for people.
_as_event: Callable[[str], None] | None = None


def speak_through(as_event: Callable[[str], None] | None) -> None:
    """Set how the error that ends the command is written."""
    global _as_event  # noqa: PLW0603 - a process has one standard error
    _as_event = as_event


def are_an_event() -> bool:
    """Whether the error that ends the command is an event in JSON."""
    return _as_event is not None


def last_words(message: str) -> None:
    """Say why the command ends."""
    if _as_event is not None:
        _as_event(message)
        return
    with suppress(OSError, ValueError):
        print(f"onrecord: {message}", file=sys.stderr)
