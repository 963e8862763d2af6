"""What a long-running command writes on standard error: events, for people or as JSON.

An event has a name, a message for people, and fields: ids and counts, never an article's text.
As text it is the time, the level and the message; as JSON one object a line with all of it.
What libraries and our own parts log, Python's warnings, errors of threads and the error that ends
the command come out in the same form. An event that cannot be written, on a full disk or to a
closed pipe, is lost; the work goes on.
"""

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Lock
from typing import TextIO

from onrecord.cli.last_words import speak_through
from onrecord.cli.output import harmless
from onrecord.logging_policy import Level, LoggingPolicy

_logger = logging.getLogger(__name__)

_LEVELS: dict[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class Events:
    """Writes events. Thread-safe. Called with a line, it writes that as an event of level info."""

    def __init__(
        self,
        policy: LoggingPolicy,
        *,
        plain: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`plain` writes text without time and level."""
        self.is_json = policy.format == "json"
        self._is_plain = plain
        self._least = _LEVELS[policy.level]
        self._stream = stream
        self._clock = clock
        self._lock = Lock()

    def __call__(self, line: str) -> None:
        self.write("info", "note", line)

    def debug(self, event: str, message: str, **fields: object) -> None:
        """An event that only who looks for it wants to see."""
        self.write("debug", event, message, **fields)

    def info(self, event: str, message: str, **fields: object) -> None:
        """Something that was done."""
        self.write("info", event, message, **fields)

    def warning(self, event: str, message: str, **fields: object) -> None:
        """Something that went wrong, and was handled."""
        self.write("warning", event, message, **fields)

    def write(self, level: Level, event: str, message: str, **fields: object) -> None:
        """One event, on one line."""
        if _LEVELS[level] < self._least:
            return
        line = self._line(level, event, message, fields)
        # ValueError: the stream is closed.
        with self._lock, suppress(OSError, ValueError):
            print(line, file=self._stream or sys.stderr, flush=True)

    def _line(self, level: Level, event: str, message: str, fields: dict[str, object]) -> str:
        at = self._clock()
        if self.is_json:
            return _as_json(at, level, event, message, fields)
        if self._is_plain:
            return _below_one_another(message)
        return f"{at.astimezone():%Y-%m-%d %H:%M:%S} {level:<7} {_below_one_another(message)}"


def _below_one_another(message: str) -> str:
    """The lines of a message, indented from the second on: only an event begins a line."""
    return "\n    ".join(harmless(line) for line in message.splitlines() or [""])


def _as_json(at: datetime, level: str, event: str, message: str, fields: dict[str, object]) -> str:
    time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    found = {"time": time, "level": level, "event": event, "message": message} | fields
    # ASCII alone: no publisher's character reaches a terminal, whatever shows these lines.
    return json.dumps(found, default=str)


# The Kafka client reports each of its attempts during an outage, in its own terms. The log reports
# the outage itself.
_CLIENT = "kafka"


class _Handler(logging.Handler):
    """Gives what is logged with Python's `logging` to `Events`."""

    def __init__(self, events: Events, *, with_client: bool) -> None:
        # Below warnings, libraries tell of their own workings.
        super().__init__(logging.WARNING)
        self._events = events
        if not with_client:
            self.addFilter(lambda record: record.name.partition(".")[0] != _CLIENT)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._tell(record)
        except Exception:  # noqa: BLE001 - a library's mistake in a log line must not end its work
            self._events.warning(
                "logging", f"a line of {record.name} cannot be shown: {_named(record.msg)}"
            )

    def _tell(self, record: logging.LogRecord) -> None:
        level = next((name for name, n in _LEVELS.items() if n >= record.levelno), "error")
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}: {logging.Formatter().formatException(record.exc_info)}"
        self._events.write(
            level,  # type: ignore[arg-type]  # one of the four
            record.name.removeprefix("onrecord."),
            message if record.exc_info else " ".join(message.split("\n")),
        )


def _named(message: object) -> str:
    """A message that cannot be shown as it is: only text of Python's own is sure to have a repr."""
    return repr(message) if type(message) is str else f"an object of {type(message).__name__}"


@contextmanager
def reported(policy: LoggingPolicy) -> Iterator[Events]:
    """Events on standard error, and as events what is logged with Python's `logging` meanwhile.

    So are Python's warnings and errors that end a thread.
    """
    events = speak_as(policy)
    handler = _Handler(events, with_client=policy.level == "debug")
    root, of_threads = logging.getLogger(), threading.excepthook
    root.addHandler(handler)
    logging.captureWarnings(True)
    threading.excepthook = _tell_of_thread
    try:
        yield events
    finally:
        threading.excepthook = of_threads
        logging.captureWarnings(False)
        root.removeHandler(handler)


def _tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is SystemExit or ended.exc_value is None:
        return
    name = ended.thread.name if ended.thread else "a thread"
    _logger.error("%s was ended by an error", name, exc_info=ended.exc_value)


def speak_as(policy: LoggingPolicy) -> Events:
    """Events on standard error, and in the same form the error that ends the command."""
    events = Events(policy)

    def ended(message: str) -> None:
        events.write("error", "ended", message)

    speak_through(ended if events.is_json else None)
    return events
