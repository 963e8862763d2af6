"""The stored state of a feed between polls, and the decision that follows from a poll.

All pure. `decide` takes the outcome of a poll and returns the articles to publish and the state
to store; the caller writes both in one step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from onrecord.feeds.articles.edits import changes_by_itself
from onrecord.feeds.articles.matching import EntryMatcher
from onrecord.feeds.articles.revisions import (
    MemoryPolicy,
    Published,
    compare,
    remember,
)
from onrecord.feeds.decisions.blocking import newly_blocked, with_blocked
from onrecord.feeds.decisions.filling import is_more_waiting, with_fill
from onrecord.feeds.decisions.freshness import with_freshness
from onrecord.feeds.decisions.health import is_gone, with_note
from onrecord.feeds.decisions.outcome import Failed, Outcome, Pushed, Read, Unchanged
from onrecord.feeds.decisions.redirects import DISBELIEVED_FAILURES, with_move
from onrecord.feeds.decisions.schedule import (
    FailureKind,
    PollPolicy,
    Rhythm,
    failure_of,
    gap_and_span_s,
    next_pace_s,
    plan,
    policy_for,
)
from onrecord.feeds.decisions.site_claims import with_looks
from onrecord.feeds.decisions.websub import is_active, with_links
from onrecord.feeds.decisions.withdrawals import marked, with_marks
from onrecord.feeds.parsing.entry import Hints
from onrecord.records import Article, Feed, FeedState, Hold, Push


@dataclass(frozen=True, slots=True)
class PollDecision:
    """The articles to publish, in the feed's order, and the state to store, in one step."""

    articles: tuple[Article, ...]
    state: FeedState


# Given what is remembered of a feed, and what is published: what to publish and remember.
Decide = Callable[[FeedState, Published], PollDecision]


def decide(
    feed: Feed,
    state: FeedState,
    outcome: Outcome,
    published: Published,
    now: datetime,
    *,
    policy: PollPolicy,
    memory: MemoryPolicy,
    jitter: float = 0.0,
) -> PollDecision:
    """The decision on a poll. `jitter` is a number in [0, 1)."""
    if isinstance(outcome, Pushed):
        decision = _pushed(state, outcome, published, now, memory)
        return _with_freshness(decision, state, now)
    policy = policy_for(feed, policy)
    decision = _polled(feed, state, outcome, published, now, policy, memory, jitter)
    edited = sum(article.revision > 1 for article in decision.articles)
    noted = with_note(
        decision.state,
        now,
        new=len(decision.articles) - edited,
        edited=edited,
        blocked=decision.state.blocked - state.blocked,
    )
    return PollDecision(decision.articles, noted)


def _polled(
    feed: Feed,
    state: FeedState,
    outcome: Read | Unchanged | Failed,
    published: Published,
    now: datetime,
    policy: PollPolicy,
    memory: MemoryPolicy,
    jitter: float,
) -> PollDecision:
    polled = replace(state, url=feed.url, last_poll_at=now, polls=state.polls + 1, hold=None)
    match outcome:
        case Failed():
            return PollDecision((), _after_failure(polled, outcome, now, policy, jitter))
        case Unchanged():
            polled = replace(polled, pace_s=next_pace_s(state.pace_s, 0.0, policy))
            after = _after_success(polled, outcome, outcome.status, now, policy, jitter)
            etag = outcome.etag or state.etag
            modified = outcome.last_modified or state.last_modified
            after = with_move(after, outcome.redirects, now)
            conditional = state.conditional and not outcome.lied
            after = replace(after, conditional=conditional, doubt=None)
            return PollDecision((), replace(after, etag=etag, last_modified=modified))
        case Read():
            polled = _with_rhythm(polled, outcome, now, policy)
            conditional = state.conditional and not outcome.lied
            polled = replace(polled, conditional=conditional, doubt=outcome.doubt)
            after = _after_success(polled, outcome, 200, now, policy, jitter)
            after = with_move(after, outcome.redirects, now)
            decision = _read(feed, after, outcome, published, now, memory)
            return _with_freshness(decision, state, now)


def _read(
    feed: Feed,
    state: FeedState,
    outcome: Read,
    published: Published,
    now: datetime,
    memory: MemoryPolicy,
) -> PollDecision:
    fill = outcome.archive
    drafts = outcome.drafts if fill is None else (*outcome.drafts, *fill.drafts)
    articles, current = compare(drafts, state.seen, published)
    marks = marked(feed, outcome.withdrawals, articles, published, now)
    current = with_marks(current, outcome.withdrawals, marks, now)
    seen = with_marks(state.seen, outcome.withdrawals, marks, now) if marks else state.seen
    articles = (*articles, *marks)
    return PollDecision(
        articles,
        replace(
            with_fill(state, fill, is_waiting=outcome.waiting > 0, now=now),
            etag=outcome.etag,
            last_modified=outcome.last_modified,
            body_hash=outcome.body_hash,
            title=outcome.title or state.title,
            push=_with_push(state, outcome, articles, now),
            seen=remember(current, seen, memory),
            entries=len(outcome.drafts) + outcome.waiting,
            waiting=outcome.waiting,
            pages_missing=sum(seen.page_again_at is not None for seen in current.values()),
            restless=sum(changes_by_itself(seen) for seen in current.values()),
            unclaimed=outcome.unclaimed,
            site_claims=with_looks(state.site_claims, outcome.looks, now),
            blocked=state.blocked + newly_blocked(state, outcome.blocked),
            blocked_entries=with_blocked(state, outcome.blocked),
            refetched_at=now if outcome.refetched else state.refetched_at,
            articles=state.articles + len(articles),
            last_new_at=now if articles else state.last_new_at,
        ),
    )


