"""Finds the feeds of a site: those its page names, else those at the usual places."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urljoin

from onrecord.errors import FetchError, ParseError
from onrecord.feeds.articles.draft import feed_title
from onrecord.feeds.fetch import ACCEPT_FEEDS, FetchRequest, FetchResponse
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.parsing.entry import absolute_url
from onrecord.feeds.parsing.page_links import feed_links
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.feeds.polling.reader_pool import ReaderPool
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.feeds.private_urls import public_url

_USUAL_PATHS = (
    "/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feeds", "/feed.json",
    "/feeds/all.atom.xml", "/?feed=rss2",
)  # fmt: skip
_MOST_NAMED = 20
_ROBOTS_BYTES = 500_000
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
_MOST_MAPS = 5
# Statuses that ask to come again.
_PASSING = (408, 425, 429)
# Of addresses that are never asked.
_NEVER_ASKED = ("allow_addresses", "another service's", "cannot be used")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was asked and read. `url` can hold a token that the page named."""

    url: str
    title: str | None
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What stands at a URL: a feed `itself`, or a page with the feeds that it names.

    `error` says why neither could be had, and `is_passing` that it may be had later.
    """

    url: str
    itself: FoundFeed | None = None
    named: tuple[FoundFeed, ...] = ()
    error: str | None = None
    is_passing: bool = False


async def look_at(
    urls: Sequence[str],
    fetcher: Fetcher,
    readers: ReaderPolicy,
    *,
    within_s: float | None = None,
) -> list[Look]:
    """What stands at each of these URLs, each asked once, in their order.

    Everything is read in a reader process, within its limits. Those that are not read `within_s`
    are given up; all begin at once.
    """
    with ReaderPool(readers) as pool:
        async with fetcher:
            return await asyncio.gather(*(_looked(url, fetcher, pool, within_s) for url in urls))


async def discover_feeds(url: str, fetcher: Fetcher, readers: ReaderPolicy) -> list[FoundFeed]:
    """The feeds of a page, each asked and read: itself, those it names, else the usual places.

    Raises FetchError when the page cannot be had.
    """
    with ReaderPool(readers) as pool:
        async with fetcher:
            look = await _look(url, fetcher, pool)
            return list(look.named) if look.itself is None else [look.itself]


async def _looked(url: str, fetcher: Fetcher, pool: ReaderPool, within_s: float | None) -> Look:
    try:
        async with asyncio.timeout(within_s) as limit:
            return await _look(url, fetcher, pool)
    except FetchError as error:
        may_pass = error.status is None or error.status >= 500 or error.status in _PASSING
        is_passing = may_pass and not any(words in error.reason for words in _NEVER_ASKED)
        return Look(url=url, error=error.reason, is_passing=is_passing)
    # Any error raised while looking at a URL concerns that URL alone.
    except Exception as error:  # noqa: BLE001
        if limit.expired():
            return Look(url=url, error=f"it was not read within {within_s:g} s")
        return Look(url=url, error=f"it cannot be read ({type(error).__name__})")


async def _look(url: str, fetcher: Fetcher, pool: ReaderPool) -> Look:
    request = FetchRequest(url=url, accept=f"{ACCEPT_FEEDS}, text/html;q=0.9")
    page = await fetcher.fetch(request)
    try:
        return Look(url=url, itself=await _read(page, pool))
    except ParseError as error:
        reason = error.reason
    named = await _links_of(page, pool)
    found = [feed for link in named if (feed := await _ask(link, fetcher, pool))]
    for path in _USUAL_PATHS if not found else ():
        if usual := await _ask(urljoin(page.url, path), fetcher, pool):
            found = [usual]
            break
    if not found:
        maps = await _news_sitemaps(page.url, fetcher)
        found = [feed for link in maps if (feed := await _ask(link, fetcher, pool))]
    return Look(url=url, named=tuple(found), error=None if found else reason)


async def _news_sitemaps(url: str, fetcher: Fetcher) -> list[str]:
    """The sitemaps of news that a site's robots.txt names."""
    try:
        request = FetchRequest(url=urljoin(url, "/robots.txt"), accept="text/plain, */*;q=0.1")
        robots = (await fetcher.fetch(request)).body[:_ROBOTS_BYTES].decode("utf-8", "replace")
    except FetchError:
        return []
    named = (absolute_url(found[1], url) for found in _SITEMAP.finditer(robots))
    return list(islice((link for link in named if link and "news" in link.lower()), _MOST_MAPS))


async def _ask(url: str, fetcher: Fetcher, pool: ReaderPool) -> FoundFeed | None:
    try:
        feed = await _read(await fetcher.fetch(FetchRequest(url=url)), pool)
        # Answers have public URLs, without the tokens by which they were asked.
        return replace(feed, url=url) if feed.url == public_url(url) else feed
    # What cannot be asked or read is not one of the site's feeds.
    except Exception:  # noqa: BLE001
        return None


async def _read(response: FetchResponse, pool: ReaderPool) -> FoundFeed:
    """The feed in an answer. Raises ParseError."""
    arguments = (response.url, response.body, response.content_type)
    return await pool.read(response.url, response.url, as_feed, *arguments)


async def _links_of(page: FetchResponse, pool: ReaderPool) -> list[str]:
    try:
        return await pool.read(page.url, page.url, links_of_page, page.body, page.url)
    except ParseError:
        return []


def as_feed(url: str, body: bytes, content_type: str | None) -> FoundFeed:
    """The feed in a body; for a reader process. Raises ParseError."""
    parsed = parse_feed(body, url=url, content_type=content_type)
    return FoundFeed(url=url, title=feed_title(parsed), entries=len(parsed.entries))


def links_of_page(body: bytes, url: str) -> list[str]:
    """The feeds that a page names, each once; for a reader process."""
    links = feed_links(body.decode("utf-8", "replace"), url)
    return list(islice(dict.fromkeys(links), _MOST_NAMED))
