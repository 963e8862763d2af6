"""`onrecord export`: the same table in three formats, and Web Annotations."""

import csv
import io
import json
import sys
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from onrecord.errors import LogBroken
from onrecord.log.opening import open_log
from onrecord.records import ArticleRef, Extraction
from onrecord.sink.export.columns import EXTRACTION_COLUMNS, PEOPLE_COLUMNS, QUOTE_COLUMNS
from tests.builders import NOON, TEXT, extraction, quote, span
from tests.cli.conftest import Run
from tests.filling import T0, publish

TOPIC = "onrecord.extractions"


def article(id: str, revision: int = 1, **fields: object) -> ArticleRef:
    given: dict = {"title": "The pier", "publisher": "Harbour Post", "published_at": NOON} | fields
    return ArticleRef(id=id, revision=revision, url=f"https://post.example/{id}", **given)


def revised() -> Extraction:
    """The second revision of `a1`, which has a quote without a speaker."""
    words = (span(TEXT, "The pier"), span(TEXT, "in May,"))
    changed = quote(content=words, speaker=None, source=None, cue=None, confidence=0.25)
    return extraction("a1", article=article("a1", 2, language="en"), quotes=(changed,))


@pytest.fixture(autouse=True)
def filled(url: str) -> None:
    first = [extraction(name, article=article(name, language="en")) for name in ("a1", "a2")]
    with open_log(url) as log:
        publish(log, TOPIC, *first, revised(), every=timedelta(hours=1))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_quote_is_there_once_as_the_newest_revision_has_it(run: Run) -> None:
    ran = run("export", "quotes")
    found = {row["article_id"]: row for row in rows_of(ran.out)}
    assert (ran.code, len(rows_of(ran.out)), sorted(found)) == (0, 2, ["a1", "a2"])
    assert found["a1"]["revision"] == "2"
    assert found["a1"]["words"] == "The pier … in May,"
    assert found["a1"]["speaker"] == ""
    assert found["a2"]["speaker"] == "Mara Lind"
    assert "2 quotes exported" in ran.err


def test_all_revisions_are_exported_on_request(run: Run) -> None:
    ran = run("export", "quotes", "--revisions", "all")
    assert [row["revision"] for row in rows_of(ran.out)] == ["1", "1", "2"]


def test_a_tombstone_takes_an_article_out_of_the_export(run: Run, url: str) -> None:
    with open_log(url) as log, log.writer("forget") as writer, writer.transaction() as tx:
        tx.publish(TOPIC, key=b"a1", value=None)
    assert [row["article_id"] for row in rows_of(run("export", "quotes").out)] == ["a2"]


def test_a_stretch_has_the_newest_revisions_of_its_own_time(run: Run) -> None:
    until = (T0 + timedelta(hours=2)).isoformat()
    found = rows_of(run("export", "quotes", "--until", until).out)
    assert [(row["article_id"], row["revision"]) for row in found] == [("a1", "1"), ("a2", "1")]


def test_a_year_of_publication_is_exported_from_the_archive(run: Run, url: str) -> None:
    old = article("a3", published_at=NOON.replace(year=2020))
    with open_log(url) as log:
        publish(log, TOPIC, extraction("a3", article=old))
    year = ("--by", "published", "--from", "2020-01-01", "--until", "2021-01-01")
    ran = run("export", "quotes", *year)
    assert ran.code == 0, ran.err
    assert [row["article_id"] for row in rows_of(ran.out)] == ["a3"]
    everything = run("export", "quotes", "--by", "published")
    assert [row["article_id"] for row in rows_of(everything.out)] == ["a3", "a1", "a2"]


def test_people_are_exported_with_their_names_and_roles(run: Run) -> None:
    ran = run("export", "people", "--format", "jsonl")
    assert ran.code == 0, ran.err
    [found] = [json.loads(line) for line in ran.out.splitlines()]
    assert (found["name"], found["names"]) == ("Mara Lind", ["Mara Lind"])
    assert [list(found)] == [[column.name for column in PEOPLE_COLUMNS]]
    quotes = [
        json.loads(line) for line in run("export", "quotes", "--format", "jsonl").out.splitlines()
    ]
    assert {quote["person"] for quote in quotes if quote["speaker"]} == {found["person"]}


