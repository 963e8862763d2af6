"""Fixtures that several parts use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from onrecord.log.interface import Log, SessionPolicy, TopicSettings
from onrecord.log.opening import open_log
from onrecord.topics import Topics

TOPICS = Topics()

# How long an example takes says more of the machine's load than of the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A SQLite log on disk with onrecord's topics, of four partitions each."""
    with open_log(f"sqlite:///{tmp_path}/log.db", session=SessionPolicy(session_s=60.0)) as opened:
        for name in (TOPICS.articles, TOPICS.extractions, TOPICS.dead_letters):
            opened.create_topic(name, TopicSettings(partitions=4))
        for name in (TOPICS.feeds, TOPICS.feed_states):
            opened.create_topic(name, TopicSettings(partitions=4, compacted=True))
        yield opened
