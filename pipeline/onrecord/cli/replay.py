"""`onrecord replay`: the past, read again, as a job that can be seen, stopped and gone on with."""

from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Annotated, Literal
from uuid import uuid4

import msgspec
import typer

from onrecord import wiring
from onrecord.cli.compare import ReportOption, check_folder, show_comparison
from onrecord.cli.options import (
    ConfigOption,
    FormatOption,
    LogOption,
    is_pretty,
    parse_pattern,
    parse_time,
    settings,
)
from onrecord.cli.output import report_dead_letters, say
from onrecord.cli.progress import Pace
from onrecord.cli.replay_view import Shown, print_job, print_jobs, print_plan, write_json
from onrecord.cli.signals import INTERRUPTED, Stop
from onrecord.config import Config
from onrecord.errors import GroupActive, Mistake, UnknownTopic
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log, Start
from onrecord.processing.jobs import Replays, Standing, bounds_of, with_state
from onrecord.processing.replay import Bounds, Ending, Tally, UpTo, stretch
from onrecord.processing.retention import kept_for
from onrecord.processing.survey import Survey, measure_rate, survey
from onrecord.processing.worker import BatchReport
from onrecord.records import OffsetRange, ReplayJob

_SAMPLE = 128

app = typer.Typer(invoke_without_command=True)


class By(Enum):
    """What of an article the times speak of."""

    ENTERED = "entered"
    PUBLISHED = "published"


Name = Annotated[str, typer.Argument(help="The replay's name, or its topic.")]
Rate = Annotated[float | None, typer.Option(min=0.01, help="Articles a second at most.")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Extractor processes [default: extract.processes].")
]


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
        bool, typer.Option("--dry-run", help="Only say what it would be, and how long.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Then say what changed against the live results.")
    ] = False,
    report: ReportOption = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Extract a stretch of the backlog again, into a topic of its own.

    Live positions never move. What arrives meanwhile is not in it. Stopped or killed, the
    same command goes on; every article is in it exactly once.

    Example: onrecord replay --from earliest --into try
    """
    if context.invoked_subcommand is not None:
        _refuse_options_of_the_whole(context)
        return
    loaded = settings(config, log)
    at = wiring.now()
    asked = _Asked(
        since=since,
        until=until,
        by=by.value,
        publisher=publisher,
        feed=feed,
        language=language,
        match=match,
    )
    asked.check(at)
    if report is not None and not compare:
        raise Mistake("--report is what --compare writes")
    check_folder(report)
    name, topic = _names(loaded, into or f"{at:%Y%m%dT%H%M%S}")
    wiring.check_model(loaded)
    with wiring.open_log(loaded) as opened, Stop(opened.hurry) as stop:
        replays = wiring.replays(loaded, opened)
        if dry_run:
            job, found = _plan(loaded, opened, asked, at, name, topic, sample=_SAMPLE)
            _show_plan(loaded, _paced(job, rate, workers), found, pretty=is_pretty(format))
            return
        # Looked at first: what is published meanwhile is of a replay that is found then.
        is_in_use = _is_in_use(opened, topic)
        standing = _found(replays, name, asked)
        if standing is None:
            if is_in_use:
                raise Mistake(
                    f"topic {topic} holds records already, and not of a replay: choose another "
                    "--into"
                )
            job, _ = _plan(loaded, opened, asked, at, name, topic, sample=0)
            standing = replays.make(_paced(job, rate, workers), now=at)
            _refuse_another(standing.job, asked)
        is_done = _work(loaded, opened, replays, standing, rate, workers, stop)
        if is_done and compare:
            live = wiring.topics_of(loaded).extractions
            pretty = is_pretty(format)
            show_comparison(loaded, opened, live, topic, report=report, pretty=pretty)


# ── what is asked for ────────────────────────────────────────────────────────────────────────


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which articles, as a person put it."""

    since: str
    until: str | None
    by: Literal["entered", "published"]
    publisher: str | None
    feed: str | None
    language: str | None
    match: str | None

    def check(self, at: datetime) -> None:
        """Raise Mistake for what cannot be used, before anything is opened."""
        start, end = self.start(at), self.end(at)
        if isinstance(start, datetime) and end is not None and end <= start:
            raise Mistake(f"--until {self.until} is not after --from {self.since}")
        parse_pattern(self.match, option="--match")

    def start(self, at: datetime) -> Start | datetime:
        if self.since == Start.EARLIEST.value:
            return Start.EARLIEST
        return parse_time(self.since, at=at, option="--from")

    def end(self, at: datetime) -> datetime | None:
        return None if self.until is None else parse_time(self.until, at=at, option="--until")

    def is_that_of(self, job: ReplayJob) -> bool:
        """Whether a job is for the same articles."""
        return msgspec.structs.asdict(self) == {
            field: getattr(job, field) for field in self.__struct_fields__
        }


