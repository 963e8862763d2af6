"""What is remembered of a feed between polls, and what a poll leads to.

All pure. `decide` takes what a poll found out and gives the articles to publish and the state to
remember; whoever calls it writes both in one step. What makes an article new, edited or known
already is said here and nowhere else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from urllib.parse import urlsplit
from zlib import crc32

from msgspec.structs import replace

from pipeline.feeds.article import Draft
from pipeline.feeds.fetch import FetchRequest, FetchResponse, Redirect
from pipeline.feeds.schedule import (
    NO_HINTS,
    NO_WISHES,
    Hints,
    PollPolicy,
    Rhythm,
    ServerWishes,
    failure_of,
    gap_and_span_s,
    next_pace_s,
    plan,
)
from pipeline.records import Article, Feed, FeedState, Hold, Move, Seen

# Given an article's id: the newest revision on the topic, whatever feed it came from; None when
# the topic, as far back as it is remembered, has none.
Published = Callable[[str], Seen | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPolicy:
    """How many entries a feed's state remembers.

    All of the current document, and so many in all if that is more: `remembered`, or
    `documents` times the document. Entries come back after they left: some feeds are sorted by
    popularity, some servers take turns in answering and do not agree. What is remembered is
    written at every poll, about 150 bytes an entry.
    """

    remembered: int = 200
    documents: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A poll that brought a document.

    `lied` is whether the server says "not modified" to the validators of the document before.
    """

    drafts: tuple[Draft, ...]
    wishes: ServerWishes
    body_hash: str
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[Redirect, ...] = ()
    lied: bool = False
    title: str | None = None
    hints: Hints = NO_HINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A poll that brought nothing new: 304, or the same bytes once more.

    Validators are those of this answer; None keeps what we have.
    """

    status: int
    wishes: ServerWishes
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A poll that failed. `status` is HTTP's, if it came so far.

    `held_host` is a host that asked, with this answer, to be left alone altogether.
    """

    error: str
    status: int | None = None
    wishes: ServerWishes = NO_WISHES
    held_host: str | None = None


Outcome = Read | Unchanged | Failed


@dataclass(frozen=True, slots=True)
class Decision:
    """What to publish and what to remember, in one step. `articles` in the feed's order."""

    articles: tuple[Article, ...]
    state: FeedState


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
) -> Decision:
    """What a poll leads to. `jitter` is a number in [0, 1)."""
    polled = replace(state, url=feed.url, last_poll_at=now, polls=state.polls + 1, hold=None)
    match outcome:
        case Failed():
            return Decision((), _after_failure(polled, outcome, now, policy, jitter))
        case Unchanged():
            polled = replace(polled, pace_s=next_pace_s(state.pace_s, 0.0, policy))
            after = _after_success(polled, outcome, outcome.status, now, policy, jitter)
            etag = outcome.etag or state.etag
            modified = outcome.last_modified or state.last_modified
            after = _redirected(after, outcome.redirects, now)
            return Decision((), replace(after, etag=etag, last_modified=modified))
        case Read():
            polled = _with_rhythm(polled, outcome, now, policy)
            polled = replace(polled, conditional=state.conditional and not outcome.lied)
            after = _after_success(polled, outcome, 200, now, policy, jitter)
            after = _redirected(after, outcome.redirects, now)
            return _read(after, outcome, published, now, memory)


# ── what to ask ──────────────────────────────────────────────────────────────────────────────

# One poll in so many is made without validators, to catch servers that say "not modified" of
# what was. Not one of the first: there is nothing yet to have missed.
_UNCONDITIONAL_EVERY = 25
_UNCONDITIONAL_AFTER = 12


