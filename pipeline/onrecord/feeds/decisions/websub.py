"""WebSub decisions: a feed's hub pushes new entries, in addition to polling. All pure.

A feed that names a hub is subscribed to there, for a lease that is renewed; the hub then sends what
is new, signed with the secret it was given. Hubs die silently (and some take subscriptions and
never push), so nothing is polled less because of one: a feed whose entries have come already has
nothing new when it is polled, and its pace slows by itself. W3C Recommendation, 23 January 2018.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from onrecord.feeds.parsing.entry import HubLinks, absolute_url
from onrecord.records import FeedState, Push, id_of
from onrecord.settings import HttpUrlOrEmpty, key, parse_listen

_LONGEST_LEASE = timedelta(days=30)
_SHORTEST_LEASE = timedelta(minutes=5)
# A subscription is renewed when less than this share of its lease is left.
_RENEWED_AT = 0.5
# A hub that did not answer, or never confirmed, is asked again after so long, then ever later.
_ASKED_AGAIN = timedelta(hours=1)
_MOST_DOUBLINGS = 7


@dataclass(frozen=True, kw_only=True)
class WebSubPolicy:
    """How hubs reach us, and for how long they are asked to push."""

    websub_url: HttpUrlOrEmpty = key(
        "",
        "WebSub: a feed that names a hub is subscribed to there, and the hub pushes what is new at "
        "once. Empty is off; else the public URL under which hubs reach this poller, as in "
        '"https://news.example.org/hubs" (each poller needs one of its own). Feeds are polled all '
        "the same, because hubs fail silently.",
    )
    websub_listen: str = key(
        "127.0.0.1:8098",
        "The address and port at which pushes are received, behind your own web server.",
    )
    websub_lease_s: Annotated[float, Meta(ge=300, le=315_360_000)] = key(
        864_000.0, "How long a subscription at a hub is asked for, in seconds. It is renewed."
    )

    @property
    def callback_url(self) -> str | None:
        """The URL that hubs call, without a slash at its end; None subscribes to nothing."""
        return self.websub_url.rstrip("/") or None

    @property
    def listens_on(self) -> tuple[str, int]:
        """Host and port."""
        return parse_listen(self.websub_listen)


# ── finding the hub ──────────────────────────────────────────────────────────────────────────

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*!#$&+.^`|~-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_MOST_LINK_HEADERS = 20
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


def links_in_headers(headers: Iterable[tuple[str, str]], base: str) -> HubLinks | None:
    """The hub that an answer's Link headers name; None when they name none."""
    by_rel: dict[str, str] = {}
    links = [value for name, value in headers if name.lower() == "link"]
    for value in links[:_MOST_LINK_HEADERS]:
        for target, parameters in _LINK.findall(value[:10_000]):
            rel = _REL.search(parameters)
            url = absolute_url(target, base)
            for word in (rel.group(1) or rel.group(2) or "").lower().split() if rel else ():
                if url is not None:
                    by_rel.setdefault(word, url)
    return HubLinks(by_rel["hub"], by_rel.get("self", base)) if "hub" in by_rel else None


def with_links(push: Push | None, links: HubLinks | None) -> Push | None:
    """The stored state of a hub after the feed has named it, another hub, or none."""
    if links is None:
        return None
    if push is not None and (push.hub, push.topic) == (links.hub, links.topic):
        return push
    return Push(hub=links.hub, topic=links.topic)


# ── subscribing ──────────────────────────────────────────────────────────────────────────────


def is_subscription_due(push: Push | None, now: datetime) -> bool:
    """Whether to ask the hub now: for the first time, anew, or for another lease."""
    if push is None:
        return False
    waits = _ASKED_AGAIN * 2.0 ** min(push.failures, _MOST_DOUBLINGS)
    if push.failures and push.asked_at is not None and now - push.asked_at < waits:
        return False
    if push.until is None or push.lease_s is None:
        return True
    return (push.until - now).total_seconds() < _RENEWED_AT * push.lease_s


def asked(state: FeedState, now: datetime) -> FeedState:
    """The state with a subscription asked for; until the hub confirms it, it counts as failed.

    A secret that an older version kept signs what is on its way; the confirmation ends it.
    """
    if state.push is None:
        return state
    push = replace(
        state.push,
        asked_at=now,
        failures=state.push.failures + 1,
    )
    return replace(state, push=push)


def refused(state: FeedState, reason: str) -> FeedState:
    """The state with the hub's refusal."""
    return state if state.push is None else replace(state, push=replace(state.push, error=reason))


def confirmed(state: FeedState, now: datetime, lease_s: float) -> FeedState:
    """The state with the hub's confirmation, for a lease."""
    if state.push is None:
        return state
    lease = min(max(timedelta(seconds=lease_s), _SHORTEST_LEASE), _LONGEST_LEASE)
    push = replace(
        state.push,
        until=now + lease,
        lease_s=lease.total_seconds(),
        failures=0,
        error=None,
        secret=None,
    )
    return replace(state, push=push)


def subscription(push: Push, feed_url: str, policy: WebSubPolicy, secret: str) -> dict[str, str]:
    """The form that asks a hub for a subscription."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": push.topic,
        "hub.callback": f"{policy.callback_url}/{callback_name(feed_url)}",
        "hub.lease_seconds": f"{policy.websub_lease_s:.0f}",
        "hub.secret": secret,
    }


def callback_name(feed_url: str) -> str:
    """The last part of the URL at which a feed's hub reaches us."""
    return id_of("websub", feed_url)


# ── being told ───────────────────────────────────────────────────────────────────────────────


def lease_confirmed_s(push: Push | None, query: Mapping[str, str]) -> float | None:
    """The lease, when a hub confirms what we asked of it; None when we asked for no such thing.

    Anybody can call: a subscription that was not asked for, or to another topic, is nobody's wish.
    """
    if push is None or push.asked_at is None or query.get("hub.mode") != "subscribe":
        return None
    if query.get("hub.topic") != push.topic or not query.get("hub.challenge"):
        return None
    lease = query.get("hub.lease_seconds", "")
    return float(lease) if re.fullmatch(r"[0-9]{1,9}", lease) else WebSubPolicy().websub_lease_s


def denial(push: Push | None, query: Mapping[str, str]) -> str | None:
    """The reason for a hub's denial of our request; None when it does not deny it."""
    if push is None or push.asked_at is None or query.get("hub.mode") != "denied":
        return None
    if query.get("hub.topic") != push.topic:
        return None
    # Every command reads the policy above; the parser of HTML is needed here alone.
    from onrecord.feeds.text.html import clean

    return f"the hub denies it: {clean(query.get('hub.reason', ''))[:200]}".rstrip(": ")


_ALGORITHMS = frozenset(("sha1", "sha256", "sha384", "sha512"))


def is_signed(push: Push | None, secret: str, signature: str | None, body: bytes) -> bool:
    """Whether the hub that knows our secret sent this body."""
    name, _, given = (signature or "").partition("=")
    if push is None or push.asked_at is None or name.lower() not in _ALGORITHMS:
        return False
    signature = given.strip().lower()
    return any(
        _is_signed_with(each, name.lower(), signature, body)
        for each in (secret, push.secret)
        if each
    )


def _is_signed_with(secret: str, algorithm: str, signature: str, body: bytes) -> bool:
    expected = hmac.new(secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def is_active(push: Push | None, now: datetime) -> bool:
    """Whether a hub is expected to push to us."""
    return push is not None and push.until is not None and push.until > now