def _names(config: Config, into: str) -> tuple[str, str]:
    """A replay's name and its topic. Raises Mistake."""
    topics = wiring.topics_of(config)
    if {into, f"{topics.prefix}.{into}"} & {*wiring.topic_settings(config), topics.replays}:
        raise Mistake(f"--into {into}: a replay needs a topic of its own, not a live one")
    if (
        any(not (c.isalnum() or c in "._-") for c in into)
        or not into.strip(".")
        or not into.isascii()
    ):
        raise Mistake(f"--into {into}: use letters, digits, '.', '_' and '-'")
    topic = wiring.replay_topic(config, into)
    return topic.removeprefix(topics.replay("")), topic


def _found(replays: Replays, name: str, asked: _Asked) -> Standing | None:
    """The job of this name, if it is what is asked for; None for a new one. Raises Mistake."""
    standing = replays.all().get(name)
    if standing is not None:
        _refuse_another(standing.job, asked)
    return standing


def _refuse_another(job: ReplayJob, asked: _Asked) -> None:
    """A job is gone on with only by who asks for its articles. Raises Mistake."""
    if not asked.is_that_of(job):
        raise Mistake(
            f"there is a replay {job.name!r} of other articles: go on with it by `onrecord replay "
            f"resume {job.name}`, or choose another --into"
        )


def _is_in_use(log: Log, topic: str) -> bool:
    """Whether a topic holds anything."""
    try:
        return any(begin < end for begin, end in log.bounds(topic).values())
    except UnknownTopic:
        return False


def _plan(
    config: Config, log: Log, asked: _Asked, at: datetime, name: str, topic: str, *, sample: int
) -> tuple[ReplayJob, Survey]:
    """The job that is asked for, with its end fixed, and what is in it."""
    articles = wiring.topics_of(config).articles
    start, end = asked.start(at), asked.end(at)
    is_published = asked.by == "published"
    bounds = stretch(
        log, articles, Start.EARLIEST if is_published else start, None if is_published else end
    )
    job = ReplayJob(
        name=name,
        source=articles,
        into=topic,
        published_from=start if is_published and isinstance(start, datetime) else None,
        published_until=end if is_published else None,
        stretch=_ranges(bounds),
        articles=0,
        created_at=at,
        **msgspec.structs.asdict(asked),
    )
    found = survey(log, articles, bounds, wiring.replay_filter(job), sample=sample)
    return msgspec.structs.replace(job, articles=found.articles), found


def _ranges(bounds: Bounds) -> dict[int, OffsetRange]:
    return {
        partition.number: OffsetRange(begin=begin, end=bounds.end[partition])
        for partition, begin in bounds.begin.items()
    }


def _paced(job: ReplayJob, rate: float | None, workers: int | None) -> ReplayJob:
    """The job at another rate or with other workers, where they are given."""
    return msgspec.structs.replace(job, rate=rate or job.rate, workers=workers or job.workers)


def _show_plan(config: Config, job: ReplayJob, found: Survey, *, pretty: bool) -> None:
    measured = None
    if found.sample:
        say(f"extracting {len(found.sample)} of the articles, to see how long they take")
        with wiring.replay_pool(config, job) as pool:
            measured = measure_rate(pool, found.sample)
    print_plan(job, found, measured, pretty=pretty)


def _refuse_options_of_the_whole(context: typer.Context) -> None:
    """`onrecord replay --into x list`: an option that would do nothing is a mistake."""
    for parameter in context.command.params:
        given = context.params.get(parameter.name or "")
        if given != parameter.get_default(context) and given is not None:
            raise Mistake(
                f"{parameter.opts[0]} belongs to `onrecord replay` alone, or after "
                f"`{context.invoked_subcommand}`"
            )


# ── at work ──────────────────────────────────────────────────────────────────────────────────


def _work(
    config: Config,
    log: Log,
    replays: Replays,
    standing: Standing,
    rate: float | None,
    workers: int | None,
    stop: Stop,
) -> bool:
    """Extract what is left of a job, until somebody wants it to stop; whether it is done."""
    name, into = standing.job.name, standing.job.into
    if standing.is_done:
        nothing = "" if standing.job.articles else "; there are no such articles"
        say(f"replay {name} is done: {standing.articles} articles in {into}{nothing}")
        return True
    if standing.job.state == "cancelled":
        raise Mistake(f"replay {name} was cancelled; `onrecord replay drop {name}` frees its name")
    if standing.runs:
        say(f"replay {name} goes on: {standing.articles} of {standing.job.articles} articles done")
    job = with_state(_paced(standing.job, rate, workers), "running")
    log.create_topic(into, kept_for(0, config.log.partitions))
    if job != standing.job:
        replays.write(job, now=wiring.now())
    outcome = _extract(config, log, replays, standing, job, stop)
    after = replays.find(name)
    say(f"{after.articles} articles extracted into {into}, {after.dead_letters} dead letters")
    if outcome == "interrupted":
        say(f"stopped; `onrecord replay resume {name}` goes on")
        raise typer.Exit(INTERRUPTED)
    if outcome != "done":
        say(f"replay {name} was {outcome}")
    return outcome == "done"


