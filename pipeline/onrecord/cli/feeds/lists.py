"""`onrecord feeds import` and `export`: lists of feeds, as other readers exchange them."""

from pathlib import Path
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.feeds.adding import say_followed
from onrecord.cli.feeds.naming import pass_over
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.feeds.opml import to_opml
from onrecord.processing.feeds.subscriptions import followed_feeds


def import_list(
    files: Annotated[list[Path], typer.Argument(help="OPML, or text with one URL a line.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Follow the feeds of a list.

    Folders become categories. What is not a feed is named and passed over.
    Feeds that are followed already take over what the list says of them.

    Example: onrecord feeds import config/feeds.opml
    """
    loaded = settings(config, log)
    feeds = wiring.read_feeds(loaded, [str(file) for file in files], pass_over)
    with wiring.open_log(loaded) as opened:
        followed = wiring.follow(loaded, opened, feeds, by_hand=True)
    say_followed(followed, len(feeds))


def export(config: ConfigOption = None, log: LogOption = None) -> None:
    """Write the feeds that are followed as OPML, with folders and settings, without secrets.

    Example: onrecord feeds export
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        print(to_opml(followed_feeds(opened, wiring.topics_of(loaded))))
