"""Following feeds."""

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

from msgspec import structs

from onrecord.config import Config
from onrecord.errors import FeedListError, Mistake, OnrecordError
from onrecord.feeds.articles.revisions import MemoryPolicy
from onrecord.feeds.check import Verdict
from onrecord.feeds.check import check_feed as check
from onrecord.feeds.decisions.conditional import is_poll_due
from onrecord.feeds.discover import FoundFeed, Look, discover_feeds
from onrecord.feeds.discover import look_at as look_at_urls
from onrecord.feeds.feed_list import each_once, feed_from_url, read_feed_list
from onrecord.feeds.feed_secrets import Kind, secrets_named_in
from onrecord.feeds.feed_urls import feed_key
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.polling.capture import Capture
from onrecord.feeds.polling.due_feeds import IsDue
from onrecord.feeds.polling.poller import Poller, PollReport
from onrecord.feeds.private_urls import PrivateFile, WholeUrls, hub_secret, public_url
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log
from onrecord.log.opening import is_there as log_exists
from onrecord.processing.feeds.ledger import FeedLedger, LedgerPolicy
from onrecord.processing.feeds.subscriptions import (
    Followed,
    change_feeds,
    feed_statuses,
    publish_feeds,
)
from onrecord.records import Feed, FeedState
from onrecord.tracing import tracer_of
from onrecord.wiring.opening import open_log, topics_of
from onrecord.wiring.process import now, slot_name


def read_feeds(
    config: Config,
    named: Sequence[str] | None,
    passed_over: Callable[[FeedListError], None],
) -> list[Feed]:
    """The feeds of these lists and URLs, else of the configured list.

    `passed_over` is called for each outline and line that is not a feed. Raises FeedListError.
    """
    path = config.feeds.list_path
    feeds: list[Feed] = []
    for name in named or ([] if path is None else [str(path)]):
        if "://" in name:
            feeds.append(feed_from_url(name))
            continue
        feeds += listed_feeds(Path(name), passed_over, partial(keep_secrets, config))
    return public_feeds(config, each_once(feeds))


def listed_feeds(
    path: Path,
    passed_over: Callable[[FeedListError], None],
    kept: Callable[[Feed, Mapping[Kind, str]], Feed],
) -> Iterator[Feed]:
    """The feeds of a list; `kept` is given the secrets that the outline of a feed names.

    `passed_over` is called for each outline and line that is not a feed. Raises FeedListError.
    """
    listed = read_feed_list(path)
    for fault in listed.faults:
        passed_over(fault)
    for feed in listed.feeds:
        try:
            secrets = dict(secrets_named_in(feed.attributes, path.parent, os.environ))
            found = kept(feed, secrets) if secrets else feed
        except Mistake as error:
            passed_over(FeedListError(f"{path}: {public_url(feed.url)}: {error}", file=str(path)))
        else:
            yield found


def public_feeds(config: Config, feeds: Iterable[Feed]) -> list[Feed]:
    """The feeds under public URLs; those with secrets in them are kept in the private file."""
    public = {feed.url: public_url(feed.url) for feed in feeds}
    if secret := {name: whole for whole, name in public.items() if name != whole}:
        _private_file(config).keep(secret)
    return [structs.replace(feed, url=public[feed.url]) for feed in feeds]


def keep_secrets(config: Config, feed: Feed, secrets: Mapping[Kind, str | None]) -> Feed:
    """The feed, after its secrets were kept in the private file; None forgets one."""
    url = public_url(feed.url)
    private = _private_file(config)
    held = private.secrets().get(url, {})
    if any(held.get(kind) != value for kind, value in secrets.items()):
        private.keep_secrets(url, {str(kind): value for kind, value in secrets.items()})
    kinds = {*feed.secrets, *secrets} - {kind for kind, value in secrets.items() if value is None}
    return structs.replace(feed, secrets=tuple(sorted(kinds)))


def kept_url(config: Config, url: str) -> str:
    """The public URL; the whole one, if it holds a secret, is kept in the private file."""
    return public_feeds(config, [Feed(url=url)])[0].url


def _private_file(config: Config) -> PrivateFile:
    return PrivateFile(Path(config.feeds.private_file))


def follow(config: Config, log: Log, feeds: Iterable[Feed], *, by_hand: bool) -> Followed:
    """Follow feeds that are not followed yet, and change the others as a list says."""
    return publish_feeds(log, topics_of(config), feeds, by_hand=by_hand, clock=now)


