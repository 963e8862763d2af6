"""`onrecord feeds`: which feeds are followed, and how each is doing."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from onrecord import wiring
from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.render import console, when
from onrecord.errors import FetchError, Mistake
from onrecord.feeds.decisions.conditional import held_hosts
from onrecord.feeds.decisions.freshness import is_losing
from onrecord.feeds.decisions.schedule import duration
from onrecord.feeds.feed_list import feed_from_url, to_opml
from onrecord.feeds.fetch import host_of
from onrecord.processing.feeds.subscriptions import feed_statuses, remove_feeds
from onrecord.records import Feed, FeedState

app = typer.Typer(help="The feeds that are followed: add, remove, list, …", no_args_is_help=True)

Urls = Annotated[list[str], typer.Argument(help="Feed URLs.")]


@app.command("add")
def add(
    urls: Urls,
    publisher: Annotated[
        str | None, typer.Option(help="The outlet's name [default: the feed's own title].")
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
    with wiring.open_log(loaded) as opened:
        added = wiring.follow(loaded, opened, feeds, by_hand=True)
    print(
        f"{len(added)} of {len(feeds)} feeds added, the others were followed before",
        file=sys.stderr,
    )


def _say_added(added: int, named: int) -> None:
    before = f", {named - added} followed before" if named > added else ""
    print(f"{added} feeds added{before}", file=sys.stderr)


@app.command("remove")
def remove(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Stop following feeds. They stay removed even if the feed list still names them.

    Example: onrecord feeds remove https://feeds.bbci.co.uk/news/world/rss.xml
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        topics = wiring.topics_of(loaded)
        removed = {feed.url for feed in remove_feeds(opened, topics, urls, clock=wiring.now)}
    unknown = [url for url in urls if url not in removed]
    if unknown:
        raise Mistake(f"{unknown[0]}: not followed; `onrecord feeds list` shows what is")
    print(f"{len(removed)} feeds removed", file=sys.stderr)


class _Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One feed as `feeds list --format json` gives it.

    `http_status` is that of the last poll; `why` says why the interval is what it is; `delay_s` is
    the usual time from publication to the topic, and `prompt` the share of new entries that were
    seen within one interval of it; `overlap` the share of the last changed document that had been
    seen before, and `is_losing` whether entries come and go between two polls. `hub` is the feed's
    hub, which tells us what is new until `hub_until`, and did not of `hub_missed` articles.
    """

    url: str
    publisher: str | None
    title: str | None
    status: str
    error: str | None
    next_poll_at: datetime | None
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    interval_s: float | None
    why: str | None
    entries_per_day: float | None
    delay_s: float | None
    prompt: float | None
    overlap: float | None
    is_losing: bool
    address: str | None
    conditional: bool
    http_status: int | None
    failures: int
    entries: int
    articles: int
    hub: str | None
    hub_until: datetime | None
    hub_error: str | None
    hub_missed: int


@app.command("list")
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
        statuses = feed_statuses(opened, wiring.topics_of(loaded))
    held = held_hosts((state for _, state in statuses), wiring.now())
    listed = [_listed(feed, _with_hold(state, held)) for feed, state in statuses]
    if is_pretty(format):
        console().print(_table(listed))
        return
    for feed in listed:
        sys.stdout.buffer.write(msgspec.json.encode(feed) + b"\n")


def _with_hold(state: FeedState, held: Mapping[str, datetime]) -> FeedState:
    """The state, not polled before its host may be asked."""
    until = held.get(host_of(state.address or state.url))
    if until is None or (state.next_poll_at is not None and state.next_poll_at >= until):
        return state
    why = "another feed of its host was told so (Retry-After)"
    return msgspec.structs.replace(state, next_poll_at=until, why=why)


def _listed(feed: Feed, state: FeedState) -> _Listed:
    return _Listed(
        url=feed.url,
        publisher=feed.publisher or state.title,
        title=feed.title or state.title,
        status=health(state),
        error=state.error,
        next_poll_at=state.next_poll_at,
        last_poll_at=state.last_poll_at,
        last_success_at=state.last_success_at,
        last_new_at=state.last_new_at,
        interval_s=state.interval_s,
        why=state.why,
        entries_per_day=round(86_400 / state.gap_s, 2) if state.gap_s else None,
        delay_s=state.delay_s,
        prompt=state.prompt,
        overlap=state.overlap,
        is_losing=is_losing(state),
        address=state.address,
        conditional=state.conditional,
        http_status=state.status,
        failures=state.failures,
        entries=state.entries,
        articles=state.articles,
        hub=state.push.hub if state.push else None,
        hub_until=state.push.until if state.push else None,
        hub_error=state.push.error if state.push else None,
        hub_missed=state.push.missed if state.push else 0,
    )


def health(state: FeedState) -> str:
    """How a feed is doing, in a word: new, ok or failing."""
    if state.last_poll_at is None:
        return "new"
    return "failing" if state.error else "ok"


_COLOURS = {"ok": "green", "failing": "red", "new": "dim"}


def _table(listed: list[_Listed]) -> Table:
    table = Table(
        "publisher",
        "health",
        "articles",
        "a day",
        "late by",
        "next poll",
        "feed, why then, what is wrong",
    )
    for feed in listed:
        about = Text().append(feed.url, "dim")
        if feed.why:
            about.append(f"\n{feed.why}")
        if feed.is_losing:
            about.append("\nits entries come and go between two polls: some are lost", "yellow")
        if feed.hub_until:
            about.append(f"\n{feed.hub} tells us what is new")
        if feed.error:
            about.append(f"\n{feed.error}", "red")
        table.add_row(
            feed.publisher or "",
            Text(feed.status, _COLOURS[feed.status]),
            str(feed.articles),
            "" if feed.entries_per_day is None else f"{feed.entries_per_day:.3g}",
            "" if feed.delay_s is None else duration(feed.delay_s),
            when(feed.next_poll_at) if feed.next_poll_at else "at once",
            about,
        )
    return table


@app.command("check")
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
        print(f"{feed.url}\n    " + "\n    ".join(verdicts[-1].lines))
    if not all(verdict.is_readable for verdict in verdicts):
        raise typer.Exit(1)


@app.command("discover")
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
        print(f"{page}: {error.reason}", file=sys.stderr)
        raise typer.Exit(1) from error
    for feed in found:
        if is_pretty(format):
            print(f"{feed.url}\n    {feed.title or 'untitled'}, {feed.entries} entries")
        else:
            sys.stdout.buffer.write(msgspec.json.encode(feed) + b"\n")
    if not found:
        print(f"{page}: no feed found", file=sys.stderr)
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
    print(
        f"{len(added)} of {len(feeds)} feeds added, the others were followed before",
        file=sys.stderr,
    )


@app.command("export")
def export(config: ConfigOption = None, log: LogOption = None) -> None:
    """Write the feeds that are followed as OPML.

    Example: onrecord feeds export
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        feeds = [feed for feed, _ in feed_statuses(opened, wiring.topics_of(loaded))]
    print(to_opml(feeds))
