"""When to ask a feed again: pure functions of what is known.

A publisher is asked as often as is useful and never more often than it allows. What a server or
a feed asks for can lengthen our wait and never shorten it; failures lengthen it too, by what
kind of failure it was; and nothing lengthens it past a limit, so that no feed is ever given up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from onrecord.feeds.parsing.entry import NO_HINTS, Hints
from onrecord.records import Feed
from onrecord.settings import SecondsOrZero, key

if TYPE_CHECKING:
    from onrecord.feeds.fetch import ServerWishes


@dataclass(frozen=True, kw_only=True)
class PollPolicy:
    """How often feeds are polled, in seconds.

    `unreachable_longest_s` is the longest wait while a host cannot be reached at all: then it is
    mostly our own network that is gone, and polling bothers nobody. `jitter` is the share of a
    wait that may be added at random, so that feeds polled together do not stay together.
    `is_fixed` keeps to the usual interval, whatever the feed's rhythm is.
    """

    usual_interval_s: SecondsOrZero = key(
        900.0,
        "Seconds between two polls of a feed that asks for nothing else. Most news feeds change "
        "several times an hour; a quarter of an hour sees nearly all of it and annoys nobody.",
    )
    shortest_interval_s: SecondsOrZero = key(
        300.0,
        "The shortest wait between two polls of any feed, in seconds, whatever it asks for. 0 for "
        "all three intervals makes every feed due at once.",
    )
    longest_interval_s: SecondsOrZero = key(
        86_400.0,
        "The longest wait between two polls of any feed, in seconds, whatever it asks for and "
        "however often it failed.",
    )
    gone_interval_s: SecondsOrZero = key(
        604_800.0,
        "Seconds between two polls of a feed that is gone: its server has said so (HTTP 410) for a "
        "day, or no poll has succeeded for four weeks. It is never given up.",
    )
    unreachable_longest_s: float = 3_600.0
    jitter: float = 0.1
    is_fixed: bool = False


def policy_for(feed: Feed, policy: PollPolicy) -> PollPolicy:
    """The policy with the feed's own interval, if it has one."""
    if feed.interval_s is None:
        return policy
    return replace(policy, usual_interval_s=feed.interval_s, is_fixed=True)


class FailureKind(Enum):
    """The kind of a failed poll, in words, which decides when to try again."""

    UNREACHABLE = "it does not answer"
    THROTTLED = "it asks for a pause"
    SERVER = "its server has an error"
    REFUSED = "it refuses"
    UNREADABLE = "it is not a feed"
    GONE = "it is gone"


# The first wait after a failure, in usual intervals; each further failure doubles it. A server
# that is down comes back soon; a 404 or a 403 is mostly there to stay (but "404 is not proof":
# large hosts answer it for hours by mistake); a throttling host wants to be left alone now.
_FIRST_WAIT = {
    FailureKind.THROTTLED: 2.0,
    FailureKind.SERVER: 1.0,
    FailureKind.REFUSED: 4.0,
    FailureKind.UNREADABLE: 2.0,
    FailureKind.GONE: 4.0,
}
_MOST_DOUBLINGS = 20


def failure_of(status: int | None) -> FailureKind:
    """The kind of a failed poll; `status` is the HTTP status, None when none came."""
    if status is None:
        return FailureKind.UNREACHABLE
    if status in (429, 503):
        return FailureKind.THROTTLED
    if status >= 500:
        return FailureKind.SERVER
    return FailureKind.REFUSED if status >= 300 and status != 304 else FailureKind.UNREADABLE


