"""Decides which entries of a document are new, edited or known, and which are published.

All pure.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from msgspec.structs import replace

from onrecord.feeds.articles.claims import domain_of
from onrecord.feeds.articles.draft import ArticleDraft, former_ids
from onrecord.feeds.articles.edits import fingerprint, is_braked, with_edit, with_edits_kept
from onrecord.feeds.articles.matching import EntryMatcher
from onrecord.feeds.articles.page_retries import is_page_due, with_page
from onrecord.records import Article, Seen

# Given an article's id: the newest revision on the topic, whatever feed it came from; None when
# the topic, as far back as it is remembered, has none.
Published = Callable[[str], Seen | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPolicy:
    """How many entries a feed's state remembers.

    All of the current document, and so many in all if that is more: `remembered`, or
    `documents` times the document; `most` in any case. Entries come back after they left: some
    feeds are sorted by popularity, some servers take turns in answering and do not agree. What is
    remembered is written at every poll, about 150 bytes an entry; what is not is known by the
    topic all the same, and only its edits are missed.
    """

    remembered: int = 200
    documents: int = 3
    most: int = 5_000


# The number of remembered texts: as many as a publisher's servers can disagree on.
_MOST_BEFORE = 4
# A text that comes back is an edit undone, or a server that was not told of the edit; nobody can
# tell. What is published ends up right either way if it is believed now and then.
_MOST_RETURNS = 2
_RETURNS_FORGOTTEN = timedelta(days=1)


def missing(
    drafts: Iterable[ArticleDraft],
    matcher: EntryMatcher,
    published: Published,
    *,
    refetch: bool = False,
    since: datetime | None = None,
) -> dict[str, ArticleDraft]:
    """The drafts that would become articles or revisions, by their articles' ids.

    Their pages are worth fetching. So are pages that failed before, once they are due; with
    `refetch`, those of all entries that were published with the feed's text, or with `since`, of
    all entries from then on. `drafts` may be a
    part of the document that the matcher is for.
    """
    wanted: dict[str, ArticleDraft] = {}
    for draft in drafts:
        known = matcher.match(draft)
        if _is_news(draft, known, published, refetch=refetch) or (
            refetch and known is not None and _is_from(draft, since)
        ):
            wanted.setdefault(known.article_id if known else draft.article.id, draft)
    return wanted


def _is_from(draft: ArticleDraft, since: datetime | None) -> bool:
    date = draft.article.published_at
    return since is not None and (date is None or date >= since)


def _is_news(
    draft: ArticleDraft, known: Seen | None, published: Published, *, refetch: bool
) -> bool:
    if known is None:
        last = _published_as(draft, published)
        return last is None or _outranks(draft, last)
    if _is_frozen(draft, known.article_id):
        return False
    if refetch and known.given is None:
        return True
    if is_page_due(known, draft.article.fetched_at) or is_edited(draft, known):
        return True
    last = published(known.article_id)
    return last is not None and _outranks(draft, last)


def compare(
    drafts: tuple[ArticleDraft, ...], seen: Mapping[str, Seen], published: Published
) -> tuple[tuple[Article, ...], dict[str, Seen]]:
    """The articles to publish, and the new state of each entry, in the document's order."""
    matcher = EntryMatcher(drafts, seen)
    articles: list[Article] = []
    current: dict[str, Seen] = {}
    newest: dict[str, Seen] = {}
    for draft in drafts:
        if draft.identity in current:
            continue
        known = matcher.match(draft)
        article = _with_known(draft, known, published)
        last = newest.get(article.id) or published(article.id) or known
        # The same article twice in one document: the first one speaks for both.
        revised = None if article.id in newest else _revised(draft, article, known, last)
        if revised is not None:
            articles.append(revised)
        revision = revised.revision if revised else last.revision if last else 1
        current[draft.identity] = _seen(draft, article, known, revision)
        newest.setdefault(article.id, current[draft.identity])
    return tuple(articles), current


def _with_known(draft: ArticleDraft, known: Seen | None, published: Published) -> Article:
    """The draft's article under the id it has, and with the hash it has if its text is known."""
    if known is None:
        last = _published_as(draft, published)
        return replace(draft.article, id=last.article_id) if last else draft.article
    article = replace(draft.article, id=known.article_id)
    if _is_known_text(draft, known) and article.text_from == "feed":
        return replace(article, content_hash=known.content_hash)
    return article


def is_edited(draft: ArticleDraft, known: Seen) -> bool:
    """Whether an entry has changed: its text, or a date that has now come."""
    return not _is_known_text(draft, known) or _has_come(draft, known)


def _has_come(draft: ArticleDraft, known: Seen | None) -> bool:
    """Whether the date of an entry has come that was in the future when it was last read."""
    was_due = known is not None and known.due is not None
    return was_due and draft.article.published_at is not None


# ── claims ───────────────────────────────────────────────────────────────────────────────────


def _published_as(draft: ArticleDraft, published: Published) -> Seen | None:
    """The published article of an entry that this feed does not know.

    An older version published the articles of feeds without a claim under the shared id: what
    this very feed published so keeps that id, and is not published again.
    """
    last = published(draft.article.id)
    if last is not None:
        return last
    older = [published(article_id) for article_id in former_ids(draft)]
    if draft.claim is None and draft.shared_id is not None:
        older.append(published(draft.shared_id))
    own = (seen for seen in older if seen is not None and _may_go_on(draft, seen))
    return next(own, None)


