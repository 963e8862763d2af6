"""When feeds are asked again, whatever servers wish and however often they fail."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.schedule import (
    NO_WISHES,
    Failure,
    PollPolicy,
    ServerWishes,
    failure_of,
    is_due,
    next_poll_at,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = PollPolicy()
NEVER_MORE = PollPolicy(usual_interval_s=0, shortest_interval_s=0, longest_interval_s=0)

seconds = st.none() | st.floats(min_value=-1e6, max_value=1e9)
wishes = st.builds(ServerWishes, retry_after_s=seconds, max_age_s=seconds, expires_s=seconds)
intervals = st.lists(st.floats(min_value=0, max_value=1e7), min_size=3, max_size=3).map(sorted)
policies = st.builds(
    lambda three, jitter: PollPolicy(
        shortest_interval_s=three[0],
        usual_interval_s=three[1],
        longest_interval_s=three[2],
        jitter=jitter,
    ),
    intervals,
    st.floats(min_value=0, max_value=1),
)
jitters = st.floats(min_value=0, max_value=1, exclude_max=True)
failures = st.none() | st.sampled_from(Failure)


def wait_s(policy: PollPolicy = POLICY, wish: ServerWishes = NO_WISHES, **more: object) -> float:
    due = next_poll_at(NOW, policy=policy, wishes=wish, **more)  # type: ignore[arg-type]
    return (due - NOW).total_seconds()


@pytest.mark.parametrize(
    ("wish", "ttl_s", "expected"),
    [
        (NO_WISHES, None, 900),
        (ServerWishes(max_age_s=60), None, 900),
        (ServerWishes(max_age_s=1800), None, 1800),
        (ServerWishes(expires_s=1800), None, 1800),
        (ServerWishes(max_age_s=60, expires_s=1800), None, 900),  # max-age is what counts
        (ServerWishes(expires_s=-5e6), None, 900),
        (ServerWishes(retry_after_s=7200), None, 7200),
        (NO_WISHES, 3600.0, 3600),
        (ServerWishes(max_age_s=31_536_000), None, 86_400),  # a year
    ],
)
def test_wishes_lengthen_and_never_shorten(
    wish: ServerWishes, ttl_s: float | None, expected: float
) -> None:
    assert wait_s(wish=wish, ttl_s=ttl_s) == expected


@pytest.mark.parametrize(
    ("failure", "waits"),
    [
        (Failure.UNREACHABLE, [300, 600, 1200, 2400, 3600, 3600]),
        (Failure.SERVER, [900, 1800, 3600, 7200]),
        (Failure.THROTTLED, [1800, 3600, 7200]),
        (Failure.REFUSED, [3600, 7200, 14_400]),
        (Failure.UNREADABLE, [1800, 3600, 7200]),
    ],
)
def test_failures_back_off_by_their_kind(failure: Failure, waits: list[float]) -> None:
    counted = range(1, len(waits) + 1)
    assert [wait_s(failures=count, failure=failure) for count in counted] == waits


def test_retry_after_counts_on_failures_and_max_age_does_not() -> None:
    wish = ServerWishes(retry_after_s=10_000, max_age_s=20_000)
    assert wait_s(wish=wish, failures=1, failure=Failure.THROTTLED) == 10_000


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (None, Failure.UNREACHABLE),
        (200, Failure.UNREADABLE),
        (304, Failure.UNREADABLE),
        (302, Failure.REFUSED),
        (404, Failure.REFUSED),
        (410, Failure.REFUSED),
        (429, Failure.THROTTLED),
        (500, Failure.SERVER),
        (503, Failure.THROTTLED),
    ],
)
def test_the_kind_of_a_failure(status: int | None, failure: Failure) -> None:
    assert failure_of(status) is failure


def test_jitter_spreads_by_its_share() -> None:
    assert wait_s(jitter=0.5) == 900 * 1.05


@given(policy=policies, wish=wishes, ttl_s=seconds, failure=failures, jitter=jitters)
def test_no_wait_is_longer_than_the_longest_or_shorter_than_the_shortest(
    policy: PollPolicy,
    wish: ServerWishes,
    ttl_s: float | None,
    failure: Failure | None,
    jitter: float,
) -> None:
    waited = wait_s(policy, wish, ttl_s=ttl_s, failure=failure, failures=3, jitter=jitter)
    rounding = 1e-5
    assert policy.shortest_interval_s - rounding <= waited
    assert waited <= policy.longest_interval_s + rounding


@given(policy=policies, wish=wishes, failure=st.sampled_from(Failure), jitter=jitters)
def test_no_failure_is_ever_asked_again_sooner_than_the_one_before(
    policy: PollPolicy, wish: ServerWishes, failure: Failure, jitter: float
) -> None:
    waits = [
        wait_s(policy, wish, failure=failure, failures=count, jitter=jitter)
        for count in (1, 2, 3, 10, 100, 10**6)
    ]
    assert waits == sorted(waits)


@given(policy=policies, wish=wishes, jitter=jitters)
def test_a_wish_never_brings_the_next_poll_nearer(
    policy: PollPolicy, wish: ServerWishes, jitter: float
) -> None:
    assert wait_s(policy, wish, jitter=jitter) >= wait_s(policy, jitter=jitter)


@given(wish=wishes, failure=failures, jitter=jitters)
def test_intervals_of_zero_make_a_feed_due_at_every_call(
    wish: ServerWishes, failure: Failure | None, jitter: float
) -> None:
    due = next_poll_at(
        NOW, policy=NEVER_MORE, wishes=wish, failure=failure, failures=5, jitter=jitter
    )
    assert due == NOW
    assert is_due(due, NOW, NEVER_MORE)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (None, True),
        (NOW, True),
        (NOW - timedelta(days=400), True),
        (NOW + timedelta(seconds=1), False),
        (NOW + timedelta(days=1), False),
        (NOW + timedelta(days=1, seconds=1), True),  # no policy of ours wrote that
    ],
)
def test_what_is_due(due: datetime | None, expected: bool) -> None:
    assert is_due(due, NOW, POLICY) is expected


def test_a_shorter_limit_counts_at_once() -> None:
    assert is_due(NOW + timedelta(seconds=900), NOW, NEVER_MORE)
