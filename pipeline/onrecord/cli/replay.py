"""`onrecord replay`: a stretch of the backlog extracted again, as a job that can be paused."""

from datetime import datetime
from functools import partial
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli import replay_control
from onrecord.cli.compare import ReportOption, check_folder, show_comparison
from onrecord.cli.options import (
    By,
    ConfigOption,
    FormatOption,
    LogOption,
    is_pretty,
    parse_pattern,
    parse_time,
    settings,
)
from onrecord.cli.output import say
from onrecord.cli.replay_view import print_plan
from onrecord.cli.replay_work import Rate, Workers, work_on
from onrecord.cli.signals import stopping
from onrecord.errors import Mistake
from onrecord.log.interface import Start
from onrecord.processing.replays.plan import ReplayRequest, Times, find_or_make, names_of
from onrecord.processing.replays.standing import with_pace

_SAMPLE = 128

app = typer.Typer(invoke_without_command=True)
app.command("list", short_help="Show every replay and how far it is.")(replay_control.list_replays)
app.command("show", short_help="Show one replay.")(replay_control.show_replay)
app.command("pause", short_help="Stop a replay for now.")(replay_control.pause_replay)
app.command("resume", short_help="Continue where it stopped.")(replay_control.resume_replay)
app.command("cancel", short_help="Stop a replay for good.")(replay_control.cancel_replay)
app.command("drop", short_help="Delete its results and forget it.")(replay_control.drop_replay)


@app.callback(invoke_without_command=True)
def replay(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", help="earliest, a time, or -2h.")] = "earliest",
    until: Annotated[str | None, typer.Option(help="A time [default: now].")] = None,
    by: Annotated[
        By, typer.Option(help="Times are when articles entered the log, or were published.")
    ] = By.ENTERED,
    publisher: Annotated[str | None, typer.Option(help="Only of this publisher.")] = None,
    feed: Annotated[str | None, typer.Option(help="Only articles of this feed URL.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language (en).")] = None,
    match: Annotated[str | None, typer.Option(help="Only where this pattern occurs.")] = None,
    into: Annotated[
        str | None,
        typer.Option(help="A name, or a whole topic with its dots [default: named by the time]."),
    ] = None,
    rate: Rate = None,
    workers: Workers = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would read, and how long it takes.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Then compare with the live results.")
    ] = False,
    report: ReportOption = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Extract a stretch of the backlog again, into a topic of its own.

    Live positions never move, and articles that arrive meanwhile are not in it. Stopped or
    killed, the same command continues; every article is in it exactly once.

    Example: onrecord replay --from earliest --into try
    """
    if context.invoked_subcommand is not None:
        _refuse_options_of_the_whole(context)
        return
    loaded = settings(config, log)
    at = wiring.now()
    request = ReplayRequest(
        since=since,
        until=until,
        by=by.value,
        publisher=publisher,
        feed=feed,
        language=language,
        match=match,
    )
    times = _times(request, at)
    parse_pattern(match, option="--match")
    if report is not None and not compare:
        raise Mistake("--report is what --compare writes")
    check_folder(report)
    topics = wiring.topics_of(loaded)
    live = wiring.topic_settings(loaded)
    name, topic = names_of(topics, into or f"{at:%Y%m%dT%H%M%S}", live=live)
    wiring.check_model(loaded)
    with wiring.open_log(loaded) as opened, stopping(loaded, opened) as stop:
        plan = partial(wiring.plan_replay, loaded, opened, request, times, name, topic, at)
        if dry_run:
            job, found = plan(sample=_SAMPLE)
            job = with_pace(job, rate, workers)
            if found.sample:
                say(f"extracting {len(found.sample)} of the articles, to see how long they take")
            measured = wiring.measure_replay(loaded, job, found)
            print_plan(job, found, measured, pretty=is_pretty(format))
            return
        replays = wiring.replays(loaded, opened)
        standing = find_or_make(
            opened,
            replays,
            request,
            lambda: with_pace(plan()[0], rate, workers),
            name=name,
            into=topic,
            at=at,
        )
        is_done = work_on(loaded, opened, replays, standing, rate, workers, stop)
        if is_done and compare:
            pretty = is_pretty(format)
            show_comparison(loaded, opened, topics.extractions, topic, report=report, pretty=pretty)


def _times(request: ReplayRequest, at: datetime) -> Times:
    """The times as values. Raises Mistake before anything is opened."""
    since, until = request.since, request.until
    is_earliest = since == Start.EARLIEST.value
    start = Start.EARLIEST if is_earliest else parse_time(since, at=at, option="--from")
    end = None if until is None else parse_time(until, at=at, option="--until")
    if isinstance(start, datetime) and end is not None and end <= start:
        raise Mistake(f"--until {until} is not after --from {since}")
    return Times(start=start, end=end)


def _refuse_options_of_the_whole(context: typer.Context) -> None:
    """`onrecord replay --into x list`: an option that would do nothing is a mistake."""
    for parameter in context.command.params:
        given = context.params.get(parameter.name or "")
        if given != parameter.get_default(context) and given is not None:
            raise Mistake(
                f"{parameter.opts[0]} belongs to `onrecord replay` alone, or after "
                f"`{context.invoked_subcommand}`"
            )
