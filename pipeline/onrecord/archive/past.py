"""What an archive has, as messages of the log in order of publication."""

from collections.abc import Callable, Iterator
from datetime import datetime

from onrecord.archive.interface import Archive
from onrecord.archive.results import ArchivedArticle
from onrecord.log.interface import Message
from onrecord.records import Article, Extraction, Record, to_json


def article_of(found: ArchivedArticle) -> Article | None:
    """The current revision of an article; None where only its quotes are kept."""
    current = [one.article for one in found.revisions if one.revision == found.ref.revision]
    return current[0] if current else None


def extraction_of(found: ArchivedArticle) -> Extraction | None:
    """The extraction of an article, as it was published; None where there is none."""
    if found.extractor is None or found.extracted_at is None:
        return None
    return Extraction(
        article=found.ref,
        extractor=found.extractor,
        entities=found.entities,
        quotes=tuple(quote.quote for quote in found.quotes),
        notes=found.notes,
        extracted_at=found.extracted_at,
        took_ms=0.0,  # not kept
    )


def messages_of(
    archive: Archive,
    record_of: Callable[[ArchivedArticle], Record | None],
    *,
    after: datetime | None,
    before: datetime | None,
) -> Iterator[Message]:
    """Articles or extractions published in a stretch of time, oldest first.

    The time of a message is that of publication, its offset counts from 0.
    """
    offset = 0
    for found in archive.articles(after=after, before=before):
        record = record_of(found)
        if record is not None:
            yield Message(
                topic="the archive",
                partition=0,
                offset=offset,
                timestamp=found.at,
                key=found.ref.id.encode(),
                value=to_json(record),
            )
            offset += 1
