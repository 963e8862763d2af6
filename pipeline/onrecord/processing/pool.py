"""Extraction in worker processes: parallel, bounded, and nothing an article does kills more.

A pool of spawned processes, each given one chunk of articles at a time over a pipe. A chunk
that fails, dies with its process or takes too long is tried again article by article, so that
only the article at fault fails; the process is replaced. A process that did its share of
articles is replaced as well, because spaCy's vocabulary grows with every new word it meets.

A process whose parent is gone reads the end of its pipe and exits.
"""

import os
import signal
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import monotonic
from typing import Self

from onrecord.errors import ExtractorBroken
from onrecord.records import Article, Extraction
from onrecord.settings import Positive, Processes, Seconds, key

Extract = Callable[[Sequence[Article]], list[Extraction]]
MakeExtract = Callable[[], Extract]


@dataclass(frozen=True, kw_only=True)
class PoolPolicy:
    """How many processes extract, and what one article may cost.

    `start_timeout_s` is for loading the extractor. `niceness` is added to that of this process:
    more of it lets other work go first.
    """

    processes: Processes = key(
        0, "Extractor processes, each of about 300 MB. 0 is one for each processor."
    )
    timeout_s: Seconds = key(
        60.0,
        "Seconds that one article may take before its process is ended and it becomes a dead "
        "letter.",
    )
    recycle_after: Positive = key(
        20_000,
        "Articles after which a process is replaced: spaCy's vocabulary grows with every new word.",
    )
    start_timeout_s: float = 120.0
    niceness: int = 0

    @property
    def process_count(self) -> int:
        """How many processes there are."""
        return self.processes or os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an article could not be extracted: one line, the error's name, and the stack."""

    reason: str
    error: str
    stack: str | None = None


Result = Extraction | Failure


@dataclass(slots=True)
class _Chunk:
    """Articles sent together, each with the ticket its result is handed back under."""

    tickets: list[int]
    articles: list[Article]

    def singly(self) -> "list[_Chunk]":
        pairs = zip(self.tickets, self.articles, strict=True)
        return [_Chunk([ticket], [article]) for ticket, article in pairs]


@dataclass(slots=True)
class _Process:
    """One worker process and what it is busy with."""

    handle: SpawnProcess
    pipe: Connection
    deadline: float
    ready: bool = False
    done: int = 0
    chunk: _Chunk | None = None


