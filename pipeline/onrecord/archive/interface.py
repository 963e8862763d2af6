"""The promises of every archive, whether it is one SQLite file or an OpenSearch cluster.

1. An archive is derived from the log: from the same records it holds the same content, however
   often its writer was killed, and in whatever batches the records came. Records may come twice.
2. A batch and its positions become durable together (SQLite), or the positions after the
   documents (OpenSearch, where writing a document again changes nothing).
3. Of each article the quotes of the newest extraction of its newest revision are found. The
   quotes they replaced are kept, and tell what they became.
4. Texts are kept for as long as the archive: retention of the log does not reach them. A
   tombstone of an article removes everything of it, and its extractions are passed over until
   it is published again; one of an extraction removes its quotes.
5. Both engines give the same hits, in the same order if newest first (by the minute of
   publication; quotes of one article in text order). Ranking by relevance may differ.
6. A reader sees whole batches only, and never waits for the writer.
7. One process writes at a time: `Archive.writer` is refused while another has it.

Times are aware and in UTC. Errors: ArchiveUnavailable can be waited out, ArchiveBroken cannot,
ArchiveRefused is a person's mistake. Threads: an Archive may be shared; a writer belongs to one.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from onrecord.archive.query import Node
from onrecord.archive.results import (
    ArchivedArticle,
    ArchivedQuote,
    ArchivedStory,
    ArchiveStatus,
    FacetCounts,
    FacetField,
    HitCount,
    HitPage,
    Interval,
    Order,
    PersonSummary,
    ReplacedQuote,
    SameWords,
    Timeline,
)
from onrecord.log.interface import Partition
from onrecord.records import Article, Extraction

MOST_HITS = 1_000  # on one page
NOBODY = ""  # the person of a quote whose speaker is nobody known, by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRead:
    """A revision of an article, as read from the log."""

    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionRead:
    """An extraction, as read from the log."""

    extraction: Extraction


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleGone:
    """A tombstone of an article: everything of it is removed for good, its texts too."""

    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionGone:
    """A tombstone of an extraction: its quotes are removed, current and replaced."""

    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesResolved:
    """To which person names belong now: folded name → id of a person, None for nobody."""

    people: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakersCorrected:
    """Who speaks in these quotes, by hand: quote id → id of a person, NOBODY, None as extracted."""

    people: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotesRejected:
    """Quotes judged to be none (True), or to be quotes after all: search passes over the former."""

    rejected: Mapping[str, bool]


Change = (
    ArticleRead
    | ExtractionRead
    | ArticleGone
    | ExtractionGone
    | NamesResolved
    | SpeakersCorrected
    | QuotesRejected
)


class Archive(Protocol):
    """An open archive. The module docstring states its promises."""

    def search(
        self,
        query: Node,
        *,
        order: Order = Order.NEWEST,
        cursor: str | None = None,
        limit: int = 20,
    ) -> HitPage:
        """A page of hits; `cursor` is that of the page before. Raises QueryError for a bad one."""

    def count(self, query: Node) -> HitCount:
        """The number of hits."""

    def facets(
        self,
        query: Node,
        fields: Collection[FacetField] = tuple(FacetField),
        *,
        limit: int = 10,
    ) -> FacetCounts:
        """The most frequent values of these fields among the hits."""

    def timeline(self, query: Node, *, interval: Interval | None = None) -> Timeline:
        """Hits over time, from the first to the last; an interval of None fits their span."""

    def quote(self, quote_id: str) -> ArchivedQuote | ReplacedQuote | None:
        """The quote of this id, or what became of it; None where the archive never had it."""

    def same_words(self, quote_id: str, *, limit: int = 100) -> SameWords:
        """All quotes of the same words or other cuts of them, this one included, oldest first."""

    def article(self, article_id: str) -> ArchivedArticle | None:
        """An article with all its revisions and quotes."""

    def articles(
        self, *, after: datetime | None = None, before: datetime | None = None
    ) -> Iterator[ArchivedArticle]:
        """Articles in order of publication: from `after` on, up to `before` (excluded)."""

    def story(self, story_id: str, *, limit: int = 100) -> ArchivedStory | None:
        """The copies of one story."""

    def person(self, who: str, *, limit: int = 20) -> PersonSummary | None:
        """A summary of somebody: by the id of a person, else by a whole name."""

    def status(self) -> ArchiveStatus:
        """What the archive holds, and how far it has read."""

    def writer(
        self, *, wait_s: float = 0.0, alive: Callable[[], object] = lambda: None
    ) -> "ArchiveWriter":
        """Become the one writer. Raises ArchiveUnavailable while another process is.

        Who waits asks the writer to give way (`is_wanted`), and raises it after `wait_s`. `alive`
        is called, from any thread, while a call of the writer takes minutes.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...


class ArchiveWriter(Protocol):
    """Writes an archive. Nobody else does until it is closed, or its process is gone."""

    def positions(self) -> Mapping[Partition, int]:
        """The positions of the last batch; empty for a new archive."""

    def write(
        self,
        changes: Sequence[Change],
        positions: Mapping[Partition, int],
        *,
        skipped: int = 0,
    ) -> None:
        """Apply changes in their order and move positions. `skipped` counts records left out."""

    def is_wanted(self) -> bool:
        """Whether another process waits to write: give way soon, and take a turn again later."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...
