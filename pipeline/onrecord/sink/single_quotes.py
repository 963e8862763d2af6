"""Single quotes of an extraction, decoded without its other quotes and its entities.

Where a filter wants few quotes of many records, decoding all of each costs more than reading it.
"""

import msgspec

from onrecord.people.readers import PeopleReader
from onrecord.records import ArticleRef, KnownAs, Quote, QuoteOnRecord, Time
from onrecord.sink.glances import Glance, Voices

_Undecoded = msgspec.Raw


class _Apart(msgspec.Struct, frozen=True, tag_field="schema", tag="onrecord.extraction"):
    """An extraction whose quotes are not decoded yet."""

    article: ArticleRef
    extracted_at: Time
    quotes: tuple[_Undecoded, ...] = ()
    notes: tuple[str, ...] = ()


_records = msgspec.json.Decoder(_Apart)
_quotes = msgspec.json.Decoder(Quote)


class SingleQuotes:
    """The quotes of an extraction, given one by one. Raises `glances.NOT_READ`.

    Its other quotes and its entities are not checked. `seen` is the part of it that a filter has
    read, by which people are found. Not for an article whose quotes are corrected: a correction is
    found by the place of the quote.
    """

    __slots__ = ("_apart", "_speakers")

    def __init__(self, value: bytes, seen: Glance | Voices, people: PeopleReader | None) -> None:
        self._apart = _records.decode(value)
        self._speakers: list[KnownAs | None] | None = None
        if people is not None:
            self._speakers = people.speakers(seen, seen.quotes)

    def quote(self, number: int) -> QuoteOnRecord:
        """The quote of this number, with its article."""
        apart = self._apart
        quote = _quotes.decode(apart.quotes[number])
        person = None if self._speakers is None else self._speakers[number]
        if person is not None and quote.speaker is not None:
            msgspec.structs.force_setattr(quote.speaker, "person", person)
        return QuoteOnRecord(
            article=apart.article,
            quote=quote,
            extracted_at=apart.extracted_at,
            notes=apart.notes or msgspec.UNSET,
        )
