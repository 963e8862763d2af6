"""The words of a quote in their context: their paragraph, and the one that names the speaker."""

from collections.abc import Sequence

from onrecord.records import Span
from onrecord.web.pages.marking import Layer, Segment, cut, paragraphs

_BREAK = "\n\n"
# A name further up than this does not explain a pronoun to a reader.
_MOST_PARAGRAPHS_BACK = 3
# Texts without paragraphs are not shown whole.
_LONGEST = 2_500


def in_context(
    context: Span, text: str | None, layers: Sequence[Layer], speaker: Sequence[Layer]
) -> list[list[Segment]]:
    """The paragraphs around a quote, cut into segments.

    `context` is the quote's own, `text` the article's where it may be shown. `speaker` has the
    mentions of the speaker: a quote of "he" is shown from the paragraph on that names him.
    """
    marks = [*layers, *speaker]
    if text is None or text[context.start : context.end] != context.text:
        return [cut(context.text, marks, at=context.start)]
    start, end = _paragraphs_around(text, context)
    named = [mention.start for mention in speaker if mention.start < context.end]
    if (
        named
        and max(named) < start
        and text.count(_BREAK, max(named), start) <= _MOST_PARAGRAPHS_BACK
    ):
        back = _paragraph_start(text, max(named))
        start = back if end - back <= _LONGEST else start
    if end - start > _LONGEST:
        return [cut(context.text, marks, at=context.start)]
    return paragraphs(text[start:end], marks, at=start)


def _paragraphs_around(text: str, span: Span) -> tuple[int, int]:
    end = text.find(_BREAK, span.end)
    return _paragraph_start(text, span.start), len(text) if end < 0 else end


def _paragraph_start(text: str, at: int) -> int:
    found = text.rfind(_BREAK, 0, at)
    return 0 if found < 0 else found + len(_BREAK)