@dataclass(slots=True)
class Pool:
    """Extracts articles in processes; results come back in any order, by ticket.

    `submit` queues without bound: the caller bounds what it submits. Not thread-safe.
    """

    make_extract: MakeExtract
    policy: PoolPolicy = field(default_factory=PoolPolicy)
    _queue: deque[_Chunk] = field(default_factory=deque)
    _processes: list[_Process] = field(default_factory=list)
    _finished: list[tuple[int, Result]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._processes = [self._start() for _ in range(self.policy.process_count)]
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._queue.clear()
        for process in self._processes:
            _stop(process)
        self._processes = []

    def wait_until_ready(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Wait until every process has loaded what it needs. Raises ExtractorBroken."""
        while not stopped() and not all(process.ready for process in self._processes):
            early = self.collect(0.5)
            self._finished = early + self._finished

    def submit(self, tickets: list[int], articles: list[Article]) -> None:
        """Have these extracted together; each result comes under its ticket."""
        self._queue.append(_Chunk(tickets, articles))
        self._hand_out()

    def idle(self) -> int:
        """How many processes have nothing to do: submit more."""
        busy = sum(process.chunk is not None for process in self._processes)
        return max(0, len(self._processes) - busy - len(self._queue))

    def collect(self, timeout_s: float) -> list[tuple[int, Result]]:
        """What has finished, waiting up to `timeout_s` for the first. May be empty.

        Raises ExtractorBroken when a process fails to start.
        """
        pipes = [process.pipe for process in self._processes]
        for pipe in wait(pipes, self._patience(timeout_s)):
            self._receive(next(process for process in self._processes if process.pipe is pipe))
        self._end_the_late()
        self._hand_out()
        finished, self._finished = self._finished, []
        return finished

    def _patience(self, timeout_s: float) -> float:
        """How long to wait: no longer than until the next deadline."""
        now = monotonic()
        busy = [p.deadline - now for p in self._processes if p.chunk is not None or not p.ready]
        return max(0.0, min([timeout_s, *busy]))

    def _receive(self, process: _Process) -> None:
        try:
            answer = process.pipe.recv()
        except (EOFError, OSError):
            self._bury(process, f"the extractor process died (exit code {_exit_code(process)})")
            return
        if not process.ready:
            if isinstance(answer, Failure):
                raise ExtractorBroken(answer.reason)
            process.ready = True
            return
        chunk, process.chunk = process.chunk, None
        if chunk is None:
            return
        process.done += len(chunk.articles)
        self._settle(chunk, answer)
        if process.done >= self.policy.recycle_after:
            self._replace(process)

    def _settle(self, chunk: _Chunk, answer: list[Extraction] | Failure) -> None:
        if not isinstance(answer, Failure):
            self._finished += zip(chunk.tickets, answer, strict=True)
        elif len(chunk.articles) > 1:
            self._queue.extendleft(reversed(chunk.singly()))
        else:
            self._finished.append((chunk.tickets[0], answer))

    def _end_the_late(self) -> None:
        now = monotonic()
        for process in list(self._processes):
            if process.deadline > now:
                continue
            if not process.ready:
                raise ExtractorBroken(
                    f"an extractor process was not ready after {self.policy.start_timeout_s:g} s"
                )
            if process.chunk is not None:
                process.handle.kill()
                limit = self.policy.timeout_s * len(process.chunk.articles)
                self._bury(process, f"extraction took longer than {limit:g} s (extract.timeout_s)")

    def _bury(self, process: _Process, reason: str) -> None:
        """A process died: blame its chunk, start another."""
        if not process.ready:
            raise ExtractorBroken(f"an extractor process could not start: {reason}")
        chunk, process.chunk = process.chunk, None
        self._replace(process)
        if chunk is not None:
            self._settle(chunk, Failure(reason, "ExtractorDied"))

    def _replace(self, process: _Process) -> None:
        _stop(process)
        self._processes[self._processes.index(process)] = self._start()

    def _start(self) -> _Process:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        handle = context.Process(
            target=_serve, args=(theirs, self.make_extract, self.policy.niceness), daemon=True
        )
        handle.start()
        theirs.close()
        return _Process(handle, ours, monotonic() + self.policy.start_timeout_s)

    def _hand_out(self) -> None:
        for process in self._processes:
            if self._queue and process.ready and process.chunk is None:
                self._give(process, self._queue.popleft())

    def _give(self, process: _Process, chunk: _Chunk) -> None:
        process.chunk = chunk
        process.deadline = monotonic() + self.policy.timeout_s * len(chunk.articles)
        try:
            process.pipe.send(chunk.articles)
        except OSError:
            # It died while idle. Its end of the pipe is readable now, and `collect` buries it.
            return


def _stop(process: _Process) -> None:
    """End a process now; it holds nothing that needs saying goodbye to."""
    process.handle.kill()
    process.handle.join(5)
    process.pipe.close()


def _exit_code(process: _Process) -> int | None:
    process.handle.join(1)
    return process.handle.exitcode


def _serve(pipe: Connection, make_extract: MakeExtract, niceness: int) -> None:
    """A worker process: chunks in, lists of extractions or a Failure out."""
    os.nice(niceness)
    # The parent decides when to stop; a Ctrl-C in the terminal reaches the children too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        extract = make_extract()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        _answer(pipe, _failure(error))
        return
    _answer(pipe, None)
    while (articles := _next(pipe)) is not None:
        _answer(pipe, _extracted(extract, articles))


def _next(pipe: Connection) -> list[Article] | None:
    try:
        articles: list[Article] = pipe.recv()
    except (EOFError, OSError):
        return None
    return articles


def _answer(pipe: Connection, answer: list[Extraction] | Failure | None) -> None:
    try:
        pipe.send(answer)
    except OSError:
        os._exit(0)  # the parent is gone, and with it everyone who would read an error


def _extracted(extract: Extract, articles: list[Article]) -> list[Extraction] | Failure:
    try:
        return extract(articles)
    except Exception as error:  # noqa: BLE001 - swallows nothing: it becomes a dead letter's reason
        return _failure(error)


def _failure(error: Exception) -> Failure:
    reason = str(error).strip() or type(error).__name__
    return Failure(reason.splitlines()[0], type(error).__name__, traceback.format_exc())
