"""How well quotes that were found agree with gold.

A quote is found where a predicted one has most of its words: Jaccard 0.8 over the words of the
content. It is attributed where the predicted speaker is the right one: the same person by name, or
a source that overlaps the gold's. Of articles of which only some quotes were judged, nothing is
said about the others.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from onrecord.records import Extraction, Quote
from onrecord.sink.gold import GoldArticle, GoldQuote, Spans
from onrecord.sink.names import is_called

_WORD = re.compile(r"\w+(?:['’.\-]\w+)*")
_SAME = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Counts over articles.

    `judged` counts gold quotes, `found` those that were found, `with_speaker` those of which gold
    has a speaker or source, `attributed` those of them that were found and given to the right one.
    `predicted` counts the predicted quotes of articles that were judged as a whole, `right` those
    of them that are gold. `wrong` counts spans that are nobody's words, `repeated` those that were
    predicted all the same.
    """

    articles: int = 0
    judged: int = 0
    found: int = 0
    with_speaker: int = 0
    attributed: int = 0
    predicted: int = 0
    right: int = 0
    wrong: int = 0
    repeated: int = 0

    @property
    def recall(self) -> float | None:
        """Found gold quotes as a share of all."""
        return _share(self.found, self.judged)

    @property
    def precision(self) -> float | None:
        """Right quotes as a share of those predicted, in articles judged as a whole."""
        return _share(self.right, self.predicted)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        if self.precision is None or self.recall is None:
            return None
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def attribution(self) -> float | None:
        """Quotes given to the right speaker, as a share of those with a gold speaker."""
        return _share(self.attributed, self.with_speaker)

    @property
    def repeated_share(self) -> float | None:
        """Spans that are nobody's words and were predicted, as a share of all such spans."""
        return _share(self.repeated, self.wrong)


def evaluate(pairs: Iterable[tuple[GoldArticle, Extraction | None]]) -> Evaluation:
    """Compare extractions with gold; None for an article that has none."""
    total = Evaluation()
    for gold, extraction in pairs:
        quotes = () if extraction is None else extraction.quotes
        total = _with_article(total, gold, quotes)
    return total


def _with_article(total: Evaluation, gold: GoldArticle, quotes: Sequence[Quote]) -> Evaluation:
    words = _Words(gold.text)
    predicted = [words.of(_spans(quote)) for quote in quotes]
    wanted = [words.of(quote.content) for quote in gold.gold]
    matched = _matched(wanted, predicted)
    asked = [n for n, quote in enumerate(gold.gold) if _asks_speaker(quote)]
    right = [n for n in asked if n in matched and _is_right(gold.gold[n], quotes[matched[n]])]
    wrong = [words.of(quote.content) for quote in gold.wrong]
    repeated = _matched(wrong, predicted)
    is_whole = not gold.is_partial
    return replace(
        total,
        articles=total.articles + 1,
        judged=total.judged + len(wanted),
        found=total.found + len(matched),
        with_speaker=total.with_speaker + len(asked),
        attributed=total.attributed + len(right),
        predicted=total.predicted + (len(predicted) if is_whole else 0),
        right=total.right + (len(matched) if is_whole else 0),
        wrong=total.wrong + len(wrong),
        repeated=total.repeated + len(repeated),
    )


def _matched(wanted: Sequence[frozenset[int]], given: Sequence[frozenset[int]]) -> dict[int, int]:
    """Which of the given has the words of each of the wanted: one to one, best first."""
    likeness = sorted(
        (-_jaccard(one, other), n, m)
        for n, one in enumerate(wanted)
        for m, other in enumerate(given)
        if _jaccard(one, other) >= _SAME
    )
    found: dict[int, int] = {}
    for _, n, m in likeness:
        if n not in found and m not in found.values():
            found[n] = m
    return found


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def _asks_speaker(quote: GoldQuote) -> bool:
    return bool(quote.source) or quote.speaker is not msgspec.UNSET


def _is_right(gold: GoldQuote, quote: Quote) -> bool:
    if quote.source is not None and any(
        start < quote.source.end and quote.source.start < end for start, end in gold.source
    ):
        return True
    if gold.speaker is msgspec.UNSET:
        return False
    if gold.speaker is None or quote.speaker is None:
        return gold.speaker is None and quote.speaker is None
    return is_called(quote.speaker.name, gold.speaker) or is_called(
        gold.speaker, quote.speaker.name
    )


def _spans(quote: Quote) -> Spans:
    return tuple((span.start, span.end) for span in quote.content)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class _Words:
    """The words of a text, by number."""

    def __init__(self, text: str) -> None:
        self._starts = [match.start() for match in _WORD.finditer(text)]

    def of(self, spans: Spans) -> frozenset[int]:
        """The numbers of the words that begin in these spans."""
        return frozenset(
            number
            for start, end in spans
            for number in range(bisect_left(self._starts, start), bisect_left(self._starts, end))
        )
