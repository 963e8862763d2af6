"""Annotating from Python: texts in, extractions out, without a log.

from onrecord import annotate

for quote in annotate('"We will rebuild the pier," said Mara Lind.').quotes:
print(quote.speaker.name, quote.content[0].text)
"""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import overload

import msgspec

from onrecord import wiring
from onrecord.config import Config, load_config
from onrecord.errors import ParseError
from onrecord.processing.pool import Extract
from onrecord.records import Article, Extraction

NO_LANGUAGE = "zxx"  # ISO 639: nothing but figures and marks


# A str is an Iterable[str] too; the first signature that fits is the one that is meant.
@overload
def annotate(  # type: ignore[overload-overlap]
    texts: str | Article,
    *,
    language: str | None = None,
    explain: bool = False,
    model: str | None = None,
    config: str | Path | None = None,
) -> Extraction: ...
@overload
def annotate(
    texts: Iterable[str | Article],
    *,
    language: str | None = None,
    explain: bool = False,
    model: str | None = None,
    config: str | Path | None = None,
) -> list[Extraction]: ...
def annotate(
    texts: str | Article | Iterable[str | Article],
    *,
    language: str | None = None,
    explain: bool = False,
    model: str | None = None,
    config: str | Path | None = None,
) -> Extraction | list[Extraction]:
    """The extraction of a text, or those of several in their order.

    Offsets index each text exactly as given. A text's id is its number, from "1"; an Article keeps
    its own. `language` is that of texts, "en"; None detects it. With `explain` each quote says why
    it has its cue, source and speaker. `model` is a spaCy pipeline and `config` a file, instead of
    those that the command would use.

    The first call loads the model, about a second; the next ones use it again. Raises Mistake
    (ConfigError) for what cannot be used, and ExtractionError, which names the article.
    """
    given = [texts] if isinstance(texts, str | Article) else list(texts)
    articles = [
        text
        if isinstance(text, Article)
        else article_of(text, article_id=str(number), language=language)
        for number, text in enumerate(given, 1)
    ]
    loaded = load_config(os.environ, Path(config) if config is not None else None)
    if model is not None:
        loaded = replace(loaded, extract=replace(loaded.extract, model=model))
    found = _extractor(loaded, explained=explain)(articles)
    return found[0] if isinstance(texts, str | Article) else found


@lru_cache(maxsize=4)
def _extractor(config: Config, *, explained: bool) -> Extract:
    return wiring.extractor(config, explained=explained)


def article_of(
    text: str,
    *,
    article_id: str,
    title: str = "",
    url: str | None = None,
    publisher: str | None = None,
    language: str | None = None,
    revision: int = 1,
    fetched_at: datetime | None = None,
) -> Article:
    """A text that came from nowhere as an article; its language is detected if it is not given."""
    return Article(
        id=article_id,
        text=text,
        title=title,
        url=url,
        publisher=publisher,
        language=language or detect_language(text),
        revision=revision,
        fetched_at=fetched_at or wiring.now(),
        content_hash="",
        text_from="import",
    )


def detect_language(text: str) -> str | None:
    """The language of a text, "en"; None when it cannot be told."""
    from onrecord.feeds.text.language import detect_language as detect

    found = detect(text)
    return None if found == NO_LANGUAGE else found


def article_of_page(body: bytes, *, article_id: str, whole_page: bool = False) -> Article:
    """The article on a web page, as `import` reads it.

    All the text of the page with `whole_page`, or when there is no article on it.
    """
    from onrecord.feeds.from_documents import article_on_page
    from onrecord.feeds.parsing.encoding import page_text
    from onrecord.feeds.text.html import html_to_text

    if not whole_page:
        with contextlib.suppress(ParseError):
            found = article_on_page(body, None, None, wiring.now())
            return msgspec.structs.replace(found, id=article_id, text_from="import")
    return article_of(html_to_text(page_text(body, None)), article_id=article_id)
