"""What of a document is news: which entries are new, edited, or known already. All pure.

What makes an article new, edited or known is said here and nowhere else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from msgspec.structs import replace

from onrecord.feeds.articles.draft import ArticleDraft
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


# How many texts of an article are remembered: as many as servers of one publisher may disagree.
_MOST_BEFORE = 4
# A text that comes back is an edit undone, or a server that was not told of the edit; nobody can
# tell. What is published ends up right either way if it is believed now and then.
_MOST_RETURNS = 2
_RETURNS_FORGOTTEN = timedelta(days=1)
# Two entries with as much text in common, word for word, are one article under a new name.
_TELLING_CHARS = 60


def missing(
    drafts: tuple[ArticleDraft, ...], seen: Mapping[str, Seen], published: Published
) -> list[ArticleDraft]:
    """The drafts that would become articles or revisions: their pages are worth fetching."""
    matcher = EntryMatcher(drafts, seen)
    wanted: dict[str, ArticleDraft] = {}
    for draft in drafts:
        known = matcher.match(draft)
        is_news = is_edited(draft, known) if known else not published(draft.article.id)
        if is_news:
            wanted.setdefault(known.article_id if known else draft.article.id, draft)
    return list(wanted.values())


def compare(
    drafts: tuple[ArticleDraft, ...], seen: Mapping[str, Seen], published: Published
) -> tuple[tuple[Article, ...], dict[str, Seen]]:
    """The articles to publish, and what is now seen of each entry, in the document's order."""
    matcher = EntryMatcher(drafts, seen)
    articles: list[Article] = []
    current: dict[str, Seen] = {}
    newest: dict[str, Seen] = {}
    for draft in drafts:
        if draft.identity in current:
            continue
        known = matcher.match(draft)
        article = _with_known(draft, known)
        last = newest.get(article.id) or published(article.id) or known
        # The same article twice in one document: the first one speaks for both.
        revised = None if article.id in newest else _revised(draft, article, known, last)
        if revised is not None:
            articles.append(revised)
        revision = revised.revision if revised else last.revision if last else 1
        current[draft.identity] = _seen(draft, article, known, revision)
        newest.setdefault(article.id, current[draft.identity])
    return tuple(articles), current


def _with_known(draft: ArticleDraft, known: Seen | None) -> Article:
    """The draft's article under the id it has, and with the hash it has if its text is known."""
    if known is None:
        return draft.article
    article = replace(draft.article, id=known.article_id)
    if _is_known_text(draft, known):
        return replace(article, content_hash=known.content_hash)
    return article


def is_edited(draft: ArticleDraft, known: Seen) -> bool:
    """Whether an entry says another thing than before: its text, or a date that has now come."""
    return not _is_known_text(draft, known) or _has_come(draft, known)


def _has_come(draft: ArticleDraft, known: Seen | None) -> bool:
    """Whether the date of an entry has come that was in the future when it was last read."""
    was_due = known is not None and known.due is not None
    return was_due and draft.article.published_at is not None


def _is_known_text(draft: ArticleDraft, known: Seen) -> bool:
    """Whether the feed gave this text last time, or a few times ago and it counts as no edit."""
    if draft.given == (known.given or known.content_hash):
        return True
    return draft.given in known.before and not _is_return_believed(draft, known)


def _is_return_believed(draft: ArticleDraft, known: Seen) -> bool:
    """Whether a text that comes back counts as an edit.

    Publishers take edits back. But servers take turns in answering and do not agree, and would
    make a revision of every poll: twice a day is believed, and no more.
    """
    if known.returned_at is None or known.returns < _MOST_RETURNS:
        return True
    return draft.article.fetched_at - known.returned_at >= _RETURNS_FORGOTTEN


class EntryMatcher:
    """Finds what we know of an entry, rung by rung.

    Its identity; the link, when the guid has changed; the guid without scheme and host, when the
    site has moved; title and text, when everything else has changed. The lower ambiguous find only
    entries that have left the document, and each of them once: what is still there is another.
    """

    def __init__(self, drafts: tuple[ArticleDraft, ...], seen: Mapping[str, Seen]) -> None:
        present = {draft.identity for draft in drafts}
        gone = [known for identity, known in seen.items() if identity not in present]
        self._seen = seen
        self._by_article = {known.article_id: known for known in reversed(tuple(seen.values()))}
        self._by_bare = _each_alone((known.bare, known) for known in gone)
        self._by_text = _each_alone((known.given or known.content_hash, known) for known in gone)

    def match(self, draft: ArticleDraft) -> Seen | None:
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


def _revised(
    draft: ArticleDraft, article: Article, known: Seen | None, last: Seen | None
) -> Article | None:
    """The article as it must be published; None when what is published stands.

    `known` is what this feed said of it last, `last` what was published last. Only a feed that
    agreed with what is published can edit it: two feeds that carry one article, one of them
    shortened, would otherwise correct each other at every poll, for ever.
    """
    if last is None:
        return article
    if article.content_hash == last.content_hash and not _has_come(draft, known):
        return None
    if known is None or known.content_hash != last.content_hash:
        return None
    return replace(article, revision=last.revision + 1, supersedes=last.content_hash)


def _seen(draft: ArticleDraft, article: Article, known: Seen | None, revision: int) -> Seen:
    """What is remembered of an entry after this poll."""
    seen = Seen(
        article_id=article.id,
        revision=revision,
        content_hash=article.content_hash,
        bare=draft.bare,
        due=draft.due,
    )
    if known is None:
        return _with_given(seen, draft.given)
    previous = known.given or known.content_hash
    seen = replace(seen, before=known.before, returns=known.returns, returned_at=known.returned_at)
    if _is_known_text(draft, known):
        return _with_given(seen, previous)
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


def remember(
    current: Mapping[str, Seen], seen: Mapping[str, Seen], memory: MemoryPolicy
) -> dict[str, Seen]:
    """What is kept: the current document first, then what was seen most recently.

    A date to come counts only in the current document: what has left it is not read again.
    """
    room = min(memory.most, max(memory.remembered, memory.documents * len(current)))
    others = (
        (identity, replace(known, due=None) if known.due else known)
        for identity, known in seen.items()
        if identity not in current
    )
    return dict(islice(chain(current.items(), others), room))
