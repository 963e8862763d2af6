"""Records are strict about what they read, and say which field is wrong."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import RecordError
from onrecord.records import (
    RECORDS,
    Article,
    Extraction,
    Feed,
    FeedState,
    QuoteOnRecord,
    Record,
    event_headers,
    from_json,
    id_of,
    json_schema,
    quote_id,
    schema_name,
    shown_content,
    to_json,
)
from tests.builders import NOON, article, extraction, quote, span

SCHEMAS = Path(__file__).parent.parent / "config" / "schemas"
VERSION_1 = Path(__file__).parent / "data" / "schemas" / "version-1"
VALID = json.loads(to_json(article()))


def changed(**fields: object) -> bytes:
    return json.dumps({**VALID, **fields}).encode()


def without(field: str) -> bytes:
    return json.dumps({k: v for k, v in VALID.items() if k != field}).encode()


@pytest.mark.parametrize("record", [article(), extraction(), Feed(url="https://a.example/feed")])
def test_a_record_survives_the_way_to_json_and_back(record: Record) -> None:
    assert from_json(to_json(record), type(record)) == record


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        (b"not json", None, "JSON is malformed"),
        (b"[]", None, "Expected `object`, got `array`"),
        (b"\xff\xfe", None, "JSON is malformed"),
        (without("id"), "id", "missing required field `id`"),
        (changed(id=3), "id", "Expected `str`, got `int`"),
        (changed(revision=0), "revision", "Expected `int` >= 1"),
        (changed(authors=["a", 1]), "authors[1]", "Expected `str`, got `int`"),
        (changed(fetched_at="2026-11-20T12:00:00"), "fetched_at", "timezone"),
        (changed(text_from="thin air"), "text_from", "Invalid enum value"),
        (changed(schema="onrecord.extraction"), "schema", "Invalid value"),
        (changed(schema_version="2"), "schema_version", "Expected `int`, got `str`"),
        (changed(schema_version=2, id=3), "schema_version", "upgrade it to read this record"),
    ],
)
def test_what_is_not_an_article_is_refused_by_field(
    data: bytes, field: str | None, says: str
) -> None:
    with pytest.raises(RecordError, match=re.escape(says)) as caught:
        from_json(data, Article)
    assert caught.value.field == field
    assert "\n" not in str(caught.value)


def test_who_reads_version_1_reads_version_2_and_ignores_what_it_adds() -> None:
    newer = from_json(changed(schema_version=2, mood="sunny"), Article)
    assert newer == article(schema_version=2)
    fields = json.loads(to_json(extraction())) | {"schema_version": 2, "topics": ["harbours"]}
    fields["quotes"][0]["mood"] = {"sunny": 0.9}
    fields["quotes"][0]["speaker"]["wikidata"] = "Q1"
    fields["entities"][0]["mentions"][0]["page"] = 3
    assert from_json(json.dumps(fields), Extraction) == extraction(schema_version=2)
    record = QuoteOnRecord(article=extraction().article, quote=quote(), extracted_at=NOON)
    fields = json.loads(to_json(record)) | {"schema_version": 2, "thread": "t1"}
    fields["quote"]["mood"] = fields["article"]["section"] = "sunny"
    newer_quote = from_json(json.dumps(fields), QuoteOnRecord)
    assert (newer_quote.schema_version, newer_quote.quote) == (2, record.quote)


def test_the_schemas_say_how_to_read_a_later_version_and_let_one_be_read() -> None:
    for record in (Article, Extraction, QuoteOnRecord):
        said = json.dumps(json_schema(record))
        assert "ignore fields that you do not know" in said
        assert '"additionalProperties": false' not in said


def test_a_record_that_is_changed_and_written_again_is_left_alone_when_it_is_newer() -> None:
    newer = {"schema": "onrecord.feed", "schema_version": 2, "url": "https://a.example/feed"}
    with pytest.raises(RecordError, match="schema_version 2; this onrecord reads up to 1"):
        from_json(json.dumps(newer), Feed)
    with pytest.raises(RecordError, match="upgrade it to read this record"):
        from_json(json.dumps(newer | {"schema": "onrecord.feed-state"}), FeedState)


@pytest.mark.parametrize("file", sorted(VERSION_1.iterdir()), ids=lambda file: file.stem)
def test_what_is_published_only_adds_to_version_1(file: Path) -> None:
    before = json.loads(file.read_text("utf-8"))["$defs"]
    now = json.loads((SCHEMAS / file.name).read_text("utf-8"))["$defs"]
    for name, definition in before.items():
        fields, fields_now = definition["properties"], now[name]["properties"]
        assert {field: _type(fields_now[field]) for field in fields} == {
            field: _type(schema) for field, schema in fields.items()
        }
        assert now[name].get("required", []) == definition.get("required", [])


def _type(schema: object) -> object:
    """A schema without what is only said to people, or filled in by who reads it."""
    if isinstance(schema, dict):
        said = {"description", "default", "title"}
        return {key: _type(value) for key, value in schema.items() if key not in said}
    return [_type(one) for one in schema] if isinstance(schema, list) else schema


def test_a_nested_wrong_value_is_named_by_its_path() -> None:
    fields = json.loads(to_json(extraction()))
    fields["quotes"][0]["content"][0]["start"] = -1
    with pytest.raises(RecordError) as caught:
        from_json(json.dumps(fields), Extraction)
    assert caught.value.field == "quotes[0].content[0].start"


def test_the_schemas_in_the_repository_are_current() -> None:
    written = {file.name: json.loads(file.read_text("utf-8")) for file in SCHEMAS.iterdir()}
    current = {f"{schema_name(record)}.json": json_schema(record) for record in RECORDS}
    assert written == json.loads(json.dumps(current))


def test_records_are_immutable() -> None:
    with pytest.raises(AttributeError):
        article().text = "other"  # type: ignore[misc]


@given(st.lists(st.text(max_size=5), min_size=1, max_size=4), st.data())
def test_ids_tell_apart_what_is_cut_differently(parts: list[str], data: st.DataObject) -> None:
    assert re.fullmatch("[0-9a-f]{32}", id_of(*parts))
    joined = "".join(parts)
    cut = data.draw(st.integers(0, len(joined)))
    other = [joined[:cut], joined[cut:]]
    assert (id_of(*parts) == id_of(*other)) == (parts == other)


def test_a_quote_has_the_same_id_every_time_and_another_in_another_revision() -> None:
    content = quote().content
    assert quote_id("a1", 1, content) == quote_id("a1", 1, content)
    assert quote_id("a1", 1, content) != quote_id("a1", 2, content)
    assert quote_id("a1", 1, content) != quote_id("a1", 1, (span("xThe", "The"),))


def test_headers_are_cloudevents_in_binary_mode() -> None:
    given_headers = dict(event_headers(article(), event_id="a1.1", source="/poll", time=NOON))
    assert given_headers == {
        "ce_specversion": b"1.0",
        "ce_id": b"a1.1",
        "ce_source": b"/poll",
        "ce_type": b"onrecord.article",
        "ce_dataschema": b"urn:onrecord:schema:onrecord.article:1",
        "ce_time": datetime(2026, 11, 20, 12, tzinfo=UTC).isoformat().encode(),
        "content-type": b"application/json",
    }


@pytest.mark.parametrize(
    ("text", "content", "kind", "shown"),
    [
        ("Lind said that it will rain.", "that it will rain", "indirect", "it will rain"),
        ("Lind dit que le quai ouvrira.", "que le quai ouvrira", "indirect", "le quai ouvrira"),
        ("Lind dit qu'il va neiger.", "qu'il va neiger", "indirect", "il va neiger"),
        ("Lind said that he “will not go”.", "that he “will not go", "mixed", "he “will not go"),
        ("“that it will rain,” she said.", "that it will rain,", "direct", "that it will rain,"),
        (
            "She called “that old pier a risk”.",
            "that old pier a risk",
            "mixed",
            "that old pier a risk",
        ),
        ("She denied that idea.", "that idea", "indirect", "that idea"),
    ],
)
def test_people_are_shown_words_without_what_joins_them_to_the_cue(
    text: str, content: str, kind: str, shown: str
) -> None:
    given = msgspec.structs.replace(
        quote(), content=(span(text, content),), type=kind, context=span(text, text)
    )
    (found,) = shown_content(given)
    assert found.text == shown
    assert text[found.start : found.end] == shown
