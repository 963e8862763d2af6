"""One poll of one feed up to its outcome: asked, read, and completed with pages."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TypeVar

from onrecord.errors import FetchError, ParseError
from onrecord.feeds.articles.document import (
    Document,
    read_document,
    with_signatures,
)
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.feeds.articles.revisions import Published, missing
from onrecord.feeds.decisions.conditional import (
    doubt_of,
    is_lie,
    request_for,
    with_due_forgotten,
)
from onrecord.feeds.decisions.outcome import (
    Failed,
    Outcome,
    Pushed,
    as_failed,
    as_read,
    as_unchanged,
    as_unexpected,
    as_unreadable,
)
from onrecord.feeds.fetch import BodyRoom, Fetcher, FetchRequest, FetchResponse, HostHeld
from onrecord.feeds.pages.fetching import Pages
from onrecord.feeds.pages.fulltext import FullText, PageText, read_page
from onrecord.feeds.pages.robots import RobotRules, read_robots
from onrecord.feeds.polling.capture import Keep
from onrecord.feeds.polling.reader_pool import ReaderPool
from onrecord.records import Article, Feed, FeedState

T = TypeVar("T")

_logger = logging.getLogger(__name__)

# Documents of more than a megabyte that are held at once, from their first byte until settled.
_LARGE_BODIES = 4


class FeedReader:
    """Asks feeds and reads what they answer. Belongs to one event loop.

    `with_log` runs a call in the ledger's thread; `published` is called there. `keep` is given
    every document that is new, as it came.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        readers: ReaderPool,
        *,
        full_text: FullText,
        published: Published,
        with_log: Callable[[Callable[[], list[ArticleDraft]]], Awaitable[list[ArticleDraft]]],
        keep: Keep | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._fetcher = fetcher
        self._readers = readers
        self._pages = Pages(fetcher, full_text, self._read_page, self._read_robots)
        self._published = published
        self._with_log = with_log
        self._keep = keep
        self._clock = clock
        self._room = BodyRoom(bodies=2 * fetcher.policy.concurrency, large=_LARGE_BODIES)

    async def ask(self, feed: Feed, state: FeedState) -> Outcome | None:
        """What came of asking a feed now. Failures are outcomes too; None when not asked."""
        state = with_due_forgotten(state, self._clock())
        try:
            async with self._room.hold(feed.url) as make_room:
                request = replace(request_for(feed, state), make_room=make_room)
                response = await self._fetcher.fetch(request)
                return await self._outcome_of(feed, state, request, response)
        except HostHeld:
            return None
        except FetchError as error:
            return as_failed(error)
        # Whatever a feed makes us raise, it is this feed's failure.
        except Exception as error:
            _logger.exception("%s: its poll failed", feed.url)
            return as_unexpected(error)

    async def read_push(
        self, feed: Feed, state: FeedState, body: bytes, content_type: str | None
    ) -> Pushed:
        """What a feed's hub sent on its topic. Raises ParseError."""
        url = state.address or feed.url
        document = await self._read(feed, body, url, content_type)
        return Pushed(drafts=await self._complete(feed, state, document))

    async def _outcome_of(
        self, feed: Feed, state: FeedState, request: FetchRequest, response: FetchResponse
    ) -> Outcome:
        lied = is_lie(state, request, response)
        body_hash = sha256(response.body).hexdigest()
        # A third of all answers are the same bytes again: there is nothing to read in them.
        if response.is_unchanged or body_hash == state.body_hash:
            return as_unchanged(response, lied=lied and response.is_unchanged)
        try:
            await self._keep_answer(feed.url, response)
        except OSError as error:
            fault = f"its document cannot be kept (keep_answers): {error.strerror}"
            return Failed(error=fault, status=response.status)
        try:
            document = await self._read(feed, response.body, response.url, response.content_type)
            if not response.is_whole:
                document = replace(document, is_whole=False)
            # A document that breaks off is not known by its hash: the rest may come with the same.
            body_hash = body_hash if document.is_whole else f"broken off {body_hash}"
            drafts = await self._complete(feed, state, document)
        except ParseError as error:
            return as_unreadable(error, response)
        doubt = None if lied else doubt_of(state, request, response)
        return as_read(document, drafts, response, body_hash, lied=lied, doubt=doubt)

    async def _keep_answer(self, url: str, response: FetchResponse) -> None:
        if self._keep is not None:
            await asyncio.to_thread(self._keep, url, response, self._clock())

    async def _complete(
        self, feed: Feed, state: FeedState, document: Document
    ) -> tuple[ArticleDraft, ...]:
        """The drafts; the new ones with their pages' texts and their signatures."""
        news = await self._with_log(partial(missing, document.drafts, state.seen, self._published))
        completed = await self._with_pages(feed, news)
        if completed:
            completed = await self._readers.read(feed.url, feed.url, with_signatures, completed)
        by_identity = {draft.identity: draft for draft in completed}
        return tuple(by_identity.get(draft.identity, draft) for draft in document.drafts)

    async def _with_pages(self, feed: Feed, news: Sequence[ArticleDraft]) -> list[ArticleDraft]:
        completing = (self._pages.complete(draft, feed.url) for draft in news)
        return list(await asyncio.gather(*completing))

    async def _read_page(self, page: FetchResponse, article: Article) -> PageText:
        arguments = (page.body, page.url, page.content_type, article)
        return await self._readers.read(article.feed or "", page.url, read_page, *arguments)

    async def _read_robots(self, body: bytes, feed: str) -> RobotRules:
        return await self._readers.read(feed, feed, read_robots, body)

    async def _read(self, feed: Feed, body: bytes, url: str, content_type: str | None) -> Document:
        """The document in a body that came from a URL. Raises ParseError."""
        arguments = (feed, body, url, content_type, self._clock())
        return await self._readers.read(feed.url, url, read_document, *arguments)
