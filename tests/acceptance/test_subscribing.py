"""`onrecord subscribe` as people use it: what it prints, and that nothing is lost on the way."""

import csv
import io
import json
import os
import pty
import re
import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from onrecord.log.opening import open_log
from onrecord.records import ArticleRef, Record, Speaker, to_json
from tests.acceptance.conftest import Onrecord
from tests.acceptance.prepared import COMMAND
from tests.builders import NOON, article, entity, extraction, quote, span

TEXT = 'The quay is shut. "The pier will open in May," Mara Lind said on Monday.'
WORDS = "The pier will open in May,"


def said(number: int, *, name: str = "Sergei Lavrov", publisher: str = "Post") -> Record:
    speaker = Speaker(name=name, role="minister")
    around = span(TEXT, TEXT[18:])
    reference = ArticleRef(
        id=f"a{number}",
        title=f"=Report {number}",
        publisher=publisher,
        published_at=NOON,
        feed=f"https://{publisher.lower()}.example/feed",
    )
    found = quote(TEXT, speaker=speaker, context=around)
    return extraction(article=reference, quotes=(found,), entities=())


def publish(onrecord: Onrecord, topic: str, records: Sequence[Record | bytes]) -> None:
    onrecord("feeds", "list")
    with (
        open_log(onrecord.environment["ONRECORD_LOG__URL"]) as log,
        log.writer("t") as writer,
        writer.transaction() as tx,
    ):
        for n, record in enumerate(records):
            value = record if isinstance(record, bytes) else to_json(record)
            tx.publish(topic, key=b"%d" % n, value=value)


@pytest.fixture
def quotes(onrecord: Onrecord) -> Onrecord:
    """Two quotes by one person, one by another."""
    found = [said(0), said(1, publisher="Gazette"), said(2, name="Ana Müller")]
    publish(onrecord, "onrecord.extractions", found)
    return onrecord


ALL = ("subscribe", "quotes", "--from", "earliest", "--until", "end")


def test_people_read_the_words_first_then_who_where_and_when(quotes: Onrecord) -> None:
    done = quotes(*ALL, "--speaker", "ana", "--format", "pretty", COLUMNS="100", TZ="UTC")
    assert done.stdout == (
        '"The pier will open in May," Mara Lind said on Monday.\n'
        "    — Ana Müller, minister  Post  20 Nov 2026 12:00\n\n"
    )


def test_the_words_around_a_quote_are_dimmed(quotes: Onrecord) -> None:
    shown = quotes(
        *ALL, "--speaker", "ana", "--format", "pretty", FORCE_COLOR="1", COLUMNS="100", NO_COLOR=""
    ).stdout
    words, _, rest = shown.partition("Mara")
    assert "\x1b[1m" in words.partition("The pier")[0], "what was said stands out"
    assert words.endswith('\x1b[2m" ') or "\x1b[2m" in words[-12:], "the rest does not"
    assert rest


def test_a_table_has_names_and_a_row_for_each_and_no_formulas(quotes: Onrecord) -> None:
    rows = list(csv.DictReader(io.StringIO(quotes(*ALL, "--format", "csv").stdout)))
    assert [row["words"] for row in rows] == [WORDS] * 3
    assert sorted(row["speaker"] for row in rows) == ["Ana Müller", *["Sergei Lavrov"] * 2]
    assert {row["published_at"] for row in rows} == {"2026-11-20T12:00:00Z"}
    assert sorted(row["title"] for row in rows) == ["'=Report 0", "'=Report 1", "'=Report 2"]


def test_fields_are_chosen_by_short_names_and_by_paths(quotes: Onrecord) -> None:
    fields = "speaker, words,article.title,quote.content.start,quote.via.text"
    done = quotes(*ALL, "--speaker", "muller", "--fields", fields)
    assert json.loads(done.stdout) == {
        "speaker": "Ana Müller",
        "words": WORDS,
        "article.title": "=Report 2",
        "quote.content.start": [19],
        "quote.via.text": None,
    }
    table = quotes(*ALL, "--format", "csv", "--fields", "type,role", "--limit", "1").stdout
    assert table == "type,role\ndirect,minister\n"


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--speaker", "lavrov"], 2),
        (["--speaker", "LAVROV sergei"], 2),
        (["--speaker", "lavrov", "--exact"], 0),
        (["--speaker", "Sergei Lavrov", "--exact"], 2),
        (["--feed", "https://gazette.example/feed"], 1),
        (["--publisher", "gazette", "--speaker", "lavrov"], 1),
        (["--match", "open in (may|june)"], 3),
        (["--type", "indirect"], 0),
    ],
)
def test_filters(quotes: Onrecord, options: list[str], count: int) -> None:
    assert len(quotes(*ALL, *options).stdout.splitlines()) == count


def test_a_group_with_a_limit_keeps_what_it_did_not_print(quotes: Onrecord) -> None:
    first = quotes(*ALL, "--group", "g", "--limit", "1").stdout.splitlines()
    rest = quotes(*ALL, "--group", "g").stdout.splitlines()
    ids = [json.loads(line)["article"]["id"] for line in first + rest]
    assert sorted(ids) == ["a0", "a1", "a2"]
    assert quotes(*ALL, "--group", "g").stdout == ""


