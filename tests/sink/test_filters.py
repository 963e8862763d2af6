"""A filter gives what was asked for, and asks nothing it was not told to."""

import re
from typing import Any

import pytest

from onrecord.errors import Mistake
from onrecord.records import (
    About,
    ArticleRef,
    Extraction,
    Mention,
    Speaker,
    from_json,
    to_json,
)
from onrecord.sink.filters import FOR_PEOPLE, Filter, Floor
from onrecord.sink.parse_options import parse_filter
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


ABOUT = '"Petrak will open the pier in May," Mara Lind said.'


def _about_petrak() -> Extraction:
    """Lind speaks of Ivo Petrak in one quote, and of nobody in the other."""
    petrak = entity("e2", "Ivo Petrak", ABOUT, mentions=(), aliases=("Petrak",))
    named = span(ABOUT, "Petrak")
    mention = Mention(start=named.start, end=named.end, text=named.text)
    about = About(entity="e2", name="Ivo Petrak", type="person", by="name", mentions=(mention,))
    return extraction(entities=(entity(), petrak), quotes=(quote(about=(about,)), quote()))


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"about": "petrak"}, [0]),
        ({"about": "ivo petrak", "exact": True}, []),
        ({"about": "Ivo Petrak", "exact": True}, [0]),
        ({"about": "Petrak", "exact": True}, [0]),
        ({"about": "lind"}, []),
        ({"speaker": "lind", "about": "petrak"}, [0]),
        ({"speaker": "petrak", "about": "petrak"}, []),
        ({"speaker": "lind"}, [0, 1]),
    ],
)
def test_a_quote_is_found_by_whom_its_words_speak_of(
    asked: dict[str, Any], wanted: list[int]
) -> None:
    given, asks = _about_petrak(), Filter(**asked)
    assert asks.wanted_quotes(given) == wanted
    assert Opened(to_json(given)).numbers(What.QUOTES, asks) == wanted
    assert asks.wants_extraction(given) is bool(wanted)


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


SURE = quote(confidence=0.9)
UNSURE = quote(type="indirect", confidence=0.4)
UNSURE_WORDS = quote(type="direct", confidence=0.3)
ALL = extraction(article=REFERENCE, quotes=(SURE, UNSURE, UNSURE_WORDS))


@pytest.mark.parametrize(
    ("floor", "numbers"),
    [
        (Floor(), [0, 1, 2]),
        (FOR_PEOPLE, [0, 2]),  # quoted words are not hidden from people
        (Floor(0.4, 0.4), [0, 1]),
        (Floor(0.95, 0.95), []),
    ],
)
def test_a_quote_below_the_floor_is_not_wanted_but_counted(
    floor: Floor, numbers: list[int]
) -> None:
    asks = Filter(floor=floor)
    value = to_json(ALL)
    assert asks.wanted_quotes(ALL) == numbers
    assert Opened(value).numbers(What.QUOTES, asks) == numbers
    assert Opened(value).left_out(What.QUOTES, asks) == 3 - len(numbers)


def test_what_is_left_out_for_another_reason_is_not_counted() -> None:
    asks = Filter(floor=FOR_PEOPLE, speaker="nobody")
    assert asks.left_out(ALL) == 0


def test_an_extraction_comes_without_its_quotes_below_the_floor() -> None:
    asks = Filter(floor=Floor(0.5, 0.5))
    opened = Opened(to_json(ALL))
    assert opened.numbers(What.EXTRACTIONS, asks) == [0]
    record = opened.record(What.EXTRACTIONS, 0, asks.floor)
    assert isinstance(record, Extraction)
    assert record.quotes == (SURE,)
    assert from_json(opened.line(What.EXTRACTIONS, 0, asks.floor), Extraction) == record


def test_without_a_floor_an_extraction_stays_as_it_was_written() -> None:
    value = to_json(ALL).replace(b",", b" ,")
    assert Opened(value).line(What.EXTRACTIONS, 0) == value


@pytest.mark.parametrize(("least", "says"), [(1.5, "between 0 and 1"), (-0.1, "between 0 and 1")])
def test_a_confidence_is_a_share(least: float, says: str) -> None:
    with pytest.raises(Mistake, match=rf"--min-confidence .*{says}"):
        parse_filter(min_confidence=least, mark="--")


def test_articles_have_no_confidence() -> None:
    with pytest.raises(Mistake, match="min_confidence"):
        parse_filter(min_confidence=0.5, what=What.ARTICLES)