def request_for(feed: Feed, state: FeedState) -> FetchRequest:
    """What to ask of a feed's server now."""
    url = state.address or feed.url
    # Not all feeds at once: each has its turn by its URL.
    turn = (state.polls + crc32(feed.url.encode())) % _UNCONDITIONAL_EVERY
    is_turn = state.polls >= _UNCONDITIONAL_AFTER and turn == 0
    if is_turn or not state.conditional:
        return FetchRequest(url=url)
    return FetchRequest(url=url, etag=state.etag, last_modified=state.last_modified)


def lie_test(state: FeedState, request: FetchRequest) -> FetchRequest | None:
    """What to ask in order to find out whether the server lies; None when there is no doubt.

    After a poll without validators has brought another document than the one we had, the old
    validators must not be answered with "not modified".
    """
    had = FetchRequest(url=request.url, etag=state.etag, last_modified=state.last_modified)
    if request.is_conditional or not state.conditional or not had.is_conditional:
        return None
    return had if state.body_hash is not None else None


def is_same_validators(had: FetchRequest, response: FetchResponse) -> bool:
    """Whether another document came under the very validators that we have: that is a lie too."""
    return (had.etag, had.last_modified) == (response.etag, response.last_modified)


# ── where it moved ───────────────────────────────────────────────────────────────────────────

# A permanent redirect is believed when it was seen at every poll for so long and so often: a
# hotel's network or a broken release says 301 too, and whoever believed it lost all feeds.
_BELIEVED_AFTER = timedelta(days=7)
_BELIEVED_SEEN = 5
# An adopted address that fails as often as this in a row is given up for the subscribed one.
_DISBELIEVED_FAILURES = 3
_PERMANENT = (301, 308)


def _redirected(state: FeedState, redirects: tuple[Redirect, ...], now: datetime) -> FeedState:
    """The state after a success: a redirect is adopted, watched or forgotten."""
    if not redirects or any(hop.status not in _PERMANENT for hop in redirects):
        return replace(state, move=None)
    asked, target = state.address or state.url, redirects[-1].url
    if _is_upgrade(asked, target):
        return replace(state, address=target, move=None)
    move = state.move
    if move is None or move.url != target:
        return replace(state, move=Move(url=target, since=now))
    move = replace(move, seen=move.seen + 1)
    if now - move.since >= _BELIEVED_AFTER and move.seen >= _BELIEVED_SEEN:
        return replace(state, address=target, move=None)
    return replace(state, move=move)


def _is_upgrade(url: str, target: str) -> bool:
    """Whether the target is the same URL over TLS."""
    before, after = urlsplit(url), urlsplit(target)
    return (
        (before.scheme, after.scheme) == ("http", "https")
        and before.hostname == after.hostname
        and before.port in (None, 80)
        and after.port in (None, 443)
        and (before.path or "/", before.query) == (after.path or "/", after.query)
    )


# ── entries ──────────────────────────────────────────────────────────────────────────────────


def _read(
    state: FeedState, outcome: Read, published: Published, now: datetime, memory: MemoryPolicy
) -> Decision:
    articles, current = _compare(outcome.drafts, state.seen, published)
    delays = _delays_s(articles, state, now)
    return Decision(
        articles,
        replace(
            state,
            etag=outcome.etag,
            last_modified=outcome.last_modified,
            body_hash=outcome.body_hash,
            title=outcome.title or state.title,
            seen=_remember(current, state.seen, memory),
            entries=len(outcome.drafts),
            articles=state.articles + len(articles),
            delay_s=_smoothed(state.delay_s, delays),
            last_new_at=now if articles else state.last_new_at,
        ),
    )


# How many texts of an article are remembered: as many as servers of one publisher may disagree.
_MOST_BEFORE = 4
# Two entries with as much text in common, word for word, are one article under a new name.
_TELLING_CHARS = 60


def missing(
    drafts: tuple[Draft, ...], seen: Mapping[str, Seen], published: Published
) -> list[Draft]:
    """The drafts that would become articles or revisions: their pages are worth fetching."""
    ladder = _Ladder(drafts, seen)
    wanted: dict[str, Draft] = {}
    for draft in drafts:
        known = ladder.find(draft)
        is_news = not _is_known_text(draft, known) if known else not published(draft.article.id)
        if is_news:
            wanted.setdefault(known.article_id if known else draft.article.id, draft)
    return list(wanted.values())


