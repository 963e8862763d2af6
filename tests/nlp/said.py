"""The speakers of the passages of a text, as the whole English pipeline finds them."""

from collections.abc import Iterable

from onrecord.nlp.coreference.resolve import resolve_speakers
from onrecord.nlp.entities.merging import find_entities
from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.find import find_quotes
from tests.nlp.parsed import read


def speakers_of(text: str, begins: Iterable[str]) -> dict[str, list[str | None]]:
    """The speaker of each quote that holds a passage, by the passage's first words."""
    doc = read(text)
    quotes = find_quotes(doc, ruleset())
    speakers = resolve_speakers(doc, quotes, find_entities(doc, article_id="x"))
    return {
        start: [
            speaker.name if speaker else None
            for quote, speaker in zip(quotes, speakers, strict=True)
            if any(first <= text.index(start) < end for first, end in quote.content)
        ]
        for start in begins
    }
