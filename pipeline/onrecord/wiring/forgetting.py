"""Forgetting, as configured."""

import time
from collections.abc import Iterator

from onrecord.config import Config
from onrecord.log.interface import Log
from onrecord.processing.forgetting import Forgetting
from onrecord.wiring.opening import extract_group, promote_group, topics_of
from onrecord.wiring.replaying import replays

# More than a process needs from its look at what was forgotten to its commit.
_COMMIT_S = 2.0


def forgetter(config: Config, log: Log) -> Forgetting:
    """What takes articles and quotes out of a log."""

    def let_commit() -> None:
        if any(log.members(group) for group in publishing_groups(config, log)):
            time.sleep(_COMMIT_S)

    return Forgetting(log, topics_of(config), let_commit=let_commit)


def publishing_groups(config: Config, log: Log) -> Iterator[str]:
    """The groups whose members publish extractions: live, in a replay, and by its promotion."""
    yield extract_group(config)
    known = replays(config, log)
    yield from (known.group(name) for name in known.all())
    for topic in log.topics(topics_of(config).replay("")):
        yield promote_group(config, topic.name)
