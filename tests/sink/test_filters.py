"""A filter gives what was asked for, and asks nothing it was not told to."""

import re
from typing import Any

import pytest

from pipeline.records import Speaker
from pipeline.sink.filters import Filter
from tests.builders import TEXT, article, entity, extraction, quote


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
    ],
)
def test_quotes_and_their_extractions(asked: dict[str, Any], wanted: bool) -> None:
    asks = Filter(**asked)
    assert asks.wants_quote(quote(), extraction()) is wanted
    assert asks.wants_extraction(extraction()) is wanted


def test_a_speaker_is_found_by_an_alias_of_the_entity() -> None:
    named = extraction(entities=(entity(aliases=("Captain Lind", "Skipper")),))
    assert Filter(speaker="skipper").wants_quote(quote(), named)


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
