"""Divides a document's entries by the feed's rules, and remembers those that rules block.

All pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.feeds.articles.rules import rule_against
from onrecord.feeds.private_urls import public_url
from onrecord.records import BlockedEntry, Feed, FeedState

# Of a document all are remembered, to count each of them once.
_MOST_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Divided:
    """The drafts to publish, the entries that rules block, and the dates of those."""

    drafts: tuple[ArticleDraft, ...]
    blocked: tuple[BlockedEntry, ...] = ()
    dates: tuple[datetime, ...] = ()


def divided(feed: Feed, drafts: Sequence[ArticleDraft], now: datetime) -> Divided:
    """The drafts, divided by the feed's rules."""
    if not feed.rules:
        return Divided(tuple(drafts))
    kept: list[ArticleDraft] = []
    blocked: list[BlockedEntry] = []
    dates: list[datetime] = []
    for draft in drafts:
        article = draft.article
        rule = rule_against(article, feed.rules)
        if rule is None:
            kept.append(draft)
            continue
        url = public_url(article.url) if article.url else None
        blocked.append(
            BlockedEntry(identity=draft.identity, title=article.title, url=url, rule=rule, at=now)
        )
        dates += filter(None, [article.published_at])
    return Divided(tuple(kept), tuple(blocked), tuple(dates))


def newly_blocked(state: FeedState, blocked: Sequence[BlockedEntry]) -> int:
    """How many entries were not blocked at an earlier poll."""
    before = {entry.identity for entry in state.blocked_entries}
    return sum(entry.identity not in before for entry in blocked)


def with_blocked(state: FeedState, blocked: Sequence[BlockedEntry]) -> tuple[BlockedEntry, ...]:
    """The blocked entries to remember, the last ones first, each as it was blocked first."""
    before = {entry.identity: entry for entry in state.blocked_entries}
    current = {entry.identity: before.get(entry.identity, entry) for entry in blocked}
    merged = (current | {i: e for i, e in before.items() if i not in current}).values()
    new_first = sorted(merged, key=lambda entry: entry.at, reverse=True)
    return tuple(new_first[:_MOST_REMEMBERED])
