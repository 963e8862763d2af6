"""Fetches the pages that entries link to, as their sites allow: robots.txt and crawl-delay.

Pages share the limits of hosts with feeds and have connections of their own. Whatever goes wrong
with a page is no failure of its feed: the feed's own text stands, and a page that failed for a
passing reason is asked for again at later polls. Everything that is remembered of a failing host
is remembered for the one feed that linked to it, so that no feed can keep another's pages away.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from onrecord.errors import FetchError, ParseError
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.feeds.fetch import (
    ACCEPT_PAGES,
    BodyRoom,
    Declined,
    FetchRequest,
    FetchResponse,
    host_of,
)
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.pages.fulltext import (
    FullText,
    PageText,
    wants_page,
    with_page_text,
    without_page_text,
)
from onrecord.feeds.pages.robots import RobotRules
from onrecord.feeds.pages.silences import LeftAlone, Silences
from onrecord.feeds.private_urls import without_secrets
from onrecord.records import Article

_logger = logging.getLogger(__name__)

# A site that wants longer between two pages than this wants no pages to be fetched.
_LONGEST_DELAY_S = 120.0
# A server that answers so has the page no more.
_GONE = (404, 410)
_ROBOTS_KEPT_S = 86_400.0
_MISHAP_KEPT_S = 600.0
# What is kept of all sites' robots.txt together: their number, and the length of their rules.
_MOST_SITES = 2_000
_MOST_RULE_CHARS = 8_000_000
# After so many failures in a row a host is left alone for a while by the feed that linked there.
_MOST_FAILURES = 3
_LEFT_ALONE_S = 300.0
_MOST_REMEMBERED = 10_000
# Page bodies waiting to be read: so many at once, few of them large.
_BODIES = 32
_LARGE_BODIES = 3

# Given a page's answer and the article it belongs to: the article's text. Raises ParseError.
ReadPage = Callable[[FetchResponse, Article], Awaitable[PageText]]
# Given a front page, the URLs of a feed, and the one it is followed by: whether the page names it.
NamesFeed = Callable[[FetchResponse, Sequence[str], str], Awaitable[bool]]
# Given a robots.txt and the URL of the feed that led to it: its rules. Raises ParseError.
ReadRobots = Callable[[bytes, str], Awaitable[RobotRules]]


@dataclass(slots=True)
class _SiteRules:
    """A site's rules, or why they could not be had; until when they are believed.

    `left_alone_for` is the feed on whose behalf the site was not even asked: this says nothing
    to other feeds.
    """

    robots: RobotRules | str
    until: float
    left_alone_for: str | None = None


class _RobotsMissing(FetchError):
    """A site's robots.txt could not be had, so its pages must not be asked for now."""


