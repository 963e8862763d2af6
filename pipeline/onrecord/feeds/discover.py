"""Finds the feeds of a site: those its page names, else those at the usual places."""

from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from onrecord.errors import ParseError
from onrecord.feeds.articles.draft import feed_title
from onrecord.feeds.fetch import ACCEPT_PAGES, FetchRequest, FetchResponse
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.pages.feed_links import feed_links
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.feeds.polling.reader_pool import ReaderPool
from onrecord.feeds.polling.reader_processes import ReaderPolicy

_USUAL_PATHS = (
    "/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feeds", "/feed.json",
    "/feeds/all.atom.xml", "/?feed=rss2",
)  # fmt: skip
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was asked and read."""

    url: str
    title: str | None
    entries: int


async def discover_feeds(url: str, fetcher: Fetcher, readers: ReaderPolicy) -> list[FoundFeed]:
    """The feeds of a page, each asked and read: itself, those it names, else the usual places.

    Everything is read in a reader process, within its limits. Raises FetchError when the page
    cannot be had.
    """
    with ReaderPool(readers) as pool:
        async with fetcher:
            request = FetchRequest(url=url, accept=f"{ACCEPT_PAGES}, application/rss+xml;q=0.9")
            page = await fetcher.fetch(request)
            if (itself := await _as_feed(page, pool)) is not None:
                return [itself]
            named = await _links_of(page, pool)
            found = [feed for link in named if (feed := await _ask(link, fetcher, pool))]
            if found:
                return found
            for path in _USUAL_PATHS:
                usual = await _ask(urljoin(page.url, path), fetcher, pool)
                if usual is not None:
                    return [usual]
    return []


async def _ask(url: str, fetcher: Fetcher, pool: ReaderPool) -> FoundFeed | None:
    try:
        return await _as_feed(await fetcher.fetch(FetchRequest(url=url)), pool)
    # What cannot be asked or read is not one of the site's feeds.
    except Exception:  # noqa: BLE001
        return None


async def _as_feed(response: FetchResponse, pool: ReaderPool) -> FoundFeed | None:
    arguments = (response.url, response.body, response.content_type)
    try:
        return await pool.read(response.url, response.url, as_feed, *arguments)
    except ParseError:
        return None


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
