"""A long job says how far it is: now and then, and how long it still takes."""

import pytest

from onrecord.cli.progress import Pace, duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (61, "1 min 1 s"),
        (3599, "59 min"),
        (3661, "1 h 1 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_length_of_time_has_the_two_units_that_matter(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_line_comes_when_it_is_time_for_one() -> None:
    said: list[str] = []
    now = 0.0
    with Pace("replaying", 200, say=said.append, every_s=30, clock=lambda: now) as pace:
        pace.done(0, None)
        now = 31
        pace.done(0, None)
        pace.add(50, 10.0)
        now = 62
        pace.add(50, 10.0)
    assert said == [
        "replaying: 0 of 200 (0%), getting ready",
        "replaying: 100 of 200 (50%), 10.0 a second, 10 s left",
    ]


def test_without_a_recent_rate_the_mean_of_this_attempt_counts() -> None:
    said: list[str] = []
    now = 0.0
    with Pace("copying", 250, start=50, say=said.append, every_s=30, clock=lambda: now) as pace:
        now = 50
        pace.add(100)
    assert said == ["copying: 150 of 250 (60%), 2.0 a second, 50 s left"]


def test_a_total_that_is_not_known_yet_is_left_out() -> None:
    said: list[str] = []
    now = 0.0
    with Pace("comparing", None, say=said.append, every_s=30, clock=lambda: now) as pace:
        now = 40
        pace.done(80)
        now = 80
        pace.done(160, of=200)
    assert said == [
        "comparing: 80, 2.0 a second",
        "comparing: 160 of 200 (80%), 2.0 a second, 20 s left",
    ]
