"""Tells whether a page names a feed. All pure."""

from collections.abc import Collection

from onrecord.feeds.articles.claims import bare_host
from onrecord.feeds.pages.fulltext import decode_page
from onrecord.feeds.parsing.page_links import feed_links


def names_feed(body: bytes, url: str, content_type: str | None, feeds: Collection[str]) -> bool:
    """Whether a page names one of these URLs as its feed. Raises ParseError when it is no HTML."""
    wanted = {_without_scheme(feed) for feed in feeds}
    named = feed_links(decode_page(body, url, content_type), url)
    return any(_without_scheme(link) in wanted for link in named)


def _without_scheme(url: str) -> tuple[str, str]:
    return bare_host(url), url.partition("://")[2].partition("/")[2].partition("#")[0]
