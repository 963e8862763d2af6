"""`onrecord feeds set`, `categorise`, `keep`, `block` and `rules`: feeds ordered and set apart."""

import os
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any

import typer
from msgspec.structs import replace

from onrecord import wiring
from onrecord.cli.feeds.adding import CategoryOption
from onrecord.cli.feeds.naming import Url, Urls, change, named
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say, show
from onrecord.errors import Mistake
from onrecord.feeds.articles.rules import in_words
from onrecord.feeds.feed_secrets import KINDS, Kind, read_secret
from onrecord.feeds.feed_settings import (
    checked_interval,
    checked_rule,
)
from onrecord.processing.feeds.requests import (
    FeedChange,
    changed_feed,
    checked_categories,
    checked_change,
)
from onrecord.records import Feed


class FullTextOf(Enum):
    """Where an article's text comes from."""

    FEED = "feed"
    PAGE = "page"
    AUTO = "auto"


# The settings that can be cleared, by their options; secrets besides.
_CLEARED: Mapping[str, str] = {
    "publisher": "publisher", "title": "title", "time-zone": "time_zone",
    "full-text": "full_text", "interval": "interval_s", "user-agent": "user_agent",
    "proxy": "proxy",
}  # fmt: skip
_SOURCE = "A file, or env:NAME for a variable of the environment."


