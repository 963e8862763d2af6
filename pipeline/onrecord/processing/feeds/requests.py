"""What people and programs ask of feeds: to follow new ones, to change them, to act on them.

The same for the command line, the HTTP interface and the pages.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from onrecord.errors import Mistake
from onrecord.feeds.categories import category_of, names_in
from onrecord.feeds.discover import FoundFeed
from onrecord.feeds.feed_secrets import Kind, checked_secret
from onrecord.feeds.feed_settings import (
    checked_proxy,
    checked_rule,
    checked_user_agent,
    with_publisher,
)
from onrecord.feeds.feed_urls import checked_domain, checked_url, feed_key
from onrecord.feeds.zones import checked_zone
from onrecord.records import Feed, FeedRule

Line = Annotated[str, Meta(min_length=1, max_length=500)]
Url = Annotated[str, Meta(min_length=1, max_length=4_000)]
Act = Literal["pause", "resume", "poll", "refetch", "fill"]
ACTS: tuple[Act, ...] = get_args(Act)


class NewFeeds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Feeds to follow. Each URL is looked at once, unless `unseen`.

    With `every_feed`, all feeds that a page names are followed; with `archive`, the feeds' archives
    are read too (RFC 5005).
    """

    urls: Annotated[tuple[Url, ...], Meta(min_length=1, max_length=100)]
    publisher: Line | None = None
    categories: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    time_zone: Line | None = None
    every_feed: bool = False
    archive: bool = False
    unseen: bool = False


class RefusedUrl(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that is not followed: why, and the feeds that its page names."""

    url: str
    reason: str
    feeds: tuple[FoundFeed, ...] = ()


class AddedFeeds(msgspec.Struct, frozen=True, kw_only=True):
    """What following new feeds did: the URLs added, changed, followed before, and refused.

    `faults` says of a list's outlines what was passed over, and why.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    known: tuple[str, ...]
    refused: tuple[RefusedUrl, ...]
    faults: tuple[str, ...] = ()


class FeedChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a feed. What is absent stays; null puts a setting back to its default.

    `address` is where the feed is asked from now on: it stays the same feed. `secrets` are kept on
    the machine of the server alone (`feeds.private_file`) and never shown; null forgets one.
    """

    publisher: Line | UnsetType | None = UNSET
    title: Line | UnsetType | None = UNSET
    categories: Annotated[tuple[Line, ...], Meta(max_length=50)] | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
    full_text: Literal["feed", "page", "auto"] | UnsetType | None = UNSET
    interval_s: Annotated[float, Meta(ge=60, le=86400)] | UnsetType | None = UNSET
    user_agent: Line | UnsetType | None = UNSET
    proxy: Line | UnsetType | None = UNSET
    time_zone: Line | UnsetType | None = UNSET
    claims: Annotated[tuple[Line, ...], Meta(max_length=100)] | UnsetType = UNSET
    rules: Annotated[tuple[FeedRule, ...], Meta(max_length=100)] | UnsetType = UNSET
    address: Url | UnsetType | None = UNSET
    secrets: (
        dict[Kind, Annotated[str, Meta(min_length=1, max_length=20_000)] | None] | UnsetType
    ) = UNSET


class RefetchPages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which pages are fetched again: those of all articles of the last `days`.

    With null, those of articles that were published with the feed's own text.
    """

    days: Annotated[float, Meta(ge=0, le=36_500)] | None = None


def checked_categories(named: Iterable[str]) -> tuple[str, ...]:
    """Categories in the form that is kept. Raises Mistake for an empty one."""
    categories = [category_of(names_in(name)) for name in named]
    if "" in categories:
        raise Mistake('a category has a name, as in "World" or "World/Asia"')
    return tuple(dict.fromkeys(categories))


def as_wanted(feed: Feed, wanted: NewFeeds, now: datetime) -> Feed:
    """A feed as it is to be followed. Raises Mistake."""
    return replace(
        feed,
        publisher=wanted.publisher or feed.publisher,
        time_zone=checked_zone(wanted.time_zone) if wanted.time_zone else feed.time_zone,
        categories=(*feed.categories, *checked_categories(wanted.categories)),
        fill_at=now if wanted.archive else None,
    )


def checked_change(change: FeedChange) -> FeedChange:
    """The change with every value in the form that is kept. Raises Mistake."""
    return replace(
        change,
        **{
            name: check(value)
            for name, check in _CHECKS.items()
            if (value := getattr(change, name)) is not UNSET and value is not None
        },
    )


def _checked_secrets(secrets: dict[Kind, str | None]) -> dict[Kind, str | None]:
    return {
        kind: None if value is None else checked_secret(kind, value, "the secret")
        for kind, value in secrets.items()
    }


_CHECKS: dict[str, Any] = {
    "categories": checked_categories,
    "user_agent": checked_user_agent,
    "proxy": checked_proxy,
    "time_zone": checked_zone,
    "claims": lambda domains: tuple(dict.fromkeys(map(checked_domain, domains))),
    "rules": lambda rules: tuple(
        dict.fromkeys(checked_rule(rule.action, rule.of, rule.pattern) for rule in rules)
    ),
    "address": checked_url,
    "secrets": _checked_secrets,
}


def changed_feed(feed: Feed, change: FeedChange, now: datetime) -> Feed:
    """The feed after a checked change. Its secrets are not in it."""
    given = {name: getattr(change, name) for name in change.__struct_fields__ if name != "secrets"}
    given = {name: value for name, value in given.items() if value is not UNSET}
    if "address" in given:
        given["poll_at"] = now
        if given["address"] is not None and feed_key(given["address"]) == feed_key(feed.url):
            given["address"] = None
    after = with_publisher(feed, given.pop("publisher", feed.publisher))
    return replace(after, **given)


def acted_on(feed: Feed, act: Act, now: datetime, *, days: float | None = None) -> Feed:
    """The feed after it was paused, resumed, or asked to be polled, refetched or filled."""
    match act:
        case "pause" | "resume":
            return replace(feed, paused=act == "pause")
        case "poll":
            return replace(feed, poll_at=now)
        case "refetch":
            since = None if days is None else now - timedelta(days=days)
            return replace(feed, refetch_at=now, refetch_since=since)
        case "fill":
            return replace(feed, fill_at=now)
