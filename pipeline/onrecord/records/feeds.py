"""Feeds that are followed, and what is remembered of each between polls."""

from typing import ClassVar, Literal

import msgspec

from onrecord.records.base import Count, Part, Record, Share, Time


class FeedRule(Part, frozen=True, kw_only=True):
    """Keeps or blocks entries before they are published.

    `of` names the part of an entry that is compared: a phrase in its title and text ("words"), one
    of its categories ("section"), the name of an author, or a regular expression (RE2) in its URL.
    """

    action: Literal["keep", "block"]
    of: Literal["words", "section", "author", "url"]
    pattern: str


class Feed(Record, frozen=True, kw_only=True, tag="onrecord.feed"):
    """A subscription: one feed that we follow, or followed.

    `followed` is False for a feed that a person removed: it is remembered, so that a feed list
    which still names it does not bring it back. `paused` feeds are followed and not asked.
    `address` is asked instead of the URL where a person moved the feed. `categories` are the
    user's own: paths of folder names with "/" between them, "//" for a slash within a name.
    `attributes` are those of its outline that mean nothing to us, kept for export; `outlines` are
    those of the folders it stands in, by category, and with the first feed of a list the rest of
    that list: folders without feeds, and its head under "". `listed` marks what a feed list said
    of it last.

    `time_zone` is the IANA name of the zone that its dates without one are written in; None for
    UTC. `claims` are domains that the feed speaks for though it does not come from there; a person
    says so. `full_text`, `interval_s`, `user_agent` and `proxy` are settings of this feed alone;
    None for those of the configuration. `secrets` names the kinds that are kept for it in the
    private file. Of `rules`, one that blocks counts for more than one that keeps; with any that
    keep, an entry needs one of those. `id_publisher` is the publisher that ids of entries without
    a URL were made of before it was changed; None when it never was.

    Pages of entries that were published with the feed's text are asked for again at the first poll
    after `refetch_at`; with `refetch_since`, the pages of all entries from then on. `poll_at` asks
    for a poll at once, `fill_at` for the articles of its archive (RFC 5005).
    """

    REWRITTEN: ClassVar[bool] = True

    url: str
    publisher: str | None = None
    title: str | None = None
    language: str | None = None
    followed: bool = True
    time_zone: str | None = None
    claims: tuple[str, ...] = ()
    refetch_at: Time | None = None
    refetch_since: Time | None = None
    paused: bool = False
    poll_at: Time | None = None
    fill_at: Time | None = None
    address: str | None = None
    categories: tuple[str, ...] = ()
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    outlines: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    full_text: Literal["feed", "page", "auto"] | None = None
    interval_s: float | None = None
    user_agent: str | None = None
    proxy: str | None = None
    secrets: tuple[str, ...] = ()
    rules: tuple[FeedRule, ...] = ()
    listed: str | None = None
    id_publisher: str | None = None


class Seen(Part, frozen=True, kw_only=True):
    """What we remember of an entry: the article it became, and its text as this feed gave it.

    `content_hash` is that of the article as this feed led to it, `given` that of the text in the
    feed, None when they are the same; `before` are the last few given before that, the newest
    first. `bare` tells the entry by its guid without scheme and host. `returns` counts the texts
    that came back lately and were taken for edits undone, the last of them at `returned_at`.
    `due` is the date of an entry of the current document when that was still to come. `traces`
    tell the entry by its date and text, or its date and the number in its URL.
    `page_failures` counts how often its page was asked for in vain, `page_again_at` is when it is
    asked for again, None for never. Of the last day's `edits`, the last at `edited_at`, `pieces` is
    the text's fingerprint, `edits_alike` how many in a row changed it in `edit_places` only.
    `feed` is the feed that published the revision; it is known of what is on the topic, and not
    kept in a feed's state. `withdrawn_at` is when the publisher withdrew it.
    """

    article_id: str
    revision: Count
    content_hash: str
    given: str | None = None
    before: tuple[str, ...] = ()
    bare: str | None = None
    returns: Count = 0
    returned_at: Time | None = None
    due: Time | None = None
    traces: tuple[str, ...] = ()
    page_failures: Count = 0
    page_again_at: Time | None = None
    edits: Count = 0
    edited_at: Time | None = None
    edits_alike: Count = 0
    edit_places: tuple[int, ...] = ()
    pieces: str = ""
    feed: str | None = None
    withdrawn_at: Time | None = None


class SiteClaim(Part, frozen=True, kw_only=True):
    """Whether the front page of an entry's site `names` the feed, and when that was looked up."""

    names: bool
    looked_at: Time


class Move(Part, frozen=True, kw_only=True):
    """A permanent redirect: where to, since when it is seen at every poll, and how often."""

    url: str
    since: Time
    seen: Count = 1


