"""A flat quote says everything that its extraction says of it, with or without Connect's schema."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from onrecord.errors import RecordError
from onrecord.log.interface import Message
from onrecord.records import (
    Extraction,
    FlatQuote,
    QuoteOnRecord,
    Span,
    Speaker,
    connect_schema,
    flat_quote,
    from_json,
    on_record,
    read_flat_quote,
    to_json,
    unflattened,
    with_connect_schema,
)
from onrecord.sink.parse_options import parse_filter
from onrecord.sink.selection import Selection, What
from tests.builders import NOON, TEXT, extraction, quote, span

CUT = '"We will," she told the Harbour Post, "vote again." 🚢 Then rain.'
QUOTES = {
    "direct": quote(),
    "cut": structs.replace(
        quote(),
        context=span(CUT, CUT.partition(" Then")[0]),
        content=(span(CUT, "We will,"), span(CUT, "vote again.")),
        cue=span(CUT, "told"),
        source=span(CUT, "she"),
        via=span(CUT, "the Harbour Post"),
        manner="speech",
        words_key="0" * 32,
        speaker=Speaker(
            name="Mara Lind",
            name_key="mara lind",
            reason="the only woman named",
            confidence=0.75,
        ),
    ),
    "without a speaker": quote(speaker=None, cue=None, source=None, type="indirect"),
    "repeats another": quote(repeats="q0"),
    "with the context of another extractor": quote(context=Span(start=0, end=3, text=TEXT[:3])),
}
ENCODINGS: dict[str, Callable[[FlatQuote], bytes]] = {
    "plain": to_json,
    "with Connect's schema": with_connect_schema,
}


def with_quote(name: str) -> Extraction:
    made = extraction(quotes=(QUOTES[name],), notes=("cut at the limit", "two notes"))
    at = datetime(2026, 11, 20, 12, 0, 0, 123_000, UTC)
    reference = structs.replace(
        made.article,
        url="https://a.example/1",
        revision=3,
        story="s1",
        categories=("Local", "Harbours"),
        sections=("Coast",),
        feed_categories=("World/Asia",),
    )
    return structs.replace(made, article=reference, extracted_at=at)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("name", QUOTES)
def test_a_flat_quote_becomes_the_same_quote_again(
    name: str, encode: Callable[[FlatQuote], bytes]
) -> None:
    made = with_quote(name)
    again = unflattened(read_flat_quote(encode(flat_quote(made, made.quotes[0]))))
    assert on_record(again, again.quotes[0]) == on_record(made, made.quotes[0])


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, True),
        ({"speaker": "lind"}, True),
        ({"speaker": "Brandt"}, False),
        ({"publisher": "Harbour Post", "language": "en", "min_confidence": 0.5}, True),
        ({"match": "pier"}, True),
        ({"category": "world", "section": "local"}, True),
        ({"category": "coast"}, False),
        ({"min_confidence": 0.95}, False),
    ],
)
def test_subscribers_filter_and_get_flat_quotes_as_they_do_those_of_extractions(
    asked: dict[str, Any], wanted: bool, encode: Callable[[FlatQuote], bytes]
) -> None:
    options = {"what": What.QUOTES, "mark": "--", **asked}
    selection = Selection(What.QUOTES, parse_filter(**options), skipped=fail)
    made = with_quote("direct")
    value = encode(flat_quote(made, made.quotes[0]))
    lines = selection.lines(message(value))
    assert [from_json(line, QuoteOnRecord) for line in lines] == (
        [on_record(made, made.quotes[0])] if wanted else []
    )
    assert selection.lines(message(None)) == [], "a tombstone holds nothing"


def fail(message: Message, error: RecordError) -> None:
    raise error


def message(value: bytes | None) -> Message:
    return Message("onrecord.quotes", 0, 0, NOON, b"q1", value)


@pytest.mark.parametrize(
    "value",
    [
        b'{"schema":"onrecord.flat-quote","id":"q1"}',
        b'{"schema":{"type":"struct"},"payload":{"id":"q1"}}',
        b'{"schema":{"type":"struct"},"payload":{"extracted_at":"noon"}}',
        b'{"schema":{"type":"struct"},"payload":null}',
        b'{"schema":{',
        b'{"schema":{"x":' + b"[" * 3_000 + b"]" * 3_000 + b"}}",
    ],
)
def test_a_record_that_is_no_flat_quote_is_passed_over_with_its_reason(value: bytes) -> None:
    skipped: list[str] = []
    wanted = parse_filter(what=What.QUOTES, mark="--")
    selection = Selection(What.QUOTES, wanted, skipped=lambda m, error: skipped.append(str(error)))
    assert selection.lines(message(value)) == []
    assert len(skipped) == 1


def test_the_schema_for_connect_has_every_field_and_says_which_may_be_missing() -> None:
    schema = connect_schema(FlatQuote)
    made = with_quote("without a speaker")
    payload = json.loads(with_connect_schema(flat_quote(made, made.quotes[0])))["payload"]
    required = {field["field"] for field in schema["fields"] if not field["optional"]}
    assert {"id", "words", "confidence", "context", "article_id", "extracted_at"} <= required
    assert all(payload[name] is not None for name in required)
    assert [field["field"] for field in schema["fields"]] == list(payload)
    assert {field["type"] for field in schema["fields"]} == {"string", "int32", "double", "int64"}


def test_a_record_that_is_not_flat_has_no_schema_for_connect() -> None:
    with pytest.raises(KeyError):
        connect_schema(Extraction)
