"""Fetching the pages that entries link to, as their sites allow: robots.txt and crawl-delay.

The same safety as for feeds, and the same connections: a site is asked no more often because of
its pages. A page that cannot be had is no failure of its feed; the feed's own text stands.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from protego import Protego

from onrecord.errors import FetchError, ParseError
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.feeds.fetch import (
    ACCEPT_PAGES,
    Fetcher,
    FetchRequest,
    FetchResponse,
    host_of,
)
from onrecord.feeds.pages.fulltext import (
    FullText,
    PageText,
    wants_page,
    with_page_text,
    without_page_text,
)
from onrecord.records import Article

_logger = logging.getLogger(__name__)

# Who we are in robots.txt.
_AGENT = "onrecord"
# A site that wants longer between two pages than this wants no pages to be fetched.
_LONGEST_DELAY_S = 120.0
_ROBOTS_KEPT_S = 86_400.0
_MISHAP_KEPT_S = 600.0
_MOST_SITES = 2_000
# After so many failures in a row a host's pages are left alone for a while.
_MOST_FAILURES = 3
_LEFT_ALONE_S = 300.0

# Given a page's answer and the article it belongs to: the article's text. Raises ParseError.
ReadPage = Callable[[FetchResponse, Article], Awaitable[PageText]]


@dataclass(slots=True)
class _Rules:
    """A site's robots.txt, or why it could not be had; until when it is believed."""

    robots: Protego | str
    until: float


class Pages:
    """Completes drafts with the text of their pages. Belongs to one event loop."""

    def __init__(self, fetcher: Fetcher, full_text: FullText, read: ReadPage) -> None:
        self.full_text = full_text
        self._fetcher = fetcher
        self._read = read
        self._rules: OrderedDict[str, asyncio.Task[_Rules]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._failures: dict[str, tuple[int, float]] = {}

    async def complete(self, draft: ArticleDraft) -> ArticleDraft:
        """The draft with its page's text where that is wanted, or with why it cannot be had."""
        url = draft.article.url
        if url is None or not wants_page(draft.article, self.full_text):
            return draft
        try:
            return with_page_text(draft, await self._text(url, draft.article))
        except (FetchError, ParseError) as error:
            _logger.info("page %s: %s", url, error.reason)
            return without_page_text(draft, error.reason)

    async def _text(self, url: str, article: Article) -> PageText:
        host = host_of(url)
        if not await self._is_allowed(url):
            raise FetchError(url, await self._refusal_of(url))
        # Those that wait for their turn hear of the failures of those before them.
        async with self._turns.setdefault(host, asyncio.Semaphore(self._fetcher.policy.per_host)):
            self._refuse_if_failing(url, host)
            try:
                page = await self._fetcher.fetch(
                    FetchRequest(url=url, accept=ACCEPT_PAGES, may_follow=self._is_allowed)
                )
            except FetchError as error:
                if error.status is None or error.status >= 500:
                    self._failed(host)
                raise
        self._failures.pop(host, None)
        return await self._read(page, article)

    def _refuse_if_failing(self, url: str, host: str) -> None:
        failures, until = self._failures.get(host, (0, 0.0))
        if failures >= _MOST_FAILURES and time.monotonic() < until:
            raise FetchError(url, f"{host} failed {failures} times in a row: left alone for now")

    def _failed(self, host: str) -> None:
        failures, _ = self._failures.get(host, (0, 0.0))
        self._failures[host] = (failures + 1, time.monotonic() + _LEFT_ALONE_S)

    # ── robots.txt ───────────────────────────────────────────────────────────────────────────

    async def _is_allowed(self, url: str) -> bool:
        robots = (await self._rules_of(url)).robots
        if isinstance(robots, str):
            return False
        delay_s = robots.crawl_delay(_AGENT) or 0.0
        if delay_s > _LONGEST_DELAY_S:
            return False
        if delay_s:
            self._fetcher.space(host_of(url), float(delay_s))
        return bool(robots.can_fetch(url, _AGENT))

    async def _refusal_of(self, url: str) -> str:
        robots = (await self._rules_of(url)).robots
        if isinstance(robots, str):
            return f"its site's robots.txt cannot be had: {robots}"
        return "robots.txt does not allow it"

    async def _rules_of(self, url: str) -> _Rules:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        task = self._rules.get(site)
        if task is None or (task.done() and task.result().until < time.monotonic()):
            task = self._rules[site] = asyncio.create_task(self._ask_rules(site))
        self._rules.move_to_end(site)
        while len(self._rules) > _MOST_SITES:
            self._rules.popitem(last=False)
        return await asyncio.shield(task)

    async def _ask_rules(self, site: str) -> _Rules:
        """A site's rules: none there allows all, none to be had allows nothing (RFC 9309)."""
        try:
            request = FetchRequest(url=f"{site}/robots.txt", accept="text/plain, */*;q=0.1")
            body = (await self._fetcher.fetch(request)).body[:500_000]
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return _Rules(Protego.parse(""), time.monotonic() + _ROBOTS_KEPT_S)
            return _Rules(error.reason, time.monotonic() + _MISHAP_KEPT_S)
        rules = Protego.parse(body.decode("utf-8", "replace"))
        return _Rules(rules, time.monotonic() + _ROBOTS_KEPT_S)