class Hold(Part, frozen=True, kw_only=True):
    """A host that asked to be left alone until a time."""

    host: str
    until: Time


class Doubt(Part, frozen=True, kw_only=True):
    """Validators of a document that has changed since: no server may answer them with 304."""

    etag: str | None = None
    last_modified: str | None = None


class Push(Part, frozen=True, kw_only=True):
    """A feed's hub (WebSub), the URL it knows the feed by, and our subscription there.

    `secret` signs what it sends. It was asked at `asked_at`, and confirmed it until `until`, for
    `lease_s`; `failures` counts how often in a row it was asked and did not, `error` says why.
    `pushes` counts what came, `missed` the articles that a poll found and it should have brought.
    """

    hub: str
    topic: str
    secret: str | None = None
    asked_at: Time | None = None
    until: Time | None = None
    lease_s: float | None = None
    failures: Count = 0
    error: str | None = None
    pushes: Count = 0
    missed: Count = 0
    last_push_at: Time | None = None


class PollNote(Part, frozen=True, kw_only=True):
    """One of a feed's last polls: what came, and what was decided.

    `status` is HTTP's; `new`, `edited` and `blocked` count entries; `why` says why the next poll
    was planned for when it was, `error` why this one failed.
    """

    at: Time
    status: int | None = None
    new: Count = 0
    edited: Count = 0
    blocked: Count = 0
    error: str | None = None
    why: str | None = None


class BlockedEntry(Part, frozen=True, kw_only=True):
    """An entry that a rule kept from being published. `identity` is its key within the feed."""

    identity: str
    title: str = ""
    url: str | None = None
    rule: str
    at: Time


class FeedState(Record, frozen=True, kw_only=True, tag="onrecord.feed-state"):
    """What is remembered of a feed between polls.

    `etag` and `last_modified` are the server's validators, byte for byte. `seen` is keyed by
    the entry's identity within the feed, the most recent first. `ttl_s`, `update_s`, `skip_hours`
    and `skip_days` are what the feed says about when to ask again; `pace_s`, `gap_s` and `span_s`
    how it publishes (see `feeds.schedule.Rhythm`). `overlap` is the share of its last changed
    document that we had seen before: 0 means that entries may have been lost. `delay_s` is the
    usual time from an entry's publication until it is on the topic, `prompt` the share of new
    entries that were published since the poll before, and so seen within one interval. `interval_s`
    is the wait until the next poll, and `why` says why that long. `address` is asked instead of the
    URL after a permanent redirect was seen for days, `move` is one that is not believed yet.
    `conditional` is False once the server was caught saying "not modified" of what had been; the
    next poll is made with the validators in `doubt`, if any, to catch it. `push` is the feed's hub,
    if it names one. `failures` counts polls failed since the last success; `error` says why the
    last poll failed, None when it did not. `waiting` counts new entries of the last document that
    wait for later polls, `pages_missing` those whose pages are asked for again, and `restless`
    those whose texts change by themselves. `unclaimed` are hosts that entries link to without the
    feed having a claim to them, `site_claims` what their front pages say of that, by host.
    `refetched_at` is when pages were last asked for again because a person wanted it.
    `failing_since` is the first of the polls that failed in a row. `history` has the last polls,
    the newest first. `blocked` counts entries that rules kept from being published,
    `blocked_entries` are the last of them. `archive_next` is the part of the feed's archive to read
    next after `archive_parts`, `filled_at` when all of it was read.
    """

    REWRITTEN: ClassVar[bool] = True

    url: str
    address: str | None = None
    move: Move | None = None
    hold: Hold | None = None
    push: Push | None = None
    conditional: bool = True
    doubt: Doubt | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    title: str | None = None
    ttl_s: float | None = None
    update_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    pace_s: float | None = None
    gap_s: float | None = None
    span_s: float | None = None
    overlap: Share | None = None
    delay_s: float | None = None
    prompt: Share | None = None
    waiting: Count = 0
    pages_missing: Count = 0
    restless: Count = 0
    unclaimed: tuple[str, ...] = ()
    site_claims: dict[str, SiteClaim] = msgspec.field(default_factory=dict)
    refetched_at: Time | None = None
    failing_since: Time | None = None
    history: tuple[PollNote, ...] = ()
    blocked: Count = 0
    blocked_entries: tuple[BlockedEntry, ...] = ()
    archive_next: str | None = None
    archive_parts: Count = 0
    filled_at: Time | None = None
    seen: dict[str, Seen] = msgspec.field(default_factory=dict)
    next_poll_at: Time | None = None
    last_poll_at: Time | None = None
    last_success_at: Time | None = None
    last_new_at: Time | None = None
    interval_s: float | None = None
    why: str | None = None
    polls: Count = 0
    failures: Count = 0
    status: int | None = None
    error: str | None = None
    entries: Count = 0
    articles: Count = 0
