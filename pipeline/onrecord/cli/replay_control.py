"""`onrecord replay list`, `show`, `pause`, `resume`, `cancel` and `drop`."""

from typing import Annotated, Literal

import typer

from onrecord import wiring
from onrecord.cli.options import (
    ConfigOption,
    FormatOption,
    LogOption,
    is_pretty,
    settings,
)
from onrecord.cli.output import say
from onrecord.cli.replay_view import print_job, print_jobs, write_json
from onrecord.cli.replay_work import Rate, Workers, work_on
from onrecord.cli.signals import stopping
from onrecord.processing.replays.jobs import Replays
from onrecord.processing.replays.standing import Standing
from onrecord.processing.replays.view import ReplayView

Name = Annotated[str, typer.Argument(help="The replay's name, or its topic.")]


def list_replays(
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show every replay: its progress, rate and remaining time.

    Example: onrecord replay list
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        shown = shown_replays(wiring.replays(loaded, opened))
    if is_pretty(format):
        print_jobs(shown)
    else:
        write_json(shown)


def show_replay(
    name: Name,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show one replay: what it reads, its progress, and the next steps.

    Example: onrecord replay show try
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        replays = wiring.replays(loaded, opened)
        standing = replays.find(name)
        (shown,) = shown_replays(replays, standing)
    if is_pretty(format):
        print_job(shown)
    else:
        write_json([shown])


def pause_replay(name: Name, config: ConfigOption = None, log: LogOption = None) -> None:
    """Stop a replay after the articles in hand; `resume` continues it.

    Example: onrecord replay pause try
    """
    _want(name, "paused", config, log)


def resume_replay(
    name: Name,
    rate: Rate = None,
    workers: Workers = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Continue a replay where it stopped. Several processes, here or elsewhere, share it.

    Example: onrecord replay resume try
    """
    loaded = settings(config, log)
    wiring.check_model(loaded)
    with wiring.open_log(loaded) as opened, stopping(loaded, opened) as stop:
        replays = wiring.replays(loaded, opened)
        work_on(loaded, opened, replays, replays.find(name), rate, workers, stop)


def cancel_replay(name: Name, config: ConfigOption = None, log: LogOption = None) -> None:
    """Stop a replay for good. Its results stay until it is dropped.

    Example: onrecord replay cancel try
    """
    _want(name, "cancelled", config, log)


def drop_replay(name: Name, config: ConfigOption = None, log: LogOption = None) -> None:
    """Delete a replay's results and forget it. Its name is free again.

    Example: onrecord replay drop try
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        standing = wiring.replays(loaded, opened).drop(name)
    say(f"dropped, with {standing.articles} results")


def _want(
    name: str, state: Literal["paused", "cancelled"], config: ConfigOption, log: LogOption
) -> None:
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        standing = wiring.replays(loaded, opened).stop(name, state, now=wiring.now())
    if standing.is_done:
        say(f"replay {standing.job.name} is done: there is nothing to stop")
    else:
        say(f"{state}: {standing.articles} of {standing.job.articles} articles are done")


def shown_replays(replays: Replays, only: Standing | None = None) -> list[ReplayView]:
    """Every replay, or only one, as lists show it."""
    standings = [only] if only else list(replays.all().values())
    members = replays.members(standing.job.name for standing in standings)
    now = wiring.now()
    return [ReplayView.of(standing, members[standing.job.name], now) for standing in standings]
