"""What is remembered of a feed between polls, and what a poll leads to.

All pure. `decide` takes what a poll found out and gives the articles to publish and the state to
remember; whoever calls it writes both in one step. What makes an article new, edited or known
already is said here and nowhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from msgspec.structs import replace

from pipeline.feeds.article import Draft
from pipeline.feeds.schedule import NO_WISHES, PollPolicy, ServerWishes, failure_of, next_poll_at
from pipeline.records import Article, Feed, FeedState, Seen

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
    """A poll that brought a document."""

    drafts: tuple[Draft, ...]
    wishes: ServerWishes
    body_hash: str
    etag: str | None = None
    last_modified: str | None = None
    title: str | None = None
    ttl_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A poll that brought nothing new: 304, or the same bytes once more.

    Validators are those of this answer; None keeps what we have.
    """

    status: int
    wishes: ServerWishes
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A poll that failed. `status` is HTTP's, if it came so far."""

    error: str
    status: int | None = None
    wishes: ServerWishes = NO_WISHES


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
    polled = replace(state, url=feed.url, last_poll_at=now)
    match outcome:
        case Failed():
            return Decision((), _after_failure(polled, outcome, now, policy, jitter))
        case Unchanged():
            after = _after_success(polled, outcome, outcome.status, now, policy, jitter)
            etag = outcome.etag or state.etag
            modified = outcome.last_modified or state.last_modified
            return Decision((), replace(after, etag=etag, last_modified=modified))
        case Read():
            polled = replace(polled, ttl_s=outcome.ttl_s)
            after = _after_success(polled, outcome, 200, now, policy, jitter)
            return _read(after, outcome, published, now, memory)


# ── entries ──────────────────────────────────────────────────────────────────────────────────


def _read(
    state: FeedState, outcome: Read, published: Published, now: datetime, memory: MemoryPolicy
) -> Decision:
    articles, current = _compare(outcome.drafts, state.seen, published)
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
            last_new_at=now if articles else state.last_new_at,
        ),
    )


def _compare(
    drafts: tuple[Draft, ...], seen: Mapping[str, Seen], published: Published
) -> tuple[tuple[Article, ...], dict[str, Seen]]:
    """The articles to publish, and what is now seen of each entry, in the document's order."""
    by_article = {known.article_id: known for known in reversed(tuple(seen.values()))}
    articles: list[Article] = []
    current: dict[str, Seen] = {}
    newest: dict[str, Seen] = {}
    for draft in drafts:
        if draft.identity in current:
            continue
        # The guid says it is the same entry, though its link, and so its id, has changed since;
        # or the guid has changed, and the link says so.
        before = seen.get(draft.identity) or by_article.get(draft.article.id)
        article = replace(draft.article, id=before.article_id) if before else draft.article
        if article.id in newest:
            # The same article twice in one document: the first one speaks for both.
            revision = newest[article.id].revision
        else:
            last = published(article.id) or before
            revised = _revised(article, before, last)
            if revised is not None:
                articles.append(revised)
            revision = revised.revision if revised else last.revision if last else 1
        current[draft.identity] = Seen(
            article_id=article.id, revision=revision, content_hash=article.content_hash
        )
        newest.setdefault(article.id, current[draft.identity])
    return tuple(articles), current


def _revised(article: Article, before: Seen | None, last: Seen | None) -> Article | None:
    """The article as it must be published; None when what is published stands.

    `before` is what this feed said of it last, `last` what was published last. Only a feed that
    agreed with what is published can edit it: two feeds that carry one article, one of them
    shortened, would otherwise correct each other at every poll, for ever.
    """
    if last is None:
        return article
    if article.content_hash == last.content_hash:
        return None
    if before is None or before.content_hash != last.content_hash:
        return None
    return replace(article, revision=last.revision + 1, supersedes=last.content_hash)


def _remember(
    current: Mapping[str, Seen], seen: Mapping[str, Seen], memory: MemoryPolicy
) -> dict[str, Seen]:
    """What is kept: all of the current document, then what was seen most recently."""
    room = max(memory.remembered, memory.documents * len(current))
    others = ((identity, known) for identity, known in seen.items() if identity not in current)
    return dict(islice(chain(current.items(), others), room))


# ── health ───────────────────────────────────────────────────────────────────────────────────


def _after_success(
    state: FeedState,
    outcome: Read | Unchanged,
    status: int,
    now: datetime,
    policy: PollPolicy,
    jitter: float,
) -> FeedState:
    due = next_poll_at(now, policy=policy, wishes=outcome.wishes, ttl_s=state.ttl_s, jitter=jitter)
    return replace(
        state,
        status=status,
        error=None,
        failures=0,
        last_success_at=now,
        next_poll_at=due,
        interval_s=(due - now).total_seconds(),
    )


def _after_failure(
    state: FeedState, outcome: Failed, now: datetime, policy: PollPolicy, jitter: float
) -> FeedState:
    """Validators and what was seen are kept: nothing says that they are wrong."""
    failures = state.failures + 1
    due = next_poll_at(
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
        next_poll_at=due,
        interval_s=(due - now).total_seconds(),
    )
