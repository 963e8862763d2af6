"""A quote's words as people are shown them."""

import re

from onrecord.records.extractions import Quote
from onrecord.records.spans import Span

# "that the pier will open", "que le quai ouvrira": the word that joins a clause to its cue.
_JOINING = re.compile(r"(?:that|que)[ \u00a0]+|qu['’]")
_FEWEST_WORDS = 3  # after it: "that idea" is no clause


def shown_content(quote: Quote) -> tuple[Span, ...]:
    """The content without the "that" that joins reported words to their cue.

    Records keep it, and so does a "that" between quotation marks, which is the speaker's own.
    """
    first, *rest = quote.content
    found = _JOINING.match(first.text)
    own_words = quote.type == "direct" or _is_after_mark(quote, first)
    if found is None or own_words or len(first.text[found.end() :].split()) < _FEWEST_WORDS:
        return quote.content
    start = first.start + found.end()
    return Span(start=start, end=first.end, text=first.text[found.end() :]), *rest


def _is_after_mark(quote: Quote, first: Span) -> bool:
    """Whether a quotation mark stands before a span."""
    before = quote.context.text[: max(0, first.start - quote.context.start)].rstrip()[-1:]
    return before in {"“", '"', "«", "„", "‘"}
