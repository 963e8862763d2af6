"""The feeds of the configured log, as the HTTP interface and the pages show and change them."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from socket import SOCK_STREAM, getaddrinfo
from urllib.parse import urlsplit

from msgspec import UNSET
from msgspec.structs import replace

from onrecord.config import Config
from onrecord.errors import Mistake, UnknownTopic
from onrecord.feeds.addresses import Network, fault_in
from onrecord.feeds.discover import Look
from onrecord.feeds.feed_list import each_once, feed_from_url, opml_list
from onrecord.feeds.feed_secrets import names_a_secret
from onrecord.feeds.opml import to_opml
from onrecord.feeds.private_urls import public_url
from onrecord.log.interface import Log
from onrecord.processing.feeds.listed import FeedDetail, ListedFeed, feed_detail, listed_feeds
from onrecord.processing.feeds.requests import (
    Act,
    AddedFeeds,
    FeedChange,
    NewFeeds,
    RefusedUrl,
    acted_on,
    as_wanted,
    changed_feed,
    checked_change,
)
from onrecord.processing.feeds.subscriptions import (
    Followed,
    change_feeds,
    followed_as,
    followed_feeds,
    remove_feeds,
)
from onrecord.records import Feed
from onrecord.wiring.opening import open_log, topics_of
from onrecord.wiring.polling import follow, keep_secrets, kept_url, look_at, public_feeds
from onrecord.wiring.process import now

# The name of a list that was sent, in the messages about it.
_SENT_LIST = Path("the list")
# For all URLs of a request together: somebody waits for the answer, and other requests do.
_LOOK_S = 60.0


class LogFeeds:
    """Feeds are read from the server's log, and changed in a log that is opened for each change.

    All methods block, and raise Mistake for what cannot be done.
    """

    def __init__(self, config: Config, log: Log) -> None:
        self._config = config
        self._log = log
        self._topics = topics_of(config)

    def all(self) -> list[ListedFeed]:
        """The followed feeds with their health."""
        try:
            return listed_feeds(self._log, self._topics, now())
        except UnknownTopic:  # the log is new, or not ours to write
            return []

    def find(self, url: str) -> FeedDetail | None:
        """One feed with its last polls; None when it is not followed."""
        try:
            return feed_detail(self._log, self._topics, url, now())
        except UnknownTopic:
            return None

    def opml(self) -> str:
        """The feeds as OPML, without secrets."""
        try:
            return to_opml(followed_feeds(self._log, self._topics))
        except UnknownTopic:
            return to_opml(())

    def add(self, wanted: NewFeeds) -> AddedFeeds:
        """Look at URLs once, and follow the feeds there."""
        config = self._config
        feeds = public_feeds(config, each_once(map(feed_from_url, wanted.urls)))
        with open_log(config) as log:
            known = followed_as(log, self._topics, [feed.url for feed in feeds])
            looks = {} if wanted.unseen else _looked_at(config, feeds, known)
            refused: list[RefusedUrl] = []
            seen = list(_seen(feeds, looks, wanted, refused.append))
            chosen = [as_wanted(feed, wanted, now()) for feed in seen]
            followed = follow(config, log, chosen, by_hand=True)
        return replace(_added(followed, chosen, known), refused=tuple(refused))

    def follow_opml(self, document: bytes) -> AddedFeeds:
        """Follow the feeds of an OPML document, in its folders and with its settings, unseen."""
        listed = opml_list(document, _SENT_LIST)
        faults = list(map(str, listed.faults))
        feeds = public_feeds(self._config, list(self._allowed(listed.feeds, faults.append)))
        with open_log(self._config) as log:
            known = followed_as(log, self._topics, [feed.url for feed in feeds])
            followed = follow(self._config, log, feeds, by_hand=True)
        return replace(_added(followed, feeds, known), faults=tuple(faults))

    def _allowed(self, feeds: Iterable[Feed], passed_over: Callable[[str], None]) -> Iterator[Feed]:
        """The feeds that may be followed as they are listed; no outline names a file of ours."""
        for feed in feeds:
            try:
                if feed.proxy is not None:
                    _check_proxy(feed.proxy, self._config.feeds.allowed)
            except Mistake as error:
                passed_over(f"{public_url(feed.url)}: {error}")
                continue
            for name in filter(names_a_secret, feed.attributes):
                passed_over(f"{public_url(feed.url)}: {name} is left out: send secrets by PATCH")
            kept = {k: v for k, v in feed.attributes.items() if not names_a_secret(k)}
            yield replace(feed, attributes=kept)

    def change(self, url: str, change: FeedChange) -> None:
        """Change what holds for a feed."""
        checked = checked_change(change)
        if checked.address is not UNSET and checked.address is not None:
            checked = replace(checked, address=kept_url(self._config, checked.address))
        if checked.proxy is not UNSET and checked.proxy is not None:
            _check_proxy(checked.proxy, self._config.feeds.allowed)
        self._write(url, lambda feed: self._changed(feed, checked))

    def _changed(self, feed: Feed, change: FeedChange) -> Feed:
        after = changed_feed(feed, change, now())
        if change.secrets is UNSET or not change.secrets:
            return after
        return keep_secrets(self._config, after, change.secrets)

    def act(self, url: str, act: Act, *, days: float | None = None) -> None:
        """Pause or resume a feed, or have it polled, refetched or filled by whoever polls it."""
        self._write(url, lambda feed: acted_on(feed, act, now(), days=days))

    def remove(self, url: str) -> None:
        """Stop following a feed."""
        with open_log(self._config) as log:
            remove_feeds(log, self._topics, [url], clock=now)

    def _write(self, url: str, change: Callable[[Feed], Feed]) -> None:
        with open_log(self._config) as log:
            change_feeds(log, self._topics, [url], change, clock=now)


def _check_proxy(proxy: str, allowed: Sequence[Network]) -> None:
    """Raise Mistake for a proxy at an address that a feed must not have.

    Who writes over HTTP may be elsewhere: requests by a machine of our own network would reach what
    `feeds.allow_addresses` keeps from feeds. The command, which runs on this machine, can set any.
    """
    host = urlsplit(proxy).hostname or ""
    try:
        found = getaddrinfo(host, None, type=SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Mistake(f"the proxy {host[:100]!r} is not found") from None
    for *_, address in found:
        if fault := fault_in(str(address[0]), allowed):
            raise Mistake(
                f"the proxy {host[:100]!r} has a {fault} address: allow it by "
                "feeds.allow_addresses, or set it by `onrecord feeds set URL --proxy`"
            )


def _added(followed: Followed, feeds: Iterable[Feed], known: Mapping[str, str]) -> AddedFeeds:
    touched = [feed.url for feed in (*followed.added, *followed.changed)]
    return AddedFeeds(
        added=tuple(feed.url for feed in followed.added),
        changed=tuple(feed.url for feed in followed.changed),
        known=tuple(feed.url for feed in feeds if known.get(feed.url, feed.url) not in touched),
        refused=(),
    )


def _looked_at(config: Config, feeds: Iterable[Feed], known: Collection[str]) -> Mapping[str, Look]:
    unknown = [feed.url for feed in feeds if feed.url not in known]
    return {look.url: look for look in asyncio.run(look_at(config, unknown, within_s=_LOOK_S))}


def _seen(
    feeds: Iterable[Feed],
    looks: Mapping[str, Look],
    wanted: NewFeeds,
    refuse: Callable[[RefusedUrl], None],
) -> Iterator[Feed]:
    """The feeds to follow; those at whose URL there is none are refused."""
    for feed in feeds:
        look = looks.get(feed.url)
        if look is None or look.itself is not None or (look.is_passing and not look.named):
            yield feed
        elif look.named and wanted.every_feed:
            for found in look.named:
                yield Feed(url=found.url)
        elif look.named:
            reason = "this is a page; follow some of its feeds, or all with every_feed"
            refuse(RefusedUrl(url=feed.url, reason=reason, feeds=look.named))
        else:
            refuse(RefusedUrl(url=feed.url, reason=look.error or "there is no feed"))
