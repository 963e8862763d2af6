"""`onrecord status`: topics, positions, lag and feed health at a glance."""

import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import msgspec
from rich.table import Table
from rich.text import Text

from pipeline import wiring
from pipeline.cli.feeds import health
from pipeline.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from pipeline.cli.render import console
from pipeline.log.interface import GroupStatus, TopicStatus
from pipeline.processing.ledger import feed_statuses


class _Topic(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    partitions: int
    records: int
    size_bytes: int
    compacted: bool
    retention_s: int | None


class _Group(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    members: Mapping[str, int]
    lag: int
    waiting_since: datetime | None


class _Status(msgspec.Struct, frozen=True, kw_only=True):
    log: str
    topics: list[_Topic]
    groups: list[_Group]
    feeds: Mapping[str, int]
    oldest_unprocessed_s: float | None


def status(
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show topics, consumer groups with their lag, and the health of feeds.

    Example: onrecord status
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        groups = opened.groups()
        feeds = feed_statuses(opened, wiring.topics_of(loaded))
        extractors = [group for group in groups if group.name == wiring.extract_group(loaded)]
        shown = _Status(
            log=loaded.log.url,
            topics=[_topic(topic) for topic in opened.topics()],
            groups=[_group(group) for group in groups],
            feeds=Counter(health(state) for _, state in feeds),
            oldest_unprocessed_s=_age_s(extractors),
        )
    if is_pretty(format):
        _print(shown)
    else:
        sys.stdout.buffer.write(msgspec.json.encode(shown) + b"\n")


def _topic(topic: TopicStatus) -> _Topic:
    return _Topic(
        name=topic.name,
        partitions=topic.settings.partitions,
        records=topic.records,
        size_bytes=topic.size_bytes,
        compacted=topic.settings.compacted,
        retention_s=topic.settings.retention_s,
    )


def _group(group: GroupStatus) -> _Group:
    return _Group(
        name=group.name,
        members={name: len(partitions) for name, partitions in group.members.items()},
        lag=sum(group.lag.values()),
        waiting_since=group.waiting_since,
    )


def _age_s(groups: list[GroupStatus]) -> float | None:
    """How long the oldest article that is not yet extracted has waited."""
    since = [group.waiting_since for group in groups if group.waiting_since]
    return (wiring.now() - min(since)).total_seconds() if since else None


def _print(shown: _Status) -> None:
    out = console()
    out.print(Text(shown.log, "bold"))
    topics = Table("topic", "partitions", "records", "size", "kept")
    for topic in shown.topics:
        topics.add_row(
            topic.name,
            str(topic.partitions),
            f"{topic.records:,}",
            _size(topic.size_bytes),
            _kept(topic),
        )
    out.print(topics)
    groups = Table("group", "members", "lag", "waiting since")
    for group in shown.groups:
        waiting = (
            f"{group.waiting_since.astimezone():%Y-%m-%d %H:%M}" if group.waiting_since else ""
        )
        groups.add_row(group.name, str(len(group.members)), f"{group.lag:,}", waiting)
    out.print(groups)
    feeds = ", ".join(f"{count} {word}" for word, count in sorted(shown.feeds.items()))
    out.print(f"feeds: {feeds or 'none'}")
    if shown.oldest_unprocessed_s is not None:
        out.print(f"oldest article not yet extracted: {shown.oldest_unprocessed_s:.0f} s")


def _kept(topic: _Topic) -> str:
    if topic.compacted:
        return "newest of each key"
    return f"{topic.retention_s // 86_400} days" if topic.retention_s else "for ever"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
