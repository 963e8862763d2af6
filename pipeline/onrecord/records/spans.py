"""Stretches of an article's text."""

from onrecord.records.base import Count, Part


class Span(Part, frozen=True, kw_only=True):
    """Half-open offsets in code points: `article.text[start:end] == text`, always."""

    start: Count
    end: Count
    text: str


class Mention(Span, frozen=True, kw_only=True):
    """A span that names an entity."""
