"""An extractor whose extractions were made before: for measuring everything but extraction.

`day.py` names it in `extract.extractor`. The extraction of a text stands in the file that
`DAY_EXTRACTIONS` names, under the id of the text, and becomes the article's: with its reference,
and with the ids of its quotes.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import structs

from onrecord.records import Article, Extraction, from_json, id_of, quote_id, reference_to

FILE = "DAY_EXTRACTIONS"


def make(section: Any) -> Callable[[Sequence[Article]], list[Extraction]]:
    """The extractor; `section` is not used."""
    lines = Path(os.environ[FILE]).read_bytes().splitlines()
    by_text = {found.article.id: found for found in (from_json(it, Extraction) for it in lines)}

    def extract(articles: Sequence[Article]) -> list[Extraction]:
        return [_of(article, by_text[id_of(article.text)]) for article in articles]

    return extract


def _of(article: Article, found: Extraction) -> Extraction:
    ids = {
        quote.id: quote_id(article.id, article.revision, quote.content) for quote in found.quotes
    }
    quotes = tuple(
        structs.replace(quote, id=ids[quote.id], repeats=ids.get(quote.repeats or ""))
        for quote in found.quotes
    )
    return structs.replace(found, article=reference_to(article), quotes=quotes)
