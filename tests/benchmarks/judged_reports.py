"""Reports in words without marks that were judged one by one, to fit the confidence with.

`tests/data/invented_reports.txt` has a sentence a line, its statements in brackets; what else is
found there is narration. `tests/data/judged_reports.jsonl` judges the reports found in pages of
news: spans of the article's text, each a "statement", "narration" or a "topic" without one.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.confidence import statement_features
from onrecord.nlp.quotes.find import find_contents
from onrecord.nlp.reading.model import Model
from onrecord.nlp.reading.text import as_read

DATA = Path(__file__).parent.parent / "data"
INVENTED_COUNTS = 1.0
TOPIC_COUNTS = 0.5
MOST_CHARS_READ = 6000
OVERLAP = 0.5

Span = tuple[int, int]


class JudgedReport(NamedTuple):
    """A report found, by its features; whether it is a statement, and how much that counts."""

    features: dict[str, float]
    right: bool
    weight: float


def invented_reports(model: Model) -> Iterator[JudgedReport]:
    """What is found in the invented sentences."""
    lines = (DATA / "invented_reports.txt").read_text(encoding="utf-8").splitlines()
    for text, statements in map(without_brackets, lines):
        for span, features in _found(text, model):
            right = any(_overlap(span, one) >= OVERLAP for one in statements)
            yield JudgedReport(features, right, INVENTED_COUNTS)


def without_brackets(line: str) -> tuple[str, list[Span]]:
    """A sentence, and the spans that stand between brackets; broken ones as far as they reach."""
    text, spans, begins = "", [], 0
    for piece in re.split(r"([\[\]])", line):
        if piece == "[":
            begins = len(text)
        elif piece == "]":
            spans.append((begins, len(text)))
        else:
            text += piece
    return text, [(spans[0][0], spans[-1][1])] if spans else []


def page_reports(folder: Path, model: Model) -> Iterator[JudgedReport]:
    """What is found where people judged it in the pages of a folder with `truth.json`."""
    pages = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    for line in (DATA / "judged_reports.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        judged = [((start, end), verdict) for start, end, verdict in row["judged"]]
        for span, features in _found(pages[row["page"]]["text"][:MOST_CHARS_READ], model):
            one, verdict = max(judged, key=lambda pair: _overlap(span, pair[0]))
            if _overlap(span, one) >= OVERLAP:
                weight = TOPIC_COUNTS if verdict == "topic" else 1.0
                yield JudgedReport(features, verdict == "statement", weight)


def _found(text: str, model: Model) -> Iterator[tuple[Span, dict[str, float]]]:
    """The reports of a text that have no passage between marks."""
    rules = ruleset()
    (doc,) = model.read([as_read(text)])
    parse = rules.read(doc, text)
    for content in find_contents(parse, rules):
        if content.clause is not None and not content.passages:
            features = dict(statement_features(parse, content, rules.lexicon))
            yield (content.spans[0][0], content.spans[-1][1]), features


def _overlap(one: Span, other: Span) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))
