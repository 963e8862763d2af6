"""Matches the entries of a document with entries seen before. All pure."""

from collections.abc import Iterable, Mapping

from onrecord.feeds.articles.draft import ArticleDraft, former_ids
from onrecord.records import Seen

# Two entries with this much identical text are one article under a new name.
_TELLING_CHARS = 60


class EntryMatcher:
    """Finds what is known of an entry, by ever weaker evidence.

    Its identity; the link, when the guid has changed; the guid without scheme and host, when the
    site has moved; the date with the text or the number in the URL, when title and URL were
    corrected; title and text, when everything else has changed. The weaker evidence finds only
    entries that have left the document, and each of them once: an entry that is still there is
    another one. So a matcher serves one pass over one document.
    """

    def __init__(self, drafts: tuple[ArticleDraft, ...], seen: Mapping[str, Seen]) -> None:
        present = {draft.identity for draft in drafts}
        gone = [known for identity, known in seen.items() if identity not in present]
        self._seen = seen
        self._by_article = {known.article_id: known for known in reversed(tuple(seen.values()))}
        self._by_bare = _each_alone((known.bare, known) for known in gone)
        self._by_trace = _each_alone((trace, known) for known in gone for trace in known.traces)
        self._by_text = _each_alone((known.given or known.content_hash, known) for known in gone)

    def match(self, draft: ArticleDraft) -> Seen | None:
        """The known entry of a draft; None when it is new to this feed."""
        known = self._seen.get(draft.identity) or self._by_article.get(draft.article.id)
        if known is None:
            former = (self._by_article.get(article_id) for article_id in former_ids(draft))
            known = next(filter(None, former), None)
        if known is None and draft.shared_id is not None:
            # An older version, or one with a claim, knew the article by its URL alone.
            known = self._by_article.get(draft.shared_id)
        if known is None and draft.bare is not None:
            known = self._by_bare.pop(draft.bare, None)
        if known is None:
            found = [self._by_trace.pop(trace, None) for trace in draft.traces]
            known = next(filter(None, found), None)
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
