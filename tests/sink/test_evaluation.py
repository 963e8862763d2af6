"""Predictions are counted against gold: found, given to the right speaker, wrong all the same."""

from pathlib import Path
from typing import Any

import pytest

from onrecord.errors import Mistake
from onrecord.records import Extraction, Quote, Speaker
from onrecord.sink.evaluation import Evaluation, evaluate
from onrecord.sink.gold import GoldArticle, GoldQuote, WrongQuote, read_gold
from tests.builders import extraction, quote, span

TEXT = (
    '"The pier will open in May," Mara Lind said. "No tax on boats," Ola Berg said. "Ha," it read.'
)
PIER, TAX, HA = "The pier will open in May,", "No tax on boats,", "Ha,"


def place(words: str) -> tuple[tuple[int, int], ...]:
    start = TEXT.index(words)
    return ((start, start + len(words)),)


def predicted(*quotes: Quote) -> Extraction:
    return extraction("a1", quotes=quotes, entities=())


def said(words: str, name: str | None, source: str | None = None) -> Quote:
    speaker = None if name is None else Speaker(name=name)
    where = None if source is None else span(TEXT, source)
    context = span(TEXT, TEXT)
    return quote(TEXT, content=(span(TEXT, words),), speaker=speaker, source=where, context=context)


def gold(*quotes: GoldQuote, **fields: Any) -> GoldArticle:
    return GoldArticle(id="a1", text=TEXT, gold=quotes, **fields)


WHOLE = gold(
    GoldQuote(content=place(PIER), speaker="Mara Lind"),
    GoldQuote(content=place(TAX), source=place("Ola Berg")),
    GoldQuote(content=place(HA), speaker=None),
)


def test_every_quote_found_and_given_to_the_right_speaker() -> None:
    found = predicted(said(PIER, "Lind"), said(TAX, None, "Ola Berg"), said(HA, None))
    result = evaluate([(WHOLE, found)])
    assert result == Evaluation(
        articles=1, judged=3, found=3, with_speaker=3, attributed=3, predicted=3, right=3
    )
    assert (result.precision, result.recall, result.f1, result.attribution) == (1, 1, 1, 1)


def test_what_is_missed_added_or_misattributed_counts() -> None:
    found = predicted(said(PIER, "Ola Berg"), said("Mara Lind said", None))
    result = evaluate([(WHOLE, found)])
    assert result == Evaluation(
        articles=1, judged=3, found=1, with_speaker=3, attributed=0, predicted=2, right=1
    )
    assert (result.precision, result.attribution) == (0.5, 0.0)


def test_a_quote_with_most_of_the_words_is_found_and_one_with_few_is_not() -> None:
    asked = gold(GoldQuote(content=place(PIER)))
    assert evaluate([(asked, predicted(said("pier will open in May,", None)))]).found == 1
    assert evaluate([(asked, predicted(said("The pier", None)))]).found == 0


def test_one_prediction_counts_once() -> None:
    twice = gold(GoldQuote(content=place(PIER)), GoldQuote(content=place(PIER)))
    assert evaluate([(twice, predicted(said(PIER, None)))]).found == 1


def test_of_a_partly_judged_article_other_predictions_are_neither_right_nor_wrong() -> None:
    asked = gold(
        GoldQuote(content=place(PIER), speaker="Mara Lind"),
        wrong=(WrongQuote(content=place(HA)),),
        is_partial=True,
    )
    found = predicted(said(PIER, "Mara Lind"), said(TAX, "Ola Berg"), said(HA, None))
    result = evaluate([(asked, found)])
    assert result == Evaluation(
        articles=1, judged=1, found=1, with_speaker=1, attributed=1, wrong=1, repeated=1
    )
    assert (result.precision, result.repeated_share) == (None, 1.0)


def test_an_article_without_a_prediction_finds_nothing() -> None:
    assert evaluate([(WHOLE, None)]) == Evaluation(articles=1, judged=3, with_speaker=3)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2: not an article with gold"),
        ('{"id": "a", "text": "x", "gold": [{"content": [[0, 2]]}]}', "outside the text"),
        ('{"id": "a", "text": "x", "gold": [{"content": []}]}', "outside the text"),
        ('{"id": "a"}', "missing required field `text`"),
    ],
)
def test_gold_that_cannot_be_read_is_a_mistake(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(Mistake, match=says):
        list(read_gold(path))
