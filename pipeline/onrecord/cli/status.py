"""`onrecord status`: topics, positions, lag and feed health at a glance."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from onrecord import wiring
from onrecord.alerts.searches import sends
from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.render import console
from onrecord.cli.topic_view import ListedTopic, listed_topic, print_topics
from onrecord.config import Config
from onrecord.errors import (
    ArchiveBroken,
    ArchiveRefused,
    ArchiveUnavailable,
    LogRefused,
    UnknownTopic,
)
from onrecord.feeds.decisions.freshness import Freshness, freshness_of
from onrecord.feeds.decisions.schedule import duration
from onrecord.log.interface import GroupStatus, Log
from onrecord.people.progress import extractions_left
from onrecord.processing.feeds.listed import health
from onrecord.processing.feeds.subscriptions import feed_statuses
from onrecord.records import Feed, FeedState
from onrecord.topics import Topics


class _Share(msgspec.Struct, frozen=True, kw_only=True):
    """One partition of a group. `position` is None where it never committed."""

    topic: str
    partition: int
    position: int | None
    lag: int
    member: str | None


class _Group(msgspec.Struct, frozen=True, kw_only=True):
    """A consumer group; `is_joined` is False for the archive's, which only shows positions."""

    name: str
    is_joined: bool
    members: Mapping[str, int]
    lag: int
    waiting_since: datetime | None
    partitions: list[_Share]


class _Archive(msgspec.Struct, frozen=True, kw_only=True):
    """The archive. `lag` counts records of the log that it has not read; None: not known."""

    url: str
    quotes: int
    articles: int
    size_bytes: int
    newest: datetime | None
    skipped: int
    lag: int | None


class _People(msgspec.Struct, frozen=True, kw_only=True):
    """How far people are derived: the extractions that are left."""

    extractions_left: int


class _Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """Saved searches: all, those that send, those that ended; and the alerts of all of them."""

    searches: int
    sending: int
    ended: int
    sent: int
    waiting: int
    waiting_since: datetime | None


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """What `status --format json` prints.

    `archive_fault` is why the archive cannot be read, if only because none was made yet.
    """

    log: str
    topics: list[ListedTopic]
    groups: list[_Group]
    feeds: Mapping[str, int]
    lateness: Freshness
    archive: _Archive | None
    archive_fault: str | None
    people: _People | None
    alerts: _Alerts | None
    oldest_unprocessed_s: float | None


def status(
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
    partitions: Annotated[
        bool, typer.Option("--partitions", help="Show each partition with its owner.")
    ] = False,
) -> None:
    """Show topics, consumer groups with their lag, and the health of feeds.

    Topics are those under log.prefix, groups those that read them.

    Example: onrecord status
    """
    loaded = settings(config, log)
    with wiring.open_to_read(loaded) as opened:
        shown = status_of(loaded, opened)
    if is_pretty(format):
        _print(shown, partitions=partitions)
    else:
        sys.stdout.buffer.write(msgspec.json.encode(shown) + b"\n")


def status_of(loaded: Config, opened: Log) -> StatusView:
    """Topics, groups and feeds as they are now."""
    ours = f"{loaded.log.prefix}."
    groups = opened.groups(ours)
    different = wiring.differences(loaded, opened)
    feeds = _feeds(opened, wiring.topics_of(loaded))
    extractors = [group for group in groups if group.name == wiring.extract_group(loaded)]
    archive, archive_fault = _archive(loaded, groups)
    return StatusView(
        log=loaded.log.url,
        topics=[
            listed_topic(topic, different.get(topic.name, [])) for topic in opened.topics(ours)
        ],
        groups=[_group(loaded, group) for group in groups],
        feeds=Counter(health(feed, state) for feed, state in feeds),
        lateness=freshness_of(state for _, state in feeds),
        archive=archive,
        archive_fault=archive_fault,
        people=_people(opened, wiring.topics_of(loaded)),
        alerts=_alerts(loaded, opened),
        oldest_unprocessed_s=_age_s(extractors),
    )


def _feeds(log: Log, topics: Topics) -> list[tuple[Feed, FeedState]]:
    """The feeds, none where the topics that tell of them are not made yet, or not for us to see."""
    try:
        return feed_statuses(log, topics)
    except (UnknownTopic, LogRefused):
        return []


def _people(log: Log, topics: Topics) -> _People | None:
    """How far people are derived; None where there are no extractions, or not for us to see."""
    try:
        left = extractions_left(log, topics)
    except LogRefused:
        return None
    return None if left is None else _People(extractions_left=left)


def _archive(config: Config, groups: Sequence[GroupStatus]) -> tuple[_Archive | None, str | None]:
    """The archive, or why it cannot be read; neither where none is kept."""
    if not wiring.keeps_archive(config):
        return None, None
    try:
        with wiring.open_archive(config) as archive:
            found = archive.status()
    except (ArchiveRefused, ArchiveBroken, ArchiveUnavailable) as error:
        return None, str(error)
    name = wiring.archive_group(config)
    shown = _Archive(
        url=found.url,
        quotes=found.quotes,
        articles=found.articles,
        size_bytes=found.size_bytes,
        newest=found.newest,
        skipped=found.skipped,
        lag=next((sum(group.lag.values()) for group in groups if group.name == name), None),
    )
    return shown, None


