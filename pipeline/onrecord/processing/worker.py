"""The worker: articles in, extractions out, each article exactly once.

    read ahead ─ decode ─ extract in the pool ─ publish results and commit positions, in one step
                    └──────── what fails becomes a dead letter in that same step

Results are committed in the order the articles were read, whatever order they finish in, so a
committed position never passes an article without a result. What is read ahead is bounded in
number and bytes, so memory does not grow with the backlog. A transaction is opened only when
its results are ready.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from onrecord.errors import LogUnavailable, LostOwnership, RecordError, RecordTooLarge
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.consuming import Consumer, attempt
from onrecord.log.interface import Headers, Member, Message, Partition, Transaction
from onrecord.processing.dead_letters import DeadLetterPolicy, set_aside
from onrecord.processing.failure_streak import FailureStreak
from onrecord.processing.pool import Result
from onrecord.processing.reasons import Failure, ReasonCode
from onrecord.records import Article, Extraction, event_headers, from_json, to_json
from onrecord.settings import Positive, Seconds, key
from onrecord.topics import Topics
from onrecord.tracing import CONTEXT, Tracer, Work

EVENT_SOURCE = "/onrecord/extract"
# The longest interval between polls of the member, whatever the extractor processes do.
_LOOK_S = 0.1
# With a backlog, results wait for others in proportion to the time their article has waited.
_WAITS_MORE = 0.05
_LONGEST_WAIT_S = 5.0
# Raised by encoding for values that a custom extractor put into a record.
_NOT_JSON = (TypeError, ValueError, RecursionError)


@dataclass(frozen=True, kw_only=True)
class WorkerPolicy:
    """How much is read ahead, handed out at once, and committed together.

    `read_ahead_bytes` limits the records that are read and not yet committed. `chunk` articles go
    to a process together.
    """

    read_ahead: Positive = key(
        128,
        "Articles read ahead of the last commit. More keeps the processes busy over slow ones; "
        "what is read ahead is read again after a crash.",
    )
    commit_every: Positive = key(
        64,
        "So many results are committed together. Large commits cost less; a reader of the sink "
        "sees results sooner with small ones.",
    )
    commit_interval_s: Seconds = key(
        0.5,
        "Seconds after which results are committed, however few they are. A backlog is committed "
        "in larger pieces: a result may wait for a twentieth of the time its article waited, at "
        "most 5 seconds.",
    )
    read_ahead_bytes: int = 64 * 1024 * 1024
    chunk: int = 16


@dataclass(frozen=True, slots=True)
class BatchReport:
    """The content of one committed transaction, or a note that it was abandoned.

    `results` has extractions, and the ids of articles that were withdrawn, in the order published.
    `entered_at` gives, for each extraction, the time when its article entered the log.
    """

    results: list[Extraction | str] = field(default_factory=list)
    entered_at: list[datetime] = field(default_factory=list)
    dead_letters: list[tuple[Message, Failure]] = field(default_factory=list)
    abandoned: int = 0

    @property
    def extractions(self) -> list[Extraction]:
        return [result for result in self.results if isinstance(result, Extraction)]


Amend = Callable[[Sequence[Extraction]], Sequence[Extraction | None]]


def unchanged(extractions: Sequence[Extraction]) -> Sequence[Extraction | None]:
    """The extractions themselves; the default of `amend`."""
    return extractions


class Gone:
    """The result for a tombstone: the article was taken out of the log."""


Also = Callable[[Transaction, BatchReport, Mapping[Partition, int]], None]


def nothing_else(tx: Transaction, report: BatchReport, positions: Mapping[Partition, int]) -> None:
    """Publish nothing besides results and positions; the default of `also`."""


class ExtractorPool(Protocol):
    """The pool's interface as the worker uses it; see `pool.Pool`."""

    def submit(self, tickets: list[int], articles: list[Article]) -> None: ...

    def idle(self) -> int: ...

    def collect(self, timeout_s: float) -> list[tuple[int, Result]]: ...


@dataclass(slots=True)
class _Work:
    """One message in progress. `ready_at` is when its result came, on the monotonic clock."""

    ticket: int
    message: Message
    article: Article | None = None
    result: Result | Gone | None = None
    ready_at: float = 0.0

    @property
    def feed(self) -> str:
        """The feed of the article, "" if unknown."""
        return (self.article.feed or self.article.publisher or "") if self.article else ""

    @property
    def failure(self) -> Failure | None:
        return self.result if isinstance(self.result, Failure) else None


def _now() -> datetime:
    return datetime.now(UTC)


