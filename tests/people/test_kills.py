"""Killed at any moment, on a log in a file."""

from pathlib import Path

from onrecord.log.interface import SessionPolicy
from onrecord.log.opening import open_log
from onrecord.topics import Topics
from tests.people import kills

TOPICS = Topics("desk")


def test_a_killed_keeper_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/log.db"
    with open_log(url, session=SessionPolicy(session_s=2.0)) as log:
        kills.a_killed_keeper_loses_nothing_and_counts_nothing_twice(log, TOPICS, url)


def test_merges_killed_at_any_moment_are_judged_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/log.db"
    with open_log(url, session=SessionPolicy(session_s=2.0)) as log:
        kills.merges_killed_at_any_moment_are_judged_once(log, TOPICS, url)
