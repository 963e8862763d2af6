"""`onrecord feeds`: the feeds that are followed, and their health."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from onrecord import wiring
from onrecord.cli.feed_view import feed_table, listed_feeds
from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.output import say, show
from onrecord.cli.render import console
from onrecord.errors import FetchError, Mistake
from onrecord.feeds.feed_list import checked_domain, feed_from_url, to_opml
from onrecord.feeds.private_urls import public_url
from onrecord.feeds.zones import checked_zone
from onrecord.processing.feeds.subscriptions import change_feeds, feed_statuses, remove_feeds
from onrecord.records import FeedState

app = typer.Typer(help="The feeds that are followed: add, remove, list, …", no_args_is_help=True)

Urls = Annotated[list[str], typer.Argument(help="Feed URLs.")]


@app.command("add")
def add(
    urls: Urls,
    publisher: Annotated[
        str | None, typer.Option(help="The outlet's name [default: the feed's own title].")
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            help="Of dates that are written without one, such as Asia/Shanghai [default: UTC]."
        ),
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Follow feeds. Takes effect on running pollers too.

    Example: onrecord feeds add https://feeds.bbci.co.uk/news/world/rss.xml --publisher "BBC News"
    """
    loaded = settings(config, log)
    feeds = wiring.read_feeds(loaded, urls)
    if publisher is not None:
        feeds = [msgspec.structs.replace(feed, publisher=publisher) for feed in feeds]
    if time_zone is not None:
        zone = checked_zone(time_zone)
        feeds = [msgspec.structs.replace(feed, time_zone=zone) for feed in feeds]
    with wiring.open_log(loaded) as opened:
        added = wiring.follow(loaded, opened, feeds, by_hand=True)
    _say_added(len(added), len(feeds))


def _say_added(added: int, named: int) -> None:
    before = f", {named - added} followed before" if named > added else ""
    say(f"{added} feeds added{before}")


@app.command("remove", short_help="Stop following feeds.")
def remove(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Stop following feeds. They stay removed even if the feed list still names them.

    Example: onrecord feeds remove https://feeds.bbci.co.uk/news/world/rss.xml
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        topics = wiring.topics_of(loaded)
        named = [*urls, *map(public_url, urls)]
        removed = {feed.url for feed in remove_feeds(opened, topics, named, clock=wiring.now)}
    unknown = [url for url in map(public_url, urls) if not {url, *urls} & removed]
    if unknown:
        raise Mistake(f"{unknown[0]}: not followed; `onrecord feeds list` shows what is")
    say(f"{len(removed)} feeds removed")


@app.command("list", short_help="Show the feeds that are followed.")
def list_feeds(
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show the feeds that are followed, with their health.

    Example: onrecord feeds list
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        listed = listed_feeds(loaded, opened)
    if is_pretty(format):
        console().print(feed_table(listed))
        return
    for feed in listed:
        sys.stdout.buffer.write(msgspec.json.encode(feed) + b"\n")


@app.command("claim")
def claim(
    url: Annotated[str, typer.Argument(help="The feed's URL.")],
    domains: Annotated[list[str], typer.Argument(help="Domains, with all below them.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Let a feed publish under the URLs of other sites.

    Example: onrecord feeds claim https://feeds.bbci.co.uk/news/world/rss.xml bbc.co.uk bbc.com
    """
    loaded = settings(config, log)
    claims = tuple(checked_domain(domain) for domain in domains)
    with wiring.open_log(loaded) as opened:
        feeds = change_feeds(
            opened,
            wiring.topics_of(loaded),
            [public_url(url)],
            lambda feed: msgspec.structs.replace(
                feed, claims=tuple(dict.fromkeys((*feed.claims, *claims)))
            ),
            clock=wiring.now,
        )
    say(f"{feeds[0].url} speaks for {', '.join(feeds[0].claims)}")


@app.command("refetch")
def refetch(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Fetch pages again where the feed's own text was published.

    Takes effect at the next poll, for entries that their feeds still hold. What the pages bring is
    published as revisions.

    Example: onrecord feeds refetch https://feeds.bbci.co.uk/news/world/rss.xml
    """
    loaded = settings(config, log)
    now = wiring.now()
    with wiring.open_log(loaded) as opened:
        feeds = change_feeds(
            opened,
            wiring.topics_of(loaded),
            map(public_url, urls),
            lambda feed: msgspec.structs.replace(feed, refetch_at=now),
            clock=wiring.now,
        )
    say(f"the pages of {len(feeds)} feeds are asked for again at the next poll")


@app.command("check", short_help="Poll feeds now and say what it would bring.")
def check(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Ask feeds as a poll would now and say what it would do, and why. Publishes nothing.

    Exits 1 if one of them cannot be read.

    Example: onrecord feeds check https://feeds.bbci.co.uk/news/world/rss.xml
    """
    loaded = settings(config, log)
    feeds = wiring.read_feeds(loaded, urls)
    known = wiring.remembered_feeds(loaded)
    verdicts = []
    for feed in feeds:
        state = known.get(feed.url, FeedState(url=feed.url))
        verdicts.append(asyncio.run(wiring.check_feed(loaded, feed, state)))
        show(f"{feed.url}")
        for line in verdicts[-1].lines:
            show(f"    {line}")
    if not all(verdict.is_readable for verdict in verdicts):
        raise typer.Exit(1)


@app.command("discover", short_help="Find the feeds of a site.")
def discover(
    url: Annotated[str, typer.Argument(help="A site's or page's URL.")],
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
) -> None:
    """Find the feeds of a site: those its page names, else where feeds usually are.

    Exits 1 if there is none.

    Example: onrecord feeds discover https://www.bbc.co.uk/news
    """
    loaded = settings(config, None)
    page = feed_from_url(url if "://" in url else f"https://{url}").url
    try:
        found = asyncio.run(wiring.discover(loaded, page))
    except FetchError as error:
        say(f"{page}: {error.reason}")
        raise typer.Exit(1) from error
    for feed in found:
        if is_pretty(format):
            show(f"{feed.url}\n    {feed.title or 'untitled'}, {feed.entries} entries")
        else:
            sys.stdout.buffer.write(msgspec.json.encode(feed) + b"\n")
    if not found:
        say(f"{page}: no feed found")
        raise typer.Exit(1)


@app.command("import")
def import_list(
    files: Annotated[list[Path], typer.Argument(help="OPML, or text with one URL a line.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Follow the feeds of a list.

    Example: onrecord feeds import config/feeds.opml
    """
    loaded = settings(config, log)
    feeds = wiring.read_feeds(loaded, [str(file) for file in files])
    with wiring.open_log(loaded) as opened:
        added = wiring.follow(loaded, opened, feeds, by_hand=True)
    _say_added(len(added), len(feeds))


@app.command("export")
def export(config: ConfigOption = None, log: LogOption = None) -> None:
    """Write the feeds that are followed as OPML.

    Example: onrecord feeds export
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        feeds = [feed for feed, _ in feed_statuses(opened, wiring.topics_of(loaded))]
    print(to_opml(feeds))
