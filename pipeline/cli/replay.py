"""`onrecord replay`: the past, read again."""

from typing import Annotated

import typer

from pipeline import wiring
from pipeline.cli.options import ConfigOption, LogOption, parse_time, settings
from pipeline.cli.progress import progress_bar
from pipeline.cli.stages import report_dead_letters, say
from pipeline.cli.stopping import INTERRUPTED, Stop
from pipeline.config import Config
from pipeline.errors import Mistake
from pipeline.log.interface import Log, Start
from pipeline.log.outage import Outage
from pipeline.processing.replay import Bounds, UpTo, begin_group, count_records, stretch
from pipeline.processing.worker import BatchReport


def replay(
    since: Annotated[str, typer.Option("--from", help="earliest, or a time.")] = "earliest",
    until: Annotated[str | None, typer.Option(help="A time [default: now].")] = None,
    into: Annotated[
        str | None, typer.Option(help="The topic for the results [default: named by the time].")
    ] = None,
    rate: Annotated[float | None, typer.Option(min=0.01, help="Articles a second at most.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much it is.")] = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Extract a stretch of the backlog again, into a topic of its own.

    Live positions never move. Stopped and started again with the same --into, it goes on.

    Example: onrecord replay --from earliest --into onrecord.replay.try
    """
    loaded = settings(config, log)
    at = wiring.now()
    start = Start.EARLIEST if since == "earliest" else parse_time(since, at=at, option="--from")
    end = None if until is None else parse_time(until, at=at, option="--until")
    topic = into or f"{loaded.log.prefix}.replay.{at:%Y%m%dT%H%M%S}"
    _refuse_live_topics(loaded, topic)
    wiring.check_model(loaded)
    with wiring.open_log(loaded) as opened, Stop() as stop:
        articles = wiring.topics_of(loaded).articles
        bounds = stretch(opened, articles, start, end)
        count = count_records(opened, articles, bounds)
        if dry_run:
            print(f"{count} articles")
            return
        _replay(loaded, opened, bounds, count, topic, rate, stop)
        if stop():
            say(f"stopped; `onrecord replay --into {topic}` goes on")
            raise typer.Exit(INTERRUPTED)


def _refuse_live_topics(config: Config, topic: str) -> None:
    if topic in wiring.topic_settings(config):
        raise Mistake(f"--into {topic}: a replay needs a topic of its own, not a live one")


def _replay(
    config: Config,
    log: Log,
    bounds: Bounds,
    count: int,
    topic: str,
    rate: float | None,
    stop: Stop,
) -> None:
    topics, group = wiring.topics_of(config), f"replay.{topic}"
    log.create_topic(topic, wiring.kept_for(0, config.log.partitions))
    if not begin_group(log, group, bounds):
        say(f"going on where the replay into {topic} stopped")
    done = [0, 0]
    with (
        progress_bar(count) as progress,
        log.join(group, [topics.articles], name=wiring.own_name("replay")) as member,
    ):
        task = progress.add_task(f"replaying into {topic}", total=count)

        def report(batch: BatchReport) -> None:
            done[0] += len(batch.extractions)
            done[1] += len(batch.dead_letters)
            progress.update(task, advance=len(batch.extractions) + len(batch.dead_letters))
            report_dead_letters(batch)

        bounded = UpTo(member, bounds.end, rate=rate)
        with wiring.worker(
            config, bounded, into=topic, report=report, outage=Outage(say)
        ) as worker:
            worker.run(stop, bounded.is_done)
    say(f"{done[0]} articles extracted into {topic}, {done[1]} dead letters")