class Pages:
    """Completes drafts with the text of their pages. Belongs to one event loop."""

    def __init__(
        self,
        fetcher: Fetcher,
        full_text: FullText,
        read: ReadPage,
        read_robots: ReadRobots,
        names_feed: NamesFeed,
    ) -> None:
        self.full_text = full_text
        self._fetcher = fetcher
        self._read = read
        self._read_robots = read_robots
        self._names_feed = names_feed
        self._room = BodyRoom(bodies=_BODIES, large=_LARGE_BODIES)
        self._rules: OrderedDict[str, asyncio.Task[_SiteRules]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._silences = Silences()

    def wants(self, draft: ArticleDraft, full_text: FullText | None = None) -> bool:
        """Whether a draft's page is worth fetching; `full_text` is a setting of its feed."""
        return wants_page(draft.article, full_text or self.full_text)

    async def complete(
        self, draft: ArticleDraft, feed: str, full_text: FullText | None = None
    ) -> ArticleDraft:
        """The draft with its page's text where that is wanted, or with why it cannot be had.

        `feed` is the URL of the feed that links to the page, `full_text` its own setting.
        """
        url = draft.article.url
        if url is None or not self.wants(draft, full_text):
            return draft
        try:
            return with_page_text(draft, await self._text(url, feed, draft.article))
        except (FetchError, ParseError) as error:
            reason, is_missing = without_secrets(error.reason), is_passing(error)
            if isinstance(error, FetchError) and error.status in _GONE:
                return replace(without_page_text(draft, reason), page_gone=f"its page: {reason}")
        # Any error raised while handling a page is a failure of that page alone.
        except Exception as error:
            _logger.exception("page of %s", feed)
            reason, is_missing = f"it cannot be asked ({type(error).__name__})", False
        _logger.info("page %s: %s", without_secrets(url), reason)
        return replace(without_page_text(draft, reason), is_page_missing=is_missing)

    async def is_named_by(self, page: str, feeds: Sequence[str], feed: str) -> bool | None:
        """Whether a site's front page names a feed; None when it cannot be had just now."""
        try:
            if not await self._is_allowed(page, feed):
                return None if isinstance((await self._rules_of(page, feed)).robots, str) else False
            async with self._room.hold(feed) as make_room:
                answer = await self._fetch(page, feed, host_of(page), make_room)
                # Of a redirect to another site, that site would speak.
                return host_of(answer.url).removeprefix("www.") == host_of(page).removeprefix(
                    "www."
                ) and await self._names_feed(answer, feeds, feed)
        except (FetchError, ParseError) as error:
            return None if is_passing(error) else False
        # A page that raises any error names no feed.
        except Exception:
            _logger.exception("front page for %s", feed)
            return False

    async def _text(self, url: str, feed: str, article: Article) -> PageText:
        host = host_of(url)
        self._silences.refuse_if_silent(url, feed)
        if not await self._is_allowed(url, feed):
            raise await self._refusal_of(url, feed)
        # Waiting requests take account of the failures of earlier ones.
        turns = self._turns.setdefault(host, asyncio.Semaphore(self._fetcher.policy.per_host))
        async with self._room.hold(feed) as make_room:
            async with turns:
                self._refuse_if_failing(url, host, feed)
                page = await self._fetch(url, feed, host, make_room)
            self._failures.pop((feed, host), None)
            return await self._read(page, article)

    async def _fetch(
        self, url: str, feed: str, host: str, make_room: Callable[[bool], Awaitable[None]]
    ) -> FetchResponse:
        async def may_follow(target: str) -> bool:
            return await self._is_allowed(target, feed)

        try:
            return await self._ask(
                FetchRequest(
                    url=url, accept=ACCEPT_PAGES, may_follow=may_follow, make_room=make_room
                ),
                feed,
            )
        except FetchError as error:
            if is_passing(error) and not isinstance(error, LeftAlone):
                self._note_failure(host, feed, error)
            raise

    async def _ask(self, request: FetchRequest, feed: str) -> FetchResponse:
        """The answer to a request on a feed's behalf. Raises FetchError."""
        check = partial(self._silences.refuse_if_silent, request.url, feed)
        try:
            page = replace(request, feed=feed, is_page=True, check=check)
            answer = await self._fetcher.fetch(page)
        except FetchError as error:
            self._silences.note_error(feed, error)
            raise
        self._silences.note_answer(feed)
        return answer

    def _refuse_if_failing(self, url: str, host: str, feed: str) -> None:
        failures, until = self._failures.get((feed, host), (0, 0.0))
        if failures >= _MOST_FAILURES and time.monotonic() < until:
            raise FetchError(url, f"{host} failed {failures} times in a row: left alone for now")

    def _note_failure(self, host: str, feed: str, error: FetchError) -> None:
        failures, _ = self._failures.pop((feed, host), (0, 0.0))
        failures, left_alone_s = failures + 1, _LEFT_ALONE_S
        if isinstance(error, Declined) and error.holds_host:
            wanted_s = min(error.wishes.retry_after_s or 0.0, self._fetcher.policy.longest_hold_s)
            failures = max(failures, _MOST_FAILURES)
            left_alone_s = max(left_alone_s, wanted_s)
        self._failures[feed, host] = (failures, time.monotonic() + left_alone_s)
        while len(self._failures) > _MOST_REMEMBERED:
            self._failures.popitem(last=False)

    # ── robots.txt ───────────────────────────────────────────────────────────────────────────

    async def _is_allowed(self, url: str, feed: str) -> bool:
        robots = (await self._rules_of(url, feed)).robots
        if isinstance(robots, str) or robots.delay_s > _LONGEST_DELAY_S:
            return False
        if robots.delay_s:
            self._fetcher.space(host_of(url), robots.delay_s)
        return robots.allows(url)

    async def _refusal_of(self, url: str, feed: str) -> FetchError:
        robots = (await self._rules_of(url, feed)).robots
        if isinstance(robots, str):
            return _RobotsMissing(url, f"its site's robots.txt cannot be had: {robots}")
        return FetchError(url, "robots.txt does not allow it", status=403)

    async def _rules_of(self, url: str, feed: str) -> _SiteRules:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        while True:
            task = self._rules.get(site)
            if task is None or (task.done() and task.result().until < time.monotonic()):
                task = self._rules[site] = asyncio.create_task(self._ask_rules(site, feed))
            self._rules.move_to_end(site)
            self._forget_rules()
            rules = await asyncio.shield(task)
            if rules.left_alone_for in (None, feed):
                return rules

    def _forget_rules(self) -> None:
        while len(self._rules) > _MOST_SITES or self._kept_chars() > _MOST_RULE_CHARS:
            self._rules.popitem(last=False)

    def _kept_chars(self) -> int:
        done = (task.result().robots for task in self._rules.values() if task.done())
        return sum(robots.size for robots in done if isinstance(robots, RobotRules))

    async def _ask_rules(self, site: str, feed: str) -> _SiteRules:
        """A site's rules: an absent file allows everything, an unreachable one nothing."""
        request = FetchRequest(url=f"{site}/robots.txt", accept="text/plain, */*;q=0.1")
        try:
            body = (await self._ask(request, feed)).body
            return _SiteRules(await self._read_robots(body, feed), _in(_ROBOTS_KEPT_S))
        except LeftAlone as error:
            return _SiteRules(error.reason, -inf, left_alone_for=feed)
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return _SiteRules(RobotRules(), _in(_ROBOTS_KEPT_S))
            return _SiteRules(error.reason, _in(_MISHAP_KEPT_S))
        except ParseError as error:
            return _SiteRules(error.reason, _in(_MISHAP_KEPT_S))
        # Any error raised while handling a robots.txt is a failure of that site alone.
        except Exception as error:
            _logger.exception("robots.txt of %s", site)
            return _SiteRules(f"it cannot be read ({type(error).__name__})", _in(_MISHAP_KEPT_S))


def _in(seconds: float) -> float:
    return time.monotonic() + seconds


def is_passing(error: FetchError | ParseError) -> bool:
    """Whether a page can be available later: no response, or a request to come again."""
    if isinstance(error, ParseError):
        return False
    return error.status is None or error.status >= 500 or error.status in (408, 425, 429)
