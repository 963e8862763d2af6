"""Ctrl-C and SIGTERM: the first asks to stop, the second stops now, and so does a time limit."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:  # what most commands do not need, and start sooner without
    import asyncio

    from onrecord.config import Config
    from onrecord.log.interface import Log

INTERRUPTED = 130
_ENDS_WITHIN_S = 10.0
_SAID_BEFORE_S = 2.0
_SAID_BEFORE_SHARE = 0.2
_LOOK_S = 0.1
# Python frees everything a process holds before it ends: seconds of work on a loaded machine, in
# which no thread runs. A process that has done its work is not ended in it. The threads that
# libraries leave behind have less time: Python waits for them without a limit.
_FREED_WITHIN_S = 30.0
_THREADS_END_WITHIN_S = 5.0
_PACKAGE = str(Path(__file__).parents[1])

_done_with: list[int] = []


def work_is_done(code: int = 0) -> None:
    """Let a process that was told to end, and has done so, end with its own exit code."""
    _done_with.append(code)
    left_s, _ = signal.getitimer(signal.ITIMER_REAL)
    # A timer with a handler belongs to whoever calls us, such as a test.
    if left_s and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL:
        signal.setitimer(signal.ITIMER_REAL, _FREED_WITHIN_S)


class Stop:
    """A flag that the first signal raises; a second signal ends the process at once.

    A context manager: signals are handled inside it, in the main thread. `callbacks` are called
    on stopping, from whatever thread that is. A process that has not ended by itself some seconds
    after a signal is ended, whatever a library waits for: what is not committed is done again.
    """

    def __init__(
        self, *callbacks: Callable[[], object], ends_within_s: float = _ENDS_WITHIN_S
    ) -> None:
        self._ends_within_s = ends_within_s
        # No Event: a signal can arrive while the main thread sets it, and holds its lock.
        self._is_set = False
        self._is_signalled = False
        self._before: dict[int, object] = {}
        self._callbacks: list[Callable[[], object]] = list(callbacks)

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *exc_info: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() gave us

    def _on_signal(self, *_: object) -> None:
        if self._is_signalled:
            os._exit(INTERRUPTED)
        self._is_signalled = True
        self._end_in_time()
        self.set()

    def _end_in_time(self) -> None:
        """See to it that the process ends, even where this thread never gets out of a call."""
        threading.Thread(target=self._end_when_late, name="watchdog", daemon=True).start()
        # Where a call keeps every thread from running, the system ends the process.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, self._ends_within_s)

    def _end_when_late(self) -> None:
        spare_s = min(_SAID_BEFORE_S, _SAID_BEFORE_SHARE * self._ends_within_s)
        until = time.monotonic() + self._ends_within_s - spare_s
        while not _done_with and time.monotonic() < until:
            time.sleep(_LOOK_S)
        if _done_with:
            time.sleep(_THREADS_END_WITHIN_S)
            os._exit(_done_with[-1])
        line = "onrecord: ended without waiting any longer; what is not committed is done again"
        try:
            os.write(
                sys.__stderr__.fileno() if sys.__stderr__ else 2,
                f"{line}; it was at {', '.join(_places()) or 'no known place'}\n".encode(),
            )
        finally:  # whoever read it may be gone
            os._exit(INTERRUPTED)

    def __call__(self) -> bool:
        """Whether to stop."""
        return self._is_set

    def set(self) -> None:
        """Stop for another reason than a signal."""
        self._is_set = True
        for callback in self._callbacks:
            callback()

    def then(self, callback: Callable[[], object]) -> None:
        """Call this on stopping, from whatever thread that is; at once if it already happened."""
        self._callbacks.append(callback)
        if self._is_set:
            callback()

    def then_set(self, event: "asyncio.Event", loop: "asyncio.AbstractEventLoop") -> None:
        """Set an event of a loop on stopping. A loop that is closed by then needs no event."""

        def wake() -> None:
            # A signal arrives in the main thread, between any two steps of a loop.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(event.set)

        self.then(wake)


def stopping(config: "Config", *logs: "Log") -> Stop:
    """What raises the flag of a command that works on these logs, and tells them to hurry."""
    hurry = (log.hurry for log in logs)
    return Stop(*hurry, ends_within_s=config.log.end_within_s)


def _places() -> list[str]:
    """Where each thread is in this package's own code: "log/read_to_end.py:66 (people)"."""
    frames = sys._current_frames()  # noqa: SLF001 - there is no other way to see other threads
    found = []
    for thread in threading.enumerate():
        frame = None if thread is threading.current_thread() else frames.get(thread.ident or 0)
        while frame and not frame.f_code.co_filename.startswith(_PACKAGE):
            frame = frame.f_back
        if frame:
            file = os.path.relpath(frame.f_code.co_filename, _PACKAGE)
            found.append(f"{file}:{frame.f_lineno} ({thread.name})")
    return found
