"""An article as the archive keeps it, and what each change makes of it.

All of this is a function of the records in their order, so applying them again changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from onrecord.archive.documents import found_at, replacement_of, words_said
from onrecord.archive.opensearch.client import Json
from onrecord.archive.query import words_of
from onrecord.records import Article, ArticleRef, Entity, Extraction, Extractor, Quote, reference_to


class PastQuote(msgspec.Struct, frozen=True, kw_only=True):
    """A quote that was replaced, and the id of the one that has its place."""

    id: str
    revision: int
    words: str
    speaker: str | None = None
    became: str | None = None


class KeptArticle(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of an article. `extracted_at` is None where only texts are known.

    `generation` grows with each change that is written, and is never used again, even after the
    article was removed: it is the time of writing. It is the version of the quotes' documents.
    """

    ref: ArticleRef
    generation: int = 0
    at: datetime
    story: str | None = None
    extracted_at: datetime | None = None
    extractor: Extractor | None = None
    entities: tuple[Entity, ...] = ()
    notes: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    revisions: tuple[Article, ...] = ()
    replaced: tuple[PastQuote, ...] = ()


def with_article(kept: KeptArticle | None, article: Article) -> KeptArticle:
    """With a revision of the article."""
    ref = reference_to(article)
    if kept is None:
        kept = KeptArticle(ref=ref, at=found_at(ref, article.fetched_at))
    elif kept.extracted_at is None and article.revision >= kept.ref.revision:
        kept = replace(kept, ref=ref, at=found_at(ref, article.fetched_at))
    others = (known for known in kept.revisions if known.revision != article.revision)
    revisions = sorted([*others, article], key=lambda known: known.revision)
    return replace(
        kept,
        story=article.story or kept.story,
        revisions=tuple(revisions),
    )


def with_extraction(kept: KeptArticle | None, extraction: Extraction) -> KeptArticle:
    """With an extraction: its quotes are the current ones, unless it is of an older revision."""
    ref = extraction.article
    if kept is None:
        kept = KeptArticle(ref=ref, at=found_at(ref, extraction.extracted_at))
    elif kept.extracted_at is not None and ref.revision < kept.ref.revision:
        return _with_older(kept, extraction)
    now = {quote.id: _said(quote) for quote in extraction.quotes}
    gone = [
        _past(quote, kept.ref.revision, replacement_of(_said(quote), now))
        for quote in kept.quotes
        if quote.id not in now
    ]
    # What became of earlier ones can have changed: follow their words, not their chain.
    earlier = [
        replace(past, became=replacement_of(" ".join(words_of(past.words)), now))
        for past in kept.replaced
        if past.id not in now
    ]
    return replace(
        kept,
        ref=ref,
        at=found_at(ref, extraction.extracted_at),
        story=ref.story or kept.story,
        extracted_at=extraction.extracted_at,
        extractor=extraction.extractor,
        entities=extraction.entities,
        notes=extraction.notes,
        quotes=extraction.quotes,
        replaced=_by_id([*earlier, *gone]),
    )


def without_quotes(kept: KeptArticle) -> KeptArticle | None:
    """Without what was extracted; None where nothing is left."""
    if not kept.revisions:
        return None
    return replace(
        kept,
        extracted_at=None,
        extractor=None,
        entities=(),
        notes=(),
        quotes=(),
        replaced=(),
    )


def merged(old: KeptArticle, new: KeptArticle | None, *, keeps_quotes: bool) -> KeptArticle | None:
    """What is kept of an article in a rebuilt archive: the new, with what only the old one has.

    The old one's quotes are left out unless `keeps_quotes`. None where nothing is left.
    """
    if not keeps_quotes:
        old_left = without_quotes(old)
        if old_left is None:
            return new
        old = old_left
    if new is None:
        return old
    texts = {one.revision: one for one in (*old.revisions, *new.revisions)}
    extracted = new if new.extracted_at is not None else old
    current = {quote.id for quote in extracted.quotes}
    past = _by_id([*old.replaced, *new.replaced])
    return replace(
        extracted,
        story=new.story or old.story,
        revisions=tuple(texts[revision] for revision in sorted(texts)),
        replaced=tuple(one for one in past if one.id not in current),
    )


def kept_in(document: Json) -> KeptArticle:
    """The article of a document."""
    return msgspec.convert(document["_source"]["record"], KeptArticle)


def _with_older(kept: KeptArticle, extraction: Extraction) -> KeptArticle:
    """With the quotes of an older revision than the current one, as replaced."""
    now = {quote.id: _said(quote) for quote in kept.quotes}
    past = [
        _past(quote, extraction.article.revision, replacement_of(_said(quote), now))
        for quote in extraction.quotes
        if quote.id not in now
    ]
    replaced = _by_id([*kept.replaced, *past])
    return replace(kept, replaced=replaced)


def _past(quote: Quote, revision: int, became: str | None) -> PastQuote:
    return PastQuote(
        id=quote.id,
        revision=revision,
        words=" […] ".join(span.text for span in quote.content),
        speaker=None if quote.speaker is None else quote.speaker.name,
        became=became,
    )


def _by_id(past: Iterable[PastQuote]) -> tuple[PastQuote, ...]:
    """The last of each id, in the order of revisions."""
    newest = {one.id: one for one in past}
    return tuple(sorted(newest.values(), key=lambda one: (one.revision, one.id)))


def _said(quote: Quote) -> str:
    return " ".join(words_said(quote))
