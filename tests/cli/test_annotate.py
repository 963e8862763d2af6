"""Each kind of input is read as what it is; what stands before a mistake is given first."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from onrecord import wiring
from onrecord.records import Article, Extraction
from tests.builders import extraction
from tests.cli.conftest import Run

TEXT = "It will rain for a long time in the mountains, the weather office of Skelm said on Monday."


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> list[Article]:
    """The articles that were read; an extractor that finds nothing stands for the model."""
    seen: list[Article] = []

    def extractor(*_: object, **__: object) -> Callable[[Sequence[Article]], list[Extraction]]:
        def extract(articles: Sequence[Article]) -> list[Extraction]:
            seen.extend(articles)
            return [extraction(article.id) for article in articles]

        return extract

    monkeypatch.setattr(wiring, "extractor", extractor)
    return seen


def test_text_is_taken_as_it_stands(run: Run, given: list[Article]) -> None:
    run("annotate", "-", stdin=b"\xef\xbb\xbf" + TEXT.encode() + b"\r\n")
    assert [(a.id, a.text, a.language) for a in given] == [("standard input", f"{TEXT}\r\n", "en")]


def test_the_ending_of_a_file_says_what_it_holds(run: Run, given: list[Article]) -> None:
    Path("a.html").write_text("<p>One.</p><p>Two.</p>")
    Path("b.jsonl").write_text('{"text": "Three.", "id": 7, "language": "fr"}\n\n{"text": "Four."}')
    Path("c.txt").write_text("<p>")
    run("annotate", "a.html", "b.jsonl", "c.txt")
    assert [(a.id, a.text) for a in given] == [
        ("a.html", "One.\n\nTwo."),
        ("7", "Three."),
        ("3", "Four."),
        ("c.txt", "<p>"),
    ]


def test_what_is_said_of_the_input_wins_over_the_ending(run: Run, given: list[Article]) -> None:
    Path("a.txt").write_text("<p>One.</p>")
    run("annotate", "--input", "html", "a.txt")
    assert given[0].text == "One."


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"id": "b"}', "line 2: Object missing required field `text`"),
        (b"{", "line 2: "),
        (b'{"text": 3}', "line 2: Expected `str`, got `int`"),
        (b'{"text": "\xff"}', "line 2: "),
    ],
)
def test_what_stands_before_a_wrong_line_is_given_first(run: Run, line: bytes, says: str) -> None:
    Path("a.jsonl").write_bytes(b'{"text": "One.", "id": "a"}\n' + line + b'\n{"text": "Three."}\n')
    ran = run("annotate", "a.jsonl")
    assert ran.code == 2
    assert [json.loads(found)["article"]["id"] for found in ran.out.splitlines()] == ["a"]
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_text_in_another_encoding_is_refused(run: Run) -> None:
    ran = run("annotate", "-", stdin=b"caf\xe9 au lait")
    assert (ran.code, ran.err) == (2, "onrecord: standard input: not UTF-8 text (byte 3)\n")
