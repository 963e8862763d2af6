"""Ctrl-C and SIGTERM: the first asks to stop, the second stops now."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Self

INTERRUPTED = 130


class Stop:
    """A flag that the first signal raises; a second signal ends the process at once.

    A context manager: signals are handled inside it, in the main thread. `callbacks` are called
    on stopping, from whatever thread that is.
    """

    def __init__(self, *callbacks: Callable[[], object]) -> None:
        self._event = threading.Event()
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
        if self._event.is_set():
            os._exit(INTERRUPTED)
        self.set()

    def __call__(self) -> bool:
        """Whether to stop."""
        return self._event.is_set()

    def set(self) -> None:
        """Stop for another reason than a signal."""
        self._event.set()
        for callback in self._callbacks:
            callback()

    def then(self, callback: Callable[[], object]) -> None:
        """Call this on stopping, from whatever thread that is; at once if it already happened."""
        self._callbacks.append(callback)
        if self._event.is_set():
            callback()
