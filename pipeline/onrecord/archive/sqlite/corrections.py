"""What people corrected: who speaks in a quote, and what is no quote.

Corrections are kept beside the quotes, so that they hold when an article is extracted again.
"""

from collections.abc import Mapping

from onrecord.archive.documents import searchable
from onrecord.archive.query import filed_under
from onrecord.archive.results import ArchivedQuote
from onrecord.archive.sqlite.quotes import Facts, QuoteTable


def correct_speakers(table: QuoteTable, people: Mapping[str, str | None]) -> None:
    """Give quotes to persons by hand; None takes that back."""
    for quote_id, person in people.items():
        table.db.execute(
            "INSERT INTO correction (quote, person) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET person = excluded.person",
            (quote_id, person),
        )
        for seq, facts, quote in table.facts(quote_id):
            speaker = table.speaker_of(quote.quote, person)
            _change(table, seq, facts, facts._replace(speaker=speaker), quote)


def reject_quotes(table: QuoteTable, rejected: Mapping[str, bool]) -> None:
    """Take what is no quote out of the index, or put it back."""
    for quote_id, is_rejected in rejected.items():
        table.db.execute(
            "INSERT INTO correction (quote, is_rejected) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET is_rejected = excluded.is_rejected",
            (quote_id, int(is_rejected)),
        )
        for seq, facts, quote in table.facts(quote_id):
            _change(table, seq, facts, facts._replace(is_rejected=int(is_rejected) or None), quote)


def _change(table: QuoteTable, seq: int, before: Facts, after: Facts, quote: ArchivedQuote) -> None:
    words, filed = searchable(quote.quote, quote.article), filed_under(quote.article)
    if not before.is_rejected:
        table.unindex(seq, before, words, filed, quote.at)
    table.db.execute(
        "UPDATE quote SET speaker = ?, is_rejected = ? WHERE seq = ?",
        (after.speaker, after.is_rejected, seq),
    )
    if not after.is_rejected:
        table.index(seq, after, words, filed, quote.at)
