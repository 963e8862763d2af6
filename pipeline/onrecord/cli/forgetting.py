"""`onrecord forget`: an article or a quote, taken out for good."""

import sys
from contextlib import suppress
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.archive_reading import level_archive
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say
from onrecord.config import Config
from onrecord.errors import ArchiveRefused, Mistake


def forget(
    id: Annotated[  # noqa: A002 - an article's or a quote's
        str, typer.Argument(metavar="ARTICLE|QUOTE", help="The id of an article or of a quote.")
    ],
    why: Annotated[str, typer.Option(help="The reason, which is kept.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be undone.")] = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Take an article or a quote out of the log, the archive and exports, for good.

    It does not come back with a new revision, an import or a replay. Says what remains.

    Example: onrecord forget 7f92a01cf988 --why "the publisher withdrew it"
    """
    loaded = settings(config, log)
    with wiring.open_to_read(loaded) as opened:
        forgetting = wiring.forgetter(loaded, opened)
        subject = forgetting.find(id)
        what = f"article {subject.article}"
        if subject.quote is not None:
            what = f"quote {subject.quote} of {what}"
        if not yes:
            _confirm(what)
        erased = forgetting.forget(subject, by=wiring.user_name(), why=why, now=wiring.now())
    say(f"forgot {what}")
    for topic, count in erased.removed.items():
        say(f"  {topic}: {count} record{'s' if count != 1 else ''} removed")
    if erased.left:
        say(
            f"  {', '.join(erased.left)}: a tombstone was written; older records stay in the "
            "segments of the cluster until compaction or retention removes them"
        )
    _remove_from_archive(loaded)
    if subject.quote is not None:
        say("  the article's text, in which the words stand, is kept: forget the article for that")
    say("  what remains: backups, copies of the log and files that were exported before")


def _remove_from_archive(config: Config) -> None:
    """Bring the archive level with the tombstones, if there is an archive."""
    if not wiring.keeps_archive(config):
        return
    with suppress(ArchiveRefused):  # there is none yet
        wiring.open_archive(config).close()
        with level_archive(config, say):
            say("  the archive has read that it is gone, or the process that writes it does so now")


def _confirm(what: str) -> None:
    if not sys.stdin.isatty():
        raise Mistake(f"{what}: forgetting cannot be undone: say --yes")
    typer.confirm(f"Forget {what}? This cannot be undone.", abort=True, err=True)
