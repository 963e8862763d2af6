"""Valid values in one line, for tests that care about one field of them."""

from datetime import UTC, datetime
from typing import Any

from onrecord.records import (
    Article,
    ArticleRef,
    Entity,
    Extraction,
    Extractor,
    Mention,
    Quote,
    Span,
    Speaker,
    quote_id,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = '"The pier will open in May," Mara Lind said.'


def article(id: str = "a1", **fields: Any) -> Article:
    given: dict[str, Any] = {"text": TEXT, "content_hash": "h1", "fetched_at": NOON} | fields
    return Article(id=id, **given)


def span(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(start=start, end=start + len(words), text=words)


def quote(text: str = TEXT, *, article_id: str = "a1", **fields: Any) -> Quote:
    content = (span(text, "The pier will open in May,"),)
    given: dict[str, Any] = {
        "id": quote_id(article_id, 1, content),
        "type": "direct",
        "content": content,
        "cue": span(text, "said"),
        "source": span(text, "Mara Lind"),
        "speaker": Speaker(entity="e1", name="Mara Lind", role="harbour master"),
        "confidence": 0.9,
        "context": span(text, text),
    } | fields
    return Quote(**given)


def entity(id: str = "e1", name: str = "Mara Lind", text: str = TEXT, **fields: Any) -> Entity:
    found = span(text, name) if name in text else span(text, "Mara Lind")
    mentions = (Mention(start=found.start, end=found.end, text=found.text),)
    given: dict[str, Any] = {"type": "person", "mentions": mentions} | fields
    return Entity(id=id, name=name, **given)


def extraction(id: str = "a1", **fields: Any) -> Extraction:
    reference = fields.pop("article", None) or ArticleRef(
        id=id, title="The pier", publisher="Harbour Post", published_at=NOON, language="en"
    )
    given: dict[str, Any] = {
        "extractor": Extractor(name="onrecord", version="0", model="m", model_version="1"),
        "entities": (entity(),),
        "quotes": (quote(),),
        "extracted_at": NOON,
        "took_ms": 1.0,
    } | fields
    return Extraction(article=reference, **given)


# A record whose field, which nobody knows, is nested deeper than a decoder goes.
DEEP = b'{"schema":"onrecord.article","x":' + b"[" * 3_000 + b"]" * 3_000 + b"}"
