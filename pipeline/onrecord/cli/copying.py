"""`onrecord copy`: all topics from one log into another."""

from collections import Counter
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.options import ConfigOption, settings
from onrecord.cli.output import say
from onrecord.cli.progress import Pace
from onrecord.cli.signals import INTERRUPTED, Stop, stopping
from onrecord.errors import Mistake
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import GroupStatus, Log, Message
from onrecord.log.opening import is_there
from onrecord.processing.copying import Copying
from onrecord.processing.group_positions import CarriedGroup, carry_positions


def copy(
    source: Annotated[str, typer.Option("--from", help="The log to read.")],
    target: Annotated[str, typer.Option("--to", help="The log to write.")],
    config: ConfigOption = None,
) -> None:
    """Copy every topic under log.prefix into another log, with keys, headers and timestamps.

    Killed and started again, it continues; run later, it copies new records. Stop pollers first.
    A log that is away meanwhile is waited for.

    Example: onrecord copy --from sqlite:///data/onrecord.db --to sqlite:///data/copy.db
    """
    if source == target:
        raise Mistake(f"--to {target}: that is the log to read")
    if not is_there(source):
        raise Mistake(f"--from {source}: there is no such log")
    read, write = settings(config, source), settings(config, target)
    progress_topic, name = f"{write.log.prefix}.copies", wiring.copy_writer(write, source)
    backoff = Backoff(Outage(say), "copy")
    with (
        wiring.open_log(read) as here,
        wiring.open_log(write) as there,
        stopping(write, here, there) as stop,
    ):
        passed_over: Counter[str] = Counter()

        def pass_over(message: Message, reason: str) -> None:
            passed_over[message.topic] += 1
            say(f"{message.source} offset {message.offset} not copied: {reason}")

        copying = Copying(
            source=here,
            target=there,
            name=source,
            progress_topic=progress_topic,
            now=wiring.now,
            passed_over=pass_over,
        )
        found = here.topics(f"{read.log.prefix}.")
        # Progress is in offsets, which differ between logs: that of replays and that of people,
        # who are derived again in the other log, from the judgements. Positions of groups are
        # translated.
        names = wiring.topics_of(read)
        not_ours = {progress_topic, names.replays, names.people, names.positions}
        topics = [topic for topic in found if topic.name not in not_ours]
        copying.prepare({topic.name: topic.settings for topic in topics})
        for topic in topics:
            moved = _copy_topic(copying, topic.name, topic.records, name, backoff, stop)
            left_out = passed_over[topic.name]
            moved -= left_out
            note = f"; {left_out} passed over" if left_out else ""
            say(f"{topic.name}: {moved} records copied{note}")
            if stop():
                raise typer.Exit(INTERRUPTED)
        carried = backoff.answered(
            lambda: carry_positions(
                here,
                there,
                [topic.name for topic in topics],
                _groups_to_carry(here, read.log.prefix),
            ),
            stop,
        )
        _say_groups(carried or [])


def _groups_to_carry(log: Log, prefix: str) -> list[GroupStatus]:
    """The groups but for those of replays, which are not copied."""
    groups = log.groups(f"{prefix}.")
    return [group for group in groups if not group.name.startswith(f"{prefix}.replay.")]


def _say_groups(carried: list[CarriedGroup]) -> None:
    taken = [group.name for group in carried if group.problem is None]
    if taken:
        say(f"groups go on where they are: {', '.join(taken)}")
    for group in carried:
        if group.problem is not None:
            say(f"group {group.name} was not taken along: {group.problem}")


def _copy_topic(
    copying: Copying, topic: str, count: int, name: str, backoff: Backoff, stop: Stop
) -> int:
    moved: list[int] = []
    with Pace(f"copying {topic}", count, say=say) as pace:

        def copied(records: int) -> None:
            backoff.reset()
            moved.append(records)
            pace.add(records)

        def go_on() -> None:
            # A new writer of the name settles what became of the last transaction: only then is it
            # known how far the copy came.
            with copying.target.writer(name) as writer:
                copying.run(topic, writer, copied=copied, stopped=stop)

        backoff.answered(go_on, stop)
    return sum(moved)
