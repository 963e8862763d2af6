"""Whether a process is live and ready."""

from onrecord.health import Health


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_part_that_has_not_begun_is_live_and_not_ready() -> None:
    health = Health(Time())
    health.part("extract", late_s=30)
    report = health.report()
    assert (report.is_live, report.is_ready) == (True, False)
    assert report.problems == {"extract": "has not begun"}


def test_a_part_that_shows_signs_of_life_is_ready() -> None:
    time = Time()
    health = Health(time)
    alive = health.part("extract", late_s=30)
    for _ in range(10):
        time.now += 25
        alive()
    assert health.report().is_ready


def test_a_part_that_falls_silent_is_not_live() -> None:
    time = Time()
    health = Health(time)
    health.part("extract", late_s=30)()
    health.part("poll", late_s=60)()
    time.now += 31
    report = health.report()
    assert (report.is_live, report.is_ready, health.late()) == (False, False, 1)
    assert report.problems == {"extract": "no sign of life for 31 s"}


def test_a_part_that_never_begins_is_not_live_in_the_end() -> None:
    time = Time()
    health = Health(time)
    health.part("poll", late_s=60)
    time.now += 61
    assert not health.report().is_live


def test_waiting_for_the_log_is_live_and_not_ready() -> None:
    health = Health(Time())
    health.part("extract", late_s=30)()
    health.log_answers("kafka://a:9092 does not answer")
    report = health.report()
    assert (report.is_live, report.is_ready) == (True, False)
    assert report.problems == {"log": "kafka://a:9092 does not answer"}
    health.log_answers(None)
    assert health.report().is_ready


def test_a_part_that_has_ended_is_not_waited_for() -> None:
    time = Time()
    health = Health(time)
    health.part("poll", late_s=5)()
    health.ended("poll")
    time.now += 1000
    assert health.report().is_ready


def test_a_part_that_an_error_ended_is_named_and_needs_no_restart() -> None:
    time = Time()
    health = Health(time)
    health.part("extract", late_s=30)()
    health.part("people", late_s=30)
    health.failed("people", "this user must not write")
    time.now += 29
    report = health.report()
    assert (report.is_live, report.is_ready) == (True, False)
    assert report.problems == {"people": "this user must not write"}
