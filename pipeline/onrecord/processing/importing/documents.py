"""Reads the articles of a saved document.

A module of its own, since the readers of JSON lines do without the parsers of feeds and pages.
"""

from datetime import datetime

from onrecord.feeds.from_documents import read_saved
from onrecord.processing.importing.ready import ReadyArticle, ready_all


def read_document(
    body: bytes, url: str | None, content_type: str | None, fetched_at: datetime
) -> list[ReadyArticle]:
    """The articles of a saved document; see `read_saved`. Raises ParseError."""
    return ready_all(read_saved(body, url, content_type, fetched_at))
