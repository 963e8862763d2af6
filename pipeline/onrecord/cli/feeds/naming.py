"""Feeds as people name them on the command line, and changes to those that are followed."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.output import say
from onrecord.config import Config
from onrecord.errors import FeedListError, Mistake
from onrecord.feeds.private_urls import public_url
from onrecord.processing.feeds.subscriptions import change_feeds
from onrecord.records import Feed

Urls = Annotated[list[str], typer.Argument(help="Feed URLs.")]
Url = Annotated[str, typer.Argument(help="The feed's URL.")]

# A URL without its scheme: a host with a dot or a port, then perhaps a path.
_HOST = r"(?:[\w-]+\.)+[a-z]{2,}|(?:\d{1,3}\.){3}\d{1,3}|localhost"
_BARE_URL = re.compile(rf"(?:{_HOST})(?::\d+)?(?:[/?]\S*)?")
_FILES = (".opml", ".txt", ".xml")


def as_url(name: str) -> str:
    """A URL as people type it: "example.org/feed" and "feed:https://…" are URLs too."""
    name = name.strip()
    if name.startswith("feed:"):
        rest = name.removeprefix("feed:")
        return rest if "://" in rest else f"https:{rest if rest.startswith('//') else f'//{rest}'}"
    is_file = Path(name).exists() or ("/" not in name and name.lower().endswith(_FILES))
    return f"https://{name}" if not is_file and _BARE_URL.fullmatch(name.lower()) else name


def as_source(name: str) -> str:
    """A URL, or the name of a list. Raises Mistake for a word that is neither."""
    url = as_url(name)
    if "://" in url or Path(url).exists() or url.lower().endswith(_FILES):
        return url
    raise Mistake(
        f"{name!r:.80} is neither a URL nor a file: give the address of a feed or of a site, as in "
        "example.org"
    )


def pass_over(fault: FeedListError) -> None:
    """Say which outline or line of a list is not a feed, and go on."""
    say(f"passed over: {fault}")


def pass_over_outline(fault: FeedListError) -> None:
    """The same for OPML. A line of a list written by hand is a mistake to be mended: raised."""
    if not fault.file.lower().endswith((".opml", ".xml")):
        raise fault
    pass_over(fault)


def change(
    config: Config,
    urls: Sequence[str],
    changed: Callable[[Feed], Feed],
) -> list[Feed]:
    """Change followed feeds. Raises Mistake naming one that is not followed."""
    with wiring.open_log(config) as log:
        names = [public_url(as_url(url)) for url in urls]
        return change_feeds(log, wiring.topics_of(config), names, changed, clock=wiring.now)


def named(feeds: Sequence[Feed]) -> str:
    """One feed by its URL, several by their number."""
    return feeds[0].url if len(feeds) == 1 else f"{len(feeds)} feeds"
