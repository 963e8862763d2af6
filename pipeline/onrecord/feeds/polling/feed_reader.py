"""Polls one feed up to its outcome: fetches it, reads it, and adds the text of pages."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Protocol, TypeVar

from msgspec import structs

from onrecord.errors import FetchError, ParseError
from onrecord.feeds.articles.document import (
    Document,
    read_document,
    signatures_of,
    with_signatures,
)
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.feeds.articles.matching import EntryMatcher
from onrecord.feeds.articles.revisions import Published, missing
from onrecord.feeds.decisions.blocking import divided
from onrecord.feeds.decisions.conditional import (
    doubt_of,
    is_fill_due,
    is_lie,
    is_refetch_due,
    manners_of,
    request_for,
    with_due_forgotten,
)
from onrecord.feeds.decisions.outcome import (
    ArchiveFill,
    Failed,
    Outcome,
    Pushed,
    as_failed,
    as_read,
    as_unchanged,
    as_unexpected,
    as_unreadable,
)
from onrecord.feeds.decisions.shares import SharePolicy, share_of
from onrecord.feeds.decisions.site_claims import (
    feed_claims,
    sites_to_look_at,
    unclaimed_hosts,
    with_looks,
)
from onrecord.feeds.decisions.withdrawals import Withdrawal, withdrawn_entries
from onrecord.feeds.fetch import BodyRoom, FetchRequest, FetchResponse, HostHeld
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.pages.feed_links import names_feed
from onrecord.feeds.pages.fetching import Pages
from onrecord.feeds.pages.fulltext import FullText, PageText, read_page, without_page_text
from onrecord.feeds.pages.robots import RobotRules, read_robots
from onrecord.feeds.polling.archive_parts import NO_PARTS, ArchiveParts, read_archive
from onrecord.feeds.polling.capture import Keep
from onrecord.feeds.polling.reader_pool import ReaderPool
from onrecord.feeds.private_urls import public_url
from onrecord.records import Article, BlockedEntry, Feed, FeedState

T = TypeVar("T")

_logger = logging.getLogger(__name__)

# The number of documents over a megabyte held at once, from their first byte until settled.
_LARGE_BODIES = 4
# The number of drafts compared with published articles in one call to the ledger's thread.
_DRAFTS_A_STEP = 500
# A body of at least this size waits with those that are slow to read.
_LARGE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Completed:
    """A document's drafts, the number left for later polls, and the entries that rules block."""

    drafts: tuple[ArticleDraft, ...]
    waiting: int
    blocked: tuple[BlockedEntry, ...]
    blocked_dates: tuple[datetime, ...]


class WithLog(Protocol):
    """Runs a call in the ledger's thread."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """The call's result."""


