"""The followed feeds with their health: for lists, and for the page of one feed."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from onrecord.feeds.categories import is_within
from onrecord.feeds.decisions.conditional import held_hosts
from onrecord.feeds.decisions.freshness import is_losing
from onrecord.feeds.decisions.health import is_gone
from onrecord.feeds.fetch import host_of
from onrecord.feeds.private_urls import public_url
from onrecord.log.interface import Log
from onrecord.processing.feeds.subscriptions import feed_statuses, followed_as
from onrecord.records import BlockedEntry, Feed, FeedRule, FeedState, PollNote
from onrecord.topics import Topics

_DIGITS = re.compile(r"([0-9]{1,9})")

Order = Literal["name", "health", "last"]


class ListedFeed(msgspec.Struct, frozen=True, kw_only=True):
    """One feed with its health, as `feeds list --format json` gives it.

    `name` is what its user calls it, else what it calls itself. `http_status` is that of the last
    poll; `why` says why the interval is what it is. `delay_s` is the usual time from publication to
    the topic, and `prompt` the share of new entries that were seen within one interval of it.
    `overlap` is the share of the last changed document that had been seen before, and `is_losing`
    says whether entries come and go between two polls. `hub` is the feed's hub, which tells us what
    is new until `hub_until`, and did not of `hub_missed` articles. `waiting` counts new entries
    that wait for later polls, `pages_missing` pages that are asked for again, `restless` entries
    whose texts change by themselves. `claims` are sites that the feed was granted, `unclaimed`
    those that it links to without a claim: its articles from there are copies, with ids of their
    own. Feeds that are `is_gone` are asked rarely. `set_interval_s` is the interval that its user
    set, `own_publisher`, `own_title` and `moved_to` are what its user said, where that differs
    from what it says itself. `filled_at` is when its archive was read, `archive_parts` how much of
    it was. `secrets` names the kinds kept in the private file, `blocked` counts the entries that
    `rules` kept from being published, `attributes` are those of its outline in a feed list.
    """

    url: str
    name: str
    publisher: str | None
    title: str | None
    status: str
    error: str | None
    next_poll_at: datetime | None
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    interval_s: float | None
    why: str | None
    entries_per_day: float | None
    delay_s: float | None
    prompt: float | None
    overlap: float | None
    is_losing: bool
    address: str | None
    conditional: bool
    http_status: int | None
    failures: int
    entries: int
    articles: int
    waiting: int
    pages_missing: int
    restless: int
    claims: tuple[str, ...]
    unclaimed: tuple[str, ...]
    hub: str | None
    hub_until: datetime | None
    hub_error: str | None
    hub_missed: int
    categories: tuple[str, ...]
    paused: bool
    is_gone: bool
    failing_since: datetime | None
    time_zone: str | None
    full_text: str | None
    set_interval_s: float | None
    user_agent: str | None
    proxy: str | None
    secrets: tuple[str, ...]
    rules: tuple[FeedRule, ...]
    blocked: int
    attributes: dict[str, str]
    language: str | None
    own_publisher: str | None
    own_title: str | None
    moved_to: str | None
    polls: int
    archive_parts: int
    filled_at: datetime | None


def with_hold(state: FeedState, held: Mapping[str, datetime]) -> FeedState:
    """The state, not polled before its host may be asked."""
    until = held.get(host_of(state.address or state.url))
    if until is None or (state.next_poll_at is not None and state.next_poll_at >= until):
        return state
    why = "another feed of its host was told so (Retry-After)"
    return msgspec.structs.replace(state, next_poll_at=until, why=why)


def listed_feed(feed: Feed, state: FeedState) -> ListedFeed:
    """A feed with its health."""
    return ListedFeed(
        url=public_url(feed.url),
        name=feed.title
        or feed.publisher
        or state.title
        or public_url(feed.url).partition("://")[2],
        publisher=feed.publisher or state.title,
        title=feed.title or state.title,
        status=health(feed, state),
        error=state.error,
        next_poll_at=state.next_poll_at,
        last_poll_at=state.last_poll_at,
        last_success_at=state.last_success_at,
        last_new_at=state.last_new_at,
        interval_s=state.interval_s,
        why=state.why,
        entries_per_day=round(86_400 / state.gap_s, 2) if state.gap_s else None,
        delay_s=state.delay_s,
        prompt=state.prompt,
        overlap=state.overlap,
        is_losing=is_losing(state),
        address=feed.address or state.address,
        conditional=state.conditional,
        http_status=state.status,
        failures=state.failures,
        entries=state.entries,
        articles=state.articles,
        waiting=state.waiting,
        pages_missing=state.pages_missing,
        restless=state.restless,
        claims=feed.claims,
        unclaimed=state.unclaimed,
        hub=state.push.hub if state.push else None,
        hub_until=state.push.until if state.push else None,
        hub_error=state.push.error if state.push else None,
        hub_missed=state.push.missed if state.push else 0,
        categories=feed.categories,
        paused=feed.paused,
        is_gone=is_gone(state),
        failing_since=state.failing_since,
        time_zone=feed.time_zone,
        full_text=feed.full_text,
        set_interval_s=feed.interval_s,
        user_agent=feed.user_agent,
        proxy=feed.proxy,
        secrets=feed.secrets,
        rules=feed.rules,
        blocked=state.blocked,
        attributes=feed.attributes,
        language=feed.language,
        own_publisher=feed.publisher,
        own_title=feed.title,
        moved_to=feed.address,
        polls=state.polls,
        archive_parts=state.archive_parts,
        filled_at=state.filled_at,
    )


def health(feed: Feed, state: FeedState) -> str:
    """How a feed is doing, in a word: new, ok, failing, gone or paused."""
    if feed.paused:
        return "paused"
    if is_gone(state):
        return "gone"
    if state.last_poll_at is None:
        return "new"
    return "failing" if state.error else "ok"


class FeedDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One feed with its last polls, the newest first, and the last entries that rules blocked."""

    feed: ListedFeed
    polls: tuple[PollNote, ...]
    blocked_entries: tuple[BlockedEntry, ...]


