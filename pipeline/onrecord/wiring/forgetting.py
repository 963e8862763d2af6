"""Forgetting, as configured."""

from onrecord.config import Config
from onrecord.log.interface import Log
from onrecord.processing.forgetting import Forgetting
from onrecord.wiring.opening import topics_of


def forgetter(config: Config, log: Log) -> Forgetting:
    """What takes articles and quotes out of a log."""
    return Forgetting(log, topics_of(config))
