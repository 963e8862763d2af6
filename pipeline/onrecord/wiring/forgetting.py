"""Forgetting, as configured."""

import time

from onrecord.config import Config
from onrecord.log.interface import Log
from onrecord.processing.forgetting import Forgetting
from onrecord.wiring.opening import extract_group, topics_of

# More than an extractor needs from its look at what was forgotten to its commit.
_COMMIT_S = 2.0


def forgetter(config: Config, log: Log) -> Forgetting:
    """What takes articles and quotes out of a log."""

    def let_commit() -> None:
        if log.members(extract_group(config)):
            time.sleep(_COMMIT_S)

    return Forgetting(log, topics_of(config), let_commit=let_commit)
