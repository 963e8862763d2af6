"""Chooses the front pages to check for the name of a feed, and keeps the results. All pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from onrecord.feeds.articles.claims import Claims, bare_host, claims_of
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.records import Feed, FeedState, SiteClaim

# A front page that names the feed is believed for so long, one that does not is looked at again.
_BELIEVED = timedelta(days=30)
_LOOKED_AGAIN = timedelta(days=7)
# One that cannot be had just now says nothing: a claim that is known holds, for a day at a time.
_KEPT = timedelta(days=1)
# An aggregator links to thousands of sites: two are looked at a poll, and so many remembered.
_LOOKS_A_POLL = 2
_MOST_SITES = 50
_MOST_UNCLAIMED = 20


def feed_claims(feed: Feed, state: FeedState, fetched_from: str, now: datetime) -> Claims:
    """The claims of a feed whose document came from this URL."""
    named = (
        host
        for host, claim in state.site_claims.items()
        if claim.names and now - claim.looked_at < 2 * _BELIEVED
    )
    return claims_of((feed.url, fetched_from), feed.claims, named)


def unclaimed_hosts(drafts: Iterable[ArticleDraft]) -> tuple[str, ...]:
    """The hosts that entries link to without a claim, those with the most entries first."""
    hosts = Counter(
        bare_host(draft.article.canonical_url)
        for draft in drafts
        if draft.claim is None and draft.article.canonical_url
    )
    return tuple(host for host, _ in hosts.most_common(_MOST_UNCLAIMED))


def sites_to_look_at(
    drafts: Iterable[ArticleDraft], state: FeedState, now: datetime
) -> dict[str, str]:
    """The front pages to look at now, by host."""
    pages: dict[str, str] = {}
    for draft in drafts:
        url = draft.article.canonical_url
        host = bare_host(url) if url else ""
        if url is None or host in pages or draft.claim == "site" or not _is_due(host, state, now):
            continue
        if draft.claim is None or host in state.site_claims:
            scheme, _, rest = url.partition("://")
            pages[host] = f"{scheme}://{rest.partition('/')[0]}/"
        if len(pages) == _LOOKS_A_POLL:
            break
    return pages


def _is_due(host: str, state: FeedState, now: datetime) -> bool:
    known = state.site_claims.get(host)
    if known is None:
        return len(state.site_claims) < _MOST_SITES
    return now - known.looked_at >= (_BELIEVED if known.names else _LOOKED_AGAIN)


def with_looks(
    claims: Mapping[str, SiteClaim], looks: Mapping[str, bool | None], now: datetime
) -> dict[str, SiteClaim]:
    """The stored results for front pages after some were checked; None for one without an answer.

    A claim that was lost to an outage would give the feed's next articles other ids.
    """
    looked = {
        host: _after_look(claims.get(host), is_named, now) for host, is_named in looks.items()
    }
    return {**claims, **looked}


def _after_look(known: SiteClaim | None, is_named: bool | None, now: datetime) -> SiteClaim:
    if is_named is None and known is not None and known.names:
        looked_at = max(known.looked_at, now - _BELIEVED) + _KEPT  # after a stop, it is long past
        return SiteClaim(names=True, looked_at=looked_at)
    return SiteClaim(names=bool(is_named), looked_at=now)
