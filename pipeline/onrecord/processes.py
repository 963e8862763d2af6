"""Child processes that work for this one: spawned, spoken to over a pipe, ended at once.

What a child does can hang, crash or take all its memory; it costs the child, and the parent
starts another. A child whose parent is gone reads the end of its pipe and exits.
"""

import gc
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Event, Lock, Timer
from time import monotonic
from typing import Any

_JOIN_S = 5.0
# An article makes some ten thousand objects that refer to others.
_OBJECTS_TO_COLLECT = 20_000

_lock = Lock()
_started: Counter[str] = Counter()
_not_ended: "set[ChildProcess]" = set()


def started_children() -> dict[str, int]:
    """How many children this process has ever started, by name."""
    with _lock:
        return dict(_started)


def running_children() -> dict[str, int]:
    """How many children of each name run, as the system has them: one that was killed does not."""
    with _lock:
        names, not_ended = list(_started), list(_not_ended)
    running = dict.fromkeys(names, 0)
    for child in not_ended:
        running[child.name] += child.is_running()
    return running


def collect_garbage_seldom() -> None:
    """Keep the garbage collector from what exists now, and from most of what is to come.

    For a process of ours alone: what is frozen is never freed. Almost all else is freed without
    collections.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_TO_COLLECT, 20, 20)


class ChildProcess:
    """A spawned process that runs `serve(pipe, *arguments)`, and our end of its pipe.

    Both must be picklable. Jobs are pickled, and so is what `receive` gives: a child that reads
    what strangers wrote answers in bytes instead.
    """

    def __init__(self, serve: Callable[..., None], *arguments: Any, name: str) -> None:
        context = get_context("spawn")
        self.name = name
        self.pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_run, args=(serve, theirs, arguments), daemon=True, name=name
        )
        self._process.start()
        theirs.close()
        with _lock:
            _started[name] += 1
            _not_ended.add(self)

    def send(self, job: Any) -> None:
        """Hand over a job. Raises OSError when the process has ended."""
        self.pipe.send(job)

    def receive(self, timeout_s: float) -> Any:
        """The next message. Raises TimeoutError; EOFError or OSError when the process has ended."""
        self._wait(timeout_s)
        return self.pipe.recv()

    def receive_bytes(self, timeout_s: float, most_bytes: int) -> bytes:
        """The next message of a child that answers in bytes. Raises as `receive`.

        A child that begins a message and does not end it in time is killed; a message of more
        than `most_bytes` is an OSError.
        """
        until = monotonic() + timeout_s
        self._wait(timeout_s)
        is_late = Event()
        timer = Timer(max(0.0, until - monotonic()), self._kill_late, (is_late,))
        timer.daemon = True
        timer.start()
        try:
            return self.pipe.recv_bytes(most_bytes)
        finally:
            timer.cancel()
            timer.join()  # so that it kills nothing later
            if is_late.is_set():
                raise TimeoutError

    def _kill_late(self, is_late: Event) -> None:
        is_late.set()
        self.kill()

    def _wait(self, timeout_s: float) -> None:
        if not self.pipe.poll(max(0.0, timeout_s)):
            raise TimeoutError

    def is_running(self) -> bool:
        """Whether the process runs, or was stopped and could run on. Collects no exit code."""
        return not wait([self._process.sentinel], timeout=0)

    def exit_code(self) -> int | None:
        """How a process that has closed its pipe ended; None if it has not ended yet."""
        self._process.join(1)
        return self._process.exitcode

    def kill(self) -> None:
        """End the process now: it holds nothing that must be put in order first.

        From any thread. The pipe stays open: a thread that waits for a message reads its end, and
        closing it here could close a file that this thread has just opened under its number.
        """
        with _lock:
            _not_ended.discard(self)
        self._process.kill()
        self._process.join(_JOIN_S)

    def end(self) -> None:
        """End the process now and close the pipe; from the thread that receives its messages."""
        self.kill()
        self.pipe.close()


def _run(serve: Callable[..., None], pipe: Connection, arguments: tuple[Any, ...]) -> None:
    # The parent decides when to stop; a Ctrl-C in the terminal reaches its children too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(EOFError, OSError):  # the parent is gone, and with it everyone who would listen
        serve(pipe, *arguments)