def test_a_closed_pipe_takes_from_its_group_no_more_than_went_into_it(onrecord: Onrecord) -> None:
    many = [article(f"a{n}", text="x" * 20_000) for n in range(200)]
    publish(onrecord, "onrecord.articles", many)
    line = f"{COMMAND} subscribe articles --from earliest --until end --group g | head -n 3"
    piped = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=onrecord.folder,
        env=onrecord.environment,
        capture_output=True,
        check=False,
    )
    assert (piped.returncode, piped.stderr) == (0, b"")
    seen = {json.loads(line)["id"] for line in piped.stdout.splitlines()}
    rest = {a["id"] for a in onrecord.records("articles", "--group", "g")}
    assert len(seen) == 3
    # A pipe holds 64 KiB that nobody may ever have read.
    assert len({f"a{n}" for n in range(200)} - seen - rest) <= 4


def test_what_is_no_record_is_named_and_the_rest_comes(onrecord: Onrecord) -> None:
    newer = json.loads(to_json(said(1))) | {"schema_version": 2, "mood": "sunny"}
    over_lines = json.dumps(newer, indent=2).encode()
    publish(onrecord, "onrecord.extractions", [said(0), b"not json", over_lines])
    done = onrecord("subscribe", "extractions", "--from", "earliest", "--until", "end")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(str(one.get("mood")) for one in found) == ["None", "sunny"]
    assert "skipped: not an onrecord.extraction record: JSON is malformed" in done.stderr
    assert len(onrecord(*ALL).stdout.splitlines()) == 2, "late joiners read a later version"


STEERING = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"


def hostile() -> Record:
    """A publisher that would like to steer our readers' terminals, and fake lines there."""
    text = f"{STEERING}{WORDS} {STEERING}"
    return extraction(
        article=ArticleRef(id="a0", title=f"T{STEERING}", publisher=f"P{STEERING}\n— Ana Müller"),
        quotes=(
            quote(
                content=(span(text, WORDS),),
                context=span(text, text),
                speaker=Speaker(name=f"Lavrov{STEERING}", role=f"spy\r{STEERING}"),
            ),
        ),
        entities=(entity(name=f"Lavrov{STEERING}"),),
    )


def on_a_terminal(onrecord: Onrecord, *arguments: str) -> str:
    """What the terminal gets."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [COMMAND, *arguments],
        cwd=onrecord.folder,
        env=onrecord.environment | {"TERM": "xterm", "COLUMNS": "200"},
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        found = b""
        # A terminal that nobody writes to any more is an input-output error to who reads it.
        with suppress(OSError):
            while data := os.read(ours, 65_536):
                found += data
    os.close(ours)
    assert running.returncode == 0, found
    return found.decode()


def test_nothing_that_a_publisher_writes_steers_the_terminal(onrecord: Onrecord) -> None:
    publish(onrecord, "onrecord.extractions", [hostile()])
    text = f"Text{STEERING}"
    publish(onrecord, "onrecord.articles", [article("a0", title=f"T{STEERING}", text=text)])
    for asked in (
        "quotes",
        "extractions",
        "articles",
        "quotes --format csv",
        "quotes --format json",
    ):
        shown = on_a_terminal(onrecord, "subscribe", *asked.split(), *ALL[2:])
        plain = re.sub(r"\x1b\[[\d;]*m", "", shown)  # our own colours
        assert "owned" in plain
        assert [c for c in plain if not c.isprintable() and c not in "\r\n"] == []
        assert asked != "quotes" or plain.count("\n") == 3, "a line of ours is not to be faked"


def test_data_that_does_not_go_to_a_terminal_is_as_it_was_published(onrecord: Onrecord) -> None:
    publish(onrecord, "onrecord.extractions", [hostile()])
    (line,) = onrecord(*ALL).stdout.splitlines()
    assert json.loads(line)["quote"]["speaker"]["name"] == f"Lavrov{STEERING}"
    table = onrecord(*ALL, "--format", "csv", "--fields", "speaker,role").stdout
    assert list(csv.reader(io.StringIO(table, newline="")))[1][0] == f"Lavrov{STEERING}"


def test_output_that_cannot_be_written_is_said_and_not_taken_for_read(quotes: Onrecord) -> None:
    line = shlex.join([COMMAND, *ALL, "--group", "g"])
    for output in (">/dev/full", ">&-"):
        done = subprocess.run(
            ["bash", "-c", f"{line} {output}"],
            cwd=quotes.folder,
            env=quotes.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.startswith("onrecord: the output cannot be written: ")
        assert done.stderr.count("\n") == 1
    assert len(quotes(*ALL, "--group", "g").stdout.splitlines()) == 3


def test_the_example_of_the_readme_runs(quotes: Onrecord) -> None:
    example = Path(__file__).parent.parent / "data" / "examples" / "subscribe.py"
    done = subprocess.run(
        [str(Path(COMMAND).parent / "python"), str(example)],
        cwd=quotes.folder,
        env=quotes.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [f"Sergei Lavrov: {WORDS}"] * 2
