"""What a record of the log changes in an archive."""

from collections.abc import Callable

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
from onrecord.topics import Topics

Translate = Callable[[Message], list[Change]]


def of_articles(message: Message) -> list[Change]:
    """An article, or its removal. Raises RecordError."""
    if message.value is None:
        return [ArticleGone(article=_key(message))]
    return [ArticleRead(article=from_json(message.value, Article))]


def of_extractions(message: Message) -> list[Change]:
    """An extraction, or its removal. Raises RecordError."""
    if message.value is None:
        return [ExtractionGone(article=_key(message))]
    return [ExtractionRead(extraction=from_json(message.value, Extraction))]


def translations(topics: Topics) -> dict[str, Translate]:
    """The topics that an archive is made of, and what their records change."""
    return {topics.articles: of_articles, topics.extractions: of_extractions}


def _key(message: Message) -> str:
    if message.key is None:
        raise RecordError("a tombstone without a key")
    return message.key.decode("utf-8", "replace")
