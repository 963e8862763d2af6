"""Reads a document's bytes into drafts of articles, in one call.

Pure, with plain values as arguments and result, so that it can run in a separate process
(`polling/reader_processes.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec.structs import replace as replaced

from onrecord.feeds.articles.claims import Claims
from onrecord.feeds.articles.draft import ArticleDraft, feed_title, identity_of, to_drafts
from onrecord.feeds.parsing.entry import NO_HINTS, Hints, HubLinks
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.records import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a feed's document holds, entries in its order, and what it says of itself.

    `is_whole` is False when it breaks off, `is_last_cut` says that it does so within an entry. That
    entry is not among the drafts: half a text must not be published. `links` are its hub and the
    URL by which the hub knows it; `older` is the next part of its archive, `deleted` the identities
    of entries that it says are deleted.
    """

    drafts: tuple[ArticleDraft, ...]
    title: str | None = None
    hints: Hints = NO_HINTS
    is_whole: bool = True
    is_last_cut: bool = False
    links: HubLinks | None = None
    older: str | None = None
    deleted: frozenset[str] = frozenset()


def read_document(
    feed: Feed, body: bytes, url: str, content_type: str | None, now: datetime, claims: Claims
) -> Document:
    """The document in `body`, which came from `url` just now. Raises ParseError."""
    parsed = parse_feed(body, url=url, content_type=content_type)
    return Document(
        drafts=to_drafts(feed, parsed, now, claims),
        title=feed_title(parsed),
        hints=Hints(
            ttl_s=parsed.ttl_s,
            update_s=parsed.update_s,
            skip_hours=parsed.skip_hours,
            skip_days=parsed.skip_days,
        ),
        is_whole=parsed.is_whole,
        is_last_cut=parsed.is_last_cut,
        links=HubLinks(parsed.hub, parsed.itself or url) if parsed.hub else None,
        older=parsed.older,
        deleted=frozenset(map(identity_of, parsed.deleted)),
    )


def signatures_of(texts: Sequence[str]) -> list[str | None]:
    """The signatures by which near-duplicates of these texts are found."""
    # numpy is imported for this alone, by processes that read documents.
    from onrecord.feeds.articles.signatures import signatures

    return signatures(texts)


def with_signatures(
    drafts: Sequence[ArticleDraft], signatures: Sequence[str | None]
) -> list[ArticleDraft]:
    """The drafts with the signatures of their texts."""
    return [
        replace(draft, article=replaced(draft.article, sketch=sketch))
        for draft, sketch in zip(drafts, signatures, strict=True)
    ]
