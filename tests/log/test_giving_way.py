"""Giving way to a process that published first."""

from itertools import pairwise

import pytest

from onrecord.errors import LogUnavailable, Overtaken
from onrecord.log.giving_way import retry_when_overtaken


def test_one_who_is_always_overtaken_pauses_longer_each_time_and_then_backs_off() -> None:
    attempts: list[object] = []
    pauses: list[float] = []

    def attempt() -> None:
        attempts.append(None)
        raise Overtaken("faster")

    with pytest.raises(LogUnavailable, match="faster, 4 times in succession"):
        retry_when_overtaken(attempt, pauses.append)
    assert (len(attempts), len(pauses)) == (4, 3)
    assert all(later > earlier for earlier, later in pairwise(pauses))
    assert pauses[0] > 0