class FeedReader:
    """Fetches feeds and reads their responses. Belongs to one event loop.

    `with_log` runs a call in the ledger's thread; `published` is called there, and `article`, which
    gives an article as published last. `keep` is given every new document, as received.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        readers: ReaderPool,
        *,
        shares: SharePolicy,
        full_text: FullText,
        published: Published,
        article: Callable[[str], Article | None],
        with_log: WithLog,
        keep: Keep | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._fetcher = fetcher
        self._readers = readers
        self._shares = shares
        self._pages = Pages(
            fetcher, full_text, self._read_page, self._read_robots, self._names_feed
        )
        self._published = published
        self._article = article
        self._with_log = with_log
        self._keep = keep
        self._clock = clock
        self._room = BodyRoom(bodies=2 * fetcher.policy.concurrency, large=_LARGE_BODIES)

    async def ask(self, feed: Feed, state: FeedState) -> Outcome | None:
        """The outcome of asking a feed now, failures included; None when it was not asked."""
        self._fetcher.manners.put(feed.url, manners_of(feed))
        state = with_due_forgotten(feed, state, self._clock())
        try:
            async with self._room.hold(feed.url) as make_room:
                request = replace(request_for(feed, state), make_room=make_room)
                response = await self._fetcher.fetch(request)
                return await self._outcome_of(feed, state, request, response)
        except HostHeld:
            return None
        except FetchError as error:
            return as_failed(error)
        # Any error raised while handling a feed is a failure of that feed alone.
        except Exception as error:
            _logger.exception("%s: its poll failed", feed.url)
            return as_unexpected(error)

    async def read_push(
        self, feed: Feed, state: FeedState, body: bytes, content_type: str | None
    ) -> Pushed:
        """The outcome of a hub's delivery on the feed's topic. Raises ParseError."""
        url = state.address or feed.url
        document = await self._read(feed, state, body, url, content_type)
        return Pushed(drafts=(await self._complete(feed, state, document.drafts)).drafts)

    async def _outcome_of(
        self, feed: Feed, state: FeedState, request: FetchRequest, response: FetchResponse
    ) -> Outcome:
        lied = is_lie(state, request, response)
        body_hash = sha256(response.body).hexdigest()
        # A third of all responses repeat the same bytes: there is nothing new to read in them.
        if response.is_unchanged or body_hash == state.body_hash:
            return as_unchanged(response, lied=lied and response.is_unchanged)
        try:
            await self._keep_answer(feed.url, response)
        except OSError as error:
            fault = f"its document cannot be kept (keep_answers): {error.strerror}"
            return Failed(error=fault, status=response.status)
        try:
            document, looks = await self._read_with_claims(feed, state, response)
            if not response.is_whole:
                document = replace(document, is_whole=False)
            # A document that breaks off is not known by its hash: the rest may come with the same.
            body_hash = body_hash if document.is_whole else f"broken off {body_hash}"
            parts = await self._archive_of(feed, state, document)
            completed = await self._complete(feed, state, (*document.drafts, *parts.drafts))
        except ParseError as error:
            return as_unreadable(error, response)
        own = {draft.identity for draft in document.drafts}
        drafts = tuple(draft for draft in completed.drafts if draft.identity in own)
        doubt = None if lied else doubt_of(state, request, response)
        read = as_read(document, drafts, response, body_hash, lied=lied, doubt=doubt)
        return replace(
            read,
            waiting=completed.waiting,
            blocked=completed.blocked,
            blocked_dates=completed.blocked_dates,
            unclaimed=unclaimed_hosts(document.drafts),
            looks=looks,
            refetched=is_refetch_due(feed, state),
            archive=_fill(feed, state, parts, completed.drafts[len(drafts) :]),
            withdrawals=await self._withdrawals(state, document, completed.drafts),
        )

    async def _archive_of(self, feed: Feed, state: FeedState, document: Document) -> ArchiveParts:
        """The next parts of the feed's archive, if a person asked for it."""
        if not is_fill_due(feed, state):
            return NO_PARTS

        async def read(url: str) -> Document:
            part = await self._fetcher.fetch(FetchRequest(url=url, feed=feed.url))
            return await self._read(feed, state, part.body, part.url, part.content_type)

        return await read_archive(state, document, read)

    async def _withdrawals(
        self, state: FeedState, document: Document, drafts: Sequence[ArticleDraft]
    ) -> tuple[Withdrawal, ...]:
        """The entries that the publisher withdrew, with their articles as published."""
        found = withdrawn_entries(state, document, drafts)
        withdrawals: list[Withdrawal] = []
        for identity, why in found.items():
            article_id = state.seen[identity].article_id
            article = await self._with_log(partial(self._article, article_id))
            withdrawals.append(Withdrawal(identity, why, article))
        return tuple(withdrawals)

    async def _read_with_claims(
        self, feed: Feed, state: FeedState, response: FetchResponse
    ) -> tuple[Document, dict[str, bool | None]]:
        """The document, and which sites' front pages turned out to name the feed."""
        arguments = (response.body, response.url, response.content_type)
        document = await self._read(feed, state, *arguments)
        looks = await self._look_for_claims(feed, state, document)
        if any(looks.values()):
            claims = with_looks(state.site_claims, looks, self._clock())
            state = structs.replace(state, site_claims=claims)
            document = await self._read(feed, state, *arguments)
        return document, looks

    async def _look_for_claims(
        self, feed: Feed, state: FeedState, document: Document
    ) -> dict[str, bool | None]:
        """Whether front pages of sites that the feed has no claim to name it, by host.

        None for one that cannot be had for a passing reason.
        """
        sites = sites_to_look_at(document.drafts, state, self._clock())
        own = [url for url in (feed.url, state.address) if url is not None]
        looks = [self._pages.is_named_by(page, own, feed.url) for page in sites.values()]
        return dict(zip(sites, await asyncio.gather(*looks), strict=True))

    async def _keep_answer(self, url: str, response: FetchResponse) -> None:
        if self._keep is not None:
            await asyncio.to_thread(self._keep, url, response, self._clock())

    async def _complete(
        self, feed: Feed, state: FeedState, drafts: Sequence[ArticleDraft]
    ) -> _Completed:
        """The drafts; the new ones, within the feed's share, with pages and signatures."""
        now = self._clock()
        allowed = divided(feed, drafts, now)
        news = await self._news(feed, state, allowed.drafts)
        share = share_of(news, self._shares, partial(self._pages.wants, full_text=feed.full_text))
        completed = await self._with_pages(feed, share.drafts)
        # Only the page may have the words that a rule is about.
        late = divided(feed, completed, now)
        completed = list(late.drafts)
        if completed:
            # The texts alone: drafts are a hundred objects to send there and back.
            texts = [draft.article.text for draft in completed]
            signatures = await self._readers.read(feed.url, feed.url, signatures_of, texts)
            completed = with_signatures(completed, signatures)
        left = share.waiting | {entry.identity for entry in late.blocked}
        by_identity = {draft.identity: draft for draft in completed}
        finished = (
            by_identity.get(draft.identity, draft)
            for draft in allowed.drafts
            if draft.identity not in left
        )
        blocked = (*allowed.blocked, *late.blocked)
        dates = (*allowed.dates, *late.dates)
        return _Completed(tuple(finished), len(share.waiting), blocked, dates)

    async def _news(
        self, feed: Feed, state: FeedState, drafts: tuple[ArticleDraft, ...]
    ) -> list[ArticleDraft]:
        """The drafts that are new or edited.

        They are compared with what is published in the ledger's thread, a few hundred at a time:
        a document of thousands must not keep the other feeds from it.
        """
        if len(drafts) + len(state.seen) <= _DRAFTS_A_STEP:
            matcher = EntryMatcher(drafts, state.seen)  # takes a millisecond
        else:
            matcher = await asyncio.to_thread(EntryMatcher, drafts, state.seen)
        refetch = is_refetch_due(feed, state)
        news: dict[str, ArticleDraft] = {}
        for start in range(0, len(drafts), _DRAFTS_A_STEP):
            step = drafts[start : start + _DRAFTS_A_STEP]
            found = await self._with_log(
                partial(
                    missing,
                    step,
                    matcher,
                    self._published,
                    refetch=refetch,
                    since=feed.refetch_since,
                )
            )
            for article_id, draft in found.items():
                news.setdefault(article_id, draft)
        return list(news.values())

    async def _with_pages(self, feed: Feed, news: Sequence[ArticleDraft]) -> list[ArticleDraft]:
        """The drafts with their pages' texts, as far as those come in time."""
        tasks = [
            asyncio.create_task(self._pages.complete(draft, feed.url, feed.full_text))
            for draft in news
        ]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=self._shares.pages_timeout_s)
            return [
                task.result() if task.done() else self._without_page(draft)
                for draft, task in zip(news, tasks, strict=True)
            ]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _without_page(self, draft: ArticleDraft) -> ArticleDraft:
        limit = f"{self._shares.pages_timeout_s:g} s (pages_timeout_s)"
        without = without_page_text(draft, f"it did not come within {limit}")
        return replace(without, is_page_missing=True)

    async def _read_page(self, page: FetchResponse, article: Article) -> PageText:
        arguments = (page.body, page.url, page.content_type, article)
        return await self._readers.read(
            article.feed or "", page.url, read_page, *arguments, is_large=_is_large(page.body)
        )

    async def _read_robots(self, body: bytes, feed: str) -> RobotRules:
        return await self._readers.read(feed, feed, read_robots, body, is_large=_is_large(body))

    async def _names_feed(self, page: FetchResponse, feeds: Sequence[str], feed: str) -> bool:
        arguments = (page.body, page.url, page.content_type, feeds)
        return await self._readers.read(
            feed, page.url, names_feed, *arguments, is_large=_is_large(page.body)
        )

    async def _read(
        self, feed: Feed, state: FeedState, body: bytes, url: str, content_type: str | None
    ) -> Document:
        """The document in a body that came from a URL. Raises ParseError."""
        now = self._clock()
        arguments = (feed, body, url, content_type, now, feed_claims(feed, state, url, now))
        return await self._readers.read(
            feed.url, url, read_document, *arguments, is_large=_is_large(body)
        )


def _fill(
    feed: Feed, state: FeedState, parts: ArchiveParts, drafts: tuple[ArticleDraft, ...]
) -> ArchiveFill | None:
    """What was read of the archive; a URL that holds a secret is not kept to go on with."""
    if not is_fill_due(feed, state):
        return None
    following = parts.following
    is_public = following is not None and public_url(following) == following
    return ArchiveFill(drafts, parts.read, following if is_public else None)


def _is_large(body: bytes) -> bool:
    return len(body) > _LARGE_BYTES