def set_feed(
    urls: Urls,
    publisher: Annotated[str | None, typer.Option(help="The outlet's name.")] = None,
    title: Annotated[str | None, typer.Option(help="A title of your own.")] = None,
    full_text: Annotated[
        FullTextOf | None, typer.Option(help="Where articles' texts come from.")
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="Poll this often, from 1m to 1d, as in 30m.")
    ] = None,
    user_agent: Annotated[
        str | None, typer.Option(help="Send this User-Agent with the feed and its pages.")
    ] = None,
    proxy: Annotated[str | None, typer.Option(help="Ask by this proxy: http://host:port.")] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="Of dates that are written without one: Asia/Shanghai.")
    ] = None,
    headers_from: Annotated[
        str | None, typer.Option(metavar="SOURCE", help=f"Headers, one a line. {_SOURCE}")
    ] = None,
    cookies_from: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="Cookies, a=b; c=d, or a cookies.txt.")
    ] = None,
    credentials_from: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="user:password of the feed's server.")
    ] = None,
    proxy_credentials_from: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="user:password of the proxy.")
    ] = None,
    clear: Annotated[
        list[str] | None, typer.Option(help="Put a setting back, by its name: interval, cookies.")
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Set what holds for these feeds alone. Takes effect at the next poll.

    Headers, cookies and credentials are kept in feeds.private_file, and sent to the feed's own site
    only.

    Example: onrecord feeds set https://feeds.bbci.co.uk/news/world/rss.xml --interval 30m
    """
    loaded = settings(config, log)
    given = {
        "publisher": publisher,
        "title": title,
        "full_text": full_text.value if full_text else None,
        "interval_s": checked_interval(interval) if interval else None,
        "user_agent": user_agent,
        "proxy": proxy,
        "time_zone": time_zone,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    sources = (headers_from, cookies_from, credentials_from, proxy_credentials_from)
    secrets: dict[Kind, str | None] = {
        kind: read_secret(kind, source, os.environ)
        for kind, source in zip(KINDS, sources, strict=True)
        if source is not None
    }
    for name in clear or ():
        _clear(name, changes, secrets)
    if not changes and not secrets:
        raise Mistake("feeds set: name something to set, as in --interval 30m")
    wanted = checked_change(FeedChange(**changes))
    feeds = change(loaded, urls, lambda feed: changed_feed(feed, wanted, wiring.now()))
    if secrets:
        kept = {feed.url: wiring.keep_secrets(loaded, feed, secrets).secrets for feed in feeds}
        change(loaded, list(kept), lambda feed: replace(feed, secrets=kept[feed.url]))
    say(f"{named(feeds)} changed")


def _clear(name: str, changes: dict[str, Any], secrets: dict[Kind, str | None]) -> None:
    kind = next((kind for kind in KINDS if kind == name), None)
    if kind is not None:
        secrets[kind] = None
    elif name in _CLEARED:
        changes[_CLEARED[name]] = None
    else:
        raise Mistake(f"--clear {name}: there are {', '.join((*_CLEARED, *KINDS))}")


def categorise(
    urls: Urls,
    category: CategoryOption = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="Take the feeds out of this category.")
    ] = None,
    only: Annotated[
        bool, typer.Option("--only", help="Take them out of every other category.")
    ] = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Put feeds into categories of yours, or take them out.

    Example: onrecord feeds categorise https://feeds.bbci.co.uk/news/world/rss.xml --category World
    """
    gained, lost = checked_categories(category or ()), set(checked_categories(remove or ()))
    if not (gained or lost or only):
        raise Mistake('feeds categorise: name a category, as in --category "World/Asia"')

    def changed(feed: Feed) -> Feed:
        before = () if only else feed.categories
        after = dict.fromkeys((*before, *gained))
        return replace(feed, categories=tuple(each for each in after if each not in lost))

    feeds = change(settings(config, log), urls, changed)
    for feed in feeds:
        show(f"{feed.url}: {', '.join(feed.categories) or 'no category'}")


# ── rules ────────────────────────────────────────────────────────────────────────────────────

WordsOption = Annotated[
    list[str] | None, typer.Option("--words", help="A phrase in title or text.")
]
SectionOption = Annotated[
    list[str] | None, typer.Option("--section", help="A section or category of the entry.")
]
AuthorOption = Annotated[list[str] | None, typer.Option("--author", help="An author's name.")]
UrlOption = Annotated[
    list[str] | None, typer.Option("--url", help="A regular expression (RE2) in the URL.")
]


def keep(
    url: Url,
    words: WordsOption = None,
    section: SectionOption = None,
    author: AuthorOption = None,
    url_pattern: UrlOption = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Publish only entries of a feed that a rule like this keeps.

    Example: onrecord feeds keep https://feeds.bbci.co.uk/news/world/rss.xml --section Politics
    """
    given = {"words": words, "section": section, "author": author, "url": url_pattern}
    _add("keep", url, given, settings(config, log))


def block(
    url: Url,
    words: WordsOption = None,
    section: SectionOption = None,
    author: AuthorOption = None,
    url_pattern: UrlOption = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Publish no entry of a feed that a rule like this blocks, even if another keeps it.

    Example: onrecord feeds block https://feeds.bbci.co.uk/news/world/rss.xml --words horoscope
    """
    given = {"words": words, "section": section, "author": author, "url": url_pattern}
    _add("block", url, given, settings(config, log))


def _add(action: str, url: str, given: Mapping[str, list[str] | None], loaded: Any) -> None:
    added = [
        checked_rule(action, of, pattern)
        for of, patterns in given.items()
        for pattern in patterns or ()
    ]
    if not added:
        raise Mistake(f"feeds {action}: name a rule, as in --words horoscope")
    (feed,) = change(
        loaded, [url], lambda feed: replace(feed, rules=tuple(dict.fromkeys((*feed.rules, *added))))
    )
    for line in _numbered(feed):
        show(line)


def rules(
    url: Url,
    remove: Annotated[
        list[int] | None, typer.Option(min=1, help="Remove the rule of this number.")
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """List the rules of a feed by number, or remove some.

    Example: onrecord feeds rules https://feeds.bbci.co.uk/news/world/rss.xml --remove 1
    """

    def changed(feed: Feed) -> Feed:
        if remove and max(remove) > len(feed.rules):
            raise Mistake(f"--remove {max(remove)}: {feed.url} has {len(feed.rules)} rules")
        kept = (rule for n, rule in enumerate(feed.rules, 1) if n not in (remove or ()))
        return replace(feed, rules=tuple(kept))

    (feed,) = change(settings(config, log), [url], changed)
    for line in _numbered(feed):
        show(line)


def _numbered(feed: Feed) -> Iterator[str]:
    if not feed.rules:
        yield "no rules: everything is published"
    for number, rule in enumerate(feed.rules, start=1):
        yield f"{number:>3}  {in_words(rule)}"
