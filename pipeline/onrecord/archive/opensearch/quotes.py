"""A quote's document: what is searched, sorted and counted, and the quote itself."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import UNSET

from onrecord.archive.documents import searchable, words_said
from onrecord.archive.interface import NOBODY
from onrecord.archive.opensearch.articles import KeptArticle
from onrecord.archive.opensearch.client import Json
from onrecord.archive.opensearch.names import NameRef
from onrecord.archive.query import filed_under, words_of
from onrecord.archive.results import ArchivedQuote, NamedPerson
from onrecord.records import ArticleRef, Quote, id_of


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What people corrected: who speaks (perhaps NOBODY), and whether it is a quote at all."""

    person: str | None = None
    is_rejected: bool = False


class KeptQuote(msgspec.Struct, frozen=True, kw_only=True):
    """A quote with what is shown beside it."""

    quote: Quote
    article: ArticleRef
    at: datetime
    extracted_at: datetime
    notes: tuple[str, ...] = ()
    story: str | None = None


# Lucene takes no term of more than 32,766 bytes.
_LONGEST_ROLE = 1_000


def minute_of(at: datetime) -> int:
    """The minute of an instant, since 1970: the order of "newest first"."""
    return int(at.timestamp()) // 60


def speaker_of(quote: Quote, corrected: Correction) -> NameRef | None:
    """A quote's speaker: by hand, else as the registry knows them."""
    speaker = quote.speaker
    if corrected.person == NOBODY:
        return None
    if corrected.person is not None:
        # Without the name that the text has, under which nobody should look for them.
        return NameRef("", corrected.person)
    if speaker is None:
        return None
    # A surname or an office alone means somebody in this article only.
    known = speaker.person
    is_fixed = known is not UNSET and known.by != "name"
    return NameRef(speaker.name, known.id if known and is_fixed else "")


def about_of(quote: Quote) -> list[NameRef]:
    """Whom and what a quote is about."""
    return list(dict.fromkeys(NameRef(about.name) for about in quote.about))


def words_key_of(quote: Quote) -> str:
    """Equal for quotes of the same words."""
    return id_of("words", *words_said(quote))


def quote_document(kept: KeptArticle, n: int, corrected: Correction) -> Json:
    """The document of an article's quote, the n-th in text order."""
    quote, ref = kept.quotes[n], kept.ref
    words, speaker = searchable(quote, ref), speaker_of(quote, corrected)
    filed = filed_under(ref)
    assert kept.extracted_at is not None  # noqa: S101 - it has quotes
    record = KeptQuote(
        quote=quote,
        article=ref,
        at=kept.at,
        extracted_at=kept.extracted_at,
        notes=kept.notes,
        story=kept.story,
    )
    return {
        "article": ref.id,
        "n": n,
        "minute": minute_of(kept.at),
        "at": kept.at,
        "said": " ".join(words.said),
        "who": " ".join(words.who),
        "title": " ".join(words.title),
        "speaker": None if speaker is None else speaker.id,
        "role": _role_of(quote, corrected),
        "about": [name.id for name in about_of(quote)],
        "publisher": ref.publisher,
        "publisher_words": sorted(set(words_of(ref.publisher or ""))),
        "language": ref.language,
        "language_tag": None if ref.language is None else ref.language.lower(),
        "category": filed.categories,
        "section": filed.sections,
        "type": quote.type,
        "confidence": float(round(quote.confidence * 1000)),
        "story": kept.story,
        "words_key": words_key_of(quote),
        "is_rejected": corrected.is_rejected,
        "record": msgspec.to_builtins(record),
    }


def _role_of(quote: Quote, corrected: Correction) -> str | None:
    """The role of the extracted speaker, where nobody gave another one."""
    if quote.speaker is None or quote.speaker.role is None or corrected.person is not None:
        return None
    return quote.speaker.role[:_LONGEST_ROLE]


def archived_quote(document: Json, names: Mapping[str, NamedPerson]) -> ArchivedQuote:
    """The quote of a document."""
    kept = msgspec.convert(document["record"], KeptQuote)
    ref = document.get("speaker")
    speaker = None if ref is None else names[ref]
    return ArchivedQuote(
        article=kept.article,
        quote=kept.quote,
        at=kept.at,
        extracted_at=kept.extracted_at,
        notes=kept.notes,
        speaker=speaker,
        about=tuple(names[name] for name in document.get("about", ())),
        story=kept.story,
        is_rejected=document["is_rejected"],
        is_by_hand=_is_by_hand(ref, speaker, kept.quote),
    )


def _is_by_hand(ref: str | None, speaker: NamedPerson | None, quote: Quote) -> bool:
    """Whether a speaker was given by hand: they are referred to without the name of the text."""
    if speaker is None:
        return quote.speaker is not None
    return speaker.person is not None and ref == NameRef("", speaker.person).id


def names_in(document: Json) -> list[str]:
    """The ids of the names that a document refers to."""
    speaker = document.get("speaker")
    return [*document.get("about", ()), *([speaker] if speaker else [])]
