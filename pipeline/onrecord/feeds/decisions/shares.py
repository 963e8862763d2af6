"""Limits a feed's articles and pages in one poll; the rest waits for the next poll."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from onrecord.settings import Positive, Seconds, key

if TYPE_CHECKING:
    # Every command reads the policy below, and drafts bring parsers of HTML and of URLs along.
    from onrecord.feeds.articles.draft import ArticleDraft

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class SharePolicy:
    """What one feed may bring in one poll."""

    articles_per_poll: Positive = key(
        500,
        "How many new or edited articles one poll of a feed publishes, the newest first. The rest "
        "waits for its next polls; `onrecord feeds list` shows how many.",
    )
    pages_per_poll: Positive = key(
        100, "How many pages are fetched for one poll of a feed. The rest waits likewise."
    )
    pages_timeout_s: Seconds = key(
        120.0,
        "Seconds after which a poll no longer waits for its pages. Articles are then published "
        "with the feed's text and completed at a later poll.",
    )


@dataclass(frozen=True, slots=True)
class PollShare:
    """The drafts to publish now, in the document's order, and the number that wait."""

    drafts: "tuple[ArticleDraft, ...]"
    waiting: frozenset[str]


def share_of(
    news: "Sequence[ArticleDraft]",
    policy: SharePolicy,
    wants_page: "Callable[[ArticleDraft], bool]",
) -> PollShare:
    """The newest of a feed's news, within its share of articles and pages."""
    taken: set[str] = set()
    pages = 0
    for draft in sorted(news, key=_date, reverse=True):
        if len(taken) >= policy.articles_per_poll:
            break
        if wants_page(draft):
            if pages >= policy.pages_per_poll:
                continue
            pages += 1
        taken.add(draft.identity)
    waiting = frozenset(draft.identity for draft in news if draft.identity not in taken)
    return PollShare(tuple(draft for draft in news if draft.identity in taken), waiting)


def _date(draft: "ArticleDraft") -> datetime:
    # Sorting is stable: entries without a date keep the document's order, mostly the newest first.
    return draft.article.published_at or _LONG_AGO
