"""Applies changes to an archive's file, in the order in which the log has them."""

from collections.abc import Mapping, Sequence

import msgspec

from onrecord.archive.documents import found_at
from onrecord.archive.interface import (
    ArticleGone,
    ArticleRead,
    Change,
    ExtractionGone,
    ExtractionRead,
    NamesResolved,
    QuotesRejected,
    SpeakersCorrected,
)
from onrecord.archive.sqlite.corrections import correct_speakers, reject_quotes
from onrecord.archive.sqlite.names import Numbers, resolve_names
from onrecord.archive.sqlite.packing import pack_entities
from onrecord.archive.sqlite.purging import note_removal
from onrecord.archive.sqlite.quotes import QuoteTable
from onrecord.log.interface import Partition
from onrecord.log.sqlite.database import Database
from onrecord.records import Article, ArticleRef, Extraction, reference_to, to_json

_encode = msgspec.json.Encoder().encode


class Changes:
    """Writes changes within a transaction of the caller's."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._numbers = Numbers(db)
        self._quotes = QuoteTable(db, self._numbers)

    def forget(self) -> None:
        """Drop what is remembered of a transaction that failed."""
        self._numbers.forget()
        self._quotes.forget()

    def apply(self, changes: Sequence[Change]) -> None:
        """Apply all changes, and write the counts."""
        for change in changes:
            self._apply(change)
        self._quotes.write()

    def _apply(self, change: Change) -> None:
        match change:
            case ArticleRead(article=article):
                self._article(article)
            case ExtractionRead(extraction=extraction):
                self._extraction(extraction)
            case ExtractionGone(article=article_id):
                self._note_gone(article_id, is_whole=False)
                self._forget_quotes(article_id)
            case ArticleGone(article=article_id):
                self._note_gone(article_id, is_whole=True)
                self._forget_article(article_id)
            case NamesResolved(people=people):
                self._quotes.write()
                resolve_names(self._db, people)
            case SpeakersCorrected(people=people):
                correct_speakers(self._quotes, people)
            case QuotesRejected(rejected=rejected):
                reject_quotes(self._quotes, rejected)

    # ── articles ─────────────────────────────────────────────────────────────────────────────

    def _article(self, article: Article) -> None:
        self._db.execute("DELETE FROM gone WHERE article = ?", (article.id,))
        n, revision, is_extracted = self._known(article.id)
        if n is None:
            n = self._insert(reference_to(article), article)
        elif not is_extracted and article.revision >= revision:
            self._describe(n, reference_to(article), article)
        elif article.revision == revision:
            self._quotes.keep_words_of(n, article.revision, article.text)
        if article.story is not None:
            self._db.execute("UPDATE article SET story = ? WHERE n = ?", (article.story, n))
        self._keep_text(n, article)

    def _known(self, article_id: str) -> tuple[int | None, int, bool]:
        row = self._db.row(
            "SELECT n, revision, extracted_at IS NOT NULL FROM article WHERE id = ?", (article_id,)
        )
        return (None, 0, False) if row is None else (row[0], row[1], bool(row[2]))

    def _insert(self, ref: ArticleRef, article: Article | None) -> int:
        n = self._db.execute(
            "INSERT INTO article (id, revision, at, ref, entities, notes) "
            "VALUES (?, 0, 0, '{}', '[]', '[]')",
            (ref.id,),
        )
        if article is not None:
            self._describe(n, ref, article)
        return n

    def _describe(self, n: int, ref: ArticleRef, article: Article) -> None:
        """What is known of an article without an extraction."""
        at = found_at(ref, article.fetched_at)
        self._db.execute(
            "UPDATE article SET revision = ?, at = ?, publisher = ?, language = ?, ref = ? "
            "WHERE n = ?",
            (ref.revision, int(at.timestamp()), *self._origin(ref), to_json(ref).decode(), n),
        )

    def _origin(self, ref: ArticleRef) -> tuple[int | None, int | None]:
        return (
            self._numbers.of("publisher", ref.publisher),
            self._numbers.of("language", ref.language),
        )

    def _keep_text(self, n: int, article: Article) -> None:
        record = to_json(msgspec.structs.replace(article, text="")).decode()
        self._db.execute(
            "INSERT INTO revision (article, revision, record, text) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET record = excluded.record, text = excluded.text",
            (n, article.revision, record, article.text),
        )

    # ── extractions ──────────────────────────────────────────────────────────────────────────

    def _extraction(self, extraction: Extraction) -> None:
        ref = extraction.article
        if self._is_gone(ref.id):
            return
        n, revision, is_extracted = self._known(ref.id)
        if n is None:
            n = self._insert(ref, None)
        elif is_extracted and ref.revision < revision:
            self._quotes.replaced_already(n, extraction)
            return
        before = self._quotes.take_out(n)
        text = self._text(n, ref.revision)
        at = found_at(ref, extraction.extracted_at)
        publisher, language = self._origin(ref)
        self._db.execute(
            "UPDATE article SET revision = ?, at = ?, publisher = ?, language = ?, ref = ?, "
            "entities = ?, notes = ?, extracted_at = ?, extractor = ? WHERE n = ?",
            (
                ref.revision,
                int(at.timestamp()),
                publisher,
                language,
                to_json(ref).decode(),
                pack_entities(extraction.entities, text),
                _encode(extraction.notes).decode(),
                extraction.extracted_at.isoformat(),
                self._extractor(to_json(extraction.extractor).decode()),
                n,
            ),
        )
        self._quotes.put_in(n, extraction, text, at, publisher, language)
        self._quotes.remember_replaced(n, before, extraction)

    def _extractor(self, record: str) -> int:
        row = self._db.row("SELECT n FROM extractor WHERE record = ?", (record,))
        if row is not None:
            return int(row[0])
        return self._db.execute("INSERT INTO extractor (record) VALUES (?)", (record,))

    def _text(self, n: int, revision: int) -> str | None:
        row = self._db.row(
            "SELECT text FROM revision WHERE article = ? AND revision = ?", (n, revision)
        )
        return None if row is None else str(row[0])

    # ── removal ──────────────────────────────────────────────────────────────────────────────

    def _note_gone(self, article_id: str, *, is_whole: bool) -> None:
        """Remember it: its extraction can be read later, and a rebuild must not bring it back."""
        self._db.execute(
            "INSERT INTO gone (article, is_whole) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET is_whole = max(is_whole, excluded.is_whole)",
            (article_id, int(is_whole)),
        )

    def _is_gone(self, article_id: str) -> bool:
        row = self._db.row("SELECT is_whole FROM gone WHERE article = ?", (article_id,))
        return row is not None and bool(row[0])

    def _forget_quotes(self, article_id: str) -> None:
        n, _, _ = self._known(article_id)
        if n is None:
            return
        note_removal(self._db)
        self._quotes.take_out(n)
        self._db.execute("DELETE FROM replaced WHERE article = ?", (n,))
        self._db.execute(
            "UPDATE article SET entities = '[]', notes = '[]', extracted_at = NULL WHERE n = ?",
            (n,),
        )

    def _forget_article(self, article_id: str) -> None:
        self._forget_quotes(article_id)
        n, _, _ = self._known(article_id)
        if n is not None:
            self._db.execute("DELETE FROM revision WHERE article = ?", (n,))
            self._db.execute("DELETE FROM article WHERE n = ?", (n,))


def read_positions(db: Database) -> Mapping[Partition, int]:
    """The next offset of each partition."""
    rows = db.rows("SELECT topic, partition, next_offset FROM position")
    return {Partition(topic, number): offset for topic, number, offset in rows}


def write_positions(db: Database, positions: Mapping[Partition, int]) -> None:
    """Move positions. Call in the transaction of the batch."""
    db.execute_many(
        "INSERT INTO position (topic, partition, next_offset) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset",
        [(partition.topic, partition.number, at) for partition, at in positions.items()],
    )
