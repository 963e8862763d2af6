"""Articles that their publisher withdraws: marked on the record, with the text they had.

A feed says so itself (RFC 6721, "deleted-entry"), or a page that was asked for on request is gone.
All pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from onrecord.feeds.articles.document import Document
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.feeds.articles.revisions import Published
from onrecord.records import Article, Feed, FeedState, Seen

_DELETED = "its feed says that it is deleted"
# Each is looked up on the topic.
_MOST_A_POLL = 20


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An entry that was withdrawn: its article as published last, None if it is not found."""

    identity: str
    why: str
    article: Article | None


def withdrawn_entries(
    state: FeedState, document: Document, completed: Iterable[ArticleDraft]
) -> dict[str, str]:
    """Why entries that were published are withdrawn, by identity."""
    found = dict.fromkeys(document.deleted, _DELETED)
    found |= {draft.identity: draft.page_gone for draft in completed if draft.page_gone is not None}
    open_ = {i: why for i, why in found.items() if _is_open(state.seen.get(i))}
    return dict(list(open_.items())[:_MOST_A_POLL])


def _is_open(seen: Seen | None) -> bool:
    return seen is not None and seen.withdrawn_at is None


def marked(
    feed: Feed,
    withdrawals: Iterable[Withdrawal],
    articles: tuple[Article, ...],
    published: Published,
    now: datetime,
) -> tuple[Article, ...]:
    """The revisions that mark articles as withdrawn; none of those in `articles`.

    Only the feed that an article was published from withdraws it.
    """
    revised = {article.id for article in articles}
    marks: list[Article] = []
    for withdrawal in withdrawals:
        article = withdrawal.article
        if article is None or article.id in revised or article.feed != feed.url:
            continue
        last = published(article.id)
        revision = max(article.revision, last.revision if last else 0) + 1
        marks.append(
            replace(
                article,
                revision=revision,
                supersedes=article.content_hash,
                withdrawn_at=now,
                withdrawn_why=withdrawal.why,
                fetched_at=now,
            )
        )
    return tuple(marks)


def with_marks(
    seen: Mapping[str, Seen],
    withdrawals: Iterable[Withdrawal],
    marks: Iterable[Article],
    now: datetime,
) -> dict[str, Seen]:
    """What is remembered of entries, the withdrawn ones marked."""
    revisions = {article.id: article.revision for article in marks}
    after = dict(seen)
    for withdrawal in withdrawals:
        known = after.get(withdrawal.identity)
        if known is not None:
            revision = revisions.get(known.article_id, known.revision)
            after[withdrawal.identity] = replace(known, revision=revision, withdrawn_at=now)
    return after
