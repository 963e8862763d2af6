"""Publishes pieces as articles on the topic, each once, however often the import is killed.

The progress of a source is kept in the log, in a topic of its own, and published in the same
transaction as the articles. Ids are functions of content, so importing a source twice, or a
source that overlaps with the feeds, adds nothing. A new import of a source fences a running
import of the same source.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from onrecord.errors import (
    Fenced,
    LogUnavailable,
    OnrecordError,
    ReaderNotStarted,
    RecordTooLarge,
)
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.giving_way import retry_when_overtaken
from onrecord.log.interface import Log, Transaction
from onrecord.processing.importing.progress import ImportTally, ProgressTable
from onrecord.processing.importing.ready import ReadyArticle
from onrecord.processing.importing.rejects import Rejected, RejectFile
from onrecord.processing.importing.sources import (
    Mark,
    Piece,
    PieceOutcome,
    PieceReading,
    Source,
    reason_of,
)
from onrecord.processing.published import PublishedArticles, publish_encoded
from onrecord.processing.stories import STORIES
from onrecord.topics import Topics

EVENT_SOURCE = "/onrecord/import"

# A transaction is in memory until it ends. Pieces without articles count as well: they must
# not be read again after a kill.
_MOST_PIECES = 1_000
_MOST_CHARS = 4_000_000
_LONGEST = timedelta(seconds=2)
# Readers go on while batches of a thousand lines are published. A piece waits in memory, half a
# megabyte and what was read of it.
_AHEAD = 8
_MOST_AHEAD = 32
# One that it reads, and one that it finds when it is done.
_LEAST_AHEAD = 2


def pieces_ahead(readers: int) -> int:
    """How many pieces so many readers may be ahead of the importing process."""
    return max(_LEAST_AHEAD * readers, min(_AHEAD * readers, _MOST_AHEAD))


@dataclass(slots=True)
class Batch:
    """Pieces read but not committed: the articles, their places by id, and the end mark."""

    began: datetime
    mark: Mark
    articles: list[ReadyArticle] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    rejected: int = 0
    pieces: int = 0
    chars: int = 0

    def is_full(self, now: datetime) -> bool:
        return (
            self.pieces >= _MOST_PIECES or self.chars >= _MOST_CHARS or now - self.began >= _LONGEST
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """One source, and how it is read.

    `name` is the writer's name: a new writer fences the previous one. `rejects` keeps pieces
    that are not articles; `reject` is also called for each, and `progressed` for each step.
    """

    name: str
    source: Source
    reading: PieceReading
    rejects: RejectFile
    reject: Callable[[Rejected], None]
    progressed: Callable[[ImportTally], None]


class Importer:
    """Imports sources in sequence. A context manager."""

    def __init__(
        self, log: Log, topics: Topics, pool: Executor, *, ahead: int, say: Callable[[str], None]
    ) -> None:
        """`pool` reads slow pieces, up to `ahead` of them in advance."""
        self._log = log
        self._topics = topics
        self._pool = pool
        self._ahead = ahead
        self._say = say
        self._progress = ProgressTable(log, f"{topics.prefix}.imports")
        self._published = PublishedArticles(log, topics, stories=STORIES)
        self._published.catch_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._published.close()

    def run(self, job: ImportJob, stopped: Callable[[], bool]) -> ImportTally:
        """Import a source from its last position to its end, or until stopped; the counts.

        Raises OnrecordError when another import of it has begun, or when no process can be
        started to read it; an import later goes on from the last step.
        """
        # Open the writer before reading progress: then no older import of this source can commit.
        step = _Step(self._log, self._topics, job, self._published, self._progress, self._say)
        try:
            start = self._begin(job, step)
            self._import(job, step, start, stopped)
        except Fenced as error:
            raise OnrecordError(
                f"{job.source.name}: another import of it has begun, so this one stops"
            ) from error
        except ReaderNotStarted as error:
            later = "" if job.source.key is None else "; the same command goes on"
            raise OnrecordError(f"{job.source.name}: {error.reason}{later}") from error
        finally:
            step.close()
        return step.tally

    def _begin(self, job: ImportJob, step: "_Step") -> Mark:
        """The start: the mark of an earlier import of this source, if its file is the same."""
        before = self._progress.of(job.source)
        start = Mark()
        if before is not None:
            if before.rejects_file == str(job.rejects.path.absolute()):
                job.rejects.cut_back(before.rejects)
            if before.file_version == job.source.version_of(before.mark.file):
                start, step.tally = before.mark, before.tally
            if start != Mark():
                of = f" of {start.file}" if start.file else ""
                self._say(f"{job.source.name}: going on after {start.number:,} records{of}")
        step.commit(Batch(job.reading.clock(), start), lambda: True)
        return start

    def _import(
        self, job: ImportJob, step: "_Step", start: Mark, stopped: Callable[[], bool]
    ) -> None:
        clock = job.reading.clock
        batch = Batch(clock(), start)
        for piece in self._read_ahead(job.source.pieces(job.reading, start)):
            if stopped():
                break
            step.read(piece, batch)
            if batch.pieces and (piece.is_pause or batch.is_full(clock())):
                step.commit(batch, stopped)
                job.progressed(step.tally)
                batch = Batch(clock(), batch.mark)
        if stopped():
            step.commit(batch, stopped)
        else:
            step.commit(batch, stopped, is_last=True)

    def _read_ahead(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The pieces in order; slow pieces are read in advance, but none waits at a pause."""
        ahead: deque[Piece] = deque()
        for piece in pieces:
            while piece.is_pause and ahead:
                yield ahead.popleft()
            if not piece.is_slow and not ahead:
                yield piece
                continue
            ahead.append(replace(piece, read=self._pool.submit(piece.read).result))
            if len(ahead) > self._ahead:
                yield ahead.popleft()
        yield from ahead


