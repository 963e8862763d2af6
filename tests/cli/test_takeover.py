"""A process that lost its name is slow to come back, and no other."""

import pytest

from onrecord.cli.takeover import slow_to_return
from onrecord.errors import Fenced, LogBroken


class Clock:
    """Time that passes only in pauses."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def ended_at(error: Exception, *, age_s: float, stops_at: float = 1e9) -> tuple[float, list[str]]:
    """When a body that fails at some age is left, in seconds after it began, and what was said."""
    clock, said = Clock(), list[str]()

    def work() -> None:
        with slow_to_return(
            lambda: clock.now >= stops_at, said.append, clock=clock, pause=clock.pause
        ):
            clock.now += age_s
            raise error

    with pytest.raises(type(error)):
        work()
    return round(clock.now - 100.0, 1), said


def test_a_young_process_that_lost_its_name_ends_when_a_minute_is_over() -> None:
    at, [line] = ended_at(Fenced("extract@same"), age_s=4)
    assert at == pytest.approx(60, abs=0.2)
    assert "'extract@same' is in use by another process (log.name)" in line
    assert "ends in 56 s" in line


def test_an_old_one_and_any_other_error_end_at_once() -> None:
    assert ended_at(Fenced("extract@same"), age_s=3600) == (3600, [])
    assert ended_at(LogBroken("full"), age_s=4) == (4, [])


def test_one_that_is_told_to_end_does_not_wait() -> None:
    at, _ = ended_at(Fenced("extract@same"), age_s=4, stops_at=110)
    assert at == pytest.approx(10, abs=0.2)
    assert ended_at(Fenced("extract@same"), age_s=4, stops_at=0) == (4, [])
