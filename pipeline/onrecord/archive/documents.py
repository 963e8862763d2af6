"""What both engines index of records: words and times, derived from the records alone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from onrecord.archive.query import words_of
from onrecord.records import ArticleRef, Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchableQuote:
    """The words by which a quote is found: what was said, by whom, and the article's title."""

    said: tuple[str, ...]
    who: tuple[str, ...]
    title: tuple[str, ...]


def words_said(quote: Quote) -> tuple[str, ...]:
    """A quote's words, folded and in order, across the gaps between its pieces."""
    return tuple(word for span in quote.content for word in words_of(span.text))


def searchable(quote: Quote, article: ArticleRef) -> SearchableQuote:
    """The words by which a quote of an article is found, folded and in order."""
    who = []
    if quote.speaker is not None:
        who += words_of(quote.speaker.name)
        who += words_of(quote.speaker.role or "")
    if quote.source is not None:
        # "Mara Lind" as the text has it adds nothing to the speaker's name.
        who += [word for word in words_of(quote.source.text) if word not in who]
    return SearchableQuote(
        said=words_said(quote), who=tuple(who), title=_words_of_title(article.title or "")
    )


@lru_cache(maxsize=1_000)
def _words_of_title(title: str) -> tuple[str, ...]:
    """All quotes of an article have its title."""
    return tuple(words_of(title))


def found_at(article: ArticleRef, extracted_at: datetime) -> datetime:
    """The time by which something is found: its publication, which cannot follow its reading."""
    read_at = article.fetched_at or extracted_at
    published_at = article.published_at
    return (read_at if published_at is None else min(published_at, read_at)).astimezone(UTC)


def replacement_of(words: str, quotes: "dict[str, str]") -> str | None:
    """The quote (by id, with its words) that has the place of one with these words.

    That with the same words, else the one with most words in common, at least half of either's.
    """
    mine = words.split()
    best, best_share = None, 0.5
    for quote_id, others in quotes.items():
        theirs = others.split()
        if theirs == mine:
            return quote_id
        common = len(set(mine) & set(theirs))
        share = common / max(1, min(len(set(mine)), len(set(theirs))))
        if share > best_share or (best is None and share == best_share and common > 2):
            best, best_share = quote_id, share
    return best
