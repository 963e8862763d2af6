"""A replay at work, as its commands show it."""

from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.output import say
from onrecord.cli.progress import Pace
from onrecord.cli.signals import INTERRUPTED, Stop
from onrecord.config import Config
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log
from onrecord.processing.replays.jobs import Replays
from onrecord.processing.replays.run import Outcome
from onrecord.processing.replays.standing import Standing
from onrecord.processing.worker import BatchReport

Rate = Annotated[float | None, typer.Option(min=0.01, help="Articles a second at most.")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Extractor processes [default: extract.processes].")
]


def work_on(
    config: Config,
    log: Log,
    replays: Replays,
    standing: Standing,
    rate: float | None,
    workers: int | None,
    stop: Stop,
) -> bool:
    """Extract the rest of a job and report it; returns whether the job is done."""
    name, into = standing.job.name, standing.job.into
    if standing.is_done:
        nothing = "" if standing.job.articles else "; there are no such articles"
        say(f"replay {name} is done: {standing.articles} articles in {into}{nothing}")
        return True
    job = replays.take_up(standing, rate, workers, now=wiring.now())
    if standing.runs:
        say(f"replay {name} goes on: {standing.articles} of {standing.job.articles} articles done")
    done_before = standing.articles + standing.dead_letters
    with Pace(f"replaying into {into}", job.articles, start=done_before, say=say) as pace:

        def report(batch: BatchReport, pace_now: float | None) -> None:
            if done := len(batch.extractions) + len(batch.dead_letters):
                pace.add(done, pace_now)
            _report_dead_letters(batch)

        outcome = wiring.replay(
            config, log, standing, job, report=report, outage=Outage(say), stopped=stop
        )
    after = replays.find(name)
    say(f"{after.articles} articles extracted into {into}, {after.dead_letters} dead letters")
    if outcome is Outcome.INTERRUPTED:
        say(f"stopped; `onrecord replay resume {name}` goes on")
        raise typer.Exit(INTERRUPTED)
    if outcome is not Outcome.DONE:
        say(f"replay {name} was {outcome.value}")
    return outcome is Outcome.DONE


def _report_dead_letters(report: BatchReport) -> None:
    for message, failure in report.dead_letters:
        key = (message.key or b"").decode("utf-8", "replace")
        say(f"dead letter: article {key or 'without a key'}: {failure.reason}")
