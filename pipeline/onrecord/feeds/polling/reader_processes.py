"""Reads documents in separate processes, which contain the cost of hostile ones.

A reader is a spawned process that takes one job at a time over a pipe, within a limit of time and
one of memory. A job that goes past either fails alone, with the limit named, and the process is
replaced. `readers.py` decides how many there are.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from time import process_time
from typing import Any

import msgspec

from onrecord.errors import ParseError, ReaderNotStarted
from onrecord.feeds.polling.reader_answers import (
    ReaderAnswer,
    decoded_answer,
    encoded_answer,
    encoded_result,
)
from onrecord.processes import ChildProcess
from onrecord.settings import Bytes, Processes, Seconds, key

try:
    import resource
except ImportError:  # not on Windows; the limit of time holds all the same
    resource = None  # type: ignore[assignment]

_START_S = 60.0
# A reader's word that it has started, or imported what it was told to.
_READY = b"ready"


@dataclass(frozen=True, kw_only=True)
class ReaderPolicy:
    """What parsing one document may cost.

    A reader is replaced after `recycle_after` documents: feedparser leaks a little. A job waits
    `patience_s` for the readers at work before another one is started; of several
    that are idle, those not needed for `idle_s` are ended.
    """

    readers: Processes = key(
        0, "Processes that parse documents of feeds; 0 is one for each processor, 2 at most."
    )
    parse_timeout_s: Seconds = key(
        30.0,
        "Seconds that parsing one document may take: one of a hundred thousand nested tags fails "
        "alone.",
    )
    parse_memory_bytes: Bytes = key(
        512 * 1024 * 1024,
        "The memory that parsing one document may take beyond what an idle reader needs, in bytes.",
    )
    recycle_after: int = 5_000
    patience_s: float = 0.5
    idle_s: float = 60.0

    @property
    def processes(self) -> int:
        """The number of readers."""
        return self.readers or min(2, os.cpu_count() or 1)


class DocumentReader:
    """One process; `is_spent` when it must be replaced.

    `imported` are the modules of its jobs, those of the reader it replaces from the start: it is
    waited for once (`Readers.renew`), not by the first job of each kind.
    """

    def __init__(self, policy: ReaderPolicy, modules: frozenset[str]) -> None:
        self._policy = policy
        self._process = ChildProcess(_serve, policy, modules, name="reader")
        self._left = policy.recycle_after
        self._is_ready = False
        self.imported = modules
        self.is_spent = False
        self.has_begun = False
        self.processor_s = 0.0
        self.idle_since = 0.0

    def wait_until_ready(self, url: str) -> None:
        if not self._is_ready:
            self._wait(url)
            self._is_ready = True

    def _wait(self, url: str) -> None:
        try:
            self._process.receive_bytes(_START_S, self._policy.parse_memory_bytes)
        except (TimeoutError, EOFError, OSError):
            self.end()
            raise ReaderNotStarted(url, f"no reader has started within {_START_S:g} s") from None

    def _import(self, url: str, module: str) -> None:
        """Have a module imported before the first job that needs it, in no job's time."""
        if module in self.imported:
            return
        with contextlib.suppress(OSError):  # the process has ended, as the wait tells
            self._process.send((module, None))
        self._wait(url)
        self.imported |= {module}

    def do(self, url: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        self.processor_s = 0.0  # a job that does not begin is not slow
        self.wait_until_ready(url)
        self._import(url, getattr(function, "__module__", __name__))  # methods have none
        try:
            self.has_begun = True
            self.processor_s = self._policy.parse_timeout_s  # unless it says what it took
            self._process.send((function, arguments))
            answer, value = self._answer(function)
        except msgspec.DecodeError:
            self.end()
            raise ParseError(url, "its reader's answer is in no known form") from None
        except TimeoutError:
            self.end()
            limit = f"{self._policy.parse_timeout_s:g} s (parse_timeout_s)"
            raise ParseError(url, f"reading it took longer than {limit}") from None
        except (EOFError, OSError):
            self.end()
            limit = f"{self._policy.parse_memory_bytes} bytes (parse_memory_bytes)"
            raise ParseError(url, f"reading it ended its process; {limit} may be used") from None
        finally:
            self.has_begun = False
        self.processor_s = answer.processor_s
        self._left -= 1
        if self._left <= 0:
            self.end()
        if answer.reason is not None:
            raise ParseError(url, answer.reason)
        return value

    def _answer(self, function: Callable[..., Any]) -> tuple[ReaderAnswer, Any]:
        """The answer to a job, and its result. Raises msgspec.DecodeError for any other bytes.

        An honest answer is no larger than the memory in which the reader encodes it.
        """
        timeout_s, most_bytes = self._policy.parse_timeout_s, self._policy.parse_memory_bytes
        received = self._process.receive_bytes(timeout_s, most_bytes)
        try:
            answer = decoded_answer(received)
            return answer, answer.value(function) if answer.reason is None else None
        # UnicodeDecodeError, RecursionError: what was received may be crafted.
        except Exception as error:
            raise msgspec.DecodeError(type(error).__name__) from error

    def is_running(self) -> bool:
        """Whether the process runs: the system or a person can have ended it between two jobs."""
        return self._process.is_running()

    def kill(self) -> None:
        """End the process now, from any thread."""
        self.is_spent = True
        self._process.kill()

    def end(self) -> None:
        """End the process now, from its own thread."""
        self.is_spent = True
        self._process.end()


# ── in the process ───────────────────────────────────────────────────────────────────────────


def _serve(pipe: Connection, policy: ReaderPolicy, modules: frozenset[str]) -> None:
    # One thread a process; the threads of numpy's libraries would reserve the memory there is.
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[library] = "1"
    for module in modules:
        import_module(module)
    _limit_memory(policy.parse_memory_bytes)
    pipe.send_bytes(_READY)
    while True:
        function, arguments = pipe.recv()
        if arguments is None:
            _import_within(function, policy)
            pipe.send_bytes(_READY)
            continue
        began = process_time()
        with _time_of(policy):
            result, reason = _result(function, arguments, policy)
        pipe.send_bytes(encoded_answer(result, reason, process_time() - began))


def _import_within(module: str, policy: ReaderPolicy) -> None:
    """Import a module, whose memory does not count as a job's."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    import_module(module)
    _limit_memory(policy.parse_memory_bytes)


def _result(
    function: Callable[..., Any], arguments: tuple[Any, ...], policy: ReaderPolicy
) -> tuple[bytes | None, str | None]:
    """The encoded result, or the reason why there is none."""
    try:
        return encoded_result(function(*arguments)), None
    except ParseError as error:
        return None, error.reason
    except MemoryError:
        limit = f"{policy.parse_memory_bytes} bytes (parse_memory_bytes)"
        return None, f"reading it needs more memory than {limit}"
    # Parsers can raise any error on a hostile document, which then cannot be read.
    except Exception as error:  # noqa: BLE001
        return None, f"it cannot be read ({type(error).__name__})"


@contextlib.contextmanager
def _time_of(policy: ReaderPolicy) -> Any:
    """End the process when a job spins on long after its time: its parent may be gone by then."""
    signal.setitimer(signal.ITIMER_PROF, 2 * policy.parse_timeout_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limit_memory(more_bytes: int) -> None:
    """Allow this process so much beyond what it has now, where the system can tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            pages = int(statm.read().split()[0])
    except (OSError, ValueError):
        return
    if resource is not None:
        limit = pages * resource.getpagesize() + more_bytes
        # The soft limit alone: it is lifted while a module is imported.
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
