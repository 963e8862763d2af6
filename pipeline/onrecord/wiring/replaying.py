"""Extracting a stretch of the backlog again."""

import re
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial

from onrecord.config import Config
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log, Message
from onrecord.processing.pool import Pool
from onrecord.processing.replays.jobs import Replays
from onrecord.processing.replays.plan import ReplayRequest, Times, is_published_between
from onrecord.processing.replays.plan import plan_replay as plan
from onrecord.processing.replays.run import Outcome, run_replay
from onrecord.processing.replays.standing import Standing
from onrecord.processing.replays.survey import Survey, measure_rate, wanted_messages
from onrecord.processing.retention import kept_for
from onrecord.processing.worker import BatchReport
from onrecord.records import ReplayJob
from onrecord.sink.filters import Filter
from onrecord.wiring.extracting import extractor_pool, forgotten_table, make_worker
from onrecord.wiring.opening import topics_of
from onrecord.wiring.process import now, own_name

# With this, two extractors on one processor share it about ten to one.
_NICENESS = 10


def replays(config: Config, log: Log) -> Replays:
    """The replays of a log."""
    return Replays(
        log,
        topics_of(config).replays,
        prefix=config.log.prefix,
        results=kept_for(0, config.log.partitions),
    )


def replay_filter(job: ReplayJob) -> Callable[[Message], bool] | None:
    """Which messages a replay wants; None for all of them. Raises Mistake."""
    chosen = Filter(
        publisher=job.publisher,
        feed=job.feed,
        language=job.language,
        match=None if job.match is None else re.compile(job.match, re.IGNORECASE),
    )
    if chosen == Filter() and job.by == "entered":
        return None
    return wanted_messages(
        lambda article: is_published_between(article, job) and chosen.wants_article(article)
    )


def plan_replay(
    config: Config,
    log: Log,
    request: ReplayRequest,
    times: Times,
    name: str,
    into: str,
    at: datetime,
    *,
    sample: int = 0,
) -> tuple[ReplayJob, Survey]:
    """The job for a request, and a survey of its articles; see `plan.plan_replay`."""
    articles = topics_of(config).articles
    return plan(
        log,
        request,
        times,
        replay_filter,
        name=name,
        source=articles,
        into=into,
        at=at,
        sample=sample,
    )


def measure_replay(config: Config, job: ReplayJob, found: Survey) -> float | None:
    """Articles a second that a replay would extract, tried on a sample; None without one."""
    if not found.sample:
        return None
    with replay_pool(config, job) as pool:
        return measure_rate(pool, found.sample)


def replay_pool(config: Config, job: ReplayJob) -> Pool:
    """The extractor processes of a replay: they let live extraction on this machine go first."""
    return extractor_pool(config, processes=job.workers, niceness=_NICENESS)


def replay(
    config: Config,
    log: Log,
    standing: Standing,
    job: ReplayJob,
    *,
    report: Callable[[BatchReport, float | None], None],
    outage: Outage,
    stopped: Callable[[], bool],
) -> Outcome:
    """Extract the rest of a replay; see `run_replay`."""
    with (
        replay_pool(config, job) as pool,
        closing(forgotten_table(config, log)) as forgotten,
    ):
        return run_replay(
            log,
            replays(config, log),
            standing,
            job,
            pool,
            partial(
                make_worker,
                config,
                pool=pool,
                into=job.into,
                outage=outage,
                amend=forgotten.amended,
            ),
            name=own_name("replay"),
            wants=replay_filter(job),
            report=report,
            stopped=stopped,
            clock=now,
        )
