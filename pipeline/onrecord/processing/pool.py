"""Extraction in worker processes: parallel and bounded; a failing article does not affect others.

Each process is given one chunk of articles at a time. It returns results one by one and reports
which article it is reading. An article that fails, takes too long or ends its process therefore
fails alone: earlier results are kept, and the rest of its chunk goes to another process. Where an
extractor does not report the article, the rest is tried again one by one. A process is replaced
after a number of articles, because spaCy's vocabulary grows with every new word.
"""

import logging
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Self, cast

from onrecord.errors import ExtractorBroken
from onrecord.processes import ChildProcess
from onrecord.processing.extractor_process import (
    Answer,
    Done,
    Extract,
    ExtractionFailed,
    MakeExtract,
    Ready,
    Started,
    serve,
)
from onrecord.processing.reasons import Failure, ReasonCode
from onrecord.records import Article, Extraction
from onrecord.settings import Positive, Processes, Seconds, key

__all__ = ["Extract", "MakeExtract", "Pool", "PoolPolicy", "Result"]

Result = Extraction | Failure

_logger = logging.getLogger(__name__)

# The error's name in dead letters when no exception was raised.
_NO_ERROR = "ExtractorDied"


@dataclass(frozen=True, kw_only=True)
class PoolPolicy:
    """How many processes extract, and what one article may cost.

    `start_timeout_s` is for loading the extractor: minutes where other work goes first.
    `niceness` is added to that of this process: more of it lets other work go first.
    """

    processes: Processes = key(
        0, "Extractor processes, each of about 200 MB. 0 is one for each processor."
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
    start_timeout_s: float = 600.0
    niceness: int = 0

    @property
    def process_count(self) -> int:
        """The number of processes."""
        return self.processes or os.cpu_count() or 1


@dataclass(slots=True)
class _Chunk:
    """Articles sent together, each with its ticket; `reading` is the number of the current one.

    `left` holds the articles without a result, by number.
    """

    left: dict[int, tuple[int, Article]]
    reading: int | None = None

    @classmethod
    def of(cls, pairs: list[tuple[int, Article]]) -> "_Chunk":
        return cls(dict(enumerate(pairs)))

    @property
    def articles(self) -> list[Article]:
        return [article for _, article in self.left.values()]

    def suspect(self) -> int | None:
        """The number of the article at fault, if known."""
        if len(self.left) == 1:
            return next(iter(self.left))
        return self.reading if self.reading in self.left else None

    def next_ticket(self) -> int:
        """The ticket of the first article without a result; the article leaves `left`."""
        return self.left.pop(min(self.left))[0]


@dataclass(slots=True, eq=False)
class _Worker:
    """One process and its chunk. `deadline` is on the monotonic clock."""

    process: ChildProcess
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
    _workers: list[_Worker] = field(default_factory=list)
    _finished: list[tuple[int, Result]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._workers = [self._start() for _ in range(self.policy.process_count)]
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._queue.clear()
        for worker in self._workers:
            worker.process.end()
        self._workers = []

    def wait_until_ready(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Wait until every process has loaded its extractor. Raises ExtractorBroken."""
        while not stopped() and not all(worker.ready for worker in self._workers):
            early = self.collect(0.5)
            self._finished = early + self._finished

    def submit(self, tickets: list[int], articles: list[Article]) -> None:
        """Queue these articles as one chunk; each result comes under its ticket."""
        self._queue.append(_Chunk.of(list(zip(tickets, articles, strict=True))))
        self._hand_out()

    def idle(self) -> int:
        """The number of idle processes: submit more."""
        busy = sum(worker.chunk is not None for worker in self._workers)
        return max(0, len(self._workers) - busy - len(self._queue))

    def collect(self, timeout_s: float) -> list[tuple[int, Result]]:
        """The results so far, waiting up to `timeout_s` for the first. Can be empty.

        Raises ExtractorBroken when a process cannot load its extractor.
        """
        by_pipe = {worker.process.pipe: worker for worker in self._workers}
        for pipe in wait(list(by_pipe), self._patience_s(timeout_s)):
            self._receive(by_pipe[cast("Connection", pipe)])
        self._end_the_late()
        self._hand_out()
        finished, self._finished = self._finished, []
        return finished

    def _patience_s(self, timeout_s: float) -> float:
        """The time to wait: at most until the next deadline; none if results are at hand."""
        if self._finished:
            return 0.0
        now = monotonic()
        busy = [w.deadline - now for w in self._workers if w.chunk is not None or not w.ready]
        return max(0.0, min([timeout_s, *busy]))

    # ── one process ──────────────────────────────────────────────────────────────────────────

    def _receive(self, worker: _Worker) -> None:
        """Process all messages that a worker has sent."""
        try:
            while worker in self._workers and worker.process.pipe.poll():
                self._hear(worker, worker.process.receive(0))
        except (EOFError, OSError):
            code = worker.process.exit_code()
            self._lose(worker, ReasonCode.DIED, f"the extractor process died (exit code {code})")

    def _hear(self, worker: _Worker, answer: Answer) -> None:
        match answer, worker.chunk:
            case Ready(), _:
                worker.ready = True
            case ExtractionFailed(_, failure), _ if not worker.ready:
                raise ExtractorBroken(failure.reason)
            case Started(number), _Chunk() as chunk:
                chunk.reading = number
                # The time of reading a chunk as a whole is counted once, for the first article.
                if number > 0:
                    worker.deadline = monotonic() + self.policy.timeout_s
            case Extraction(), _Chunk() as chunk:
                self._finished.append((chunk.next_ticket(), answer))
                chunk.reading = None
                worker.done += 1
                worker.deadline = monotonic() + self.policy.timeout_s
            case ExtractionFailed(number, failure), _Chunk() as chunk:
                worker.done += 1
                self._fail(chunk, chunk.suspect() if number is None else number, failure)
            case Done(), _Chunk():
                worker.chunk = None
                if worker.done >= self.policy.recycle_after:
                    self._replace(worker)

    def _fail(self, chunk: _Chunk, number: int | None, failure: Failure) -> None:
        """Fail the article at fault, and retry the others of its chunk."""
        if number in chunk.left:
            ticket, _ = chunk.left.pop(number)
            self._finished.append((ticket, failure))
            again = [_Chunk.of(list(chunk.left.values()))] if chunk.left else []
        else:
            again = [_Chunk.of([pair]) for pair in chunk.left.values()]
        chunk.left = {}
        self._queue.extendleft(reversed(again))

    def _end_the_late(self) -> None:
        now = monotonic()
        for worker in list(self._workers):
            # What has answered was in time, however long this process itself stood still.
            if worker.deadline > now or worker.process.pipe.poll():
                continue
            if not worker.ready:
                raise ExtractorBroken(
                    f"an extractor process was not ready after {self.policy.start_timeout_s:g} s"
                )
            if worker.chunk is not None:
                limit = f"{self.policy.timeout_s:g} s (extract.timeout_s)"
                self._lose(worker, ReasonCode.TIMED_OUT, f"extraction took longer than {limit}")

    def _lose(self, worker: _Worker, code: ReasonCode, reason: str) -> None:
        """Replace a dead or overdue process, and blame the article it was reading."""
        if not worker.ready:
            raise ExtractorBroken(f"an extractor process could not start: {reason}")
        chunk, worker.chunk = worker.chunk, None
        _logger.warning("%s; another takes its place", reason)
        self._replace(worker)
        if chunk is not None:
            self._fail(chunk, chunk.suspect(), Failure(code, reason, _NO_ERROR))

    def _replace(self, worker: _Worker) -> None:
        worker.process.end()
        self._workers[self._workers.index(worker)] = self._start()

    def _start(self) -> _Worker:
        process = ChildProcess(serve, self.make_extract, self.policy.niceness, name="extractor")
        return _Worker(process, monotonic() + self.policy.start_timeout_s)

    def _hand_out(self) -> None:
        for worker in self._workers:
            if self._queue and worker.ready and worker.chunk is None:
                self._give(worker, self._queue.popleft())

    def _give(self, worker: _Worker, chunk: _Chunk) -> None:
        worker.chunk = chunk
        worker.deadline = monotonic() + self.policy.timeout_s
        try:
            worker.process.send(chunk.articles)
        except OSError:
            # It died while idle, which is no article's fault. Its end of the pipe is readable now:
            # `collect` notices, and another process takes the chunk.
            worker.chunk = None
            self._queue.appendleft(chunk)
