"""How topics look: a table for people, and what programs are given of each."""

from datetime import datetime, timedelta

import msgspec
from rich.table import Table

from onrecord.cli.render import console
from onrecord.feeds.decisions.schedule import duration
from onrecord.log.interface import TopicStatus

_DAY_S = 86_400
# A transaction is usually open for milliseconds.
_LONG = timedelta(seconds=2)


class ListedTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic, as programs are given it. None keeps without a limit."""

    name: str
    partitions: int
    records: int
    records_estimated: bool
    size_bytes: int
    compacted: bool
    retention_s: int | None
    retention_bytes: int | None
    max_record_bytes: int
    differences: list[str]
    open_since: datetime | None = None


def listed_topic(topic: TopicStatus, differences: list[str]) -> ListedTopic:
    """A topic with what differs from the configuration."""
    return ListedTopic(
        name=topic.name,
        partitions=topic.settings.partitions,
        records=topic.records,
        records_estimated=topic.is_estimate,
        size_bytes=topic.size_bytes,
        compacted=topic.settings.compacted,
        retention_s=topic.settings.retention_s,
        retention_bytes=topic.settings.retention_bytes,
        max_record_bytes=topic.settings.max_record_bytes,
        differences=differences,
        open_since=topic.open_since,
    )


def print_topics(topics: list[ListedTopic], *, now: datetime) -> None:
    """A table of topics, and a line for each that is not as configured, or held up."""
    out = console()
    table = Table("topic", "partitions", "records", "size", "kept")
    for topic in topics:
        table.add_row(
            topic.name,
            str(topic.partitions),
            records(topic),
            shown_size(topic.size_bytes),
            kept(topic),
        )
    out.print(table)
    for topic in topics:
        if topic.differences:
            different = f"{topic.name} is not as configured: {', '.join(topic.differences)}"
            out.print(different, style="yellow", markup=False, highlight=False)
        if topic.open_since is not None and now - topic.open_since > _LONG:
            age = duration((now - topic.open_since).total_seconds())
            held = f"{topic.name}: readers wait for a transaction that was left open {age} ago"
            out.print(held, style="yellow", markup=False, highlight=False)


def records(topic: ListedTopic) -> str:
    """How many records a topic has; "about" where offsets were counted."""
    return f"about {topic.records:,}" if topic.records_estimated else f"{topic.records:,}"


def kept(topic: ListedTopic) -> str:
    """How long, and up to which size, a topic keeps records."""
    limits = ["newest of each key"] if topic.compacted else []
    if topic.retention_s is not None:
        whole = topic.retention_s % _DAY_S == 0
        limits.append(f"{topic.retention_s // _DAY_S} days" if whole else f"{topic.retention_s} s")
    if topic.retention_bytes is not None:
        limits.append(f"up to {shown_size(topic.retention_bytes)}")
    return ", ".join(limits) or "for ever"


def shown_size(size: float) -> str:
    """A number of bytes in three digits or four."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
