"""`onrecord feeds add` and `remove`: following feeds, and choosing from the feeds of a page."""

import asyncio
import sys
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.feeds.naming import Urls, as_source, as_url, pass_over
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say, show
from onrecord.config import Config
from onrecord.feeds.discover import FoundFeed, Look
from onrecord.feeds.private_urls import without_secrets
from onrecord.processing.feeds.requests import NewFeeds, as_wanted
from onrecord.processing.feeds.subscriptions import Followed, followed_as, remove_feeds
from onrecord.records import Feed

CategoryOption = Annotated[
    list[str] | None,
    typer.Option("--category", help='A category of yours: "World", or "World/Asia" in it.'),
]


def add(
    urls: Annotated[list[str], typer.Argument(help="Feeds, or pages that name feeds.")],
    publisher: Annotated[
        str | None, typer.Option(help="The outlet's name [default: the feed's own title].")
    ] = None,
    category: CategoryOption = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            help="Of dates that are written without one, such as Asia/Shanghai [default: UTC]."
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Follow every feed that a page names.")
    ] = False,
    archive: Annotated[
        bool, typer.Option("--archive", help="Read the feeds' archives too (RFC 5005).")
    ] = False,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Follow the URLs without looking at them first.")
    ] = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Follow feeds. Takes effect on running pollers too.

    Each URL is looked at once. The feeds of a page are offered: by number on a terminal, else as a
    list. Exits 1 if something was not followed.

    Example: onrecord feeds add https://feeds.bbci.co.uk/news/world/rss.xml --publisher "BBC News"
    """
    loaded = settings(config, log)
    asked = NewFeeds(
        urls=tuple(urls),
        publisher=publisher,
        categories=tuple(category or ()),
        time_zone=time_zone,
        every_feed=everything,
        archive=archive,
        unseen=unseen,
    )
    feeds = wiring.read_feeds(loaded, [as_source(url) for url in urls], pass_over)
    with wiring.open_log(loaded) as opened:
        known = followed_as(opened, wiring.topics_of(loaded), [feed.url for feed in feeds])
        wanted = list(_seen(loaded, feeds, known, everything=everything, unseen=unseen))
        chosen = [as_wanted(feed, asked, wiring.now()) for feed in wanted if feed is not None]
        followed = wiring.follow(loaded, opened, chosen, by_hand=True)
    if chosen:
        say_followed(followed, len(chosen))
    if None in wanted:
        raise typer.Exit(1)


def say_followed(followed: Followed, named: int) -> None:
    """Say how many feeds were added, changed, and followed before."""
    parts = [f"{len(followed.added)} feeds added" if len(followed.added) != 1 else "1 feed added"]
    if followed.changed:
        parts.append(f"{len(followed.changed)} changed")
    if before := named - len(followed.added) - len(followed.changed):
        parts.append(f"{before} followed before")
    say(", ".join(parts))


# ── looking ──────────────────────────────────────────────────────────────────────────────────


def _seen(
    config: Config, feeds: Sequence[Feed], known: Collection[str], *, everything: bool, unseen: bool
) -> Iterator[Feed | None]:
    """The feeds to follow; None for each that is not followed, after saying why."""
    looked = [] if unseen else [feed.url for feed in feeds if feed.url not in known]
    looks = {look.url: look for look in asyncio.run(wiring.look_at(config, looked))}
    for feed in feeds:
        look = looks.get(feed.url)
        if look is None or look.itself is not None:
            if look is not None and look.itself is not None:
                say(f"{feed.url}: {_described(look.itself)}")
            yield feed
        elif look.named:
            chosen = _chosen(look, everything=everything)
            yield from chosen
            if not chosen:
                yield None
        elif look.is_passing:
            say(f"{feed.url}: {look.error}; it is followed, and asked again by the poller")
            yield feed
        else:
            say(f"{feed.url} is not followed: {look.error}{_way_out(look)}")
            yield None


def _described(found: FoundFeed) -> str:
    title = without_secrets(found.title or "") or "a feed without a title"
    return f"{title}, {found.entries} entr{'y' if found.entries == 1 else 'ies'}"


def _way_out(look: Look) -> str:
    return "; --unseen follows it all the same" if "HTTP" in (look.error or "") else ""


def _chosen(look: Look, *, everything: bool) -> list[Feed]:
    """The feeds chosen from those that a page names."""
    feeds = [Feed(url=found.url) for found in look.named]
    if everything:
        for found in look.named:
            say(f"{found.url}: {_described(found)}")
        return feeds
    count = "a feed" if len(feeds) == 1 else f"{len(feeds)} feeds"
    say(f"{look.url} is a page that names {count}:")
    for number, found in enumerate(look.named, start=1):
        show(f"{number:>3}  {found.url}  ({_described(found)})")
    if sys.stdin.isatty() and sys.stderr.isatty():
        return [feeds[number - 1] for number in _asked(len(feeds))]
    say("follow some of them by `onrecord feeds add URL`, or all of them with --all")
    return []


def _asked(most: int) -> list[int]:
    """The numbers that a person chooses: "1 3", "2-4", "all", or nothing."""
    while True:
        answer = typer.prompt("Which ones (1 3, 2-4, all; none)?", default="none", err=True)
        numbers = numbers_in(answer, most)
        if numbers is not None:
            return numbers
        say(f"numbers from 1 to {most}, all, or none")


def numbers_in(answer: str, most: int) -> list[int] | None:
    """The numbers that an answer names; None when it cannot be understood."""
    answer = answer.strip().lower()
    if answer in ("all", "none", ""):
        return list(range(1, most + 1)) if answer == "all" else []
    numbers: list[int] = []
    for part in answer.replace(",", " ").split():
        first, _, last = part.partition("-")
        last = first if part == first else last
        if not (first.isdecimal() and last.isdecimal()):
            return None
        numbers += range(int(first), int(last) + 1)[: most + 1]
    if not all(1 <= number <= most for number in numbers):
        return None
    return list(dict.fromkeys(numbers))


def remove(urls: Urls, config: ConfigOption = None, log: LogOption = None) -> None:
    """Stop following feeds. They stay removed even if the feed list still names them.

    Example: onrecord feeds remove https://feeds.bbci.co.uk/news/world/rss.xml
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        named = [as_url(url) for url in urls]
        removed = remove_feeds(opened, wiring.topics_of(loaded), named, clock=wiring.now)
    say(f"{len(removed)} feed{'' if len(removed) == 1 else 's'} removed")
