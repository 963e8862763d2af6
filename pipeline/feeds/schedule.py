"""When to ask a feed again: pure functions of what is known.

A publisher is asked as often as is useful and never more often than it allows. What a server or
a feed asks for can lengthen our wait and never shorten it; failures lengthen it too, by what
kind of failure it was; and nothing lengthens it past a limit, so that no feed is ever given up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """How often feeds are asked, in seconds.

    `usual_interval_s` is the wait after a success when nobody asks for more,
    `shortest_interval_s` the shortest wait there is, `longest_interval_s` the longest of all,
    whatever asks for it. 0 is legal for all three and makes a feed due at every call.
    `unreachable_longest_s` is the longest wait while a host cannot be reached at all: it is
    mostly our own network that is gone, and nobody is bothered by asking.
    `jitter` is the share of a wait that may be added at random, so that feeds that were asked
    together do not stay together.
    """

    usual_interval_s: float = 900.0
    shortest_interval_s: float = 300.0
    longest_interval_s: float = 86_400.0
    unreachable_longest_s: float = 3_600.0
    jitter: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerWishes:
    """What a server asked for, in seconds from its answer; None where it did not ask.

    Facts only. `expires_s` is Expires minus Date, and negative when long past.
    """

    retry_after_s: float | None = None
    max_age_s: float | None = None
    expires_s: float | None = None

    @property
    def freshness_s(self) -> float:
        """How long the answer stays fresh: max-age, else Expires (RFC 9111, 4.2.1)."""
        return (self.max_age_s if self.max_age_s is not None else self.expires_s) or 0.0


NO_WISHES = ServerWishes()


class Failure(Enum):
    """Why a poll failed, as far as it matters for when to try again."""

    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    SERVER = "server"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


# The first wait after a failure, in usual intervals; each further failure doubles it. A server
# that is down comes back soon; a 404 or a 403 is mostly there to stay (but "404 is not proof":
# large hosts answer it for hours by mistake); a throttling host wants to be left alone now.
_FIRST_WAIT = {
    Failure.THROTTLED: 2.0,
    Failure.SERVER: 1.0,
    Failure.REFUSED: 4.0,
    Failure.UNREADABLE: 2.0,
}
_MOST_DOUBLINGS = 20


def failure_of(status: int | None) -> Failure:
    """The kind of a failed poll; `status` is the HTTP status, None when none came."""
    if status is None:
        return Failure.UNREACHABLE
    if status in (429, 503):
        return Failure.THROTTLED
    if status >= 500:
        return Failure.SERVER
    return Failure.REFUSED if status >= 300 and status != 304 else Failure.UNREADABLE


def next_poll_at(
    now: datetime,
    *,
    policy: PollPolicy,
    wishes: ServerWishes,
    ttl_s: float | None = None,
    failures: int = 0,
    failure: Failure | None = None,
    jitter: float = 0.0,
) -> datetime:
    """When to ask this feed again.

    `failures` counts the polls that failed in a row, this one (`failure`) included; `failure`
    is None after a success. `ttl_s` is the feed's own wish. `jitter` is a number in [0, 1).
    What server and feed ask for can lengthen our wait, never shorten it, and never past
    `policy.longest_interval_s`: a misconfigured feed can ask for a year.
    """
    if failure is None:
        wait_s = max(policy.usual_interval_s, wishes.freshness_s, ttl_s or 0.0)
    else:
        wait_s = _back_off_s(failure, failures, policy)
    wait_s = max(wait_s, policy.shortest_interval_s, wishes.retry_after_s or 0.0)
    wait_s *= 1 + policy.jitter * jitter
    return now + timedelta(seconds=min(wait_s, policy.longest_interval_s))


def _back_off_s(failure: Failure, failures: int, policy: PollPolicy) -> float:
    doubled = 2.0 ** min(max(failures, 1) - 1, _MOST_DOUBLINGS)
    if failure is Failure.UNREACHABLE:
        return min(policy.shortest_interval_s * doubled, policy.unreachable_longest_s)
    return policy.usual_interval_s * _FIRST_WAIT[failure] * doubled


def is_due(next_poll_at: datetime | None, now: datetime, policy: PollPolicy) -> bool:
    """Whether to ask now. None means never asked.

    A time further away than the longest wait was written by a clock that ran ahead, or under
    a longer limit: it binds nobody.
    """
    if next_poll_at is None or next_poll_at <= now:
        return True
    return (next_poll_at - now).total_seconds() > policy.longest_interval_s
