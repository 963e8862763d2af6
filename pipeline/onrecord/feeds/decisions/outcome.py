"""The outcome of a poll: a document, nothing new, or a failure in words. All pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from onrecord.errors import FetchError, ParseError
from onrecord.feeds.articles.document import Document
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.feeds.decisions.websub import links_in_headers
from onrecord.feeds.decisions.withdrawals import Withdrawal
from onrecord.feeds.fetch import NO_WISHES, Declined, FetchResponse, Redirect, ServerWishes
from onrecord.feeds.parsing.entry import NO_HINTS, Hints, HubLinks
from onrecord.feeds.private_urls import public_url, without_secrets
from onrecord.feeds.text.html import clean
from onrecord.records import BlockedEntry, Doubt

_MOST_ERROR = 500


@dataclass(frozen=True, slots=True)
class ArchiveFill:
    """The drafts read of a feed's archive, how many parts they were, and the part to read next."""

    drafts: tuple[ArticleDraft, ...]
    parts: int
    following: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A poll that brought a document.

    `lied` is whether the server would have called it unmodified, `doubt` how to find out whether it
    would; `links` is where the feed's hub is. `waiting` counts new entries that are left for later
    polls, `unclaimed` are hosts that the feed has no claim to, `looks` tells of some whether their
    front pages name the feed. `refetched` is whether all pages were asked for again.
    `archive` is what was read of the feed's archive, None unless a person asked for it;
    `withdrawals` are entries that the publisher withdrew.
    `blocked` are the entries that rules keep from being published, `blocked_dates` their dates.
    """

    drafts: tuple[ArticleDraft, ...]
    wishes: ServerWishes
    body_hash: str
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[Redirect, ...] = ()
    lied: bool = False
    doubt: Doubt | None = None
    title: str | None = None
    hints: Hints = NO_HINTS
    links: HubLinks | None = None
    waiting: int = 0
    unclaimed: tuple[str, ...] = ()
    looks: Mapping[str, bool | None] = field(default_factory=dict)
    refetched: bool = False
    archive: ArchiveFill | None = None
    withdrawals: tuple[Withdrawal, ...] = ()
    blocked: tuple[BlockedEntry, ...] = ()
    blocked_dates: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a feed's hub sent: entries that are new, and seldom the whole document."""

    drafts: tuple[ArticleDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A poll that brought nothing new: 304, or the same bytes once more.

    Validators are those of this answer; None keeps what we have. `lied` is whether there was
    something new all the same.
    """

    status: int
    wishes: ServerWishes
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[Redirect, ...] = ()
    lied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A poll that failed. `status` is HTTP's, if it came so far.

    `held_host` is a host that asked, with this answer, to be left alone altogether.
    """

    error: str
    status: int | None = None
    wishes: ServerWishes = NO_WISHES
    held_host: str | None = None


Outcome = Read | Pushed | Unchanged | Failed


def as_read(
    document: Document,
    drafts: tuple[ArticleDraft, ...],
    response: FetchResponse,
    body_hash: str,
    *,
    lied: bool = False,
    doubt: Doubt | None = None,
) -> Read:
    """A received document, with its completed drafts."""
    return Read(
        drafts=drafts,
        wishes=response.wishes,
        body_hash=body_hash,
        # Validators of a document that broke off would hide the rest of it behind 304.
        etag=response.etag if document.is_whole else None,
        last_modified=response.last_modified if document.is_whole else None,
        redirects=response.redirects,
        lied=lied,
        doubt=doubt,
        title=document.title,
        hints=document.hints,
        links=_public_links(links_in_headers(response.headers, response.url) or document.links),
    )


def _public_links(links: HubLinks | None) -> HubLinks | None:
    """The hub, unless it or the feed would be named to it by a URL that holds a secret."""
    if links is None or any(public_url(url) != url for url in (links.hub, links.topic)):
        return None
    return links


def as_unchanged(response: FetchResponse, *, lied: bool = False) -> Unchanged:
    """A response without anything to read."""
    return Unchanged(
        status=response.status,
        wishes=response.wishes,
        etag=response.etag,
        last_modified=response.last_modified,
        redirects=response.redirects,
        lied=lied,
    )


def as_unreadable(error: ParseError, response: FetchResponse) -> Failed:
    """A response that is not a readable feed."""
    return Failed(error=_error(error.reason), status=response.status, wishes=response.wishes)


def as_failed(error: FetchError) -> Failed:
    """No response, or an unusable one."""
    if not isinstance(error, Declined):
        return Failed(error=_error(error.reason), status=error.status)
    return Failed(
        error=_error(error.reason),
        status=error.status,
        wishes=error.wishes,
        held_host=error.host if error.holds_host else None,
    )


def as_unexpected(error: Exception) -> Failed:
    """A poll with an unexpected exception: a failure of this feed, like any other."""
    return Failed(error=f"its poll failed in a way that is not foreseen ({type(error).__name__})")


def _error(reason: str) -> str:
    return clean(without_secrets(reason))[:_MOST_ERROR]