# ── what is known of a feed's rhythm ─────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a feed publishes, as far as it is known, in seconds.

    `pace_s` is the wait that its polls have led to so far, `gap_s` the usual time between two of
    its entries, `span_s` the time from the oldest to the newest entry of its document.
    """

    pace_s: float | None = None
    gap_s: float | None = None
    span_s: float | None = None


NO_RHYTHM = Rhythm()

# Additive increase of the wait while nothing is new, multiplicative decrease when much is.
_SLOWER_SHARE = 0.05
_FASTER_SHARE = 1 / 3
_SLOWER_STEP = 0.25
_FASTER_FACTOR = 0.5
# A feed that publishes once a day need not be asked a hundred times a day, and must be twice.
_ASKS_A_GAP = (2, 16)
# Without dates, a silent feed is asked so much less often than usual at most.
_SLOWEST_UNDATED = 4.0
# Shorter than this between entries is an import, or one date for all of them.
_SHORTEST_GAP_S = 1.0


def next_pace_s(pace_s: float | None, share_new: float | None, policy: PollPolicy) -> float:
    """The wait after a success, by how much of the document was new.

    `share_new` is 0 for an unchanged feed, None for the first document: all of it is new.
    """
    pace = policy.usual_interval_s if pace_s is None else pace_s
    if share_new is None:
        return pace
    if share_new > _FASTER_SHARE:
        pace *= _FASTER_FACTOR
    elif share_new < _SLOWER_SHARE:
        pace += _SLOWER_STEP * policy.usual_interval_s
    return min(max(pace, policy.shortest_interval_s), policy.longest_interval_s)


def gap_and_span_s(
    dates: Sequence[datetime], now: datetime, *, most: int = 30
) -> tuple[float | None, float | None]:
    """The usual time between entries, and from the oldest to the newest; None when unknown.

    The median of the newest ones; and a feed that has fallen silent has a longer gap by now.
    """
    newest = sorted((date for date in dates if date <= now), reverse=True)
    if len(newest) < 3:
        return None, None
    gaps = [(b - a).total_seconds() for a, b in zip(newest[1:], newest, strict=False)][:most]
    gap_s = sorted(gaps)[len(gaps) // 2]
    span_s = (newest[0] - newest[-1]).total_seconds()
    if gap_s < _SHORTEST_GAP_S:
        return None, None
    silent_s = (now - newest[0]).total_seconds()
    return max(gap_s, silent_s / 4), span_s


# ── when to ask ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Plan:
    """The time of the next poll, and the reason in words."""

    at: datetime
    why: str


def plan(
    now: datetime,
    *,
    policy: PollPolicy,
    wishes: "ServerWishes",
    hints: Hints = NO_HINTS,
    rhythm: Rhythm = NO_RHYTHM,
    failures: int = 0,
    failure: FailureKind | None = None,
    jitter: float = 0.0,
    is_more_waiting: bool = False,
) -> Plan:
    """When to ask this feed again.

    `failures` counts the polls that failed in a row, this one (`failure`) included; `failure`
    is None after a success; `is_more_waiting` says that entries of the document were left for the
    next poll. `jitter` is a number in [0, 1). What server and feed ask for can
    lengthen our wait, never shorten it, and never past `policy.longest_interval_s`: a
    misconfigured feed can ask for a year.
    """
    if failure is None:
        own = (0.0, "more of its entries wait") if is_more_waiting else _rhythm_wait(rhythm, policy)
        asked = [
            own,
            (wishes.freshness_s, "the server asks for it (max-age or Expires)"),
            (hints.ttl_s or 0.0, "the feed asks for it (ttl)"),
            (hints.update_s or 0.0, "the feed says it changes no more often (updatePeriod)"),
        ]
    else:
        why = f"{failure.value}, failed {times(failures)}"
        asked = [(_back_off_s(failure, failures, policy), why)]
    asked.append((wishes.retry_after_s or 0.0, "the server asks for it (Retry-After)"))
    wait_s, why = max(asked, key=lambda each: each[0])
    if wait_s < policy.shortest_interval_s:
        why = why if is_more_waiting else "the shortest interval"
        wait_s = policy.shortest_interval_s
    wait_s *= 1 + policy.jitter * jitter
    if failure is FailureKind.GONE:
        return Plan(now + timedelta(seconds=longest_wait_s(policy, is_gone=True)), why)
    if wait_s >= policy.longest_interval_s:
        wait_s, why = policy.longest_interval_s, f"the longest interval; {why}"
    return _past_skipped(now, Plan(now + timedelta(seconds=wait_s), why), hints, policy)


def _rhythm_wait(rhythm: Rhythm, policy: PollPolicy) -> tuple[float, str]:
    """Our own wait, and the reason: the pace of its polls, within bounds from its dates."""
    usual = policy.usual_interval_s
    if policy.is_fixed:
        return usual, "the interval that you set"
    pace = usual if rhythm.pace_s is None else rhythm.pace_s
    if rhythm.gap_s is None:
        slowest = _SLOWEST_UNDATED * usual
        wait_s = min(pace, slowest)
        return wait_s, "as usual" if wait_s == usual else _paced(wait_s, usual)
    often, seldom = _ASKS_A_GAP
    lowest, highest = rhythm.gap_s / seldom, max(usual, rhythm.gap_s / often)
    if rhythm.span_s is not None:
        highest = min(highest, rhythm.span_s / 2)  # or entries leave before we see them
    wait_s = min(max(pace, lowest), highest)
    if wait_s == pace:
        return wait_s, "as usual" if pace == usual else _paced(pace, usual)
    return wait_s, f"an entry every {duration(rhythm.gap_s)}"


def times(failures: int) -> str:
    """How often something failed, in words: "3 times in a row"."""
    return "once" if failures == 1 else f"{failures} times in a row"


def _paced(pace_s: float, usual_s: float) -> str:
    return "much was new lately" if pace_s < usual_s else "little was new lately"


def duration(seconds: float) -> str:
    """A number of seconds in words: "2.5 hours"."""
    for unit, length in (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}s"
    return f"{seconds:.3g} s"


def longest_wait_s(policy: PollPolicy, *, is_gone: bool) -> float:
    """The longest wait between two polls: longer for a feed that is gone."""
    longest = policy.longest_interval_s
    return max(longest, policy.gone_interval_s) if is_gone and longest else longest


def _past_skipped(now: datetime, planned: Plan, hints: Hints, policy: PollPolicy) -> Plan:
    """The plan, moved past the hours and days in which the feed says nothing changes."""
    if len(hints.skip_hours) >= 24 or len(hints.skip_days) >= 7:
        return planned
    latest = now + timedelta(seconds=policy.longest_interval_s)
    at = planned.at
    while at < latest and (at.hour in hints.skip_hours or at.weekday() in hints.skip_days):
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if at == planned.at:
        return planned
    return Plan(min(at, latest), "the feed changes nothing before (skipHours, skipDays)")


def _back_off_s(failure: FailureKind, failures: int, policy: PollPolicy) -> float:
    doubled = 2.0 ** min(max(failures, 1) - 1, _MOST_DOUBLINGS)
    if failure is FailureKind.UNREACHABLE:
        longest_s = max(policy.unreachable_longest_s, policy.usual_interval_s)
        return min(policy.usual_interval_s * doubled, longest_s)
    return policy.usual_interval_s * _FIRST_WAIT[failure] * doubled


def is_due(
    next_poll_at: datetime | None, now: datetime, policy: PollPolicy, *, is_gone: bool = False
) -> bool:
    """Whether to ask now. None means never asked.

    A time further away than the longest wait was written by a clock that ran ahead, or under
    a longer limit: it binds nobody.
    """
    if next_poll_at is None or next_poll_at <= now:
        return True
    return (next_poll_at - now).total_seconds() > longest_wait_s(policy, is_gone=is_gone)
