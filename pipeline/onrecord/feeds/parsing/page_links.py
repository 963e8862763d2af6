"""Finds the feeds that a page names: rel=alternate links in its head. All pure."""

import html
import re
from collections.abc import Iterator

from onrecord.feeds.parsing.entry import absolute_url

_FEED_TYPES = (
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
    "text/xml", "application/xml", "application/json",
)  # fmt: skip
_LINK = re.compile(r"<link\b[^<>]{0,1000}>", re.IGNORECASE)
_BASE = re.compile(r"<base\b[^<>]{0,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_MOST_LINKS = 1_000


def feed_links(page: str, url: str) -> Iterator[str]:
    """The feeds that a page names in its <link> elements, in their order."""
    base = _BASE.search(page)
    href = _attributes(base.group()).get("href", "") if base else ""
    base_url = (absolute_url(href, url) if href else None) or url
    for number, link in enumerate(_LINK.finditer(page)):
        if number == _MOST_LINKS:
            return
        attributes = _attributes(link.group())
        kind = attributes.get("type", "").partition(";")[0].strip().lower()
        is_feed = "alternate" in attributes.get("rel", "").lower().split() and kind in _FEED_TYPES
        target = absolute_url(attributes.get("href", "").strip(), base_url)
        if is_feed and target is not None and attributes.get("href"):
            yield target


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