def listed_feeds(log: Log, topics: Topics, now: datetime) -> list[ListedFeed]:
    """The followed feeds with their health, by URL."""
    statuses = feed_statuses(log, topics)
    held = held_hosts((state for _, state in statuses), now)
    return [listed_feed(feed, with_hold(state, held)) for feed, state in statuses]


def feed_detail(log: Log, topics: Topics, url: str, now: datetime) -> FeedDetail | None:
    """What is known of one feed; None when it is not followed."""
    name = followed_as(log, topics, [url]).get(url)
    statuses = feed_statuses(log, topics)
    held = held_hosts((state for _, state in statuses), now)
    for feed, state in statuses:
        if feed.url == name:
            listed = listed_feed(feed, with_hold(state, held))
            return FeedDetail(
                feed=listed, polls=state.history, blocked_entries=state.blocked_entries
            )
    return None


# ── choosing ─────────────────────────────────────────────────────────────────────────────────


def chosen(
    listed: Iterable[ListedFeed],
    now: datetime,
    *,
    word: str | None = None,
    category: str | None = None,
    failing: bool = False,
    silent_days: float | None = None,
) -> list[ListedFeed]:
    """The feeds that fit every condition given.

    `word` stands in the URL, publisher, title or categories. Feeds of which nothing new came for
    `silent_days` are silent; so are those of which nothing ever came.
    """
    wanted = list(listed)
    if word:
        wanted = [feed for feed in wanted if _has_word(feed, word.casefold())]
    if category is not None:
        wanted = [f for f in wanted if any(is_within(each, category) for each in f.categories)]
    if failing:
        wanted = [feed for feed in wanted if feed.error is not None]
    if silent_days is not None:
        since = now - timedelta(days=silent_days)
        wanted = [feed for feed in wanted if feed.last_new_at is None or feed.last_new_at < since]
    return wanted


def _has_word(feed: ListedFeed, word: str) -> bool:
    texts = (feed.url, feed.address or "", feed.publisher or "", feed.title or "", *feed.categories)
    return any(word in text.casefold() for text in texts)


_WORST_FIRST = ("failing", "gone", "paused", "new", "ok")
_LONG_AGO = timedelta.max.total_seconds()


def in_order(listed: Iterable[ListedFeed], order: Order) -> list[ListedFeed]:
    """The feeds by name; by health, the worst first; or by their last article, the newest first."""
    by_name = sorted(listed, key=lambda feed: (_natural(feed.name), feed.url))
    orders: dict[Order, Callable[[ListedFeed], float]] = {
        "name": lambda _: 0.0,
        "health": lambda feed: _WORST_FIRST.index(feed.status),
        "last": lambda feed: -feed.last_new_at.timestamp() if feed.last_new_at else _LONG_AGO,
    }
    return sorted(by_name, key=orders[order])


def full_name(feed: ListedFeed) -> str:
    """The name, and the feed's own title where that tells more."""
    title = feed.title or ""
    return f"{feed.name}: {title}" if title and title != feed.name else feed.name


def _natural(name: str) -> list[tuple[int, str]]:
    """The order of names that people expect: "Section 2" before "Section 10"."""
    parts = _DIGITS.split(name.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
