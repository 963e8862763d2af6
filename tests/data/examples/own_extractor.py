"""An extractor of one's own: every sentence with "said" in it is a quote of nobody in particular.

Used by `extract.extractor = "own_extractor:make"`, with this file in the working folder.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from onrecord import Article, ArticleRef, Extraction, Extractor, Quote, Span

_SENTENCE = re.compile(r"[^.!?]*\bsaid\b[^.!?]*[.!?]")


def make(section: Any) -> Callable[[Sequence[Article]], list[Extraction]]:
    """Called once in every process, with the configuration's [extract] section."""

    def extract(articles: Sequence[Article]) -> list[Extraction]:
        return [_extraction(article, section.max_text_chars) for article in articles]

    return extract


def _extraction(article: Article, most: int) -> Extraction:
    spans = [
        Span(start=found.start(), end=found.end(), text=found[0])
        for found in _SENTENCE.finditer(article.text[:most])
    ]
    return Extraction(
        article=ArticleRef(id=article.id, revision=article.revision, url=article.url),
        extractor=Extractor(name="said", version="1", model="none", model_version=""),
        quotes=tuple(
            Quote(
                id=f"{article.id}-{span.start}",
                type="indirect",
                content=(span,),
                confidence=0.5,
                context=span,
            )
            for span in spans
        ),
        extracted_at=datetime.now(UTC),
        took_ms=0.0,
    )
