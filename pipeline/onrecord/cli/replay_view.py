"""How replays look: a table for people, JSON lines for programs."""

import sys
from collections.abc import Sequence
from datetime import datetime

import msgspec
from rich.table import Table
from rich.text import Text

from onrecord.cli.progress import duration
from onrecord.cli.render import console, when
from onrecord.processing.replays.survey import Survey
from onrecord.processing.replays.view import ReplayView
from onrecord.records import ReplayJob

_FEEDS_SHOWN = 20

_STYLES = {"running": "bold green", "done": "green", "stopped": "yellow", "paused": "yellow"}


def write_json(shown: Sequence[msgspec.Struct]) -> None:
    """A JSON line for each."""
    for one in shown:
        sys.stdout.buffer.write(msgspec.json.encode(one) + b"\n")


def print_jobs(shown: Sequence[ReplayView]) -> None:
    """A table row for each replay."""
    out = console()
    if not shown:
        out.print(Text("no replays yet: `onrecord replay --into NAME` makes one", "dim"))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("name", no_wrap=True)
    table.add_column("state")
    for column in ("articles", "done", "rate", "left"):
        table.add_column(column, justify="right")
    table.add_column("reads")
    for job in shown:
        table.add_row(
            Text(job.name, "bold"),
            Text(job.state, _STYLES.get(job.state, "dim")),
            f"{job.extracted + job.dead_letters} of {job.articles}",
            f"{job.share:.0%}" if job.share in {0.0, 1.0} else f"{job.share:.1%}",
            f"{job.rate:.1f}/s" if job.rate else "",
            duration(job.left_s) if job.state == "running" and job.left_s is not None else "",
            Text(reads(job), "dim"),
        )
    out.print(table)


def reads(job: ReplayView) -> str:
    """The articles that a replay reads, in a few words."""
    since = job.since if job.since != "earliest" else "the beginning"
    until = job.until or when(job.created_at)
    parts = [f"{'published ' if job.by == 'published' else ''}from {since} until {until}"]
    named = {
        "publisher": job.publisher,
        "feed": job.feed,
        "language": job.language,
        "match": job.match,
    }
    parts += [f"{name} {value}" for name, value in named.items() if value is not None]
    return ", ".join(parts)


def print_job(job: ReplayView) -> None:
    """One replay in full, with the commands that apply to it."""
    rows = {
        "state": f"{job.state}, {job.share:.1%} done",
        "reads": reads(job),
        "articles": f"{job.extracted} of {job.articles} extracted, {job.dead_letters} dead letters",
        "into": job.into,
        "begun": when(job.created_at),
        "at work for": duration(job.worked_s),
    }
    if job.processes:
        limit = f", {job.rate_limit:g} at most" if job.rate_limit else ""
        rows["processes"] = str(job.processes)
        rows["rate"] = f"{job.rate or 0:.1f} articles a second{limit}"
        rows["left"] = "unknown" if job.left_s is None else duration(job.left_s)
    out = console()
    out.print(Text(job.name, "bold underline"))
    _print_rows(rows)
    out.print(Text(f"\n{_next_steps(job)}", "dim"))


def _next_steps(job: ReplayView) -> str:
    read = f"read it:      onrecord subscribe quotes --topic {job.into} --from earliest --until end"
    if job.state == "done":
        return (
            f"{read}\n"
            f"compare it:   onrecord compare extractions {job.name}\n"
            f"promote it:   onrecord promote {job.name}\n"
            f"delete it:    onrecord replay drop {job.name}"
        )
    if job.state == "cancelled":
        return f"{read}\ndelete it:    onrecord replay drop {job.name}"
    if job.state == "running":
        return f"pause it:     onrecord replay pause {job.name}"
    return f"go on:        onrecord replay resume {job.name}"


def _print_rows(rows: dict[str, str]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, Text(value))
    console().print(table)


# ── a replay that is only thought of ─────────────────────────────────────────────────────────


class _FeedCount(msgspec.Struct, frozen=True, kw_only=True):
    feed: str | None
    publisher: str | None
    articles: int


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay would do. `rate` is the expected one: as measured, or as limited."""

    articles: int
    entered_from: datetime | None
    entered_until: datetime | None
    published_from: datetime | None
    published_until: datetime | None
    undated: int
    unreadable: int
    feeds: list[_FeedCount]
    measured_rate: float | None
    rate: float | None
    takes_s: float | None


def print_plan(job: ReplayJob, found: Survey, measured: float | None, *, pretty: bool) -> None:
    """How many articles, from when to when, from which feeds, and how long it would take."""
    plan = _plan(job, found, measured)
    if not pretty:
        write_json([plan])
        return
    rows = {"articles": str(plan.articles)}
    if found.entered:
        rows["entered"] = f"{when(found.entered[0])} to {when(found.entered[1])}"
    if found.published:
        undated = f", {found.undated} without a date" if found.undated else ""
        rows["published"] = f"{when(found.published[0])} to {when(found.published[1])}{undated}"
    if found.unreadable:
        rows["unreadable"] = f"{found.unreadable}, which become dead letters"
    if plan.rate and plan.takes_s is not None:
        limited = " (as limited)" if job.rate and plan.rate == job.rate else " (as measured)"
        rows["rate"] = f"{plan.rate:.1f} articles a second{limited}"
        rows["takes"] = f"about {duration(plan.takes_s)}"
    _print_rows(rows)
    _print_feeds(plan.feeds)


def _plan(job: ReplayJob, found: Survey, measured: float | None) -> _Plan:
    rates = [rate for rate in (measured, job.rate) if rate is not None]
    rate = min(rates, default=None)
    entered, published = found.entered or (None, None), found.published or (None, None)
    return _Plan(
        articles=found.articles,
        entered_from=entered[0],
        entered_until=entered[1],
        published_from=published[0],
        published_until=published[1],
        undated=found.undated,
        unreadable=found.unreadable,
        feeds=[
            _FeedCount(feed=feed, publisher=publisher, articles=count)
            for (feed, publisher), count in found.feeds.most_common()
        ],
        measured_rate=None if measured is None else round(measured, 2),
        rate=None if rate is None else round(rate, 2),
        takes_s=round(found.articles / rate, 1) if rate else None,
    )


def _print_feeds(feeds: Sequence[_FeedCount]) -> None:
    if not feeds:
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("articles", justify="right")
    table.add_column("publisher")
    table.add_column("feed", overflow="fold")
    for one in feeds[:_FEEDS_SHOWN]:
        table.add_row(str(one.articles), one.publisher or "", Text(one.feed or "imported", "dim"))
    out = console()
    out.print()
    out.print(table)
    if len(feeds) > _FEEDS_SHOWN:
        out.print(Text(f"and {len(feeds) - _FEEDS_SHOWN} more feeds", "dim"))
