"""A filter gives what was asked for, and asks nothing it was not told to."""

import re
from typing import Any

import pytest

from onrecord.records import ArticleRef, Speaker, to_json
from onrecord.sink.filters import Filter
from onrecord.sink.selection import Opened, What
from tests.builders import TEXT, article, entity, extraction, quote, span

REFERENCE = ArticleRef(
    id="a1", publisher="Harbour Post", language="en", feed="https://a.example/feed"
)


def found(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, True),
        ({"speaker": "lind"}, True),
        ({"speaker": "Mara Lindt"}, False),
        ({"speaker": "the harbour master"}, False),
        ({"entity": "lind"}, True),
        ({"entity": "Kiev"}, False),
        ({"publisher": "harbour post"}, True),
        ({"publisher": "Other"}, False),
        ({"language": "en"}, True),
        ({"language": "fr"}, False),
        ({"quote_type": "direct"}, True),
        ({"quote_type": "indirect"}, False),
        ({"match": found("in may")}, True),
        ({"match": found("in june")}, False),
        ({"speaker": "lind", "match": found("june")}, False),
        ({"feed": "https://a.example/feed"}, True),
        ({"feed": "https://b.example/feed"}, False),
        ({"speaker": "Mara Lind", "exact": True}, True),
        ({"speaker": "lind", "exact": True}, False),
        ({"entity": "Lind", "exact": True}, False),
        ({"publisher": "Harbour Post", "exact": True}, True),
        ({"publisher": "Post", "exact": True}, False),
        ({"speaker": "lind", "entity": "Kiev"}, False),
    ],
)
def test_quotes_and_their_extractions(asked: dict[str, Any], wanted: bool) -> None:
    given = extraction(article=REFERENCE)
    asks = Filter(**asked)
    assert (asks.wanted_quotes(given) == [0]) is wanted
    assert asks.wants_extraction(given) is wanted
    # What is read of an extraction at a glance decides the same as all of it.
    for kind in (What.QUOTES, What.EXTRACTIONS):
        assert (Opened(to_json(given)).numbers(kind, asks) == [0]) is wanted


def test_a_quote_that_is_cut_is_found_by_words_on_both_sides_of_the_cut() -> None:
    text = '"We will," she said, "vote in May."'
    cut = quote(
        cue=None,
        source=None,
        content=(span(text, "We will,"), span(text, "vote")),
        context=span(text, text),
    )
    asks = Filter(match=found("will, vote"))
    assert asks.wanted_quotes(extraction(quotes=(cut,))) == [0]


def test_a_speaker_is_found_by_an_alias_of_the_entity() -> None:
    named = extraction(entities=(entity(aliases=("Captain Lind", "Skipper")),))
    assert Filter(speaker="skipper").wanted_quotes(named) == [0]


def test_speaker_and_words_must_be_of_one_quote() -> None:
    other = quote(speaker=Speaker(name="Ove Holm"), type="mixed")
    both = extraction(quotes=(quote(), other))
    assert not Filter(speaker="holm", quote_type="direct").wants_extraction(both)
    assert Filter(speaker="holm", quote_type="mixed").wants_extraction(both)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"match": found("pier")}, True),
        ({"match": found("zeppelin")}, False),
        ({"publisher": "post"}, True),
        ({"feed": "https://a.example/feed"}, True),
        ({"feed": "https://b.example/feed"}, False),
        ({"language": "EN"}, True),
        ({"language": "en-GB"}, True),
        ({"language": "en-US"}, False),
    ],
)
def test_articles(asked: dict[str, Any], wanted: bool) -> None:
    given = article(
        text=TEXT, publisher="Harbour Post", feed="https://a.example/feed", language="en-GB"
    )
    assert Filter(**asked).wants_article(given) is wanted
