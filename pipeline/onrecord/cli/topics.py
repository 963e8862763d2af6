"""`onrecord topics`: how topics keep records, and changing it."""

import sys
from dataclasses import replace
from typing import Annotated

import msgspec
import typer

from onrecord import wiring
from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.output import say, show
from onrecord.cli.topic_view import (
    ListedTopic,
    kept,
    listed_topic,
    print_topics,
    records,
    shown_size,
)
from onrecord.config import Config
from onrecord.errors import Mistake, UnknownTopic
from onrecord.log.interface import Log, TopicSettings, TopicStatus
from onrecord.topics import Topics

app = typer.Typer(help="The topics of the log: list, describe, alter.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A topic, by its short or whole name.")]
_DAY_S = 86_400


class _Described(ListedTopic, frozen=True, kw_only=True):
    """A topic in full: begin and end of each partition, and the lag of each group."""

    bounds: dict[int, tuple[int, int]]
    groups: dict[str, int]


@app.command("list")
def list_topics(
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show the topics under log.prefix.

    Example: onrecord topics list
    """
    loaded = settings(config, log)
    with wiring.open_to_read(loaded) as opened:
        different = wiring.differences(loaded, opened)
        listed = [
            listed_topic(topic, different.get(topic.name, []))
            for topic in opened.topics(f"{loaded.log.prefix}.")
        ]
    if is_pretty(format):
        print_topics(listed, now=wiring.now())
        return
    for topic in listed:
        sys.stdout.buffer.write(msgspec.json.encode(topic) + b"\n")


@app.command("describe")
def describe(
    name: Name,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show a topic: its settings, partitions and readers.

    Example: onrecord topics describe articles
    """
    loaded = settings(config, log)
    with wiring.open_to_read(loaded) as opened:
        topic = _topic(loaded, opened, name)
        different = wiring.differences(loaded, opened).get(topic.name, [])
        described = _Described(
            **msgspec.structs.asdict(listed_topic(topic, different)),
            bounds=dict(topic.bounds),
            groups=_lags(opened, topic.name),
        )
    if is_pretty(format):
        _print(described)
    else:
        sys.stdout.buffer.write(msgspec.json.encode(described) + b"\n")


@app.command("alter", short_help="Change how a topic keeps records.")
def alter(
    name: Name,
    partitions: Annotated[
        int | None, typer.Option(min=1, max=1000, help="More partitions; never fewer.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=0, help="Days that records are kept; 0 is for ever.")
    ] = None,
    max_bytes: Annotated[
        int | None, typer.Option(min=0, help="Bytes kept of the whole topic; 0 is any number.")
    ] = None,
    max_record_bytes: Annotated[
        int | None, typer.Option(min=1, help="The largest record that is taken, in bytes.")
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Change how a topic keeps records, while everything runs.

    More partitions let more workers share a topic. Older records stay where they are; a key's new
    ones may go to another partition. Records older than a shorter limit are removed for good.

    Example: onrecord topics alter extractions --days 0
    """
    loaded = settings(config, log)
    if partitions is days is max_bytes is max_record_bytes is None:
        raise Mistake("say what to change: --partitions, --days, --max-bytes, --max-record-bytes")
    # A log in a file is not made: there is no topic to change in a new one.
    with wiring.open_to_read(loaded) as opened:
        topic = _topic(loaded, opened, name)
        before = topic.settings
        after = replace(
            before,
            partitions=before.partitions if partitions is None else partitions,
            retention_s=before.retention_s if days is None else days * _DAY_S or None,
            retention_bytes=before.retention_bytes if max_bytes is None else max_bytes or None,
            max_record_bytes=(
                before.max_record_bytes if max_record_bytes is None else max_record_bytes
            ),
        )
        _check(topic.name, before, after)
        if after == before:
            say(f"{topic.name} is like that already")
            return
        opened.alter_topic(topic.name, after)
        different = wiring.differences(loaded, opened).get(topic.name, [])
    _say_what_changed(topic.name, before, after, wiring.topics_of(loaded))
    if different:
        say(f"it is not as configured now: {', '.join(different)}; change [log] too")


def _topic(config: Config, log: Log, name: str) -> TopicStatus:
    topic = wiring.topic_named(config, log, name)
    for status in log.topics(topic):
        if status.name == topic:
            return status
    raise UnknownTopic(topic)


def _lags(log: Log, topic: str) -> dict[str, int]:
    lags = {}
    for group in log.groups(topic):
        of_topic = [lag for partition, lag in group.lag.items() if partition.topic == topic]
        if of_topic:
            lags[group.name] = sum(of_topic)
    return lags


def _check(name: str, before: TopicSettings, after: TopicSettings) -> None:
    """Raise Mistake for what would lose the state of feeds."""
    limits = (after.retention_s, after.retention_bytes)
    if after.compacted and any(limits) and limits != (before.retention_s, before.retention_bytes):
        raise Mistake(
            f"{name} keeps the newest record of each key: with a limit of age or size, feeds would "
            "be forgotten"
        )


def _say_what_changed(
    name: str, before: TopicSettings, after: TopicSettings, topics: Topics
) -> None:
    if after.partitions != before.partitions:
        say(f"{name} has {after.partitions} partitions now, {before.partitions} before")
        if name in {topics.feeds, topics.feed_states}:
            say("feeds and their states stay where they are; new feeds use all partitions")
        else:
            say(
                "records stay where they are, and a key's next ones may go to another partition: "
                "while older ones wait, a new revision of an article can be read before them"
            )
        say("running processes share the new partitions within seconds; nothing is restarted")
    if (after.retention_s, after.retention_bytes) != (before.retention_s, before.retention_bytes):
        say(f"{name} keeps records {_limits(after)} now, {_limits(before)} before")
    if after.max_record_bytes != before.max_record_bytes:
        say(f"{name} takes records of up to {after.max_record_bytes:,} bytes now")


def _limits(kept_so: TopicSettings) -> str:
    age = "for ever" if kept_so.retention_s is None else f"{kept_so.retention_s // _DAY_S} days"
    size = kept_so.retention_bytes
    return age if size is None else f"{age} and up to {shown_size(size)}"


def _print(topic: _Described) -> None:
    show(topic.name)
    show(f"  kept: {kept(topic)}")
    show(f"  records: {records(topic)}, {shown_size(topic.size_bytes)}")
    show(f"  largest record: {topic.max_record_bytes:,} bytes")
    for different in topic.differences:
        show(f"  not as configured: {different}")
    for number, (begin, end) in sorted(topic.bounds.items()):
        show(f"  partition {number}: offsets {begin} to {end}")
    for group, lag in sorted(topic.groups.items()):
        show(f"  group {group}: {lag:,} records to go")
