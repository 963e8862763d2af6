"""`onrecord feeds`: the feeds that are followed: adding, looking, ordering and doing."""

from collections.abc import Callable

import typer

from onrecord.cli.feeds import adding, changing, doing, lists, looking

app = typer.Typer(help="The feeds that are followed: add, remove, list, …", no_args_is_help=True)

# In the order in which help lists them, with a shorter summary where the first sentence is long.
_COMMANDS: tuple[tuple[str, Callable[..., None], str | None], ...] = (
    ("add", adding.add, "Follow feeds, or choose from those of a page."),
    ("remove", adding.remove, "Stop following feeds."),
    ("list", looking.list_feeds, "Show the feeds that are followed."),
    ("show", looking.show_feed, "Show one feed and its last polls."),
    ("check", looking.check, "Poll feeds now and say what it would bring."),
    ("discover", looking.discover, "Find the feeds of a site."),
    ("pause", doing.pause, None),
    ("resume", doing.resume, None),
    ("poll", doing.poll_now, "Poll feeds now, due or not."),
    ("refetch", doing.refetch, "Fetch the pages of articles again."),
    ("fill", doing.fill, "Read the archives that feeds page through."),
    ("move", doing.move, "Ask a feed at another URL from now on."),
    ("set", changing.set_feed, "Set what holds for single feeds."),
    ("categorise", changing.categorise, "Put feeds into categories."),
    ("keep", changing.keep, "Publish only entries of a kind."),
    ("block", changing.block, "Publish no entries of a kind."),
    ("rules", changing.rules, "List or remove the rules of a feed."),
    ("claim", doing.claim, "Let a feed publish under other sites' URLs."),
    ("import", lists.import_list, "Follow the feeds of a list."),
    ("export", lists.export, "Write the feeds as OPML."),
)
for _name, _command, _summary in _COMMANDS:
    app.command(_name, short_help=_summary)(_command)