class Worker:
    """Reads articles as a member of a group, and publishes their extractions."""

    def __init__(
        self,
        member: Member,
        pool: ExtractorPool,
        *,
        topics: Topics,
        into: str,
        policy: WorkerPolicy,
        dead_letters: DeadLetterPolicy,
        report: Callable[[BatchReport], None],
        outage: Outage,
        also: Also = nothing_else,
        amend: Amend = unchanged,
        tracer: Tracer | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """`into` is the topic for extractions. `outage` is told when the log is unavailable.

        `also` can publish additional records in each transaction, given its content. `amend`
        takes out of extractions what must not be published, all of one if it gives None; it is
        asked within the transaction.
        `tracer` records each extraction.
        """
        self._tracer = tracer
        self._now = now
        self._pool = pool
        self._topics = topics
        self._into = into
        self._policy = policy
        self._dead_letters = dead_letters
        self._streak = FailureStreak()
        self._report = report
        self._also = also
        self._amend = amend
        self._backoff = Backoff(outage, "extract")
        self._consumer = Consumer(member, forget=self._forget)
        self._works: deque[_Work] = deque()
        self._waiting: deque[_Work] = deque()
        self._by_ticket: dict[int, _Work] = {}
        self._last_ticket = 0

    def run(self, stopped: Callable[[], bool], drained: Callable[[], bool]) -> None:
        """Work until told to stop, or until no work is left and `drained` confirms the end.

        On stopping, complete results are committed and the rest is abandoned, to be read again.
        Raises TooManyDeadLetters, Fenced, LogBroken, ExtractorBroken.
        """
        while not stopped():
            if attempt(lambda: self._step(drained), self._backoff, stopped):
                return
        self._commit_on_leaving()

    def in_hand(self) -> int:
        """The number of articles read and not yet committed. From any thread."""
        return len(self._works)

    def _step(self, drained: Callable[[], bool]) -> bool:
        """Read, extract and commit the due results; whether no work is left."""
        self._read()
        self._hand_out()
        self._collect()
        if self._is_due():
            self._commit()
        return not self._works and not self._consumer.must_rewind and drained()

    # ── reading ahead ────────────────────────────────────────────────────────────────────────

    def _read(self) -> None:
        room = self._policy.read_ahead - len(self._works)
        if self._bytes_ahead() >= self._policy.read_ahead_bytes:
            room = 0
        # With work under way, wait for results, in `_collect`; otherwise wait for messages.
        timeout_s = 0.0 if self._works else self._policy.commit_interval_s
        for message in self._consumer.poll(limit=max(0, room), timeout_s=timeout_s):
            self._accept(message)

    def _bytes_ahead(self) -> int:
        return sum(len(work.message.value or b"") for work in self._works)

    def _accept(self, message: Message) -> None:
        self._last_ticket += 1
        work = _Work(self._last_ticket, message)
        self._works.append(work)
        if message.value is None:
            work.result, work.ready_at = Gone(), monotonic()
            return
        try:
            work.article = from_json(message.value, Article)
        except RecordError as error:
            work.result = Failure(ReasonCode.UNDECODABLE, str(error), type(error).__name__)
            work.ready_at = monotonic()
        else:
            self._by_ticket[work.ticket] = work
            self._waiting.append(work)

    def _forget(self, taken: frozenset[Partition] | None) -> None:
        """Drop the work on revoked partitions, or (None) all of it."""
        if taken is None and self._works:
            self._report(BatchReport(abandoned=len(self._works)))

        def is_kept(work: _Work) -> bool:
            return taken is not None and work.message.source not in taken

        self._works = deque(filter(is_kept, self._works))
        self._waiting = deque(filter(is_kept, self._waiting))
        self._by_ticket = {t: work for t, work in self._by_ticket.items() if is_kept(work)}

    # ── extracting ───────────────────────────────────────────────────────────────────────────

    def _hand_out(self) -> None:
        """Keep every process busy with one chunk each; divide a small amount of work evenly."""
        idle = self._pool.idle()
        while idle and self._waiting:
            share = -(-len(self._waiting) // idle)
            works = [self._waiting.popleft() for _ in range(min(share, self._policy.chunk))]
            articles = [work.article for work in works if work.article is not None]
            self._pool.submit([work.ticket for work in works], articles)
            idle -= 1

    def _collect(self) -> None:
        if not self._works:
            return
        for ticket, result in self._pool.collect(self._wait_s()):
            # An unknown ticket belongs to dropped work.
            work = self._by_ticket.pop(ticket, None)
            if work is not None:
                work.result = result
                work.ready_at = monotonic()

    def _wait_s(self) -> float:
        """The time to wait for more results: at most until the next commit is due."""
        if self._is_due():
            return 0.0
        if self._works[0].result is None:
            return _LOOK_S
        waited_s = monotonic() - self._works[0].ready_at
        return max(0.0, min(_LOOK_S, self._interval_s() - waited_s))

    # ── committing ───────────────────────────────────────────────────────────────────────────

    def _ready(self) -> int:
        """The number of results that can be committed: those before the first missing result."""
        for count, work in enumerate(self._works):
            if work.result is None:
                return count
        return len(self._works)

    def _is_due(self) -> bool:
        ready = self._ready()
        if not ready:
            return False
        waited_s = monotonic() - self._works[0].ready_at
        enough = ready >= self._policy.commit_every or ready == len(self._works)
        return enough or waited_s >= self._interval_s()

    def _interval_s(self) -> float:
        """How long results wait for others before they are committed."""
        age_s = (self._now() - self._works[0].message.timestamp).total_seconds()
        return max(self._policy.commit_interval_s, min(_LONGEST_WAIT_S, age_s * _WAITS_MORE))

    def _commit(self) -> None:
        works = [self._works[at] for at in range(min(self._ready(), self._policy.commit_every))]
        streak = self._streak.after(
            [(work.feed, work.failure) for work in works], self._dead_letters.in_a_row
        )
        report, positions = BatchReport(), _positions(works)
        with self._consumer.transaction() as tx:
            self._amend_results(works)
            for work in works:
                self._publish(tx, work, report)
            tx.commit(positions)
            self._also(tx, report, positions)
        self._streak = streak
        for _ in works:
            self._works.popleft()
        self._report(report)

    def _amend_results(self, works: Sequence[_Work]) -> None:
        """Take out what must not be published, also since the article was read."""
        extractions = [work.result for work in works if isinstance(work.result, Extraction)]
        amended = iter(self._amend(extractions))
        for work in works:
            if isinstance(work.result, Extraction):
                work.result = next(amended) or Gone()

    def _publish(self, tx: Transaction, work: _Work, report: BatchReport) -> None:
        try:
            if isinstance(work.result, Gone):
                self._publish_tombstone(tx, work.message, report)
            elif isinstance(work.result, Extraction):
                self._publish_extraction(tx, work.message, work.result)
                report.results.append(work.result)
                report.entered_at.append(work.message.timestamp)
        except RecordTooLarge as error:
            work.result = Failure(ReasonCode.TOO_LARGE, str(error), type(error).__name__)
        except _NOT_JSON as error:
            reason = f"the extraction cannot be written as JSON: {error}"
            work.result = Failure(ReasonCode.FAILED, reason, type(error).__name__)
        if work.failure is not None:
            set_aside(tx, self._topics, work.message, work.failure)
            report.dead_letters.append((work.message, work.failure))

    def _publish_tombstone(self, tx: Transaction, message: Message, report: BatchReport) -> None:
        """Tell whoever follows the results that there are none of this article any more."""
        if message.key is not None:
            tx.publish(self._into, key=message.key, value=None)
            report.results.append(message.key.decode("utf-8", "replace"))

    def _publish_extraction(
        self, tx: Transaction, message: Message, extraction: Extraction
    ) -> None:
        article = extraction.article
        headers = event_headers(
            extraction,
            event_id=f"{article.id}.{article.revision}",
            subject=article.id,
            source=EVENT_SOURCE,
            time=extraction.extracted_at,
        )
        tx.publish(
            self._into,
            key=article.id.encode(),
            value=to_json(extraction),
            headers=(*headers, *self._traced(message, extraction)),
        )

    def _traced(self, message: Message, extraction: Extraction) -> Headers:
        """The headers by which a trace goes on; those of the article where nothing is traced."""
        if self._tracer is None:
            return tuple(header for header in message.headers if header[0] == CONTEXT)
        began_at = extraction.extracted_at - timedelta(milliseconds=extraction.took_ms)
        about: dict[str, str | int] = {
            "article.id": extraction.article.id,
            "article.revision": extraction.article.revision,
            "quotes": len(extraction.quotes),
        }
        work = Work("extract", began_at, extraction.extracted_at, about)
        return self._tracer.record(work, after=message.headers)

    def _commit_on_leaving(self) -> None:
        """Commit the ready results; if the log refuses them now, they are extracted again later."""
        with suppress(LostOwnership, LogUnavailable):
            if self._ready():
                self._commit()


def _positions(works: list[_Work]) -> dict[Partition, int]:
    """For each partition, the offset after its last work."""
    return {work.message.source: work.message.next_offset for work in works}
