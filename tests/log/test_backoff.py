"""That the log is away is said once, whoever waits for it."""

from onrecord.errors import LogUnavailable
from onrecord.log.backoff import Backoff, Outage

AWAY = LogUnavailable("no answer")


def test_the_first_part_that_waits_says_so_and_the_last_that_it_is_over() -> None:
    said: list[str] = []
    outage = Outage(said.append)
    outage.note("poll", None)
    outage.note("poll", AWAY)
    outage.note("extract", AWAY)
    outage.note("poll", AWAY)
    assert said == ["the log does not answer, waiting for it: no answer"]
    outage.note("poll", None)
    assert len(said) == 1
    outage.note("extract", None)
    assert said[1:] == ["the log answers again"]


def test_a_log_that_is_away_is_asked_until_it_answers_or_nobody_wants_to_know() -> None:
    said: list[str] = []
    answers: list[Exception | int] = [AWAY, AWAY, 7]

    def ask() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    backoff = Backoff(Outage(said.append), "poll")
    assert backoff.answered(ask, lambda: False) == 7
    assert said[-1] == "the log answers again"
    answers += [AWAY, AWAY]
    assert backoff.answered(ask, lambda: True) is None
    assert answers == [AWAY]


def test_a_wait_ends_at_once_when_stopped() -> None:
    said: list[str] = []
    Backoff(Outage(said.append), "poll").wait(AWAY, lambda: True)
    assert said == []  # it concerns nobody any more