def _compare(
    drafts: tuple[Draft, ...], seen: Mapping[str, Seen], published: Published
) -> tuple[tuple[Article, ...], dict[str, Seen]]:
    """The articles to publish, and what is now seen of each entry, in the document's order."""
    ladder = _Ladder(drafts, seen)
    articles: list[Article] = []
    current: dict[str, Seen] = {}
    newest: dict[str, Seen] = {}
    for draft in drafts:
        if draft.identity in current:
            continue
        known = ladder.find(draft)
        article = _with_known(draft, known)
        last = newest.get(article.id) or published(article.id) or known
        # The same article twice in one document: the first one speaks for both.
        revised = None if article.id in newest else _revised(article, known, last)
        if revised is not None:
            articles.append(revised)
        revision = revised.revision if revised else last.revision if last else 1
        current[draft.identity] = _seen(draft, article, known, revision)
        newest.setdefault(article.id, current[draft.identity])
    return tuple(articles), current


def _with_known(draft: Draft, known: Seen | None) -> Article:
    """The draft's article under the id it has, and with the hash it has if its text is known."""
    if known is None:
        return draft.article
    article = replace(draft.article, id=known.article_id)
    if _is_known_text(draft, known):
        return replace(article, content_hash=known.content_hash)
    return article


def _is_known_text(draft: Draft, known: Seen) -> bool:
    """Whether the feed gave this text last time, or a few times ago.

    Servers take turns in answering and do not agree: what comes back is no edit.
    """
    return draft.given == (known.given or known.content_hash) or draft.given in known.before


class _Ladder:
    """Finds what we know of an entry, rung by rung.

    Its identity; the link, when the guid has changed; the guid without scheme and host, when the
    site has moved; title and text, when everything else has changed. The lower rungs find only
    entries that have left the document, and each of them once: what is still there is another.
    """

    def __init__(self, drafts: tuple[Draft, ...], seen: Mapping[str, Seen]) -> None:
        present = {draft.identity for draft in drafts}
        gone = [known for identity, known in seen.items() if identity not in present]
        self._seen = seen
        self._by_article = {known.article_id: known for known in reversed(tuple(seen.values()))}
        self._by_bare = _each_alone((known.bare, known) for known in gone)
        self._by_text = _each_alone((known.given or known.content_hash, known) for known in gone)

    def find(self, draft: Draft) -> Seen | None:
        """What is known of a draft's entry; None when it is new to this feed."""
        known = self._seen.get(draft.identity) or self._by_article.get(draft.article.id)
        if known is None and draft.bare is not None:
            known = self._by_bare.pop(draft.bare, None)
        if known is None and len(draft.article.title + draft.article.text) >= _TELLING_CHARS:
            known = self._by_text.pop(draft.given, None)
        return known


def _each_alone(pairs: Iterable[tuple[str | None, Seen]]) -> dict[str, Seen]:
    """By name, without the names that several articles have."""
    by_name: dict[str, Seen] = {}
    several: set[str] = set()
    for name, known in pairs:
        if name is None:
            continue
        if by_name.setdefault(name, known).article_id != known.article_id:
            several.add(name)
    return {name: known for name, known in by_name.items() if name not in several}


def _revised(article: Article, known: Seen | None, last: Seen | None) -> Article | None:
    """The article as it must be published; None when what is published stands.

    `known` is what this feed said of it last, `last` what was published last. Only a feed that
    agreed with what is published can edit it: two feeds that carry one article, one of them
    shortened, would otherwise correct each other at every poll, for ever.
    """
    if last is None:
        return article
    if article.content_hash == last.content_hash:
        return None
    if known is None or known.content_hash != last.content_hash:
        return None
    return replace(article, revision=last.revision + 1, supersedes=last.content_hash)


