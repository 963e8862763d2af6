"""Which words of a quote a query asked for."""

from collections.abc import Sequence

from onrecord.archive.query import AnyWord, FoldedWord, Node, WordPhrase, folded_words, phrases_of
from onrecord.archive.results import MarkedWord
from onrecord.records import Quote, Span


def marked_words(quote: Quote, query: Node) -> tuple[MarkedWord, ...]:
    """The words that match a phrase of the query, in text order, in content and source."""
    asked = list(phrases_of(query))
    if not asked:
        return ()
    phrases = [one for one in asked if isinstance(one, WordPhrase)]
    forms = {word for one in asked if isinstance(one, AnyWord) for word in one.words}
    source = () if quote.source is None else (quote.source,)
    found: set[FoldedWord] = set()
    for spans in (quote.content, source):
        words = _placed(spans)
        found.update(word for word in words if word.text in forms)
        for phrase in phrases:
            found.update(_matching(words, phrase))
    return tuple(MarkedWord(start=word.start, end=word.end) for word in sorted(found, key=_place))


def _placed(spans: Sequence[Span]) -> list[FoldedWord]:
    return [
        FoldedWord(word.text, span.start + word.start, span.start + word.end)
        for span in spans
        for word in folded_words(span.text)
    ]


def _matching(words: Sequence[FoldedWord], phrase: WordPhrase) -> list[FoldedWord]:
    *first, last = phrase.words
    count = len(phrase.words)
    found: list[FoldedWord] = []
    for begin in range(len(words) - count + 1):
        *before, end = words[begin : begin + count]
        is_end = end.text.startswith(last) if phrase.is_prefix else end.text == last
        if is_end and [word.text for word in before] == first:
            found += [*before, end]
    return found


def _place(word: FoldedWord) -> tuple[int, int]:
    return word.start, word.end
