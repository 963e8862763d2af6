"""When feeds are asked again, whatever servers wish and however often they fail."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.feeds.decisions.schedule import (
    FailureKind,
    PollPolicy,
    Rhythm,
    failure_of,
    gap_and_span_s,
    is_due,
    longest_wait_s,
    next_pace_s,
    plan,
)
from onrecord.feeds.fetch import NO_WISHES, ServerWishes
from onrecord.feeds.parsing.entry import Hints

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
positive = st.none() | st.floats(min_value=0, max_value=1e9)
hints = st.builds(
    Hints,
    ttl_s=seconds,
    update_s=seconds,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
rhythms = st.builds(Rhythm, pace_s=positive, gap_s=positive, span_s=positive)
jitters = st.floats(min_value=0, max_value=1, exclude_max=True)
failures = st.none() | st.sampled_from(FailureKind)


def wait_s(policy: PollPolicy = POLICY, wish: ServerWishes = NO_WISHES, **more: object) -> float:
    hints = Hints(ttl_s=more.pop("ttl_s", None))  # type: ignore[arg-type]
    planned = plan(NOW, policy=policy, wishes=wish, **({"hints": hints} | more))  # type: ignore[arg-type]
    return (planned.at - NOW).total_seconds()


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
        (FailureKind.UNREACHABLE, [900, 1800, 3600, 3600, 3600]),
        (FailureKind.SERVER, [900, 1800, 3600, 7200]),
        (FailureKind.THROTTLED, [1800, 3600, 7200]),
        (FailureKind.REFUSED, [3600, 7200, 14_400]),
        (FailureKind.UNREADABLE, [1800, 3600, 7200]),
    ],
)
def test_failures_back_off_by_their_kind(failure: FailureKind, waits: list[float]) -> None:
    counted = range(1, len(waits) + 1)
    assert [wait_s(failures=count, failure=failure) for count in counted] == waits


def test_retry_after_counts_on_failures_and_max_age_does_not() -> None:
    wish = ServerWishes(retry_after_s=10_000, max_age_s=20_000)
    assert wait_s(wish=wish, failures=1, failure=FailureKind.THROTTLED) == 10_000


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (None, FailureKind.UNREACHABLE),
        (200, FailureKind.UNREADABLE),
        (304, FailureKind.UNREADABLE),
        (302, FailureKind.REFUSED),
        (404, FailureKind.REFUSED),
        (410, FailureKind.REFUSED),
        (429, FailureKind.THROTTLED),
        (500, FailureKind.SERVER),
        (503, FailureKind.THROTTLED),
    ],
)
def test_the_kind_of_a_failure(status: int | None, failure: FailureKind) -> None:
    assert failure_of(status) is failure


def test_jitter_spreads_by_its_share() -> None:
    assert wait_s(jitter=0.5) == 900 * 1.05


@given(policy=policies, wish=wishes, hint=hints, rhythm=rhythms, failure=failures, jitter=jitters)
def test_no_wait_is_longer_than_the_longest_or_shorter_than_the_shortest(
    policy: PollPolicy,
    wish: ServerWishes,
    hint: Hints,
    rhythm: Rhythm,
    failure: FailureKind | None,
    jitter: float,
) -> None:
    waited = wait_s(
        policy, wish, hints=hint, rhythm=rhythm, failure=failure, failures=3, jitter=jitter
    )
    rounding = 1e-5
    assert policy.shortest_interval_s - rounding <= waited
    longest = longest_wait_s(policy, is_gone=failure is FailureKind.GONE)
    assert waited <= longest + rounding


@given(policy=policies, wish=wishes, failure=st.sampled_from(FailureKind), jitter=jitters)
def test_no_failure_is_ever_asked_again_sooner_than_the_one_before(
    policy: PollPolicy, wish: ServerWishes, failure: FailureKind, jitter: float
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
    wish: ServerWishes, failure: FailureKind | None, jitter: float
) -> None:
    planned = plan(
        NOW,
        policy=NEVER_MORE,
        wishes=wish,
        failure=failure,
        failures=5,
        jitter=jitter,
        hints=Hints(ttl_s=1e6, update_s=1e6, skip_hours=frozenset((12,))),
        rhythm=Rhythm(pace_s=1e5, gap_s=1e6, span_s=1e7),
    )
    assert planned.at == NOW
    assert is_due(planned.at, NOW, NEVER_MORE)


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


# ── rhythm ───────────────────────────────────────────────────────────────────────────────────


def dated(*ages_s: float) -> tuple[float | None, float | None]:
    return gap_and_span_s([NOW - timedelta(seconds=age_s) for age_s in ages_s], NOW)


@pytest.mark.parametrize(
    ("ages_s", "expected"),
    [
        ((0, 600, 1200, 1800), (600, 1800)),
        ((0, 60, 120, 90_000), (60, 90_000)),  # the median, whatever lies at the end
        ((86_400, 87_000, 87_600), (21_600, 1200)),  # silent for a day
        ((5, 5, 5, 5), (None, None)),  # one date for all
        ((0, 600), (None, None)),
        ((), (None, None)),
        ((-600, 0, 600, 1200), (600, 1200)),  # the future is no date
    ],
)
def test_publication_gaps(
    ages_s: tuple[float, ...], expected: tuple[float | None, float | None]
) -> None:
    assert dated(*ages_s) == expected


def test_little_new_lengthens_the_wait_by_steps_and_much_new_halves_it() -> None:
    pace = None
    paces = []
    for share in (None, 0.0, 0.0, 0.2, 0.5, 0.5, 0.0):
        pace = next_pace_s(pace, share, POLICY)
        paces.append(pace)
    assert paces == [900, 1125, 1350, 1350, 675, 337.5, 562.5]


@given(policy=policies, shares=st.lists(st.none() | st.floats(0, 1), max_size=50))
def test_the_pace_stays_within_its_limits(policy: PollPolicy, shares: list[float | None]) -> None:
    pace = None
    for share in shares:
        pace = next_pace_s(pace, share, policy)
        assert policy.shortest_interval_s <= pace <= policy.longest_interval_s


HOUR, DAY = 3600.0, 86_400.0


@pytest.mark.parametrize(
    ("rhythm", "expected", "why"),
    [
        (Rhythm(), 900, "as usual"),
        (Rhythm(pace_s=400), 400, "much was new lately"),
        (Rhythm(pace_s=1200), 1200, "little was new lately"),
        (Rhythm(pace_s=9 * HOUR), 3600, "little was new lately"),  # silent, and without dates
        (Rhythm(pace_s=9 * HOUR, gap_s=HOUR), 1800, "an entry every 1 hours"),
        (Rhythm(pace_s=900, gap_s=8 * HOUR), 1800, "an entry every 8 hours"),
        (Rhythm(pace_s=900, gap_s=30 * DAY), DAY, "the longest interval; an entry every 30 days"),
        (Rhythm(pace_s=900, gap_s=20, span_s=800), 400, "an entry every 20 s"),  # leaves fast
        (Rhythm(pace_s=900, gap_s=2, span_s=60), 300, "the shortest interval"),
    ],
)
def test_the_wait_follows_how_a_feed_publishes(rhythm: Rhythm, expected: float, why: str) -> None:
    planned = plan(NOW, policy=POLICY, wishes=NO_WISHES, rhythm=rhythm)
    assert ((planned.at - NOW).total_seconds(), planned.why) == (expected, why)


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (Hints(update_s=HOUR), 12 * 60 + 60),
        (Hints(skip_hours=frozenset((12, 13))), 14 * 60),
        (Hints(skip_hours=frozenset((11, 13))), 12 * 60 + 15),
        (Hints(skip_days=frozenset((4,))), 24 * 60),  # a Friday
        (Hints(skip_days=frozenset((4, 5))), 36 * 60),  # never longer than the longest
        (Hints(skip_hours=frozenset(range(24))), 12 * 60 + 15),  # nonsense
    ],
)
def test_what_a_feed_says_about_when_it_changes(hints: Hints, expected: float) -> None:
    planned = plan(NOW, policy=POLICY, wishes=NO_WISHES, hints=hints)
    midnight = NOW.replace(hour=0)
    assert (planned.at - midnight).total_seconds() / 60 == expected
