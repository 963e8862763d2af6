"""`onrecord feeds list`, `show`, `check` and `discover`: looking at feeds without changing them."""

import asyncio
import sys
from enum import Enum
from typing import Annotated

import msgspec
import typer

from onrecord import wiring
from onrecord.cli.feeds.naming import Url, Urls, as_source, as_url, pass_over
from onrecord.cli.feeds.view import feed_lines, feed_page
from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.output import say, show
from onrecord.cli.render import console
from onrecord.errors import FetchError, Mistake
from onrecord.feeds.feed_list import feed_from_url
from onrecord.feeds.feed_urls import feed_key
from onrecord.feeds.private_urls import public_url
from onrecord.processing.feeds.listed import chosen, feed_detail, in_order, listed_feeds
from onrecord.records import FeedState


class Sort(Enum):
    """The orders of a list of feeds."""

    NAME = "name"
    HEALTH = "health"
    LAST = "last"


def list_feeds(
    word: Annotated[
        str | None, typer.Argument(help="Only feeds with this in name, URL or category.")
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="Only feeds of this category, or one within it.")
    ] = None,
    failing: Annotated[bool, typer.Option("--failing", help="Only feeds that fail.")] = False,
    silent: Annotated[
        float | None,
        typer.Option(min=0, metavar="DAYS", help="Only feeds without a new article for so long."),
    ] = None,
    sort: Annotated[
        Sort,
        typer.Option(help="By name, health (the worst first) or last article (the newest first)."),
    ] = Sort.NAME,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show the feeds that are followed, with their health.

    Example: onrecord feeds list --failing
    """
    loaded = settings(config, log)
    now = wiring.now()
    with wiring.open_log(loaded) as opened:
        listed = listed_feeds(opened, wiring.topics_of(loaded), now)
    wanted = chosen(listed, now, word=word, category=category, failing=failing, silent_days=silent)
    wanted = in_order(wanted, sort.value)
    if is_pretty(format):
        out = console()
        for line in feed_lines(wanted, len(listed), now, width=out.width):
            out.print(line)
        return
    for feed in wanted:
        sys.stdout.buffer.write(msgspec.json.encode(feed) + b"\n")


def show_feed(
    url: Url,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show one feed: its health, its settings, its last polls and what rules blocked.

    Example: onrecord feeds show https://feeds.bbci.co.uk/news/world/rss.xml
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        found = feed_detail(opened, wiring.topics_of(loaded), public_url(as_url(url)), wiring.now())
    if found is None:
        raise Mistake(
            f"{public_url(as_url(url))}: not followed; `onrecord feeds list` shows what is"
        )
    if is_pretty(format):
        out = console()
        for line in feed_page(found):
            out.print(line)
        return
    sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")


def check(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Ask feeds as a poll would now and say what it would do, and why. Publishes nothing.

    Exits 1 if one of them cannot be read.

    Example: onrecord feeds check https://feeds.bbci.co.uk/news/world/rss.xml
    """
    loaded = settings(config, log)
    feeds = wiring.read_feeds(loaded, [as_source(url) for url in urls], pass_over)
    known = wiring.remembered_feeds(loaded)
    verdicts = []
    for named in feeds:
        feed, state = known.get(feed_key(named.url), (named, FeedState(url=named.url)))
        verdicts.append(asyncio.run(wiring.check_feed(loaded, feed, state)))
        show(f"{feed.url}")
        for line in verdicts[-1].lines:
            show(f"    {line}")
    if not all(verdict.is_readable for verdict in verdicts):
        raise typer.Exit(1)


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
    page = feed_from_url(as_url(url)).url
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