def _seen(draft: Draft, article: Article, known: Seen | None, revision: int) -> Seen:
    """What is remembered of an entry after this poll."""
    given, before = draft.given, known.before if known else ()
    if known is not None:
        previous = known.given or known.content_hash
        if _is_known_text(draft, known):
            given = previous
        else:
            before = (previous, *before)[:_MOST_BEFORE]
    return Seen(
        article_id=article.id,
        revision=revision,
        content_hash=article.content_hash,
        given=given if given != article.content_hash else None,
        before=before,
        bare=draft.bare,
    )


def _remember(
    current: Mapping[str, Seen], seen: Mapping[str, Seen], memory: MemoryPolicy
) -> dict[str, Seen]:
    """What is kept: all of the current document, then what was seen most recently."""
    room = max(memory.remembered, memory.documents * len(current))
    others = ((identity, known) for identity, known in seen.items() if identity not in current)
    return dict(islice(chain(current.items(), others), room))


# ── rhythm, latency and completeness ─────────────────────────────────────────────────────────


def _with_rhythm(state: FeedState, outcome: Read, now: datetime, policy: PollPolicy) -> FeedState:
    """The state with how the feed publishes, and with what it says about it."""
    drafts, hints = outcome.drafts, outcome.hints
    ladder = _Ladder(drafts, state.seen)
    share_new, overlap = None, state.overlap
    if state.seen and drafts:
        new = sum(ladder.find(draft) is None for draft in drafts)
        share_new = new / len(drafts)
        overlap = 1 - share_new
    dates = [d.article.published_at for d in drafts if d.article.published_at is not None]
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


def _delays_s(articles: tuple[Article, ...], state: FeedState, now: datetime) -> list[float]:
    """From publication to us, of what was new at this poll and not before the first."""
    if not state.seen:
        return []  # the first document is full of what was published before we came
    dates = [a.published_at for a in articles if a.revision == 1 and a.published_at is not None]
    return [max(0.0, (now - date).total_seconds()) for date in dates]


def _smoothed(before: float | None, values: list[float]) -> float | None:
    """A running figure: a fifth of it is the median of what came last."""
    if not values:
        return before
    median = sorted(values)[len(values) // 2]
    return median if before is None else 0.8 * before + 0.2 * median


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
    )
    return replace(
        state,
        status=status,
        error=None,
        failures=0,
        last_success_at=now,
        next_poll_at=planned.at,
        interval_s=(planned.at - now).total_seconds(),
        why=planned.why,
    )


def hints_of(state: FeedState) -> Hints:
    """What the feed said last about when to ask again."""
    return Hints(
        ttl_s=state.ttl_s,
        update_s=state.update_s,
        skip_hours=frozenset(state.skip_hours),
        skip_days=frozenset(state.skip_days),
    )


def _after_failure(
    state: FeedState, outcome: Failed, now: datetime, policy: PollPolicy, jitter: float
) -> FeedState:
    """Validators and what was seen are kept: nothing says that they are wrong."""
    failures = state.failures + 1
    longest = timedelta(seconds=policy.longest_interval_s)
    asked = timedelta(seconds=outcome.wishes.retry_after_s or 0.0)
    planned = plan(
        now,
        policy=policy,
        wishes=outcome.wishes,
        failures=failures,
        failure=failure_of(outcome.status),
        jitter=jitter,
    )
    return replace(
        state,
        status=outcome.status,
        error=outcome.error,
        failures=failures,
        address=None if failures >= _DISBELIEVED_FAILURES else state.address,
        hold=Hold(host=outcome.held_host, until=now + min(asked, longest))
        if outcome.held_host
        else None,
        next_poll_at=planned.at,
        interval_s=(planned.at - now).total_seconds(),
        why=planned.why,
    )
