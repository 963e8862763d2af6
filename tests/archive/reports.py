"""Invented articles with their extractions, in one line each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from onrecord.archive.interface import ArticleRead, Change, ExtractionRead
from onrecord.records import (
    About,
    Article,
    ArticleRef,
    Entity,
    Extraction,
    Mention,
    Quote,
    Span,
    Speaker,
    quote_id,
)
from tests.builders import NOON, article, extraction


@dataclass(frozen=True)
class Said:
    """What somebody says in a report; `about` are names that stand in the words."""

    who: str
    words: str
    about: tuple[str, ...] = ()
    type: str = "direct"
    confidence: float = 0.9
    role: str | None = None


@dataclass(frozen=True)
class Report:
    """An article with its extraction."""

    article: Article
    extraction: Extraction

    @property
    def ids(self) -> list[str]:
        return [quote.id for quote in self.extraction.quotes]

    def changes(self) -> list[Change]:
        return [ArticleRead(article=self.article), ExtractionRead(extraction=self.extraction)]


def report(
    id: str,
    *said: Said,
    at: datetime = NOON,
    publisher: str | None = "Harbour Post",
    language: str | None = "en",
    revision: int = 1,
    story: str | None = None,
    title: str | None = None,
    **fields: Any,
) -> Report:
    """An article in which people say something, one paragraph each."""
    text = "\n\n".join(f"“{one.words}” {one.who} said." for one in said)
    found = article(
        id,
        revision=revision,
        text=text,
        title=title or f"Report {id}",
        url=f"https://news.example/{id}",
        canonical_url=f"https://news.example/{id}",
        publisher=publisher,
        language=language,
        published_at=at,
        fetched_at=at + timedelta(minutes=1),
        story=story,
        **fields,
    )
    ref = ArticleRef(
        id=id,
        revision=revision,
        url=found.url,
        title=found.title,
        publisher=publisher,
        published_at=at,
        fetched_at=found.fetched_at,
        language=language,
        story=story,
        categories=found.categories,
        sections=found.sections,
        feed_categories=found.feed_categories,
    )
    names = dict.fromkeys(name for one in said for name in (one.who, *one.about))
    numbers = {name: f"e{n}" for n, name in enumerate(names)}
    roles = {one.who: one.role for one in said}
    entities = tuple(
        Entity(
            id=numbers[name],
            name=name,
            type="person",
            role=roles.get(name),
            mentions=(_mention(text, name),),
        )
        for name in names
    )
    quotes = tuple(_quote(ref, text, one, numbers) for one in said)
    return Report(
        found,
        extraction(
            article=ref, entities=entities, quotes=quotes, extracted_at=at + timedelta(minutes=2)
        ),
    )


def _mention(text: str, name: str, after: int = 0) -> Mention:
    start = text.index(name, after)
    return Mention(start=start, end=start + len(name), text=name)


def _span(text: str, words: str, after: int) -> Span:
    start = text.index(words, after)
    return Span(start=start, end=start + len(words), text=words)


def _quote(ref: ArticleRef, text: str, one: Said, numbers: dict[str, str]) -> Quote:
    paragraph = f"“{one.words}” {one.who} said."
    start = text.index(paragraph)
    content = (_span(text, one.words, start),)
    fields: dict[str, Any] = {"type": one.type}
    return Quote(
        id=quote_id(ref.id, ref.revision, content),
        content=content,
        cue=_span(text, "said", content[0].end),
        source=_span(text, one.who, content[0].end),
        speaker=Speaker(entity=numbers[one.who], name=one.who, role=one.role, confidence=0.875),
        about=tuple(
            About(
                entity=numbers[name],
                name=name,
                type="person",
                by="name",
                mentions=(_mention(text, name, start),),
            )
            for name in one.about
        ),
        confidence=one.confidence,
        context=Span(start=start, end=start + len(paragraph), text=paragraph),
        **fields,
    )
