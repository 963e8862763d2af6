"""A step takes some seconds at most, whatever its records and the machine, and is never small."""

from onrecord.log.step_size import StepSize


def steps(size: StepSize, *, record_s: float, step_s: float = 0.0, count: int) -> list[int]:
    """The records of steps which take a time of their own and one for each record."""
    taken = []
    for _ in range(count):
        size.took(step_s + size.records * record_s, size.records)
        taken.append(size.records)
    return taken


def test_slow_steps_become_smaller_and_quick_ones_larger_again() -> None:
    size = StepSize(500)
    assert size.records == 500
    assert steps(size, record_s=0.01, count=2) == [200, 200]
    assert steps(size, record_s=0.0001, count=1) == [500]


def test_what_a_step_costs_by_itself_does_not_make_it_small() -> None:
    assert steps(StepSize(500), record_s=0.002, step_s=0.9, count=20)[-1] == 500
    assert steps(StepSize(500), record_s=0.002, step_s=60.0, count=20)[-1] == 100
    size = StepSize(3)
    assert [size.records, *steps(size, record_s=60.0, count=2)] == [3, 1, 1]
    size.took(60.0, 0)
    assert size.records == 1


def test_even_steps_are_all_as_large() -> None:
    size = StepSize(2000, is_even=True)
    assert [size.records, *steps(size, record_s=1.0, count=2)] == [2000, 2000, 2000]
