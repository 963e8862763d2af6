"""A step takes about a second, whatever its records and the machine."""

from onrecord.log.step_size import StepSize


def steps(size: StepSize, *, record_s: float, count: int) -> list[float]:
    """The seconds of steps in which each record takes as long."""
    took = []
    for _ in range(count):
        seconds = size.records * record_s
        size.took(seconds, size.records)
        took.append(seconds)
    return took


def test_slow_steps_become_smaller_and_quick_ones_larger_again() -> None:
    size = StepSize(500)
    assert steps(size, record_s=0.02, count=3) == [2.0, 1.0, 1.0]
    assert steps(size, record_s=0.0001, count=2)[-1] == 0.05
    assert size.records == 500


def test_a_step_always_moves_on_and_an_empty_one_tells_nothing() -> None:
    size = StepSize(500)
    size.took(3600.0, 500)
    assert size.records == 10
    size.took(3600.0, 0)
    assert size.records == 10
    small = StepSize(2)
    small.took(3600.0, 2)
    assert small.records == 2
