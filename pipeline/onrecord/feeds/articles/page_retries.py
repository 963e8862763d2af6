"""Schedules retries for pages of entries after a temporary failure. All pure."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.records import Seen

# The waits after each failure; the next poll after a wait retries. Then the page is given up.
_WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=12),
    timedelta(days=1),
)


def is_page_due(known: Seen, now: datetime) -> bool:
    """Whether an entry's page failed before and is to be asked for again."""
    return known.page_again_at is not None and known.page_again_at <= now


def with_page(seen: Seen, known: Seen | None, draft: ArticleDraft, now: datetime) -> Seen:
    """The stored state of an entry's page after a poll."""
    if draft.is_page_missing:
        failures = (known.page_failures if known else 0) + 1
        again = now + _WAITS[failures - 1] if failures <= len(_WAITS) else None
        return replace(seen, page_failures=failures, page_again_at=again)
    if known is None or draft.article.text_from == "page" or is_page_due(known, now):
        return seen
    return replace(seen, page_failures=known.page_failures, page_again_at=known.page_again_at)