class _Step:
    """The writer of one source: collects pieces in a batch and publishes batches."""

    def __init__(
        self,
        log: Log,
        topics: Topics,
        job: ImportJob,
        published: PublishedArticles,
        progress: "ProgressTable",
        say: Callable[[str], None],
    ) -> None:
        self._log = log
        self._topics = topics
        self._job = job
        self._published = published
        self._progress = progress
        self._backoff = Backoff(Outage(say), "import")
        self._writer = log.writer(job.name)
        self.tally = ImportTally()

    def close(self) -> None:
        self._job.rejects.close()
        self._writer.close()

    def read(self, piece: Piece, batch: Batch) -> None:
        """Add a piece to the batch: its articles, and what is rejected of it."""
        outcomes = _outcomes(piece)
        batch.pieces += piece.count
        batch.mark = piece.after
        for outcome in outcomes:
            if isinstance(outcome.found, str):
                self._reject(outcome.place, outcome.found, outcome.original, batch)
                continue
            batch.articles.append(outcome.found)
            batch.places.setdefault(outcome.found.id, outcome.place)
            batch.chars += outcome.found.chars

    def _reject(self, place: str, reason: str, original: bytes | None, batch: Batch) -> None:
        rejected = Rejected(
            source=self._job.source.name,
            place=place,
            reason=reason,
            record=None if original is None else original.decode("utf-8", "replace").rstrip("\r\n"),
        )
        batch.rejected += 1
        self._job.rejects.write(rejected)
        self._job.reject(rejected)

    def commit(self, batch: Batch, stopped: Callable[[], bool], *, is_last: bool = False) -> None:
        """Publish the batch's new articles and the progress; wait while the log is unavailable."""
        while True:
            try:
                retry_when_overtaken(lambda: self._publish(batch, is_last=is_last))
            except LogUnavailable as error:
                if stopped():
                    raise
                self._backoff.wait(error, stopped)
                self._reopen(stopped)
            else:
                self._backoff.reset()
                return

    def _reopen(self, stopped: Callable[[], bool]) -> None:
        """Open a new writer of the name, which settles the previous transaction."""
        self._writer.close()
        while True:
            try:
                self._writer = self._log.writer(self._job.name)
            except LogUnavailable as error:
                if stopped():
                    raise
                self._backoff.wait(error, stopped)
            else:
                return

    def _publish(self, batch: Batch, *, is_last: bool) -> None:
        self._published.look_up(article.id for article in batch.articles)
        if any(self._published.get(article.id) is None for article in batch.articles):
            self._published.read_stories()  # before others wait for this transaction
        with self._writer.transaction() as tx:
            self._published.catch_up_within(tx)
            forgotten = self._published.forgotten
            new = [one for one in self._new_of(batch.articles) if not forgotten.has_article(one.id)]
            known = len(batch.articles) - len(new)
            taken = [article for article in new if self._publish_article(tx, article, batch)]
            tally = ImportTally(
                imported=self.tally.imported + len(taken),
                known=self.tally.known + known,
                rejected=self.tally.rejected + batch.rejected,
            )
            after = None if is_last else batch.mark
            self._progress.publish(tx, self._job.source, after, tally, self._job.rejects)
        self.tally = tally
        self._published.note(taken)

    def _new_of(self, articles: Iterable[ReadyArticle]) -> list[ReadyArticle]:
        """The articles newer than the topic's, and newer than earlier ones in the batch."""
        newest: dict[str, int] = {}
        found: list[ReadyArticle] = []
        for article in articles:
            if article.id not in newest:
                known = self._published.get(article.id)
                newest[article.id] = known.revision if known else 0
            if article.revision > newest[article.id]:
                newest[article.id] = article.revision
                found.append(article)
        return found

    def _publish_article(self, tx: Transaction, article: ReadyArticle, batch: Batch) -> bool:
        """Publish an article with its story; an article of another log keeps the story it has."""
        stories = self._published.stories
        story = article.story or stories.story_of(
            article.id, article.sketch, article.url, article.fetched_at
        )
        try:
            publish_encoded(
                tx, self._topics, article, article.with_story(story), source=EVENT_SOURCE
            )
        except RecordTooLarge as error:
            # Must not be rejected a second time when this transaction is repeated.
            batch.articles.remove(article)
            self._reject(batch.places[article.id], str(error), None, batch)
            return False
        stories.note(
            article.id,
            article.sketch,
            story.id,
            story.first_seen,
            url=article.url,
            is_committed=False,
        )
        return True


def _outcomes(piece: Piece) -> Sequence[PieceOutcome]:
    """What a piece holds; a piece that cannot be read is one outcome, the reason.

    Raises ReaderNotStarted, which is not the fault of the piece.
    """
    try:
        return piece.read()
    except ReaderNotStarted:
        raise
    # Libraries can raise any error on foreign input; the rest of the source is still read.
    except Exception as error:  # noqa: BLE001
        return [PieceOutcome(piece.place, reason_of(error))]
