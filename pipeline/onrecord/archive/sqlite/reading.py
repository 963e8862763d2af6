"""Quotes and articles put together from their rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from onrecord.archive.documents import found_at
from onrecord.archive.results import ArchivedQuote, NamedPerson
from onrecord.archive.sqlite.packing import QuoteRow, unpack_entities, unpack_quote
from onrecord.log.sqlite.database import Database
from onrecord.records import ArticleRef, Entity, Extractor

_references = msgspec.json.Decoder(ArticleRef)
_extractors = msgspec.json.Decoder(Extractor)
_words = msgspec.json.Decoder(tuple[str, ...])


class ArticleRow(NamedTuple):
    """The row of an article; `text` is that of its current revision, where it is kept."""

    n: int
    revision: int
    ref: ArticleRef
    entities: list[Entity]
    notes: tuple[str, ...]
    extracted_at: datetime | None
    extractor: Extractor | None
    story: str | None
    text: str | None


def marks(values: Sequence[object]) -> str:
    """Question marks for a list of values in SQL."""
    return ", ".join("?" * len(values))


def load_articles(db: Database, numbers: Iterable[int]) -> dict[int, ArticleRow]:
    """The rows of articles by their numbers."""
    wanted = sorted(set(numbers))
    rows = db.rows(
        "SELECT article.n, article.revision, ref, entities, notes, extracted_at, "
        "extractor.record, story, text "
        "FROM article LEFT JOIN revision "
        "ON revision.article = article.n AND revision.revision = article.revision "
        "LEFT JOIN extractor ON extractor.n = article.extractor "
        f"WHERE article.n IN ({marks(wanted)})",
        wanted,
    )
    return {row[0]: _article_row(row) for row in rows}


def _article_row(row: tuple[Any, ...]) -> ArticleRow:
    n, revision, ref, entities, notes, extracted_at, extractor, story, text = row
    return ArticleRow(
        n,
        revision,
        _references.decode(ref),
        unpack_entities(entities, text),
        _words.decode(notes),
        None if extracted_at is None else datetime.fromisoformat(extracted_at),
        None if extractor is None else _extractors.decode(extractor),
        story,
        text,
    )


def load_quotes(db: Database, seqs: Sequence[int]) -> list[ArchivedQuote]:
    """The quotes of these numbers, in this order; those that are not there are left out."""
    rows = db.rows(
        "SELECT seq, quote.article, type, confidence, detail, context, "
        "speaker, about, is_rejected, reason.name, "
        # A speaker who was given by hand has no name here.
        "(SELECT name.name = '' FROM name WHERE name.n = quote.speaker) "
        "FROM quote JOIN body USING (seq) LEFT JOIN reason ON reason.n = body.reason "
        f"WHERE seq IN ({marks(seqs)})",
        seqs,
    )
    articles = load_articles(db, (row[1] for row in rows))
    names = load_names(db, _names_in(rows))
    found = {row[0]: _quote(row, articles[row[1]], names) for row in rows}
    return [found[seq] for seq in seqs if seq in found]


def _names_in(rows: Iterable[tuple[Any, ...]]) -> set[int]:
    speakers = {row[6] for row in rows if row[6] is not None}
    return speakers | {name for row in rows for name in numbers_in(row[7])}


def numbers_in(about: str | None) -> list[int]:
    """The numbers of `quote.about`."""
    return [] if about is None else [int(number) for number in about.split()]


def load_names(db: Database, numbers: Iterable[int]) -> dict[int, NamedPerson]:
    """Names by their numbers."""
    wanted = sorted(set(numbers))
    return {
        n: NamedPerson(name=name, person=person)
        for n, name, person in db.rows(
            # A speaker who was given by hand has no name here, but a person who has.
            "SELECT n, coalesce(nullif(name, ''), (SELECT other.name FROM name AS other "
            "WHERE other.person = name.person AND other.name != '' LIMIT 1), person), person "
            f"FROM name WHERE n IN ({marks(wanted)})",
            wanted,
        )
    }


def _quote(
    row: tuple[Any, ...], article: ArticleRow, names: dict[int, NamedPerson]
) -> ArchivedQuote:
    _, _, kind, confidence, detail, context, speaker, about, is_rejected, reason, is_nameless = row
    packed = QuoteRow(
        article=article.ref,
        type=kind,
        confidence=confidence,
        detail=detail,
        context=context,
        reason=reason,
        text=article.text,
    )
    quote = unpack_quote(packed, article.entities)
    assert article.extracted_at is not None  # noqa: S101 - it has quotes
    return ArchivedQuote(
        article=article.ref,
        quote=quote,
        at=found_at(article.ref, article.extracted_at),
        extracted_at=article.extracted_at,
        notes=article.notes,
        speaker=None if speaker is None else names[speaker],
        about=tuple(names[number] for number in numbers_in(about)),
        story=article.story,
        is_rejected=bool(is_rejected),
        is_by_hand=bool(is_nameless) or (speaker is None and quote.speaker is not None),
    )