def _extract(
    config: Config, log: Log, replays: Replays, standing: Standing, job: ReplayJob, stop: Stop
) -> str:
    """Run a worker on the job; why it ended: done, paused, cancelled or interrupted."""
    end, group = bounds_of(job).end, replays.group(job.name)
    with (
        Pace(f"replaying into {job.into}", job.articles, say=say) as pace,
        replays.watch(job) as watch,
        wiring.replay_pool(config, job) as pool,
    ):
        pace.done(standing.articles + standing.dead_letters, None)

        def stopped() -> bool:
            return stop() or watch()

        # Nothing is read before it can be extracted: the rate would be saved up meanwhile.
        pool.wait_until_ready(stopped)
        tally = Tally(
            name=job.name, topic=replays.topic, clock=wiring.now, new_run=lambda: uuid4().hex
        )

        def report(batch: BatchReport) -> None:
            done = len(batch.extractions) + len(batch.dead_letters)
            if done:
                tally.confirm()
                pace.add(done, tally.rate)
            report_dead_letters(batch)

        name = wiring.own_name("replay")
        with log.join(group, [job.source], name=name) as member:
            bounded = UpTo(
                member,
                end,
                begin=standing.positions,
                wants=wiring.replay_filter(job),
                rate=job.rate,
            )
            ending = Ending(log, group, bounded, end, tally)
            wiring.replay_worker(
                config, bounded, pool, job, report=report, outage=Outage(say), also=tally.add
            ).run(stopped, ending)
    if stop():
        return "interrupted"
    return "done" if watch.state == "running" else watch.state


# ── seeing to them ───────────────────────────────────────────────────────────────────────────


@app.command("list")
def list_replays(
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show every replay: how far it is, how fast, and how long it still takes.

    Example: onrecord replay list
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        shown = _shown(wiring.replays(loaded, opened))
    if is_pretty(format):
        print_jobs(shown)
    else:
        write_json(shown)


@app.command("show")
def show_replay(
    name: Name,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show one replay: what it reads, how far it is, and what can be done with it.

    Example: onrecord replay show try
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        replays = wiring.replays(loaded, opened)
        standing = replays.find(name)
        (shown,) = _shown(replays, standing)
    if is_pretty(format):
        print_job(shown)
    else:
        write_json([shown])


@app.command("pause")
def pause_replay(name: Name, config: ConfigOption = None, log: LogOption = None) -> None:
    """Have a replay stop after the articles in hand, to be gone on with later.

    Example: onrecord replay pause try
    """
    _want(name, "paused", config, log)


@app.command("resume")
def resume_replay(
    name: Name,
    rate: Rate = None,
    workers: Workers = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Go on with a replay where it stopped. Several processes, here or elsewhere, share it.

    Example: onrecord replay resume try
    """
    loaded = settings(config, log)
    wiring.check_model(loaded)
    with wiring.open_log(loaded) as opened, Stop(opened.hurry) as stop:
        replays = wiring.replays(loaded, opened)
        _work(loaded, opened, replays, replays.find(name), rate, workers, stop)


@app.command("cancel")
def cancel_replay(name: Name, config: ConfigOption = None, log: LogOption = None) -> None:
    """Have a replay stop for good. What it extracted stays, until it is dropped.

    Example: onrecord replay cancel try
    """
    _want(name, "cancelled", config, log)


@app.command("drop")
def drop_replay(name: Name, config: ConfigOption = None, log: LogOption = None) -> None:
    """Delete a replay's results and forget it. Its name is free again.

    Example: onrecord replay drop try
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        replays = wiring.replays(loaded, opened)
        standing = replays.find(name)
        name = standing.job.name
        if replays.members([name])[name]:
            raise Mistake(f"replay {name} is at work: `onrecord replay cancel {name}` first")
        with suppress(UnknownTopic):
            opened.delete_topic(standing.job.into)
        opened.delete_group(replays.group(name))
        replays.forget(standing)
    say(f"dropped, with {standing.articles} results")


def _want(
    name: str, state: Literal["paused", "cancelled"], config: ConfigOption, log: LogOption
) -> None:
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        replays = wiring.replays(loaded, opened)
        standing = replays.find(name)
        name = standing.job.name
        if standing.is_done:
            say(f"replay {name} is done: there is nothing to stop")
            return
        if standing.job.state == "cancelled":
            raise Mistake(f"replay {name} was cancelled already")
        replays.write(with_state(standing.job, state), now=wiring.now())
        if state == "cancelled":
            # One that is at work hears of it and leaves; then `drop` takes the group as well.
            with suppress(GroupActive):
                opened.delete_group(replays.group(name))
    say(f"{state}: {standing.articles} of {standing.job.articles} articles are done")


def _shown(replays: Replays, only: Standing | None = None) -> list[Shown]:
    standings = [only] if only else list(replays.all().values())
    members = replays.members(standing.job.name for standing in standings)
    now = wiring.now()
    return [Shown.of(standing, members[standing.job.name], now) for standing in standings]
