"""A JSON line is an article when it has a text; what else it has is read as people write it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import pytest

from onrecord.errors import Mistake, ParseError, ReaderNotStarted, RecordError
from onrecord.processing.importing.lines import LineReader, read_lines_apart
from onrecord.processing.importing.ready import ReadyArticle, ready_all
from onrecord.processing.importing.sources import LineChunk
from onrecord.records import Article, to_json
from tests.builders import DEEP, article, extraction

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = "The pier will open in May, Mara Lind said to those who had come to the town hall."


def read(line: dict[str, Any] | bytes, **names: str) -> Article:
    data = line if isinstance(line, bytes) else json.dumps(line).encode()
    return LineReader(names).read(data, NOW)


def test_the_text_alone_makes_an_article() -> None:
    found = read({"text": TEXT})
    assert (found.text, found.title, found.url, found.published_at) == (TEXT, "", None, None)
    assert (found.fetched_at, found.text_from, found.language) == (NOW, "import", "en")
    assert found.id == read({"text": TEXT}).id != read({"text": TEXT + "!"}).id


def test_the_url_names_the_article_and_its_publisher() -> None:
    found = read({"text": TEXT, "url": "https://www.Post.example/pier?utm_source=x#top"})
    assert found.canonical_url == "https://www.post.example/pier"
    assert found.publisher == "post.example"
    assert found.id == read({"text": "Other.", "url": "http://www.post.example/pier"}).id


def test_an_article_of_ours_comes_in_as_it_is() -> None:
    ours = article("a1", revision=3, supersedes="h0", text_from="page", story="s1", raw={"x": "y"})
    assert read(to_json(ours)) == ours


def test_another_record_of_ours_is_no_article() -> None:
    with pytest.raises(RecordError, match=r"an onrecord\.extraction, not an article"):
        read(json.dumps(json.loads(to_json(extraction())) | {"text": TEXT}).encode())


def test_a_number_as_id_tells_articles_apart_within_a_publisher_only() -> None:
    def id_of(**fields: Any) -> str:
        return read({"text": TEXT, "id": 7} | fields).id

    assert id_of(publisher="Post") == id_of(publisher="Post", text="Another text.")
    assert id_of(publisher="Post") != id_of(publisher="Gazette")
    assert id_of() != id_of(text="Another text.")
    assert read({"text": TEXT, "id": 7}).raw == {"guid": "7"}


def test_fields_by_other_names_are_found_by_the_mapping() -> None:
    line = {"body": TEXT, "headline": "Pier", "meta": {"date": "1994-05-01"}, "by": "Ann Li"}
    found = read(line, text="body", title="headline", published_at="meta.date", authors="by")
    assert (found.text, found.title, found.authors) == (TEXT, "Pier", ("Ann Li",))
    assert found.published_at == datetime(1994, 5, 1, tzinfo=UTC)


def test_a_field_that_the_mapping_does_not_find_is_absent() -> None:
    assert read({"text": TEXT}, title="meta.title", url="link").title == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1990-01-01", datetime(1990, 1, 1, tzinfo=UTC)),
        ("1987-06-05T04:03:02+02:00", datetime(1987, 6, 5, 2, 3, 2, tzinfo=UTC)),
        ("Sun, 01 May 1994 08:00:00 +0100", datetime(1994, 5, 1, 7, tzinfo=UTC)),
        (767_779_200, datetime(1994, 5, 1, 8, tzinfo=UTC)),
        (767_779_200_000, datetime(1994, 5, 1, 8, tzinfo=UTC)),
        (-86_400.5, datetime(1969, 12, 30, 23, 59, 59, 500_000, tzinfo=UTC)),
        ("", None),
        (None, None),
        ("2031-01-01", None),  # the future: a wrong date is worse than none
    ],
)
def test_dates_are_read_as_archives_write_them(
    written: str | float | None, meant: datetime | None
) -> None:
    assert read({"text": TEXT, "published_at": written}).published_at == meant


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"garbage", "JSON is malformed"),
        (b"{", "truncated"),
        (b"[1]", "a JSON array; an article a line is wanted"),
        (b'"text"', "Expected `object`"),
        (b"null", "Expected `object`"),
        (b'{"title": "x"}', "missing required field `text`"),
        (b'{"text": ""}', r"\$.text"),
        (b'{"text": " \\n "}', "the text is empty"),
        (b'{"text": 7}', r"got `int` - at `\$.text`"),
        (b'{"text": "x", "url": ["a"]}', r"\$.url"),
        (b'{"text": "x \xff"}', "not UTF-8: byte 12 is 0xff"),
        ('{"text": "x"}'.encode("utf-16"), "UTF-16; JSON lines are UTF-8"),
        (b'{"text": "x", "published_at": "last week"}', "published_at is no date: 'last week'"),
        (b'{"text": "x", "published_at": 1e300}', "published_at is no date"),
        (b'{"text": "x", "schema": "onrecord.article"}', "missing required field"),
        (b'{"text": "x", "raw": ' + b"[" * 100_000 + b"}", "."),
    ],
)
def test_what_is_no_article_says_why(line: bytes, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        read(line)


@pytest.mark.parametrize("line", [b"[1]", b"7", b'{"text": "x"}'])
def test_a_mapping_that_does_not_fit_says_why(line: bytes) -> None:
    with pytest.raises(RecordError):
        read(line, text="body.html")


def test_what_a_terminal_would_choke_on_is_taken_out() -> None:
    found = read(
        {"text": "It\u001b[31m rains,\u200b\u0000 she said.\n\nYes.", "title": "A\n\u0007b"}
    )
    assert found.text == "It[31m rains, she said.\n\nYes."
    assert found.title == "A b"


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(RecordError):
        read(b'{"text": "x \\ud800 y"}')


def test_a_field_that_no_article_has_cannot_be_mapped() -> None:
    with pytest.raises(Mistake, match="no field 'body'; an article has text, id, url"):
        LineReader({"body": "text"})


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "file:///etc/passwd", "ftp://h/x"],
)
@pytest.mark.parametrize("field", ["url", "canonical_url", "feed"])
def test_what_no_reader_should_follow_is_refused_as_a_url(url: str, field: str) -> None:
    whole = article("a1", **{field: url})
    lines = [to_json(whole)] + [json.dumps({"text": "x", field: url}).encode()] * (
        field != "canonical_url"
    )
    for line in lines:
        with pytest.raises(RecordError, match=f"{field} is no http:// or https:// URL"):
            LineReader().read(line, datetime.now(UTC))


def test_a_line_nested_too_deeply_is_no_article() -> None:
    for names in ({}, {"text": "body"}):
        with pytest.raises(RecordError):
            LineReader(names).read(DEEP, datetime.now(UTC))


def test_a_line_that_breaks_the_process_is_the_only_one_without_an_article() -> None:
    def do(url: str, function: Any, names: Any, lines: list[bytes], now: datetime) -> Any:
        if any(b"breaks it" in line for line in lines):
            raise ParseError(url, "reading it ended its process")
        return function(names, lines, now)

    written = [b'{"text": "Rain."}', b'{"text": "breaks it"}', b"{", b'{"text": "Snow."}']
    found = read_lines_apart(do, {}, written, NOW)
    assert [type(one) for one in found] == [ReadyArticle, str, str, ReadyArticle]
    assert found[1] == "reading it ended its process"


def test_whatever_a_line_raises_it_is_the_only_one_rejected_and_kept() -> None:
    def read_lines(lines: Sequence[bytes], now: datetime) -> Sequence[ReadyArticle | str]:
        if any(b"breaks it" in line for line in lines):
            raise OverflowError("too deep")
        return LineReader().read_all(lines, now)

    written = [b'{"text": "Rain."}', b"", b'{"text": "breaks it"}', b'{"text": "Snow."}']
    found = LineChunk("a.jsonl", 7, written, NOW).read(read_lines)
    assert [type(one.found) for one in found] == [ReadyArticle, str, ReadyArticle]
    assert found[1].place == "a.jsonl, line 9"
    assert found[1].found == "it cannot be read (OverflowError: too deep)"
    assert found[1].original == written[2]


def test_lines_are_not_at_fault_where_no_process_can_read_them() -> None:
    def do(url: str, *_: object) -> Any:
        raise ReaderNotStarted(url, "no reader has started within 60 s")

    chunk = LineChunk("a.jsonl", 1, [b'{"text": "Rain."}', b'{"text": "Snow."}'], NOW)
    with pytest.raises(ReaderNotStarted):
        chunk.read(partial(read_lines_apart, do, {}))


def test_lines_read_together_are_as_each_alone() -> None:
    text = "The council said that the harbour pier will open to the public in May, after repairs."
    written = [
        msgspec.json.encode({"text": f"{text} {n}", "url": f"https://a.example/{n}", **more})
        for n, more in enumerate(({}, {"language": "pl"}, {"title": "Pier"}))
    ]
    ours = to_json(article("own", text=text, text_from="import", language=None))
    reader = LineReader()
    alone = [reader.read(line, NOW) for line in (*written, ours)]
    assert [one.language for one in alone] == ["en", "pl", "en", None]
    assert reader.read_all([*written, ours], NOW) == ready_all(alone)
