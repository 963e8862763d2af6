"""What a program gets from onrecord's front door, by type."""

from collections.abc import Iterator
from datetime import timedelta
from typing import assert_type

from onrecord import (
    Article,
    Extraction,
    LogUnavailable,
    Mistake,
    QuoteOnRecord,
    Subscription,
    annotate,
    subscribe,
)


def speakers(text: str) -> Iterator[str]:
    """The names of everybody who is quoted in a text."""
    extraction = annotate(text, language="en")
    assert_type(extraction, Extraction)
    for quote in extraction.quotes:
        if quote.speaker is not None:
            yield quote.speaker.name


def titles(articles: list[Article]) -> list[str]:
    """The titles of articles in which somebody is quoted."""
    found = annotate(articles, explain=True)
    assert_type(found, list[Extraction])
    return [extraction.article.title for extraction in found if extraction.quotes]


def follow() -> None:
    """Print quotes as they come."""
    try:
        with subscribe("quotes", speaker="lind", since=timedelta(hours=-1)) as quotes:
            assert_type(quotes, Subscription[QuoteOnRecord])
            for found in quotes:
                print(found.quote.content[0].text, found.article.url)
    except (Mistake, LogUnavailable) as error:
        print(error)