def _alerts(config: Config, log: Log) -> _Alerts | None:
    """The saved searches; None where nobody has saved one, or they are not for us to see."""
    try:
        found = wiring.search_standings(config, log)
    except LogRefused:
        return None
    if not found:
        return None
    since = [one.waiting_since for one in found if one.waiting_since]
    return _Alerts(
        searches=len(found),
        sending=sum(sends(one.search) for one in found),
        ended=sum(one.search.ended is not None for one in found),
        sent=sum(one.sent for one in found),
        waiting=sum(one.waiting for one in found),
        waiting_since=min(since, default=None),
    )


def _group(config: Config, group: GroupStatus) -> _Group:
    return _Group(
        name=group.name,
        is_joined=group.name != wiring.archive_group(config),
        members={name: len(partitions) for name, partitions in group.members.items()},
        lag=sum(group.lag.values()),
        waiting_since=group.waiting_since,
        partitions=_shares(group),
    )


def _shares(group: GroupStatus) -> list[_Share]:
    owners = {partition: name for name, held in group.members.items() for partition in held}
    return [
        _Share(
            topic=partition.topic,
            partition=partition.number,
            position=group.positions.get(partition),
            lag=lag,
            member=owners.get(partition),
        )
        for partition, lag in sorted(group.lag.items())
    ]


def _age_s(groups: list[GroupStatus]) -> float | None:
    """How long the oldest article that is not yet extracted has waited."""
    since = [group.waiting_since for group in groups if group.waiting_since]
    return (wiring.now() - min(since)).total_seconds() if since else None


def _print(shown: StatusView, *, partitions: bool) -> None:
    out = console()
    out.print(Text(shown.log, "bold"))
    print_topics(shown.topics, now=wiring.now())
    groups = Table("group", "members", "lag", "waiting since")
    for group in shown.groups:
        waiting = (
            f"{group.waiting_since.astimezone():%Y-%m-%d %H:%M}" if group.waiting_since else ""
        )
        members = str(len(group.members)) if group.is_joined else ""
        groups.add_row(group.name, members, f"{group.lag:,}", waiting)
    out.print(groups)
    if partitions:
        out.print(_partitions(shown.groups))
    feeds = ", ".join(f"{count} {word}" for word, count in sorted(shown.feeds.items()))
    out.print(f"feeds: {feeds or 'none'}")
    if shown.lateness.delay_s is not None and shown.lateness.delay_s_95 is not None:
        out.print(
            f"entries are on the topic {duration(shown.lateness.delay_s)} after publication "
            f"(95 in 100 feeds: {duration(shown.lateness.delay_s_95)}), "
            f"{shown.lateness.prompt or 0.0:.0%} of them within one interval"
        )
    if shown.lateness.losing:
        out.print(f"{shown.lateness.losing} feeds lose entries: they come and go between two polls")
    if shown.archive is not None:
        out.print(Text(_told(shown.archive)))
    if shown.archive_fault is not None:
        out.print(Text(f"archive: {shown.archive_fault}"))
    if shown.people is not None:
        left = shown.people.extractions_left
        out.print(f"people: {left:,} extractions not derived yet" if left else "people: up to date")
    if shown.alerts is not None:
        out.print(_told_of(shown.alerts))
    if shown.oldest_unprocessed_s is not None:
        out.print(f"oldest article not yet extracted: {shown.oldest_unprocessed_s:.0f} s")


def _told(archive: _Archive) -> str:
    newest = (
        "" if archive.newest is None else f", up to {archive.newest.astimezone():%Y-%m-%d %H:%M}"
    )
    behind = f", {archive.lag:,} records behind the log" if archive.lag else ""
    skipped = f", {archive.skipped:,} records left out" if archive.skipped else ""
    return (
        f"archive: {archive.quotes:,} quotes of {archive.articles:,} articles{newest}, "
        f"{archive.size_bytes / 1e6:,.1f} MB{behind}{skipped}"
    )


def _told_of(alerts: _Alerts) -> str:
    ended = f", {alerts.ended} ended" if alerts.ended else ""
    since = alerts.waiting_since
    at = "" if since is None else f"{since.astimezone():%Y-%m-%d %H:%M}"
    waiting = f", {alerts.waiting:,} waiting since {at}" if at else ""
    return (
        f"alerts: {alerts.searches} saved searches, {alerts.sending} send{ended}; "
        f"{alerts.sent:,} sent{waiting}"
    )


def _partitions(groups: list[_Group]) -> Table:
    table = Table("group", "partition", "position", "lag", "member")
    for group in groups:
        for share in group.partitions:
            where = f"{share.topic}/{share.partition}"
            position = "" if share.position is None else str(share.position)
            table.add_row(group.name, where, position, f"{share.lag:,}", share.member or "")
    return table
