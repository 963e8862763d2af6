"""What an archive answers.

Every count says whether it is exact: an engine counts the newest hits up to a limit, so that a
question about a very common word takes no longer than about a common one. `is_bounded` then is
true and the number is a lower limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal

from onrecord.log.interface import Partition
from onrecord.records import Article, ArticleRef, Entity, Extractor, Quote, QuoteOnRecord


class Order(Enum):
    """The order of hits."""

    NEWEST = "newest"
    OLDEST = "oldest"
    RELEVANCE = "relevance"


class FacetField(Enum):
    """What hits are counted by."""

    SPEAKER = "speaker"
    ABOUT = "about"
    PUBLISHER = "publisher"
    TYPE = "type"
    LANGUAGE = "language"


Interval = Literal["hour", "day", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """Somebody as an article names them; `person` is their id in the registry, where it has one.

    A query finds exactly them by `person`, else by `name`.
    """

    name: str
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedWord:
    """A word of a hit that the query asked for: half-open offsets into the article's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedQuote:
    """A quote with its article, as it was extracted.

    `at` is the time by which it is found: of publication, or where that is unknown or lies after
    its extraction, of extraction. `about` are the persons, organisations and places it is about.
    `extracted_at` is of the extraction. `story` is of the article. `is_rejected` marks a quote
    that people judged to be none: search passes over it, its own address does not. `is_by_hand`
    where people corrected whose quote it is: `speaker` then is not who was extracted.
    """

    article: ArticleRef
    quote: Quote
    at: datetime
    extracted_at: datetime
    notes: tuple[str, ...] = ()
    speaker: NamedPerson | None = None
    about: tuple[NamedPerson, ...] = ()
    story: str | None = None
    is_rejected: bool = False
    is_by_hand: bool = False

    @property
    def id(self) -> str:
        return self.quote.id

    @property
    def role(self) -> str | None:
        """The speaker's role in the article, unless another speaker was given by hand."""
        extracted = self.quote.speaker
        return None if extracted is None or self.is_by_hand else extracted.role

    @property
    def wrong_speaker(self) -> str | None:
        """The name of the extracted speaker, where people judged it is another's or nobody's."""
        extracted = self.quote.speaker
        return extracted.name if extracted is not None and self.is_by_hand else None

    def on_record(self) -> QuoteOnRecord:
        """The quote as `onrecord subscribe quotes` prints it."""
        if self.notes:
            return QuoteOnRecord(
                article=self.article,
                quote=self.quote,
                extracted_at=self.extracted_at,
                notes=self.notes,
            )
        return QuoteOnRecord(article=self.article, quote=self.quote, extracted_at=self.extracted_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A quote that a query found, with the words to be marked, in text order."""

    quote: ArchivedQuote
    marks: tuple[MarkedWord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPage:
    """A page of hits. `cursor` continues after it; None where nothing follows.

    Relevance ranks the newest hits only; `is_bounded` where there are more than those.
    """

    hits: tuple[Hit, ...]
    cursor: str | None = None
    is_bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HitCount:
    """How many quotes a query finds."""

    count: int
    is_bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a facet: `query` is what narrows a query to it, as `speaker:"ana belcourt"`."""

    value: str
    count: int
    person: str | None = None
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCounts:
    """The most frequent values among `counted` hits, the newest ones if `is_bounded`."""

    values: Mapping[FacetField, tuple[FacetValue, ...]]
    counted: int
    is_bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePoint:
    """One hour, day, month or year (UTC): hits, and all quotes of the archive in that time."""

    start: datetime
    count: int
    of: int

    @property
    def share(self) -> float | None:
        """Hits as a share of all quotes of the time; None where there are none at all."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Hits over time, oldest first, without gaps. If `is_bounded`, earlier hits are not counted."""

    interval: Interval
    points: tuple[TimelinePoint, ...]
    is_bounded: bool = False


# ── single things ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedQuote:
    """A quote that a new revision or another extraction replaced.

    `became` is the id of the quote that has its place now: that with the same words, else that
    with most words in common; None where the new extraction has none like it. `words` is what
    was quoted, `revision` the revision of the article it stood in.
    """

    id: str
    article: str
    revision: int
    words: str
    speaker: str | None = None
    became: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRevision:
    """One published revision of an article; `text` is None where only its quotes are known.

    `quotes` are those of the current extraction, or what was replaced (`replaced`).
    """

    revision: int
    article: Article | None
    quotes: tuple[ArchivedQuote, ...] = ()
    replaced: tuple[ReplacedQuote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedArticle:
    """An article with all its revisions, oldest first, and the newest extraction's findings.

    `extractor` and `extracted_at` are None where there is no extraction of it.
    """

    ref: ArticleRef
    at: datetime
    revisions: tuple[ArticleRevision, ...]
    entities: tuple[Entity, ...] = ()
    extractor: Extractor | None = None
    extracted_at: datetime | None = None
    notes: tuple[str, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)  # entity id → id of the person
    story: str | None = None

    @property
    def quotes(self) -> tuple[ArchivedQuote, ...]:
        """The current quotes, in text order."""
        return tuple(quote for revision in self.revisions for quote in revision.quotes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SameWords:
    """Quotes of the same words in all articles, oldest first: the first was printed first.

    Longer and shorter cuts of the same statement are among them, of two weeks before and after.
    """

    quotes: tuple[ArchivedQuote, ...]
    is_bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedStory:
    """The articles that print one story, oldest first, each with its quotes."""

    id: str
    articles: tuple[ArchivedArticle, ...]
    is_bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSummary:
    """What the archive knows of a person, under all their names.

    `by_month` counts the quotes they spoke (also `mentions_by_month`: the quotes about them).
    `about` is whom and what they speak about most, `quoted_by` the publishers that quote them
    most, `spoken_of_by` who speaks about them most; `newest` are their newest quotes. `roles`
    are what articles call them, each with the times at which it was first and last seen.
    """

    name: str
    person: str | None
    names: tuple[str, ...]
    quotes: int
    by_month: tuple[TimelinePoint, ...]
    mentions_by_month: tuple[TimelinePoint, ...]
    about: tuple[FacetValue, ...]
    quoted_by: tuple[FacetValue, ...]
    spoken_of_by: tuple[FacetValue, ...]
    roles: tuple["SeenRole", ...]
    newest: tuple[ArchivedQuote, ...]
    is_bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRole:
    """A role or office that articles gave somebody."""

    role: str
    first_seen: datetime
    last_seen: datetime
    quotes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveStatus:
    """What an archive holds. `positions` name the next offset to index, for each partition."""

    url: str
    quotes: int
    articles: int
    size_bytes: int
    newest: datetime | None
    positions: Mapping[Partition, int]
    skipped: int = 0
