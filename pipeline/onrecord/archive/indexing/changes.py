"""What a record of the log changes in an archive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from onrecord.archive.interface import (
    ArticleGone,
    ArticleRead,
    Change,
    ExtractionGone,
    ExtractionRead,
)
from onrecord.errors import RecordError
from onrecord.log.interface import Message
from onrecord.records import Article, Extraction, from_json

Translate = Callable[[Message], list[Change]]


def of_articles(message: Message) -> list[Change]:
    """An article, or its removal. Raises RecordError."""
    if message.value is None:
        return [ArticleGone(article=_key(message))]
    return [ArticleRead(article=from_json(message.value, Article))]


def extraction_in(message: Message) -> ExtractionRead | ExtractionGone:
    """An extraction, or its removal. Raises RecordError."""
    if message.value is None:
        return ExtractionGone(article=_key(message))
    return ExtractionRead(extraction=from_json(message.value, Extraction))


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSources:
    """What an archive is made of: topics, and what a record of each changes.

    `news` gives changes that stand in no record of these: who is who now. It is called before the
    records of each step are translated. `again` is called where changes given in this step may not
    have been written: records that are translated again, and `news`, must give them again.
    """

    topics: Mapping[str, Translate]
    news: Callable[[], list[Change]] = list
    again: Callable[[], None] = lambda: None


def _key(message: Message) -> str:
    if message.key is None:
        raise RecordError("a tombstone without a key")
    return message.key.decode("utf-8", "replace")
