"""Writes quotes as W3C Web Annotations (Recommendation of 23 February 2017, JSON-LD).

Each quote is one annotation of the article's page. The words are found on the page by their text
(TextQuoteSelector); positions (TextPositionSelector) count code points of the article's plain text
as onrecord published it, which is not the page's own.
"""

from collections.abc import Sequence
from typing import Any, BinaryIO

import msgspec

from onrecord.records import QuoteOnRecord, Span
from onrecord.version import VERSION

_BEGIN = b'{"@context":"http://www.w3.org/ns/anno.jsonld","type":"AnnotationPage","items":['
_AROUND = 32


class AnnotationWriter:
    """An AnnotationPage, one annotation a line."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._between = b"\n"
        out.write(_BEGIN)

    def write(self, records: Sequence[object]) -> None:
        for record in records:
            if isinstance(record, QuoteOnRecord):
                self._out.write(self._between + msgspec.json.encode(annotation(record)))
                self._between = b",\n"

    def finish(self) -> None:
        self._out.write(b"\n]}\n")


def annotation(found: QuoteOnRecord) -> dict[str, Any]:
    """A quote as a Web Annotation: its speaker as a tag, its words as targets.

    A quote that is cut has a target for each part.
    """
    quote, article = found.quote, found.article
    made: dict[str, Any] = {
        "id": f"urn:onrecord:quote:{quote.id}",
        "type": "Annotation",
        "motivation": "identifying",
        "generated": found.extracted_at,
        "generator": {"type": "Software", "name": f"onrecord {VERSION}"},
        "target": [_target(found, part) for part in quote.content],
    }
    bodies = [_text_body("classifying", quote.type)]
    if quote.speaker is not None:
        bodies.insert(0, _text_body("identifying", quote.speaker.name))
    if article.language is not None:
        made["target"] = [
            {**target, "source": {"id": target["source"], "language": article.language}}
            for target in made["target"]
        ]
    return made | {"body": bodies}


def _text_body(purpose: str, value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": purpose, "value": value, "format": "text/plain"}


def _target(found: QuoteOnRecord, part: Span) -> dict[str, Any]:
    article, context = found.article, found.quote.context
    before = context.text[: part.start - context.start]
    after = context.text[part.end - context.start :]
    return {
        "type": "SpecificResource",
        "source": article.url or f"urn:onrecord:article:{article.id}",
        "selector": [
            {
                "type": "TextQuoteSelector",
                "exact": part.text,
                "prefix": before[-_AROUND:],
                "suffix": after[:_AROUND],
            },
            {"type": "TextPositionSelector", "start": part.start, "end": part.end},
        ],
    }