@pytest.mark.parametrize("what", ["quotes", "extractions"])
def test_three_formats_hold_the_same_table(run: Run, tmp_path: Path, what: str) -> None:
    lines = [json.loads(line) for line in run("export", what, "--format", "jsonl").out.splitlines()]
    assert run("export", what, "--out", "t.parquet").code == 0
    table = pq.read_table(tmp_path / "t.parquet").to_pylist()
    columns = QUOTE_COLUMNS if what == "quotes" else EXTRACTION_COLUMNS
    assert [list(line) for line in lines] == [[column.name for column in columns]] * 2
    for line, row in zip(lines, table, strict=True):
        for column in columns:
            value = row[column.name]
            if column.kind == "time":
                value = value and value.isoformat().replace("+00:00", "Z")
            assert value == line[column.name], column.name
    header, *cells = csv.reader(io.StringIO(run("export", what, "--format", "csv").out))
    assert header == list(lines[0])
    assert len(cells) == 2


def test_parquet_describes_its_columns_and_says_their_types(run: Run, tmp_path: Path) -> None:
    run("export", "quotes", "--out", "t.parquet")
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert str(schema.field("published_at").type) == "timestamp[us, tz=UTC]"
    assert str(schema.field("confidence").type) == "double"
    for column in QUOTE_COLUMNS:
        assert schema.field(column.name).metadata[b"description"].decode() == column.meaning


def test_parquet_without_pyarrow_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet")
    ran = run("export", "quotes", "--format", "parquet")
    assert (ran.code, ran.out) == (2, "")
    assert "pip install 'onrecord[parquet]'" in ran.err


def test_a_quote_is_an_annotation_of_its_article(run: Run) -> None:
    page = json.loads(run("export", "quotes", "--format", "annotations").out)
    assert page["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert page["type"] == "AnnotationPage"
    cut, whole = sorted(page["items"], key=lambda one: len(one["target"]), reverse=True)
    assert len(cut["target"]) == 2
    [target] = whole["target"]
    assert target["source"] == {"id": "https://post.example/a2", "language": "en"}
    exact, position = target["selector"]
    assert exact["prefix"] + exact["exact"] + exact["suffix"] == TEXT
    assert TEXT[position["start"] : position["end"]] == exact["exact"]
    assert [body["value"] for body in whole["body"]] == ["Mara Lind", "direct"]


def test_an_empty_export_is_a_whole_file(run: Run, tmp_path: Path) -> None:
    nobody = ("--speaker", "Nobody Else")
    assert (
        json.loads(run("export", "quotes", *nobody, "--format", "annotations").out)["items"] == []
    )
    assert run("export", "quotes", *nobody).out.count("\n") == 1
    run("export", "quotes", *nobody, "--out", "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet").num_rows == 0


def test_no_cell_is_a_formula(run: Run, url: str) -> None:
    title = '=HYPERLINK("https://evil.example")'
    with open_log(url) as log:
        publish(log, TOPIC, extraction("a3", article=article("a3", title=title)))
    [row] = [row for row in rows_of(run("export", "quotes").out) if row["article_id"] == "a3"]
    assert row["title"] == f"'{title}"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["extractions", "--format", "annotations"], "only quotes are annotations"),
        (["quotes", "--out", "no/such/folder/q.csv"], "--out no/such/folder/q.csv: cannot be"),
        (["quotes", "--until", "yesterday"], "--until yesterday: not a time"),
    ],
)
def test_a_mistake_is_one_line(run: Run, arguments: list[str], says: str) -> None:
    ran = run("export", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert says in ran.err


def test_an_export_that_fails_leaves_the_older_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "q.csv").write_text("older")

    def fail(*_: object) -> None:
        raise LogBroken("the disk is full")

    monkeypatch.setattr("onrecord.sink.export.writers.CsvWriter.finish", fail)
    ran = run("export", "quotes", "--out", "q.csv")
    assert (ran.code, (tmp_path / "q.csv").read_text()) == (1, "older")
    assert not list(tmp_path.glob("*.part"))


def test_every_column_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text("utf-8")
    for column in (*QUOTE_COLUMNS, *EXTRACTION_COLUMNS, *PEOPLE_COLUMNS):
        assert f"| `{column.name}` | {column.kind} | {column.meaning} |" in page, column.name
