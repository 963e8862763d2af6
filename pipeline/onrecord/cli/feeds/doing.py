"""`onrecord feeds pause`, `resume`, `poll`, `refetch`, `move` and `claim`."""

from datetime import timedelta
from typing import Annotated

import typer
from msgspec.structs import replace

from onrecord import wiring
from onrecord.cli.feeds.naming import Url, Urls, as_url, change, named
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say, show
from onrecord.feeds.feed_urls import checked_domain, checked_url
from onrecord.feeds.polling.poller import PollReport
from onrecord.feeds.private_urls import public_url
from onrecord.processing.feeds.requests import FeedChange, changed_feed


def pause(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Stop asking feeds until they are resumed.

    Example: onrecord feeds pause https://feeds.bbci.co.uk/news/world/rss.xml
    """
    feeds = change(settings(config, log), urls, lambda feed: replace(feed, paused=True))
    say(f"{named(feeds)} paused")


def resume(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Ask paused feeds again.

    Example: onrecord feeds resume https://feeds.bbci.co.uk/news/world/rss.xml
    """
    feeds = change(settings(config, log), urls, lambda feed: replace(feed, paused=False))
    say(f"{named(feeds)} resumed")


def poll_now(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Poll feeds now, whether they are due, paused or neither, and say what came.

    Exits 1 if one of them cannot be read.

    Example: onrecord feeds poll https://feeds.bbci.co.uk/news/world/rss.xml
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        feeds = wiring.followed(loaded, opened, [public_url(as_url(url)) for url in urls])
        reports = {report.url: report for report in wiring.poll_now(loaded, opened, feeds)}
    for feed in feeds:
        show(f"{feed.url}: {_polled(reports.get(feed.url))}")
    if any(feed.url not in reports or reports[feed.url].error for feed in feeds):
        raise typer.Exit(1)


def _polled(report: PollReport | None) -> str:
    if report is None:
        return "not polled: its host asked for a pause (see `onrecord feeds show`)"
    if report.error is not None:
        return report.error
    if report.status == 304 or not (report.new or report.edited):
        return "nothing new"
    articles = "article" if report.new == 1 else "articles"
    edited = f", {report.edited} edited" if report.edited else ""
    return f"{report.new} new {articles}{edited}"


def refetch(
    urls: Urls,
    days: Annotated[
        float | None,
        typer.Option(min=0, help="The pages of all articles of the last days, not only of those."),
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Fetch pages again where the feed's own text was published.

    Takes effect at the next poll, for entries that their feeds still hold. What the pages bring is
    published as revisions; an article whose page is gone (404, 410) is marked as withdrawn.

    Example: onrecord feeds refetch https://feeds.bbci.co.uk/news/world/rss.xml --days 3
    """
    now = wiring.now()
    since = None if days is None else now - timedelta(days=min(days, 36_500))
    feeds = change(
        settings(config, log),
        urls,
        lambda feed: replace(feed, refetch_at=now, refetch_since=since),
    )
    say(f"the pages of {named(feeds)} are asked for again at the next poll")


def fill(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Read the archives that feeds page through (RFC 5005, JSON Feed's next_url), once.

    Takes effect at the next poll, and goes on with the polls after it.

    Example: onrecord feeds fill https://feeds.bbci.co.uk/news/world/rss.xml
    """
    now = wiring.now()
    feeds = change(settings(config, log), urls, lambda feed: replace(feed, fill_at=now))
    say(f"the archive of {named(feeds)} is read from the next poll on")


def move(
    url: Url,
    to: Annotated[str, typer.Argument(help="The URL that it moved to.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Ask a feed at another URL from now on.

    It stays the same feed under the URL that it is followed by: nothing is published again.

    Example: onrecord feeds move https://old.example/feed https://new.example/feed
    """
    loaded = settings(config, log)
    moved = FeedChange(address=wiring.kept_url(loaded, checked_url(as_url(to))))
    (feed,) = change(loaded, [url], lambda feed: changed_feed(feed, moved, wiring.now()))
    say(f"{feed.url} is asked at {feed.address or feed.url} from now on")


def claim(
    url: Url,
    domains: Annotated[list[str], typer.Argument(help="Domains, with all below them.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Let a feed publish under the URLs of other sites.

    Example: onrecord feeds claim https://feeds.bbci.co.uk/news/world/rss.xml bbc.co.uk bbc.com
    """
    claims = tuple(checked_domain(domain) for domain in domains)
    (feed,) = change(
        settings(config, log),
        [url],
        lambda feed: replace(feed, claims=tuple(dict.fromkeys((*feed.claims, *claims)))),
    )
    say(f"{feed.url} speaks for {', '.join(feed.claims)}")
