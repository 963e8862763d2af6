"""The quotes of an article, put into the index and taken out of it.

An entry of the full-text index is deleted by giving it the words it was made of; they are derived
again from the quote, which is why a quote is stored so that it comes back exactly.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zlib import crc32

from msgspec import UNSET

from onrecord.archive.documents import (
    SearchableQuote,
    replacement_of,
    searchable,
    words_said,
)
from onrecord.archive.interface import NOBODY
from onrecord.archive.query import Filed, filed_under, words_of
from onrecord.archive.results import ArchivedQuote
from onrecord.archive.sqlite.compiling import tags_of
from onrecord.archive.sqlite.names import Numbers
from onrecord.archive.sqlite.packing import TYPES, numbered, pack_entities, pack_quote
from onrecord.archive.sqlite.reading import load_articles, load_quotes, numbers_in
from onrecord.archive.sqlite.tallies import MINUTE_BITS, Tallies, minute_of
from onrecord.log.sqlite.database import Database
from onrecord.records import Extraction, Quote

_PER_MINUTE = 1 << MINUTE_BITS
_MOST_REMEMBERED = 50_000


class Facts(NamedTuple):
    """A quote's row in `quote`, without its number."""

    article: int
    publisher: int | None
    language: int | None
    type: int
    speaker: int | None
    about: str | None
    confidence: int
    id_key: int
    words_key: int
    is_rejected: int | None


class TakenOut(NamedTuple):
    """A quote that was taken out of the index."""

    seq: int
    quote: ArchivedQuote
    words: str


def id_key(quote_id: str) -> int:
    """48 bits of a quote's id: two quotes may share them, so whoever looks compares the id too."""
    try:
        return int(quote_id[:12], 16)
    except ValueError:  # an id of somebody's own extractor
        return crc32(quote_id.encode())


def words_key(said: Sequence[str]) -> int:
    """32 bits of a quote's words: whoever looks compares the words too."""
    return crc32(" ".join(said).encode())


