"""A replay as lists show it."""

from datetime import datetime

import msgspec

from onrecord.processing.replays.standing import Standing, State


class ReplayView(msgspec.Struct, frozen=True, kw_only=True):
    """A replay as `list` and `show` give it. Rates are articles a second."""

    name: str
    into: str
    state: State
    processes: int
    articles: int
    extracted: int
    dead_letters: int
    share: float
    rate: float | None
    left_s: float | None
    worked_s: float
    since: str
    until: str | None
    by: str
    publisher: str | None
    feed: str | None
    language: str | None
    match: str | None
    rate_limit: float | None
    workers: int | None
    created_at: datetime
    last_commit_at: datetime | None

    @classmethod
    def of(cls, standing: Standing, processes: int, now: datetime) -> "ReplayView":
        """A replay, given how many processes work on it."""
        job = standing.job
        rate = standing.rate(now) if processes else None
        return cls(
            name=job.name,
            into=job.into,
            state=standing.state(processes),
            processes=processes,
            articles=job.articles,
            extracted=standing.articles,
            dead_letters=standing.dead_letters,
            share=round(standing.share, 4),
            rate=rate,
            left_s=standing.left_s(rate),
            worked_s=round(standing.seconds, 1),
            since=job.since,
            until=job.until,
            by=job.by,
            publisher=job.publisher,
            feed=job.feed,
            language=job.language,
            match=job.match,
            rate_limit=job.rate,
            workers=job.workers,
            created_at=job.created_at,
            last_commit_at=max((run.at for run in standing.runs), default=None),
        )
