"""Replays: what was asked for, and how far each run is."""

from typing import Literal

import msgspec

from onrecord.records.base import Count, Part, Record, Time


class OffsetRange(Part, frozen=True, kw_only=True):
    """A stretch of one partition: its first offset, and the first past it."""

    begin: Count
    end: Count


class ReplayJob(Record, frozen=True, kw_only=True, tag="onrecord.replay-job"):
    """A replay as it was asked for: which articles, into which topic, how fast.

    `since` and `until` are as a person wrote them, `by` says what of an article they speak of:
    when it entered the log, or when it was published (then also `published_from` and
    `published_until`, that instant excluded). `stretch` is what is read of `source`, by
    partition; it is fixed when the job is made, and `articles` counts what is wanted in it.
    `rate` is articles a second at most, `workers` the number of extractor processes. `state` is
    what people want of it; whether it is done its progress tells.
    """

    name: str
    source: str
    into: str
    since: str
    until: str | None = None
    by: Literal["entered", "published"] = "entered"
    published_from: Time | None = None
    published_until: Time | None = None
    publisher: str | None = None
    feed: str | None = None
    language: str | None = None
    match: str | None = None
    rate: float | None = None
    workers: int | None = None
    stretch: dict[int, OffsetRange]
    articles: Count
    state: Literal["running", "paused", "cancelled"] = "running"
    created_at: Time


class ReplayProgress(Record, frozen=True, kw_only=True, tag="onrecord.replay-progress"):
    """What one run of a replay committed, published in the transaction of its last results.

    A run is a process at work, from its start or from the last commit that failed. The job's
    counts are the sums over its runs; `positions` are, by partition, the next offset to read,
    the highest of all runs counts. `seconds` is how long the run was at work, `rate` articles a
    second of late.
    """

    name: str
    run: str
    articles: Count = 0
    dead_letters: Count = 0
    positions: dict[int, int] = msgspec.field(default_factory=dict)
    seconds: float = 0.0
    rate: float | None = None
    at: Time
