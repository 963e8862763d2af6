"""The columns of exported tables. `docs/export.md` describes them for readers of the files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from msgspec import UNSET

from onrecord.people.registry import PersonKnown
from onrecord.records import Extraction, QuoteOnRecord, Span, shown_content

Kind = Literal["text", "texts", "time", "number", "whole number"]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its name, the kind of its values, its meaning, and its value for a record.

    Every column can be empty: what is not known is None.
    """

    name: str
    kind: Kind
    meaning: str
    of: Callable[[Any], object]


def rows(columns: Sequence[TableColumn], records: Sequence[object]) -> list[list[object]]:
    """The values of each record, one for each column; None for what it does not have."""
    return [[_value(column.of(record)) for column in columns] for record in records]


def _value(value: object) -> object:
    return None if value is UNSET else value


# ── the article of a quote or an extraction ──────────────────────────────────────────────────

_ARTICLE_COLUMNS = (
    TableColumn("article_id", "text", "The id of the article.", lambda found: found.article.id),
    TableColumn(
        "revision", "whole number", "The article's revision.", lambda found: found.article.revision
    ),
    TableColumn(
        "published_at",
        "time",
        "The article's date of publication.",
        lambda found: found.article.published_at,
    ),
    TableColumn("publisher", "text", "The publisher.", lambda found: found.article.publisher),
    TableColumn("title", "text", "The article's title.", lambda found: found.article.title),
    TableColumn("url", "text", "The article's URL.", lambda found: found.article.url),
    TableColumn("feed", "text", "The URL of the feed.", lambda found: found.article.feed),
    TableColumn(
        "language", "text", "The article's language tag.", lambda found: found.article.language
    ),
)


# ── quotes ───────────────────────────────────────────────────────────────────────────────────


def _words(found: QuoteOnRecord) -> str:
    return " … ".join(part.text for part in shown_content(found.quote))


def _text(span: Span | None) -> str | None:
    return None if span is None else span.text


QUOTE_COLUMNS = (
    TableColumn("quote_id", "text", "The id of the quote.", lambda q: q.quote.id),
    *_ARTICLE_COLUMNS,
    TableColumn("words", "text", "The quoted words; “ … ” where the quote is cut.", _words),
    TableColumn("type", "text", "direct, mixed or indirect.", lambda q: q.quote.type),
    TableColumn(
        "speaker", "text", "The speaker's name.", lambda q: q.quote.speaker and q.quote.speaker.name
    ),
    TableColumn(
        "speaker_role",
        "text",
        "The speaker's role, as the article states it.",
        lambda q: q.quote.speaker and q.quote.speaker.role,
    ),
    TableColumn(
        "speaker_confidence",
        "number",
        "The probability that this is the speaker, 0 to 1.",
        lambda q: q.quote.speaker and q.quote.speaker.confidence,
    ),
    TableColumn(
        "source", "text", "The source as it stands in the text.", lambda q: _text(q.quote.source)
    ),
    TableColumn("cue", "text", "The cue, such as “said”.", lambda q: _text(q.quote.cue)),
    TableColumn("manner", "text", "speech, belief or intention.", lambda q: q.quote.manner),
    TableColumn(
        "via", "text", "The outlet that second-hand words came from.", lambda q: _text(q.quote.via)
    ),
    TableColumn(
        "confidence",
        "number",
        "The probability that the words are reported speech, 0 to 1.",
        lambda q: q.quote.confidence,
    ),
    TableColumn(
        "repeats",
        "text",
        "The id of an earlier quote of the article with the same words.",
        lambda q: q.quote.repeats,
    ),
    TableColumn(
        "context", "text", "The sentences around the quote.", lambda q: q.quote.context.text
    ),
    TableColumn(
        "start",
        "whole number",
        "Where the words begin in the article's text, in code points.",
        lambda q: q.quote.content[0].start,
    ),
    TableColumn(
        "end", "whole number", "Where the words end (exclusive).", lambda q: q.quote.content[-1].end
    ),
    TableColumn("extracted_at", "time", "When the quote was extracted.", lambda q: q.extracted_at),
    TableColumn(
        "person",
        "text",
        "The speaker's id across articles, where the person is known.",
        lambda q: q.quote.speaker and q.quote.speaker.person and q.quote.speaker.person.id,
    ),
    TableColumn(
        "person_name",
        "text",
        "The name that the person is shown by.",
        lambda q: q.quote.speaker and q.quote.speaker.person and q.quote.speaker.person.name,
    ),
    TableColumn(
        "about",
        "texts",
        "Whom and what the words are about.",
        lambda q: tuple(about.name for about in q.quote.about),
    ),
    TableColumn(
        "words_key", "text", "Equal for quotes of the same words.", lambda q: q.quote.words_key
    ),
    TableColumn("story", "text", "Shared by copies of one story.", lambda q: q.article.story),
)


# ── extractions ──────────────────────────────────────────────────────────────────────────────


def _named(kind: str) -> Callable[[Extraction], tuple[str, ...]]:
    return lambda found: tuple(one.name for one in found.entities if one.type == kind)


def _speakers(found: Extraction) -> tuple[str, ...]:
    names = (quote.speaker.name for quote in found.quotes if quote.speaker is not None)
    return tuple(dict.fromkeys(names))


def _mentions(found: Extraction) -> int:
    return sum(len(entity.mentions) for entity in found.entities)


EXTRACTION_COLUMNS = (
    *_ARTICLE_COLUMNS,
    TableColumn("quotes", "whole number", "The number of quotes.", lambda e: len(e.quotes)),
    TableColumn("speakers", "texts", "The speakers' names, in text order.", _speakers),
    TableColumn("people", "texts", "The people named.", _named("person")),
    TableColumn("organisations", "texts", "The organisations named.", _named("organisation")),
    TableColumn("places", "texts", "The places named.", _named("place")),
    TableColumn("mentions", "whole number", "The number of mentions of all entities.", _mentions),
    TableColumn("notes", "texts", "What was left undone, in words.", lambda e: e.notes),
    TableColumn("extractor", "text", "The name of the extractor.", lambda e: e.extractor.name),
    TableColumn(
        "extractor_version", "text", "The extractor's version.", lambda e: e.extractor.version
    ),
    TableColumn("model", "text", "The language model.", lambda e: e.extractor.model),
    TableColumn(
        "model_version",
        "text",
        "The language model's version.",
        lambda e: e.extractor.model_version,
    ),
    TableColumn("extracted_at", "time", "When it was extracted.", lambda e: e.extracted_at),
)


# ── people ───────────────────────────────────────────────────────────────────────────────────


def _written_forms(known: PersonKnown) -> tuple[str, ...]:
    forms = (form.text for name in known.names for form in name.forms)
    return tuple(dict.fromkeys(forms))


def _role_names(known: PersonKnown) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tenure.role for tenure in known.roles))


PEOPLE_COLUMNS = (
    TableColumn("person", "text", "The person's id.", lambda p: p.id),
    TableColumn("name", "text", "The name that the person is shown by.", lambda p: p.name),
    TableColumn("names", "texts", "All names as articles wrote them.", _written_forms),
    TableColumn("roles", "texts", "Roles that articles gave, the latest first.", _role_names),
    TableColumn("articles", "whole number", "Articles that name the person.", lambda p: p.articles),
    TableColumn("first_seen", "time", "When the first of them was extracted.", lambda p: p.first),
    TableColumn("last_seen", "time", "When the last of them was extracted.", lambda p: p.last),
)