def _with_freshness(decision: PollDecision, before: FeedState, now: datetime) -> PollDecision:
    articles = decision.articles
    return PollDecision(articles, with_freshness(decision.state, before, articles, now))


def _pushed(
    state: FeedState, outcome: Pushed, published: Published, now: datetime, memory: MemoryPolicy
) -> PollDecision:
    """The decision on a push: articles, without effect on the poll schedule."""
    articles, current = compare(outcome.drafts, state.seen, published)
    push = state.push and replace(state.push, pushes=state.push.pushes + 1, last_push_at=now)
    return PollDecision(
        articles,
        replace(
            state,
            push=push,
            seen=remember(current, state.seen, memory),
            articles=state.articles + len(articles),
            last_new_at=now if articles else state.last_new_at,
        ),
    )


def _with_push(
    state: FeedState, outcome: Read, articles: tuple[Article, ...], now: datetime
) -> Push | None:
    """What is remembered of the feed's hub, and what it should have told us of and did not."""
    push = with_links(state.push, outcome.links)
    if push is None or not is_active(push, now):
        return push
    missed = sum(article.revision == 1 for article in articles)
    return replace(push, missed=push.missed + missed)


# ── rhythm ───────────────────────────────────────────────────────────────────────────────────


def _with_rhythm(state: FeedState, outcome: Read, now: datetime, policy: PollPolicy) -> FeedState:
    """The state with the feed's observed rhythm and its own hints."""
    drafts, hints = outcome.drafts, outcome.hints
    matcher = EntryMatcher(drafts, state.seen)
    share_new, overlap = None, state.overlap
    if state.seen and drafts:
        new = sum(matcher.match(draft) is None for draft in drafts)
        share_new = new / len(drafts)
        overlap = 1 - share_new
    dates = [d.article.published_at for d in drafts if d.article.published_at is not None]
    dates += outcome.blocked_dates
    gap_s, span_s = gap_and_span_s(dates, now)
    return replace(
        state,
        ttl_s=hints.ttl_s,
        update_s=hints.update_s,
        skip_hours=tuple(sorted(hints.skip_hours)),
        skip_days=tuple(sorted(hints.skip_days)),
        pace_s=next_pace_s(state.pace_s, share_new, policy),
        gap_s=gap_s,
        span_s=span_s,
        overlap=overlap,
    )


# ── health ───────────────────────────────────────────────────────────────────────────────────


def _after_success(
    state: FeedState,
    outcome: Read | Unchanged,
    status: int,
    now: datetime,
    policy: PollPolicy,
    jitter: float,
) -> FeedState:
    planned = plan(
        now,
        policy=policy,
        wishes=outcome.wishes,
        hints=hints_of(state),
        rhythm=Rhythm(pace_s=state.pace_s, gap_s=state.gap_s, span_s=state.span_s),
        jitter=jitter,
        is_more_waiting=isinstance(outcome, Read) and is_more_waiting(outcome),
    )
    return replace(
        state,
        status=status,
        error=None,
        failures=0,
        failing_since=None,
        last_success_at=now,
        next_poll_at=planned.at,
        interval_s=(planned.at - now).total_seconds(),
        why=planned.why,
    )


def hints_of(state: FeedState) -> Hints:
    """The feed's latest hints about when to ask again."""
    return Hints(
        ttl_s=state.ttl_s,
        update_s=state.update_s,
        skip_hours=frozenset(state.skip_hours),
        skip_days=frozenset(state.skip_days),
    )


def _after_failure(
    state: FeedState, outcome: Failed, now: datetime, policy: PollPolicy, jitter: float
) -> FeedState:
    """Validators and seen entries are kept: nothing suggests that they are wrong."""
    failures = state.failures + 1
    longest = timedelta(seconds=policy.longest_interval_s)
    asked = timedelta(seconds=max(0.0, outcome.wishes.retry_after_s or 0.0))
    since = state.last_success_at if state.failures else None
    failed = replace(
        state,
        status=outcome.status,
        error=outcome.error,
        failures=failures,
        failing_since=state.failing_since or since or now,
    )
    planned = plan(
        now,
        policy=policy,
        wishes=outcome.wishes,
        failures=failures,
        failure=FailureKind.GONE if is_gone(failed) else failure_of(outcome.status),
        jitter=jitter,
    )
    return replace(
        failed,
        address=None if failures >= DISBELIEVED_FAILURES else state.address,
        hold=Hold(host=outcome.held_host, until=now + min(asked, longest))
        if outcome.held_host
        else None,
        next_poll_at=planned.at,
        interval_s=(planned.at - now).total_seconds(),
        why=planned.why,
    )
