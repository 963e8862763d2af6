"""Marked text: a text cut into segments, each with what it is part of.

Spans overlap (a source stands inside a context, a name inside a quote), and HTML elements must
not. Offsets count code points, so the cutting happens here and never in the browser, which counts
UTF-16.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from onrecord.archive.results import ArchivedQuote, Hit
from onrecord.records import Entity, Quote, Span, shown_content

_MARKS = frozenset('"“”„«»‘’')


class Layer(NamedTuple):
    """A half-open span of the text, and what it is: a kind, and the quote or entity it is of."""

    start: int
    end: int
    kind: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text with the same layers throughout. `begins` are those that start with it."""

    text: str
    layers: tuple[Layer, ...] = ()
    begins: tuple[Layer, ...] = ()

    @property
    def classes(self) -> str:
        return " ".join(dict.fromkeys(layer.kind for layer in self.layers))

    def of(self, kind: str) -> str:
        """The quote or entity that a layer of this kind belongs to; empty without one."""
        return next((layer.of for layer in self.layers if layer.kind == kind), "")


def cut(text: str, layers: Iterable[Layer], *, at: int = 0) -> list[Segment]:
    """The text as segments. `at` is the offset of its first character; layers outside are cut."""
    end = at + len(text)
    inside = [
        layer._replace(start=max(layer.start, at), end=min(layer.end, end))
        for layer in layers
        if layer.start < end and layer.end > at
    ]
    bounds = sorted({at, end, *(b for layer in inside for b in (layer.start, layer.end))})
    opening: dict[int, list[Layer]] = {}
    for layer in inside:
        opening.setdefault(layer.start, []).append(layer)
    found: list[Segment] = []
    current: list[Layer] = []
    for start, stop in pairwise(bounds):
        begins = opening.get(start, [])
        current = [layer for layer in current if layer.end > start] + begins
        found.append(Segment(text[start - at : stop - at], tuple(current), tuple(begins)))
    return found


def paragraphs(text: str, layers: Sequence[Layer], *, at: int = 0) -> list[list[Segment]]:
    """The text's paragraphs, each cut into segments. `at` is the offset of the first character."""
    found: list[list[Segment]] = []
    for paragraph in text.split("\n\n"):
        if paragraph.strip():
            found.append(cut(paragraph, layers, at=at))
        at += len(paragraph) + 2
    return found


def words_of(hit: Hit) -> list[list[Segment]]:
    """The quoted words, one list for each span, with the words that a query asked for marked."""
    quote = hit.quote.quote
    layers = [Layer(mark.start, mark.end, "hit") for mark in hit.marks]
    found: list[list[Segment]] = []
    for span in shown_content(quote):
        opening, closing = _marks_around(span, quote)
        found.append([Segment(opening), *cut(span.text, layers, at=span.start), Segment(closing)])
    return found


def plain_words(quote: Quote) -> str:
    """The quoted words without marks, as one line."""
    return " … ".join(" ".join(span.text.split()) for span in shown_content(quote))


def layers_of_quote(quote: Quote) -> list[Layer]:
    """Content, cue and source of a quote."""
    layers = [Layer(span.start, span.end, "content", quote.id) for span in quote.content]
    if quote.cue:
        layers.append(Layer(quote.cue.start, quote.cue.end, "cue", quote.id))
    if quote.source:
        layers.append(Layer(quote.source.start, quote.source.end, "source", quote.id))
    return layers


def layers_of_entity(entity: Entity, kind: str) -> list[Layer]:
    """The mentions of an entity."""
    return [Layer(one.start, one.end, kind, entity.id) for one in entity.mentions]


def passages(quotes: Iterable[ArchivedQuote], text: str) -> list[tuple[int, str]]:
    """The parts of a text around quotes, with their offsets: contexts, merged where they touch."""
    spans = sorted(
        (min(q.quote.context.start, *(s.start for s in q.quote.content)), q.quote.context.end)
        for q in quotes
    )
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [(start, text[start:end]) for start, end in merged]


def _marks_around(span: Span, quote: Quote) -> tuple[str, str]:
    """The quotation marks at a span's ends, which content leaves out."""
    context = quote.context
    before = context.text[: max(0, span.start - context.start)][-1:]
    after = context.text[max(0, span.end - context.start) :][:1]
    opening = before if before in _MARKS else ""
    closing = after if after in _MARKS else ""
    if quote.type == "direct" and not (opening and closing):
        return opening or "“", closing or "”"
    return opening, closing
