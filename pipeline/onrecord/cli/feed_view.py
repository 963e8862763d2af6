"""How `onrecord feeds list` shows each feed."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec
from rich.table import Table
from rich.text import Text

from onrecord import wiring
from onrecord.cli.render import when
from onrecord.config import Config
from onrecord.feeds.decisions.conditional import held_hosts
from onrecord.feeds.decisions.freshness import is_losing
from onrecord.feeds.decisions.schedule import duration
from onrecord.feeds.fetch import host_of
from onrecord.feeds.private_urls import public_url
from onrecord.log.interface import Log
from onrecord.processing.feeds.subscriptions import feed_statuses
from onrecord.records import Feed, FeedState


class ListedFeed(msgspec.Struct, frozen=True, kw_only=True):
    """One feed as `feeds list --format json` gives it.

    `http_status` is that of the last poll; `why` says why the interval is what it is; `delay_s` is
    the usual time from publication to the topic, and `prompt` the share of new entries that were
    seen within one interval of it; `overlap` the share of the last changed document that had been
    seen before, and `is_losing` whether entries come and go between two polls. `hub` is the feed's
    hub, which tells us what is new until `hub_until`, and did not of `hub_missed` articles.
    `waiting` counts new entries that wait for later polls,
    `pages_missing` pages that are asked for again, `restless` entries whose texts change by
    themselves. `claims` are sites that the feed was granted, `unclaimed` those that it links to
    without a claim: its articles from there are copies, with ids of their own.
    """

    url: str
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
        publisher=feed.publisher or state.title,
        title=feed.title or state.title,
        status=health(state),
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
        address=state.address,
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
    )


def listed_feeds(config: Config, log: Log) -> list[ListedFeed]:
    """The followed feeds by URL, with their health. Raises UnknownTopic."""
    statuses = feed_statuses(log, wiring.topics_of(config))
    held = held_hosts((state for _, state in statuses), wiring.now())
    return [listed_feed(feed, with_hold(state, held)) for feed, state in statuses]


def health(state: FeedState) -> str:
    """How a feed is doing, in a word: new, ok or failing."""
    if state.last_poll_at is None:
        return "new"
    return "failing" if state.error else "ok"


_COLOURS = {"ok": "green", "failing": "red", "new": "dim"}


def feed_table(listed: list[ListedFeed]) -> Table:
    """The feeds for people, one a row."""
    table = Table(
        "publisher",
        "health",
        "articles",
        "a day",
        "late by",
        "next poll",
        "feed, why then, what is wrong",
    )
    for feed in listed:
        about = Text().append(feed.url, "dim")
        if feed.why:
            about.append(f"\n{feed.why}")
        if feed.is_losing:
            about.append("\nits entries come and go between two polls: some are lost", "yellow")
        for note in _notes(feed):
            about.append(f"\n{note}", "yellow")
        if feed.hub_until:
            about.append(f"\n{feed.hub} tells us what is new")
        if feed.error:
            about.append(f"\n{feed.error}", "red")
        table.add_row(
            feed.publisher or "",
            Text(feed.status, _COLOURS[feed.status]),
            str(feed.articles),
            "" if feed.entries_per_day is None else f"{feed.entries_per_day:.3g}",
            "" if feed.delay_s is None else duration(feed.delay_s),
            when(feed.next_poll_at) if feed.next_poll_at else "at once",
            about,
        )
    return table


def _notes(feed: ListedFeed) -> Iterator[str]:
    """What a person may want to know, or to change."""
    if feed.waiting:
        yield f"{feed.waiting} new entries wait for its next polls"
    if feed.pages_missing:
        yield f"{feed.pages_missing} pages could not be had yet and are asked for again"
    if feed.restless:
        yield f"the texts of {feed.restless} entries change by themselves: seldom published"
    if feed.unclaimed:
        more = f" and {len(feed.unclaimed) - 1} more" if len(feed.unclaimed) > 1 else ""
        yield (
            f"no claim to {feed.unclaimed[0]}{more}: its articles from there are copies; "
            "`onrecord feeds claim` grants one"
        )