def _may_go_on(draft: ArticleDraft, seen: Seen) -> bool:
    """Whether this feed can continue an article of an older version."""
    return draft.claim is not None or seen.feed == draft.article.feed


def _is_frozen(draft: ArticleDraft, article_id: str) -> bool:
    """Whether a feed without a claim knows an article under the id that its URL gives.

    Versions before claims did that. It may have been published by the site itself, so this feed
    does not edit it.
    """
    return draft.claim is None and article_id in (draft.shared_id, *former_ids(draft))


def _outranks(draft: ArticleDraft, last: Seen) -> bool:
    """Whether the site's own feed finds another feed's article at its URL."""
    if draft.claim != "site" or last.feed is None or last.feed == draft.article.feed:
        return False
    own = domain_of(draft.article.canonical_url or "")
    return domain_of(last.feed) != own


# ── texts ────────────────────────────────────────────────────────────────────────────────────


def _is_known_text(draft: ArticleDraft, known: Seen) -> bool:
    """Whether the feed gave this text last time, or recently and it does not count as an edit."""
    if draft.given == (known.given or known.content_hash):
        return True
    if draft.given in known.before and not _is_return_believed(draft, known):
        return True
    if draft.is_page_missing and known.given is not None:
        return True  # the page's text stands until the page can be had again
    # A completed draft has the page's text: its feed's text was judged before.
    is_given = draft.article.text_from == "feed"
    return is_given and is_braked(draft.article, known, draft.article.fetched_at)


def _is_return_believed(draft: ArticleDraft, known: Seen) -> bool:
    """Whether a text that comes back counts as an edit.

    Publishers take edits back. But servers take turns in answering and do not agree, and would
    make a revision of every poll: twice a day is believed, and no more.
    """
    if known.returned_at is None or known.returns < _MOST_RETURNS:
        return True
    return draft.article.fetched_at - known.returned_at >= _RETURNS_FORGOTTEN


def _revised(
    draft: ArticleDraft, article: Article, known: Seen | None, last: Seen | None
) -> Article | None:
    """The article to publish; None when the published one remains valid.

    `known` is what this feed said of it last, `last` what was published last. Only a feed that
    agreed with what is published can edit it: two feeds that carry one article, one of them
    shortened, would otherwise correct each other at every poll, for ever. The site's own feed
    replaces what a feed from elsewhere published under the site's URL.
    """
    if last is None:
        return article
    if article.content_hash == last.content_hash and not _has_come(draft, known):
        return None
    if _is_frozen(draft, article.id):
        return None
    if _outranks(draft, last):
        return replace(article, revision=last.revision + 1, supersedes=last.content_hash)
    if known is None or known.content_hash != last.content_hash:
        return None
    return replace(article, revision=last.revision + 1, supersedes=last.content_hash)


def _seen(draft: ArticleDraft, article: Article, known: Seen | None, revision: int) -> Seen:
    """The stored state of an entry after this poll."""
    seen = Seen(
        article_id=article.id,
        revision=revision,
        content_hash=article.content_hash,
        bare=draft.bare,
        due=draft.due,
        traces=draft.traces,
    )
    if known is not None and known.withdrawn_at is not None and _is_known_text(draft, known):
        seen = replace(seen, withdrawn_at=known.withdrawn_at)
    now = draft.article.fetched_at
    seen = with_page(seen, known, draft, now)
    if known is None:
        return _with_given(seen, draft.given)
    previous = known.given or known.content_hash
    seen = replace(seen, before=known.before, returns=known.returns, returned_at=known.returned_at)
    if _is_known_text(draft, known):
        return _with_given(with_edits_kept(seen, known, now), previous)
    seen = with_edit(seen, known, draft.pieces or fingerprint(draft.article), now)
    if draft.given in known.before:
        seen = _with_return(seen, draft.article.fetched_at)
    others = (each for each in known.before if each != draft.given)
    return _with_given(replace(seen, before=(previous, *others)[:_MOST_BEFORE]), draft.given)


def _with_given(seen: Seen, given: str) -> Seen:
    return replace(seen, given=given if given != seen.content_hash else None)


def _with_return(seen: Seen, now: datetime) -> Seen:
    """With one more text that came back, those of days ago forgotten."""
    is_lately = seen.returned_at is not None and now - seen.returned_at < _RETURNS_FORGOTTEN
    return replace(seen, returns=seen.returns + 1 if is_lately else 1, returned_at=now)


def _waits(known: Seen) -> bool:
    return known.due is not None or known.page_again_at is not None


def remember(
    current: Mapping[str, Seen], seen: Mapping[str, Seen], memory: MemoryPolicy
) -> dict[str, Seen]:
    """What is kept: the current document first, then what was seen most recently.

    A date to come and a page to ask for again count only in the current document: what has left
    it is not read again.
    """
    room = min(memory.most, max(memory.remembered, memory.documents * len(current)))
    others = (
        (identity, replace(known, due=None, page_again_at=None) if _waits(known) else known)
        for identity, known in seen.items()
        if identity not in current
    )
    return dict(islice(chain(current.items(), others), room))