class QuoteTable:
    """Quotes, their entries in the index and their counts, within a transaction of the caller's."""

    def __init__(self, db: Database, numbers: Numbers) -> None:
        self.db = db
        self._numbers = numbers
        self._tallies = Tallies()
        self._next: dict[int, int] = {}  # minute → the next number free in it

    def forget(self) -> None:
        """Drop what is remembered of a transaction that failed."""
        self._tallies = Tallies()
        self._next.clear()

    def write(self) -> None:
        """Write the counts collected."""
        self._tallies.write(self.db)
        if len(self._next) > _MOST_REMEMBERED:
            self._next.clear()

    # ── putting in ───────────────────────────────────────────────────────────────────────────

    def put_in(
        self,
        article: int,
        extraction: Extraction,
        text: str | None,
        at: datetime,
        publisher: int | None,
        language: int | None,
    ) -> None:
        """Index the quotes of an extraction."""
        quotes = extraction.quotes
        entities = numbered(extraction.entities)
        filed = filed_under(extraction.article)
        has_corrections = self.db.row("SELECT 1 FROM correction LIMIT 1") is not None
        # Read backwards, as newest first does, an article's quotes are in the order of its text.
        for seq, quote in zip(
            reversed(self._free(minute_of(at), len(quotes))), quotes, strict=True
        ):
            about = dict.fromkeys(self._numbers.of_name(a.name) for a in quote.about)
            words = searchable(quote, extraction.article)
            person, is_rejected = self._correction(quote.id) if has_corrections else (None, None)
            facts = Facts(
                article,
                publisher,
                language,
                TYPES.index(quote.type),
                self.speaker_of(quote, person),
                " ".join(map(str, about)) or None,
                round(quote.confidence * 1000),
                id_key(quote.id),
                words_key(words.said),
                is_rejected,
            )
            packed = pack_quote(quote, extraction.article, entities, text)
            self.db.execute(
                "INSERT INTO quote VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (seq, *facts)
            )
            self.db.execute(
                "INSERT INTO body VALUES (?, ?, ?, ?)",
                (seq, packed.detail, packed.context, self._numbers.of("reason", packed.reason)),
            )
            if not facts.is_rejected:
                self.index(seq, facts, words, filed, at)

    def _correction(self, quote_id: str) -> tuple[str | None, int | None]:
        """The speaker given by hand, and whether somebody judged it no quote."""
        row = self.db.row("SELECT person, is_rejected FROM correction WHERE quote = ?", (quote_id,))
        return (None, None) if row is None else (row[0], row[1] or None)

    def speaker_of(self, quote: Quote, by_hand: str | None) -> int | None:
        """The number of a quote's speaker: by hand, else as the registry knows them."""
        speaker = quote.speaker
        if by_hand == NOBODY:
            return None
        if by_hand is not None:
            # Without the name that the text has, under which nobody should look for them.
            return self._numbers.of_name("", by_hand)
        if speaker is None:
            return None
        # A surname or an office alone means somebody in this article only.
        known = speaker.person
        is_fixed = known is not UNSET and known.by != "name"
        return self._numbers.of_name(speaker.name, known.id if known and is_fixed else "")

    def _free(self, minute: int, count: int) -> list[int]:
        """Numbers that are free in this minute, or in the next ones where it is full."""
        found: list[int] = []
        while len(found) < count:
            at = self._next.get(minute)
            if at is None:
                row = self.db.row(
                    "SELECT max(seq) FROM quote WHERE seq BETWEEN ? AND ?",
                    (minute << MINUTE_BITS, ((minute + 1) << MINUTE_BITS) - 1),
                )
                highest = row[0] if row else None
                at = 0 if highest is None else (highest & (_PER_MINUTE - 1)) + 1
            taken = min(count - len(found), _PER_MINUTE - at)
            base = (minute << MINUTE_BITS) + at
            found += range(base, base + taken)
            self._next[minute] = at + taken
            minute += 1
        return found

    def index(
        self, seq: int, facts: Facts, words: SearchableQuote, filed: Filed, at: datetime
    ) -> None:
        """Make a quote one that is found."""
        self.db.execute(
            "INSERT INTO search (rowid, said, who, title, tags) VALUES (?, ?, ?, ?, ?)",
            (seq, *self._entry(facts, words, filed)),
        )
        self._tallies.add(seq, at, facts.speaker, numbers_in(facts.about), times=1)

    def unindex(
        self, seq: int, facts: Facts, words: SearchableQuote, filed: Filed, at: datetime
    ) -> None:
        """Make a quote one that is not found."""
        self.db.execute(
            "INSERT INTO search (search, rowid, said, who, title, tags) "
            "VALUES ('delete', ?, ?, ?, ?, ?)",
            (seq, *self._entry(facts, words, filed)),
        )
        self._tallies.add(seq, at, facts.speaker, numbers_in(facts.about), times=-1)

    def _entry(
        self, facts: Facts, words: SearchableQuote, filed: Filed
    ) -> tuple[str, str, str, str]:
        tags = tags_of(
            kind=facts.type,
            speaker=facts.speaker,
            about=numbers_in(facts.about),
            publisher=facts.publisher,
            language=facts.language,
            filed=filed,
        )
        return " ".join(words.said), " ".join(words.who), " ".join(words.title), tags

    # ── taking out ───────────────────────────────────────────────────────────────────────────

    def take_out(self, article: int) -> list[TakenOut]:
        """Remove the quotes of an article; what was removed, in text order."""
        rows = self.db.rows("SELECT * FROM quote WHERE article = ? ORDER BY seq DESC", (article,))
        if not rows:
            return []
        seqs = [row[0] for row in rows]
        found = []
        for (seq, *columns), quote in zip(rows, load_quotes(self.db, seqs), strict=True):
            facts, words = Facts(*columns), searchable(quote.quote, quote.article)
            if not facts.is_rejected:
                self.unindex(seq, facts, words, filed_under(quote.article), quote.at)
            found.append(TakenOut(seq, quote, " ".join(words.said)))
        for table in ("quote", "body"):
            self.db.execute_many(f"DELETE FROM {table} WHERE seq = ?", [(seq,) for seq in seqs])
        # The numbers stay taken while this transaction lasts: nothing is remembered of them.
        return found

    def facts(self, quote_id: str) -> list[tuple[int, Facts, ArchivedQuote]]:
        """The quotes of this id: one, or none."""
        rows = self.db.rows("SELECT * FROM quote WHERE id_key = ?", (id_key(quote_id),))
        found = []
        for seq, *columns in rows:
            (quote,) = load_quotes(self.db, [seq])
            if quote.id == quote_id:
                found.append((seq, Facts(*columns), quote))
        return found

    # ── what was replaced ────────────────────────────────────────────────────────────────────

    def remember_replaced(
        self, article: int, before: Sequence[TakenOut], extraction: Extraction
    ) -> None:
        """Keep what the quotes that were taken out became."""
        if not before and not self.db.row("SELECT 1 FROM replaced WHERE article = ?", (article,)):
            return
        now = {quote.id: _said(quote) for quote in extraction.quotes}
        self.db.execute_many("DELETE FROM replaced WHERE id = ?", [(quote_id,) for quote_id in now])
        for taken in before:
            if taken.quote.id not in now:
                quote = taken.quote.quote
                self._replace(
                    article, taken.quote.article.revision, quote, replacement_of(taken.words, now)
                )
        # What became of earlier ones can have changed: follow their words, not their chain.
        for old, words in self.db.rows(
            "SELECT id, words FROM replaced WHERE article = ? AND id NOT IN "
            f"({', '.join('?' * len(before))})",
            (article, *(taken.quote.id for taken in before)),
        ):
            became = replacement_of(" ".join(words_of(words)), now)
            self.db.execute("UPDATE replaced SET became = ? WHERE id = ?", (became, old))

    def replaced_already(self, article: int, extraction: Extraction) -> None:
        """Keep the quotes of an older revision than the current one."""
        current = {
            quote.id: _said(quote.quote)
            for quote in load_quotes(
                self.db,
                [
                    seq
                    for (seq,) in self.db.rows(
                        "SELECT seq FROM quote WHERE article = ?", (article,)
                    )
                ],
            )
        }
        for quote in extraction.quotes:
            if quote.id not in current:
                became = replacement_of(_said(quote), current)
                self._replace(article, extraction.article.revision, quote, became)

    def _replace(self, article: int, revision: int, quote: Quote, became: str | None) -> None:
        words = " […] ".join(span.text for span in quote.content)
        speaker = None if quote.speaker is None else quote.speaker.name
        self.db.execute(
            "INSERT OR REPLACE INTO replaced (id, article, revision, words, speaker, became) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (quote.id, article, revision, words, speaker, became),
        )

    def keep_words_of(self, article: int, revision: int, text: str) -> None:
        """Before the text of a revision changes: keep the words that it will not have."""
        row = self.db.row(
            "SELECT text FROM revision WHERE article = ? AND revision = ?", (article, revision)
        )
        if row is None or row[0] == text:
            return
        found = load_articles(self.db, [article])[article]
        entities = numbered(found.entities)
        seqs = [n for (n,) in self.db.rows("SELECT seq FROM quote WHERE article = ?", (article,))]
        for seq, quote in zip(seqs, load_quotes(self.db, seqs), strict=True):
            packed = pack_quote(quote.quote, found.ref, entities, None)
            self.db.execute(
                "UPDATE body SET detail = ?, context = ? WHERE seq = ?",
                (packed.detail, packed.context, seq),
            )
        self.db.execute(
            "UPDATE article SET entities = ? WHERE n = ?",
            (pack_entities(found.entities, None), article),
        )


def _said(quote: Quote) -> str:
    return " ".join(words_said(quote))
