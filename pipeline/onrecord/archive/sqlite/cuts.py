"""Other cuts of a quote's statement, found by their phrases in the full-text index."""

from collections.abc import Collection

from onrecord.archive.cuts import is_cut_of, phrases_of
from onrecord.archive.documents import words_said
from onrecord.archive.results import ArchivedQuote
from onrecord.archive.sqlite.reading import load_quotes
from onrecord.archive.sqlite.tallies import first_seq
from onrecord.log.sqlite.database import Database
from onrecord.records.statements import WINDOW

_MOST_CANDIDATES = 200


def cuts_of(db: Database, quote: ArchivedQuote, *, without: Collection[str]) -> list[ArchivedQuote]:
    """The other cuts of a quote's statement, the oldest first; not those of these ids."""
    phrases = phrases_of(words_said(quote.quote))
    if not phrases:
        return []
    # Folded words hold letters and digits only, so nothing in them is an operator.
    wanted = " OR ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
    rows = db.rows(
        "SELECT rowid FROM search WHERE search MATCH ? AND rowid >= ? AND rowid < ? "
        "ORDER BY rowid LIMIT ?",
        (
            f"said : ({wanted})",
            first_seq(quote.at - WINDOW),
            first_seq(quote.at + WINDOW),
            _MOST_CANDIDATES,
        ),
    )
    return [
        other
        for other in load_quotes(db, [seq for (seq,) in rows])
        if other.id not in without and is_cut_of(quote, other)
    ]