def ledger(config: Config, log: Log, only: Collection[str] | None) -> FeedLedger:
    """A member of the pollers' group, restricted to some feeds by URL or not."""
    return FeedLedger(
        log,
        topics_of(config),
        name=slot_name(config, "poll"),
        policy=LedgerPolicy(),
        clock=now,
        only=only,
        tracer=tracer_of(config.traces),
    )


def poller(
    config: Config,
    ledger: FeedLedger,
    *,
    report: Callable[[PollReport], None],
    outage: Outage,
    alive: Callable[[], None],
    is_due: IsDue = is_poll_due,
) -> Poller:
    """A poller over a ledger."""
    return Poller(
        ledger,
        _fetcher(config),
        policy=config.feeds,
        memory=MemoryPolicy(),
        shares=config.feeds,
        readers=config.feeds,
        full_text=config.feeds.full_text,
        websub=config.feeds,
        keep=Capture(Path(config.feeds.keep_answers)).keep if config.feeds.keep_answers else None,
        clock=now,
        random=Random().random,  # noqa: S311  it only spreads polls
        secret_of=_hub_secrets(config),
        report=report,
        away=partial(outage.note, "poll"),
        alive=alive,
        is_due=is_due,
    )


def _hub_secrets(config: Config) -> Callable[[str], str]:
    """The secret shared with each feed's hub; the key is made when hubs are asked at all."""
    if config.feeds.callback_url is None:
        return lambda _: ""
    return partial(hub_secret, _private_file(config).hub_key())


def _fetcher(config: Config) -> Fetcher:
    policy = replace(config.feeds, longest_hold_s=config.feeds.longest_interval_s)
    private = WholeUrls(_private_file(config))
    return Fetcher(policy, private, private.secrets_of)


async def check_feed(config: Config, feed: Feed, state: FeedState) -> Verdict:
    """What a poll of a feed would do now, given its state."""
    return await check(
        feed,
        state,
        _fetcher(config),
        now(),
        policy=config.feeds,
        readers=config.feeds,
        full_text=config.feeds.full_text,
    )


def remembered_feeds(config: Config) -> dict[str, tuple[Feed, FeedState]]:
    """The followed feeds with their states, by `feed_key`; empty where there is no log yet."""
    if not log_exists(config.log.url):
        return {}
    with open_log(config) as log:
        statuses = feed_statuses(log, topics_of(config), with_entries=True)
        return {feed_key(feed.url): (feed, state) for feed, state in statuses}


def followed(config: Config, log: Log, urls: Sequence[str]) -> list[Feed]:
    """The followed feeds of these URLs. Raises Mistake naming one that is not followed."""
    return change_feeds(log, topics_of(config), urls, lambda feed: feed, clock=now)


def poll_now(config: Config, log: Log, feeds: Sequence[Feed]) -> list[PollReport]:
    """Poll these feeds, due or not; reports on those that were asked."""
    reports: list[PollReport] = []
    with ledger(config, log, {feed.url for feed in feeds}) as opened:
        polling = poller(
            config,
            opened,
            report=reports.append,
            outage=Outage(lambda _: None),
            alive=lambda: None,
            is_due=lambda *_: True,
        )
        asyncio.run(polling.poll_due())
    with suppress(OnrecordError):  # it was made for this poll, and need not be kept
        log.delete_group(opened.group)
    return reports


async def look_at(
    config: Config, urls: Sequence[str], *, within_s: float | None = None
) -> list[Look]:
    """What stands at each of these URLs: a feed, a page that names feeds, or neither."""
    if not urls:
        return []
    looks = await look_at_urls(urls, _fetcher(config), config.feeds, within_s=within_s)
    return [replace(look, named=tuple(_kept_feeds(config, look.named))) for look in looks]


async def discover(config: Config, url: str) -> list[FoundFeed]:
    """The feeds of a site. Raises FetchError."""
    return _kept_feeds(config, await discover_feeds(url, _fetcher(config), config.feeds))


def _kept_feeds(config: Config, found: Iterable[FoundFeed]) -> list[FoundFeed]:
    """Feeds that were found, under public URLs; the whole ones are kept, to be asked by."""
    return [replace(feed, url=kept_url(config, feed.url)) for feed in found]
