"""Which words of a quote a query asked for."""

from collections.abc import Sequence

from onrecord.archive.query import FoldedWord, Node, WordPhrase, folded_words, phrases_of
from onrecord.archive.results import MarkedWord
from onrecord.records import Quote, Span


def marked_words(quote: Quote, query: Node) -> tuple[MarkedWord, ...]:
    """The words that match a phrase of the query, in text order, in content and source."""
    phrases = list(phrases_of(query))
    if not phrases:
        return ()
    source = () if quote.source is None else (quote.source,)
    found = {
        word
        for spans in (quote.content, source)
        for phrase in phrases
        for word in _matching(_placed(spans), phrase)
    }
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
