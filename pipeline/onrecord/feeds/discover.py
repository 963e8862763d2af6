"""Finding the feeds of a site: what its page names, else where feeds usually are."""

from dataclasses import dataclass
from urllib.parse import urljoin

from onrecord.errors import FetchError, ParseError
from onrecord.feeds.articles.draft import feed_title
from onrecord.feeds.fetch import ACCEPT_PAGES, Fetcher, FetchRequest
from onrecord.feeds.pages.feed_links import feed_links
from onrecord.feeds.parsing.parse import parse_feed

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


async def discover_feeds(url: str, fetcher: Fetcher) -> list[FoundFeed]:
    """The feeds of a page, each asked and read: itself, those it names, else the usual places.

    Raises FetchError when the page cannot be had.
    """
    async with fetcher:
        request = FetchRequest(url=url, accept=f"{ACCEPT_PAGES}, application/rss+xml;q=0.9")
        page = await fetcher.fetch(request)
        itself = _as_feed(page.url, page.body, page.content_type)
        if itself is not None:
            return [itself]
        named = list(dict.fromkeys(feed_links(page.body.decode("utf-8", "replace"), page.url)))
        found = [feed for link in named[:_MOST_NAMED] if (feed := await _ask(link, fetcher))]
        if found:
            return found
        for path in _USUAL_PATHS:
            usual = await _ask(urljoin(page.url, path), fetcher)
            if usual is not None:
                return [usual]
    return []


async def _ask(url: str, fetcher: Fetcher) -> FoundFeed | None:
    try:
        response = await fetcher.fetch(FetchRequest(url=url))
    except FetchError:
        return None
    return _as_feed(response.url, response.body, response.content_type)


def _as_feed(url: str, body: bytes, content_type: str | None) -> FoundFeed | None:
    try:
        parsed = parse_feed(body, url=url, content_type=content_type)
    except ParseError:
        return None
    return FoundFeed(url=url, title=feed_title(parsed), entries=len(parsed.entries))
